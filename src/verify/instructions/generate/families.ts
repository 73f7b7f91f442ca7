import type { Random } from '../../../core/random.ts';
import { countWords, digitRuns, isUpper, occurrences } from '../python.ts';
import { splitSentences } from '../sentences.ts';
import { tokenize } from '../tokens.ts';
import { change, type Draft, freePlaces, keywords, names, nouns, put, rareLetters } from './draft.ts';

type Parameters = { [name: string]: string | number | string[] | undefined };

/** One kind of instruction that the generator can ask for. */
export interface Family {
  readonly id: string;
  /** Ids that cannot be asked for together with it. */
  readonly against: readonly string[];
  /** Puts what is asked into a draft. */
  plan(random: Random): Plan;
}

export interface Plan {
  place(draft: Draft): void;
  /** The parameters that the finished text satisfies, barely where a number is asked. */
  parameters(text: string): Parameters;
  ask(parameters: Parameters): string;
  /** Changes a copy of the draft so that this instruction fails and the others hold. */
  spoil(draft: Draft, random: Random): void;
}

const noun = (random: Random): string => random.pick(nouns);
const nothing = () => {};
const noParameters = (): Parameters => ({});

function lessOrMore(random: Random): 'less than' | 'at least' {
  return random.integer(2) === 0 ? 'less than' : 'at least';
}

function inText(text: string, literal: string): number {
  let found = 0;
  for (const _ of occurrences(text, literal)) found++;
  return found;
}

function keywordFamily(): Family {
  return {
    id: 'keywords:existence',
    against: [],
    plan: (random) => {
      const asked = random.shuffle([...keywords]).slice(0, 1 + random.integer(2));
      return {
        place: (draft) => put(draft, random, asked),
        parameters: () => ({ keywords: asked }),
        ask: () => `Include the keywords ${asked.join(' and ')}.`,
        spoil: (draft) =>
          change(
            draft,
            (word) => word === asked[0],
            () => noun(random),
          ),
      };
    },
  };
}

function frequencyFamily(): Family {
  return {
    id: 'keywords:frequency',
    against: [],
    plan: (random) => {
      const keyword = `${random.pick(keywords)}s`;
      const relation = lessOrMore(random);
      const times = 1 + random.integer(3);
      return {
        place: (draft) =>
          put(
            draft,
            random,
            Array.from({ length: times }, () => keyword),
          ),
        parameters: (text) => ({
          keyword,
          relation,
          frequency: inText(text, keyword) + (relation === 'less than' ? 1 : 0),
        }),
        ask: ({ frequency }) => `Use the word ${keyword} ${relation} ${frequency} times.`,
        spoil: (draft) =>
          relation === 'at least'
            ? change(
                draft,
                (word) => word === keyword,
                () => noun(random),
              )
            : put(draft, random, [keyword]),
      };
    },
  };
}

function letterFamily(): Family {
  return {
    id: 'keywords:letter_frequency',
    against: [],
    plan: (random) => {
      const letter = random.pick(Object.keys(rareLetters));
      const words = rareLetters[letter]!;
      const relation = lessOrMore(random);
      return {
        place: (draft) => put(draft, random, words.slice(0, 1 + random.integer(words.length))),
        parameters: (text) => ({
          letter,
          let_relation: relation,
          let_frequency: inText(text, letter) + (relation === 'less than' ? 1 : 0),
        }),
        ask: ({ let_frequency }) => `The letter ${letter} should appear ${relation} ${let_frequency} times.`,
        spoil: (draft) =>
          relation === 'at least'
            ? change(
                draft,
                (word) => words.includes(word),
                () => noun(random),
              )
            : put(draft, random, [words[0]!]),
      };
    },
  };
}

function wordsFamily(id: 'length_constraints:number_words' | 'count:word_count_range'): Family {
  return {
    id,
    against: ['length_constraints:number_words', 'count:word_count_range'],
    plan: (random) => {
      const relation = lessOrMore(random);
      const fewer = id === 'count:word_count_range' || relation === 'at least';
      return {
        place: nothing,
        parameters: (text) => {
          const found = countWords(text);
          if (id === 'count:word_count_range') return { min_words: found, max_words: found + 20 };
          return { relation, num_words: found + (relation === 'less than' ? 1 : 0) };
        },
        ask: (asked) =>
          id === 'count:word_count_range'
            ? `Write between ${asked.min_words} and ${asked.max_words} words.`
            : `Write ${relation} ${asked.num_words} words.`,
        spoil: (draft) => {
          const [p, s, w] = freePlaces(draft, random)[0]!;
          if (fewer) draft.body[p]![s]!.splice(w, 1);
          else draft.body[p]![s]!.splice(w, 0, noun(random));
        },
      };
    },
  };
}

