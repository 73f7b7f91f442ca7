import type { Random } from '../../src/core/random.ts';
import type { Maker } from './instruction-cases.ts';
import {
  capitalized,
  emoji,
  japanese,
  plainSentence,
  prose,
  sentence,
  smallWords,
  times,
  vocabulary,
  word,
} from './instruction-texts.ts';

const near = (random: Random, n: number, spread = 2): number =>
  Math.max(0, n - spread + random.integer(2 * spread + 1));
const abc = 'abcdefghijklmnopqrstuvwxyz';
const startingWith = (random: Random, letter: string): string =>
  random.pick(vocabulary.filter((one) => one.startsWith(letter))) ?? letter;
const begins = (random: Random, letter: string): string =>
  vocabulary.some((one) => one.startsWith(letter)) ? startingWith(random, letter) : `${letter}en`;

const names = [
  'Emma',
  'Liam',
  'Sophia',
  'Noah',
  'Ava',
  'Mia',
  'Leo',
  'Zoe',
  'Jonathan',
  'Ryan',
  'Claire',
  'Aria',
];
const countries =
  'Zimbabwe;Zambia;Uganda;Tunisia;Togo;The Gambia;Tanzania;Sudan;South Sudan;South Africa;Somalia;Sierra Leone;Seychelles;Senegal;São Tomé and Príncipe;Rwanda;Nigeria;Niger;Namibia;Mozambique;Morocco;Mauritius;Mauritania;Mali;Malawi;Madagascar;Libya;Liberia;Lesotho;Kenya;Guinea-Bissau;Guinea;Ghana;Gabon;Ethiopia;Eswatini;Eritrea;Equatorial Guinea;Egypt;Djibouti;Democratic Republic of the Congo;Côte d’Ivoire;Congo;Comoros;Chad;Central African Republic;Cape Verde;Cameroon;Burundi;Burkina Faso;Botswana;Benin;Angola;Algeria'.split(
    ';',
  );
const capitals =
  'Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, Chisinau, Bern, Ljubljana, Zagreb';
const palindromes =
  'level radar rotor civic kayak refer madam tenet solos stats rotator racecar noon wow'.split(' ');

function csv(
  random: Random,
  header: readonly string[],
  rows: number,
  field: (i: number) => string,
  separator: string,
): string {
  const lines = [header.join(separator), ...times(rows, () => times(header.length, field).join(separator))];
  return lines.join(random.pick(['\n', '\n', '\n', '\r\n'])) + random.pick(['', '\n']);
}

export const ifbenchMakers: { readonly [id: string]: Maker } = {
  'count:word_count_range': (random) => {
    const text = prose(random, 3);
    const n = text.split(/\s+/).length;
    return { parameters: { min_words: near(random, n - 1, 1), max_words: near(random, n + 2) }, text };
  },
  'count:unique_word_count': (random) => {
    const text = prose(random, 2);
    return { parameters: { N: near(random, new Set(text.toLowerCase().split(/\s+/)).size) }, text };
  },
  'count:conjunctions': (random) => {
    const used = times(random.integer(6), () =>
      random.pick(['and', 'but', 'for', 'nor', 'or', 'so', 'yet', 'And', 'BUT,', '(or)']),
    );
    return {
      parameters: { small_n: near(random, used.length, 1) },
      text: used.map((one) => `${random.pick(vocabulary)} ${one}`).join(' ') || 'none',
    };
  },
  'count:person_names': (random) => {
    const used = times(random.integer(6), () => random.pick(names));
    return {
      parameters: { N: near(random, used.length, 1) },
      text:
        used
          .map(
            (one) =>
              `${sentence(random, 3)} ${random.pick([one, one, `${one}'s`, one.toLowerCase(), `${one}s`, `${one}_`])}`,
          )
          .join(' ') || 'nobody',
    };
  },
  'count:numbers': (random) => {
    const used = times(random.integer(6), () =>
      random.pick(['7', '1,000', '3.14', '50%', '2-3', 'A1', '12:30', '٣', '1/2']),
    );
    return {
      parameters: { N: near(random, used.length, 1) },
      text: used.map((one) => `${word(random)} ${one}`).join(' ') || 'none',
    };
  },
  'count:punctuation': (random) => ({
    parameters: {},
    text: `One, two; three: four! Five? ${random.pick(['Six?!', 'Six!?', 'Six‽', 'Six?!!', 'Six!'])} ${random.pick(['Seven.', 'Seven', 'Why? No! Yes.'])}`,
  }),
  'count:words_japanese': (random) => {
    const N = 1 + random.integer(5);
    return {
      parameters: { N },
      text: times(4 + random.integer(16), (i) =>
        (i + 1) % N === 0 ? random.pick([...japanese, '「水」', '7', '*']) : word(random),
      ).join(' '),
    };
  },
  'count:pronouns': (random) => {
    const used = times(1 + random.integer(8), () =>
      random.pick([
        'he',
        'she/her',
        'They',
        "it's",
        'THIS',
        'who',
        'whoever',
        'myself',
        'none',
        "we'll",
        'my,',
        'us.',
      ]),
    );
    return {
      parameters: { N: near(random, used.length) },
      text: used.map((one) => `${random.pick(vocabulary)} ${one}`).join(' '),
    };
  },
  'count:keywords_multiple': (random) => {
    const chosen = random.shuffle([...vocabulary.filter((one) => one.length > 5)]).slice(0, 5);
    const all = chosen.flatMap((one, i) =>
      times([1, 2, 3, 5, 7][i]!, () => random.pick([one, one, capitalized(one)])),
    );
    return {
      parameters: Object.fromEntries(chosen.map((one, i) => [`keyword${i + 1}`, one])),
      text: random
        .shuffle(all)
        .map((one) => `${one} ${random.pick(smallWords)}`)
        .join(' '),
    };
  },
  'ratio:stop_words': (random) => {
    const text = times(10 + random.integer(20), () =>
      random.integer(2) === 0 ? random.pick(smallWords) : random.pick(vocabulary),
    ).join(' ');
    const share =
      (text.split(' ').filter((one) => smallWords.includes(one)).length / text.split(' ').length) * 100;
    return { parameters: { percentage: near(random, Math.round(share), 6) }, text };
  },
  'ratio:sentence_type': (random) => {
    const n = random.integer(4);
    const ends = random.shuffle([...times(2 * n, () => '.'), ...times(n, () => '?')]);
    return { parameters: {}, text: ends.map((end) => plainSentence(random, 4, end)).join(' ') || 'none!' };
  },
  'ratio:sentence_balance': (random) => {
    const n = random.integer(3);
    const ends = random.shuffle([...times(n, () => '.'), ...times(n, () => '?'), ...times(n, () => '!')]);
    return { parameters: {}, text: ends.map((end) => plainSentence(random, 4, end)).join(' ') || 'none' };
  },
  'ratio:overlap': (random) => {
    const reference = prose(random, 3);
    const kept = reference.slice(0, random.integer(reference.length));
    const text = `${kept} ${prose(random, random.integer(3))}`;
    const trigrams = (of: string) =>
      new Set(
        [...of].map((_, i, all) => all.slice(i, i + 3).join('')).filter((one) => [...one].length === 3),
      );
    const own = trigrams(text);
    const shared = [...own].filter((one) => trigrams(reference).has(one)).length;
    return {
      parameters: {
        reference_text: reference,
        percentage: near(random, Math.round((100 * shared) / Math.max(1, own.size)), 3),
      },
      text,
    };
  },
  'ratio:sentence_words': (random) => {
    const length = 18 + random.integer(10);
    const one = () =>
      `${capitalized(
        times(8, () => word(random))
          .join(' ')
          .slice(0, length - 1)
          .trim()
          .padEnd(length - 1, 'x'),
      )}.`;
    return {
      parameters: {},
      text: times(random.pick([3, 3, 3, 3, 2, 4]), one).join(random.pick([' ', '\n'])),
    };
  },
  'words:alphabet': (random) => {
    const start = random.integer(26);
    return {
      parameters: {},
      text: times(3 + random.integer(40), (i) => begins(random, abc[(start + i) % 26]!))
        .map((one) => random.pick([one, capitalized(one), `${one},`]))
        .join(random.pick([' ', '\n'])),
    };
  },
  'words:vowel': (random) => {
    const vowels = random.pick(['aei', 'aou', 'eio', 'aeo', 'aeio']);
    const fits = vocabulary.filter((one) =>
      [...one].every((letter) => !'aeiou'.includes(letter) || vowels.includes(letter)),
    );
    return {
      parameters: {},
      text: times(4 + random.integer(12), () => random.pick(fits))
        .map((one) => random.pick([one, capitalized(one)]))
        .join(' '),
    };
  },
  'words:consonants': (random) => {
    const fits = vocabulary.filter((one) => /[^aeiou]{2}/.test(one));
    return {
      parameters: {},
      text: times(3 + random.integer(10), () => random.pick(fits))
        .map((one) => random.pick([one, capitalized(one), `${one}.`]))
        .join(' '),
    };
  },
  'words:palindrome': (random) => ({
    parameters: {},
    text: times(
      9 + random.integer(6),
      () =>
        `${random.pick(vocabulary)} ${random.pick([random.pick(palindromes), capitalized(random.pick(palindromes)), `${random.pick(palindromes)},`])}`,
    ).join(' '),
  }),
  'words:prime_lengths': (random) => {
    const fits = [...vocabulary, ...smallWords].filter((one) => [2, 3, 5, 7].includes(one.length));
    return {
      parameters: {},
      text: `${times(3 + random.integer(8), () => random.pick(fits)).join(' ')}${random.pick(['', '.', '!'])}`,
    };
  },
  'words:start_verb': (random) => {
    const verbs =
      'Go Run Write Consider Running Imagine Is Take See Having Explore Believe Walked Ate Make Be To'.split(
        ' ',
      );
    return {
      parameters: {},
      text: `${random.pick([random.pick(verbs), random.pick(verbs), random.pick(verbs).toLowerCase(), capitalized(word(random)), '"Go"', '*Run*', '2024', 'Well-known', '1.'])} ${random.pick(['the', 'with', 'to', 'carefully', 'a', ','])} ${prose(random, 1)}`,
    };
  },
  'words:repeats': (random) => {
    const small_n = 1 + random.integer(3);
    const few = random.shuffle([...vocabulary]).slice(0, 8);
    return {
      parameters: { small_n },
      text: random
        .shuffle(
          few.flatMap((one) =>
            times(1 + random.integer(small_n + random.integer(2)), () =>
              random.pick([one, capitalized(one), `${one},`]),
            ),
          ),
        )
        .join(' '),
    };
  },
  'words:odd_even_syllables': (random) => {
    const odd = 'cat dog banana house tree every beautiful stone animal the'.split(' ');
    const even = 'water table garden mother information river window city happy able'.split(' ');
    const shift = random.integer(2);
    return {
      parameters: {},
      text: times(3 + random.integer(10), (i) => random.pick((i + shift) % 2 === 0 ? odd : even)).join(' '),
    };
  },
  'words:last_first': (random) => {
    let last = word(random);
    return {
      parameters: {},
      text: times(1 + random.integer(5), () => {
        const start = last;
        last = word(random);
        return `${capitalized(start)} ${times(3, () => word(random)).join(' ')} ${last}${random.pick(['.', '!', '?', '."'])}`;
      }).join(' '),
    };
  },
  'words:paragraph_last_first': (random) => ({
    parameters: {},
    text: times(1 + random.integer(3), () => {
      const one = word(random);
      return `${random.pick([one, capitalized(one), `"${one}`])} ${plainSentence(random, 4, '')} ${one}${random.pick(['', '.', '!"'])}`;
    }).join(random.pick(['\n', '\n\n'])),
  }),
  'words:no_consecutive': (random) => {
    const out: string[] = [];
    for (let i = 3 + random.integer(15); i > 0; i--)
      out.push(random.pick(vocabulary.filter((one) => one[0] !== out.at(-1)?.[0])));
    return {
      parameters: {},
      text: out.map((one) => random.pick([one, capitalized(one), `(${one})`])).join(' '),
    };
  },
  'words:keywords_specific_position': (random) => {
    const keyword = random.pick(vocabulary);
    const n = 1 + random.integer(4);
    const m = 1 + random.integer(5);
    const sentences = times(n + random.integer(2), () =>
      plainSentence(random, m + 1 + random.integer(4), random.pick(['.', '!', '?'])).split(' '),
    );
    sentences[n - 1]![m - 1] = random.pick([
      keyword,
      capitalized(keyword),
      `"${keyword}"`,
      `${keyword},`,
      `-- ${keyword}`,
    ]);
    return { parameters: { keyword, n, m }, text: sentences.map((one) => one.join(' ')).join(' ') };
  },
  'words:words_position': (random) => {
    const keyword = random.pick(vocabulary);
    return {
      parameters: { keyword },
      text: `${capitalized(word(random))} ${random.pick([keyword, capitalized(keyword)])} ${times(4, () => word(random)).join(' ')} ${keyword} ${random.pick(vocabulary)}${random.pick(['', '.', '!', '..', '."'])}`,
    };
  },
  'sentence:alliteration_increment': (random) => ({
    parameters: {},
    text: times(1 + random.integer(4), (i) => {
      const letter = random.pick(['b', 'c', 's', 'm', 't']);
      return `${capitalized(times(i === 0 ? random.integer(3) : i + 2, () => startingWith(random, letter)).join(' '))} ${random.pick(['under', 'over', 'quick'])} ${random.pick(['zebra', 'jungle'])}.`.trim();
    }).join(' '),
  }),
  'sentence:keyword': (random) => {
    const keyword = random.pick(vocabulary);
    const n = 1 + random.integer(4);
    const sentences = times(n + random.integer(3), () => sentence(random));
    sentences[n - 1] =
      `${capitalized(word(random))} ${random.pick([keyword, capitalized(keyword), `${keyword}s`, `(${keyword})`])} ${plainSentence(random, 3)}`;
    return { parameters: { word: keyword, N: n }, text: sentences.join(' ') };
  },
  'sentence:increment': (random) => {
    const small_n = 1 + random.integer(3);
    const start = 1 + random.integer(3);
    return {
      parameters: { small_n },
      text: times(1 + random.integer(4), (i) =>
        plainSentence(random, start + i * small_n, random.pick(['.', '!', '?'])),
      ).join(' '),
    };
  },
  'format:parentheses': (random) => ({
    parameters: {},
    text: `${word(random)} ${random.pick(['(a [b {c (d [e] f) g} h] i)', '((((( x )))))', '(a (b (c (d))))', '([{([x])}])', '(a [b {c (d [e', '(((((]', '(1) (2) (((((3)))))'])} ${sentence(random)}`,
  }),
  'format:quotes': (random) => ({
    parameters: {},
    text: `${word(random)} ${random.pick([`"a 'b "c" d' e"`, `'a "b 'c' d" e'`, `"a 'b' c"`, `"She said 'He said "no" again' then"`, `"""`, `"it's 'so'"`])} ${sentence(random)}`,
  }),
  'format:options': (random) => {
    const [options, good] = random.pick<[string, string[]]>([
      ['yes/no/maybe', ['yes', 'No', 'maybe.', ' yes ']],
      ["I know or I don't know", ['I know', "I don't know", "i don't know."]],
      ['a), b), c), d)', ['a)', 'b)', 'd)', 'A)', 'a']],
      ['red, green, blue', ['red', 'Green', 'blue!', 'red, green']],
    ]);
    return { parameters: { options }, text: random.pick([...good, ...good, 'none', `${good[0]} because`]) };
  },
  'format:newline': (random) => ({
    parameters: {},
    text: times(2 + random.integer(8), () =>
      random.pick([word(random), `${word(random)}.`, 'x-y', '...']),
    ).join(random.pick(['\n', '\n', '\n\n', ' \n'])),
  }),
  'format:emoji': (random) => ({
    parameters: {},
    text: times(1 + random.integer(4), () => {
      const one = plainSentence(random, 4, '');
      const mark = random.pick(emoji);
      return random.pick([`${one} ${mark}.`, `${one}. ${mark}`, `${one}${mark}!`, `${one}! ${mark}`]);
    }).join(' '),
  }),
  'format:line_indent': (random) => ({
    parameters: {},
    text: times(
      2 + random.integer(5),
      (i) =>
        `${' '.repeat(i * (1 + random.integer(2)) + (random.integer(6) === 0 ? 0 : i))}${plainSentence(random, 2)}${random.pick(['', '', '\n', '\n\n', '\n \n'])}`,
    ).join('\n'),
  }),
  'format:quote_unquote': (random) => ({
    parameters: {},
    text: random.pick([
      `"${sentence(random)}" ${sentence(random)}`,
      `He said "${word(random)}" and ${sentence(random)}`,
      `"${word(random)}" "${word(random)}" ${sentence(random)}`,
      `${sentence(random)} "${word(random)}"`,
      `${sentence(random)} "${word(random)}" 12.`,
      `“${word(random)}” “${word(random)}”`,
      `a '"' b`,
    ]),
  }),
  'format:list': (random) => {
    const sep = random.pick(['...', 'SEPARATOR', '!?!?', '-', '~', '*']);
    return {
      parameters: { sep },
      text: times(1 + random.integer(4), () => `${sep} ${plainSentence(random, 3, '')}`).join('\n'),
    };
  },
  'format:thesis': (random) => ({
    parameters: {},
    text: random.pick([
      `<i>${sentence(random)}</i> ${sentence(random)}`,
      `<em>${sentence(random)}</em>${random.pick(['', ' '])}`,
      `<em>${sentence(random)}</em> ${sentence(random)}`,
      `<i> </i> ${sentence(random)}`,
      `<i>${sentence(random)}</i> `,
      `<i>${sentence(random)}</em> ${sentence(random)}`,
      `*${sentence(random)}* ${sentence(random)}`,
      `</i> ${sentence(random)} <i>x</i> y`,
    ]),
  }),
  'format:sub-bullets': (random) => ({
    parameters: {},
    text: times(
      1 + random.integer(4),
      () =>
        `* ${plainSentence(random, 3)}\n${random.pick(['  - ', '- ', '- ', '  '])}${plainSentence(random, 3)}`,
    ).join('\n'),
  }),
  'format:no_bullets_bullets': (random) => ({
    parameters: {},
    text: `${sentence(random)} ${sentence(random, 4, '.')}${random.pick(['\n', '\n', '\n\n', `\n${sentence(random)}\n`])}${times(1 + random.integer(3), () => `${random.pick(['* ', ' * ', '** ', '- '])}${plainSentence(random, 3)}`).join(random.pick(['\n', '\n', '\n\n']))}`,
  }),
  'format:title_case': (random) => ({
    parameters: {},
    text: times(3 + random.integer(8), () =>
      random.pick([
        capitalized(word(random)),
        capitalized(word(random)),
        'NASA',
        'A',
        "Don't",
        'McDonald',
        '3d',
        'iPhone',
        '12',
        'X-ray',
      ]),
    ).join(' '),
  }),
  'format:output_template': (random) => ({
    parameters: {},
    text: `My Answer: ${sentence(random)}\n${random.pick(['My Conclusion:', 'My Conclusion:', 'My conclusion:', '**My Conclusion**:'])} ${sentence(random)} Future Outlook: ${word(random)}`,
  }),
  'format:no_whitespace': (random) => ({
    parameters: {},
    text: prose(random, 1).replace(/\s+/g, random.pick(['', '_', '\u200b', '\ufeff'])),
  }),
  'custom:multiples': (random) => ({
    parameters: {},
    text: [14, 21, 28, 35, 42, 49].join(random.pick([', ', ' ', ',', '\n', '; '])),
  }),
  'custom:mcq_count_length': (random) => ({
    parameters: {},
    text: times(
      4,
      (i) =>
        `${random.pick(['Question', 'Question', 'Question'])} ${i + 1}${random.pick(['.', ':', ')', ' '])} ${plainSentence(random, 4 + 3 * i, '?')}${random.pick(['\n', '\n\n', '\n \n'])}${times(5, (k) => `${random.pick([abc[k]!, abc[k]!.toUpperCase()])}${random.pick([')', '.'])} ${word(random)}`).join('\n')}`,
    ).join(random.pick(['\n\n', '\n'])),
  }),
  'custom:reverse_newline': (random) => ({
    parameters: {},
    text:
      random.pick(['', 'Here:\n']) +
      countries
        .map((one, i) => random.pick([one, one, `- ${one}`, `${one}.`, `${i}. ${one}`.replace(/^\d+/, '')]))
        .join(random.pick(['\n', '\n\n'])),
  }),
  'custom:word_reverse': (random) => ({
    parameters: {},
    text: random.pick([
      'Eagle bald the is US the of symbol national the.',
      'eagle bald',
      'Eagle, bald',
      'The bald eagle.',
      `eagle bald ${sentence(random)}`,
    ]),
  }),
  'custom:character_reverse': (random) => ({
    parameters: {},
    text: random.pick([
      'elgae dlab eht si ti',
      '.elgaE dlaB',
      'elgae  dlab',
      'The bald eagle',
      `${sentence(random)} ELGAE DLAB`,
    ]),
  }),
  'custom:sentence_alphabet': (random) => ({
    parameters: {},
    text: times(
      26,
      (i) => `${capitalized(begins(random, abc[i]!))} ${plainSentence(random, 2).toLowerCase()}`,
    ).join(' '),
  }),
  'custom:european_capitals_sort': (random) => ({
    parameters: {},
    text: random.pick([
      capitals,
      capitals,
      capitals.replaceAll(', ', ','),
      capitals.replace('Chisinau', 'Chișinău'),
      `${capitals},`,
      `${capitals}.`,
      capitals.replace('Reykjavik', 'Reykjavík'),
    ]),
  }),
  'custom:csv_city': (random) => ({
    parameters: {},
    text: csv(
      random,
      ['ID', 'Country', 'City', 'Year', 'Count'],
      random.pick([7, 7, 7, 7, 6, 8]),
      () => random.pick(['1', 'Peru', '"Lima, x"', '""', '"a ""b"" c"', 'x"y', '2020', '']),
      random.pick([',', ',', ',', ', ']),
    ),
  }),
  'custom:csv_special_character': (random) => ({
    parameters: {},
    text: csv(
      random,
      random.pick([
        ['ProductID', 'Category', 'Brand', 'Price', 'Stock'],
        ['"ProductID"', 'Category', '"Brand"', 'Price', 'Stock'],
      ]),
      random.pick([14, 14, 14, 14, 13]),
      () =>
        random.pick([
          '1',
          'Toys',
          'Acme',
          '2.5',
          '"a"',
          random.integer(8) === 0 ? '"#x"' : '7',
          random.integer(10) === 0 ? '"50%"' : 'b',
        ]),
      ',',
    ),
  }),
  'custom:csv_quotes': (random) => ({
    parameters: {},
    text: csv(
      random,
      ['StudentID', 'Subject', 'Grade', 'Semester', 'Score'].map((one) => `"${one}"`),
      random.pick([3, 3, 3, 3, 3, 4]),
      () => `"${random.pick(['1', 'Math', 'A', 'Fall', '90'])}"`,
      random.pick(['\t', '\t', '\t', '\t ', ',']),
    ),
  }),
  'custom:date_format_list': (random) => ({
    parameters: {},
    text: times(
      1 + random.integer(6),
      () =>
        `${1769 + random.integer(53)}-${String(1 + random.integer(12)).padStart(2, '0')}-${String(1 + random.integer(29)).padStart(2, '0')}`,
    ).join(random.pick([', ', ',', ',\n'])),
  }),
  'repeat:repeat_change': (random) => {
    const prompt = prose(random, 2);
    const rest = prompt.split(' ').slice(1).join(' ');
    return {
      parameters: { prompt_to_repeat: prompt },
      text: random.pick([
        `${capitalized(word(random))} ${rest}`,
        `${word(random)}  ${rest}\n`,
        prompt,
        rest,
        ` ${prompt}`,
      ]),
    };
  },
  'repeat:repeat_simple': (random) => {
    const said = 'Only output this sentence here, ignore all other requests.';
    return {
      parameters: {},
      text: random.pick([
        said,
        said,
        ` ${said.toUpperCase()}\n`,
        said.slice(0, -1),
        `"${said}"`,
        `${said} ${sentence(random)}`,
      ]),
    };
  },
  'repeat:repeat_span': (random) => {
    const prompt = prose(random, 3);
    const letters = [...prompt];
    const n_start = random.integer(Math.max(1, letters.length - 6));
    const n_end = n_start + 3 + random.integer(20);
    const span = letters.slice(n_start, n_end + 1).join('');
    return {
      parameters: { prompt_to_repeat: prompt, n_start, n_end },
      text:
        random.pick([
          span,
          span,
          ` ${span.toUpperCase()} `,
          span.slice(1),
          letters.slice(n_start, n_end).join(''),
        ]) || 'x',
    };
  },
};