/** One sentence of slack, since other breaches may shift the count by one. */
const sentencesFamily: Family = {
  id: 'length_constraints:number_sentences',
  against: ['sentence:keyword'],
  plan: (random) => {
    const relation = lessOrMore(random);
    return {
      place: nothing,
      parameters: (text) => ({
        relation,
        num_sentences: splitSentences(text).length + (relation === 'less than' ? 2 : -1),
      }),
      ask: ({ num_sentences }) => `Write ${relation} ${num_sentences} sentences.`,
      spoil: (draft) => {
        const within = draft.body.flatMap((sentences, p) =>
          sentences.slice(1).map((_, s): [number, number] => [p, s]),
        );
        if (relation === 'at least') draft.joined.push(...random.shuffle(within).slice(0, 2));
        else
          for (const [p, s, w] of freePlaces(draft, random))
            if (draft.cut.length < 2 && !draft.cut.some((place) => place[0] === p && place[1] === s))
              draft.cut.push([p, s, w]);
      },
    };
  },
};

/** The same word in place of another, in the body. */
function wordFamily(
  id: string,
  against: readonly string[],
  plan: (random: Random) => {
    words: string[];
    parameters: (text: string) => Parameters;
    ask: (of: Parameters) => string;
  },
): Family {
  return {
    id,
    against,
    plan: (random) => {
      const { words, parameters, ask } = plan(random);
      return {
        place: (draft) => put(draft, random, words),
        parameters,
        ask,
        spoil: (draft) =>
          change(
            draft,
            (word) => words.includes(word),
            () => noun(random),
          ),
      };
    },
  };
}

const bodyFamilies: readonly Family[] = [
  keywordFamily(),
  frequencyFamily(),
  letterFamily(),
  wordsFamily('length_constraints:number_words'),
  wordsFamily('count:word_count_range'),
  sentencesFamily,
  {
    id: 'keywords:forbidden_words',
    against: [],
    plan: (random) => {
      const forbidden = ['nothing', 'because', 'however', random.pick(['moreover', 'therefore'])];
      return {
        place: nothing,
        parameters: () => ({ forbidden_words: forbidden }),
        ask: () => `Do not use the words ${forbidden.join(', ')}.`,
        spoil: (draft) => put(draft, random, [forbidden[0]!]),
      };
    },
  },
  {
    id: 'punctuation:no_comma',
    against: [],
    plan: (random) => ({
      place: nothing,
      parameters: noParameters,
      ask: () => 'Do not use any commas.',
      spoil: (draft) => {
        const [p, s, w] = freePlaces(draft, random)[0]!;
        draft.body[p]![s]![w] += ',';
      },
    }),
  },
  wordFamily('detectable_content:number_placeholders', [], (random) => {
    const words = ['[name]', '[date]', '[place]'].slice(0, 1 + random.integer(3));
    return {
      words,
      parameters: () => ({ num_placeholders: words.length }),
      ask: () => `Use at least ${words.length} placeholders in square brackets such as [name].`,
    };
  }),
  wordFamily('detectable_format:number_highlighted_sections', [], (random) => {
    const words = ['*daylight*', '*moonrise*', '*north-wind*'].slice(0, 1 + random.integer(3));
    return {
      words,
      parameters: () => ({ num_highlights: words.length }),
      ask: () => `Highlight at least ${words.length} words like *this*.`,
    };
  }),
  wordFamily('count:numbers', ['detectable_format:multiple_sections'], (random) => {
    const words = ['12', '7', '365'].slice(0, 1 + random.integer(3));
    return {
      words,
      parameters: (text) => ({ N: digitRuns(text).length }),
      ask: ({ N }) => `Use exactly ${N} numbers.`,
    };
  }),
  wordFamily(
    'count:person_names',
    ['change_case:english_lowercase', 'change_case:english_capital'],
    (random) => {
      const words = random.shuffle([...names]).slice(0, 1 + random.integer(3));
      return {
        words,
        parameters: () => ({ N: words.length }),
        ask: () => `Mention at least ${words.length} of these names: ${names.join(', ')}.`,
      };
    },
  ),
  wordFamily('count:pronouns', [], (random) => {
    const words = ['them', 'everyone', 'himself', 'both'].slice(0, 1 + random.integer(4));
    return {
      words,
      parameters: () => ({ N: words.length }),
      ask: () => `Use at least ${words.length} pronouns.`,
    };
  }),
  wordFamily(
    'change_case:capital_word_frequency',
    ['change_case:english_lowercase', 'change_case:english_capital', 'detectable_content:postscript'],
    (random) => {
      const words = ['LIGHTHOUSE', 'RAILWAY', 'FESTIVAL'].slice(0, 1 + random.integer(3));
      return {
        words,
        parameters: (text) => ({
          capital_relation: 'at least',
          capital_frequency: tokenize(text).filter(isUpper).length,
        }),
        ask: ({ capital_frequency }) => `Write at least ${capital_frequency} words in capital letters.`,
      };
    },
  ),
  wordFamily('sentence:keyword', ['length_constraints:number_sentences'], (random) => {
    const keyword = `${random.pick(keywords)}like`;
    return {
      words: [keyword],
      parameters: (text) => ({
        word: keyword,
        N: 1 + splitSentences(text).findIndex((sentence) => sentence.toLowerCase().includes(keyword)),
      }),
      ask: ({ N }) => `Sentence ${N} must have the word ${keyword}.`,
    };
  }),
];

/** A piece outside of the body that is there or is changed. */
function pieceFamily(
  id: string,
  against: readonly string[],
  ask: string,
  place: (draft: Draft) => void,
  spoil: (draft: Draft) => void,
  parameters: () => Parameters = noParameters,
): Family {
  return { id, against, plan: () => ({ place, parameters, ask: () => ask, spoil }) };
}

const cased = ['change_case:english_lowercase', 'change_case:english_capital'];

const pieceFamilies: readonly Family[] = [
  pieceFamily(
    'detectable_format:title',
    [],
    'Start with a title in double angular brackets such as <<title>>.',
    (draft) => {
      draft.title = '<<A Walk by the Water>>';
    },
    (draft) => {
      draft.title = 'A Walk by the Water';
    },
  ),
  pieceFamily(
    'detectable_content:postscript',
    ['change_case:capital_word_frequency'],
    'Add a postscript that starts with P.S.',
    (draft) => {
      draft.postscript = 'P.S. the ferry leaves at noon.';
    },
    (draft) => {
      draft.postscript = 'Well then the ferry leaves at noon.';
    },
    () => ({ postscript_marker: 'P.S.' }),
  ),
  pieceFamily(
    'detectable_format:constrained_response',
    cased,
    'Include one of: My answer is yes. My answer is no. My answer is maybe.',
    (draft) => {
      draft.lines.push('My answer is maybe.');
    },
    (draft) => {
      draft.lines = draft.lines.map((line) => line.replace('is maybe', 'was maybe'));
    },
  ),
  pieceFamily(
    'format:output_template',
    cased,
    'Include the headings My Answer: and My Conclusion: and Future Outlook:',
    (draft) => {
      draft.lines.push('My Answer: rain', 'My Conclusion: snow', 'Future Outlook: sun');
    },
    (draft) => {
      draft.lines = draft.lines.map((line) => line.replace('Future Outlook', 'Distant Outlook'));
    },
  ),
  pieceFamily(
    'startend:end_checker',
    [],
    'Finish with the exact phrase: That is all for now.',
    (draft) => {
      draft.ending = 'That is all for now.';
    },
    (draft) => {
      draft.ending = 'That is all for good.';
    },
    () => ({ end_phrase: 'That is all for now.' }),
  ),
  pieceFamily(
    'startend:quotation',
    ['combination:repeat_prompt'],
    'Wrap the whole response in double quotation marks.',
    (draft) => {
      draft.quoted = 'both';
    },
    (draft) => {
      draft.quoted = 'open';
    },
  ),
  pieceFamily(
    'change_case:english_lowercase',
    [
      'change_case:english_capital',
      'change_case:capital_word_frequency',
      'count:person_names',
      'detectable_format:multiple_sections',
      'format:output_template',
      'detectable_format:constrained_response',
    ],
    'Write in English and in lower case only.',
    (draft) => {
      draft.letters = 'lower';
    },
    (draft) => {
      draft.letters = 'mixed';
    },
  ),
  pieceFamily(
    'change_case:english_capital',
    [
      'change_case:english_lowercase',
      'change_case:capital_word_frequency',
      'count:person_names',
      'detectable_format:multiple_sections',
      'format:output_template',
      'detectable_format:constrained_response',
    ],
    'Write in English and in capital letters only.',
    (draft) => {
      draft.letters = 'upper';
    },
    (draft) => {
      draft.letters = 'mixed';
    },
  ),
  {
    id: 'detectable_format:number_bullet_lists',
    against: [],
    plan: (random) => {
      const bullets = ['* fresh bread', '* warm soup', '* ripe plums', '* green tea'].slice(
        0,
        2 + random.integer(3),
      );
      return {
        place: (draft) => {
          draft.bullets = [...bullets];
        },
        parameters: () => ({ num_bullets: bullets.length }),
        ask: () => `Use exactly ${bullets.length} bullet points that start with an asterisk.`,
        spoil: (draft) => {
          draft.bullets[1] = draft.bullets[1]!.slice(2);
        },
      };
    },
  },
  {
    id: 'detectable_format:multiple_sections',
    against: [...cased, 'count:numbers', 'length_constraints:nth_paragraph_first_word'],
    plan: (random) => {
      let sections = 0;
      const heading = random.pick(['Section', 'Part', 'Chapter']);
      return {
        place: (draft) => {
          draft.heading = heading;
          sections = draft.body.length;
        },
        parameters: () => ({ section_spliter: heading, num_sections: sections }),
        ask: () => `Write at least ${sections} sections and start each with ${heading} and its number.`,
        spoil: (draft) => {
          draft.spelled.push(1);
        },
      };
    },
  },
  {
    id: 'length_constraints:number_paragraphs',
    against: ['length_constraints:nth_paragraph_first_word'],
    plan: () => {
      let paragraphs = 0;
      return {
        place: (draft) => {
          draft.divider = '\n***\n';
          paragraphs = draft.body.length;
        },
        parameters: () => ({ num_paragraphs: paragraphs }),
        ask: () => `Write ${paragraphs} paragraphs separated by ***`,
        spoil: (draft) => {
          draft.divider = '\n\n';
        },
      };
    },
  },
  {
    id: 'length_constraints:nth_paragraph_first_word',
    against: [
      'length_constraints:number_paragraphs',
      'detectable_format:multiple_sections',
      'combination:repeat_prompt',
    ],
    plan: (random) => {
      const word = random.pick(keywords);
      let nth = 0;
      return {
        place: (draft) => {
          nth = 1 + random.integer(draft.body.length - 1); // the first may stand after a title
          draft.body[nth]![0]![0] = word;
        },
        parameters: (text) => ({
          num_paragraphs: text.split('\n\n').length,
          nth_paragraph: nth + 1,
          first_word: word,
        }),
        ask: ({ num_paragraphs }) =>
          `Write ${num_paragraphs} paragraphs separated by blank lines; paragraph ${nth + 1} must start with ${word}.`,
        spoil: (draft) => {
          draft.body[nth]![0]![0] = 'the';
        },
      };
    },
  },
  {
    id: 'combination:repeat_prompt',
    against: ['startend:quotation', 'length_constraints:nth_paragraph_first_word'],
    plan: () => {
      let request = '';
      return {
        place: (draft) => {
          request = draft.request ?? '';
        },
        parameters: () => ({ prompt_to_repeat: request }),
        ask: () => 'First repeat the request word for word; do not repeat these instructions.',
        spoil: (draft) => {
          draft.request = draft.request?.replace(/^\w+/, 'Say');
        },
      };
    },
  },
];

export const families: readonly Family[] = [...bodyFamilies, ...pieceFamilies];

export const requests = [
  'Tell a short story about a small town.',
  'Describe a walk in the country.',
  'Write a few lines about work by the sea.',
  'Make up a report about an old house.',
];
