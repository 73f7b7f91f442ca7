import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, exactly, nonEmpty, none, outcome, place, quote } from '../outcome.ts';
import {
  countOf,
  countWords,
  digitRuns,
  hasWord,
  isDigits,
  punctuation,
  split,
  strip,
  stripOf,
  withoutPunctuation,
} from '../python.ts';
import { tokenize } from '../tokens.ts';

const conjunctions = new Set(['and', 'but', 'for', 'nor', 'or', 'so', 'yet']);

const names =
  'Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella Jonathan'.split(
    ' ',
  );

const pronouns = new Set(
  `i me we us you he him she her it they them my mine our ours your yours his hers its their theirs myself ourselves
  yourself yourselves himself herself itself themselves this that these those who whom whose which what whoever whomever
  whatever whichever anybody anyone anything everybody everyone everything nobody nothing somebody someone something each
  either neither both all some any none`.split(/\s+/),
);

export const counts: readonly Constraint[] = [
  constraint(
    'count:word_count_range',
    z.object({ min_words: count, max_words: count }),
    (text, { min_words: low, max_words: high }) => {
      const found = countWords(text);
      return outcome(found >= low && found <= high, `has ${found} words, ${low} to ${high} asked`);
    },
  ),
  constraint('count:unique_word_count', z.object({ N: count }), (text, { N: bound }) => {
    const unique = new Set(split(text.toLowerCase()).map((word) => stripOf(word, `${punctuation} `)));
    return compared(unique.size, 'at least', bound, 'different words');
  }),
  // Each spelling counts, as in the reference: "and" and "And," are two.
  constraint('count:conjunctions', z.object({ small_n: count }), (text, { small_n: bound }) => {
    const found = new Set(
      split(text).filter((word) => conjunctions.has(stripOf(word, `${punctuation} `).toLowerCase())),
    );
    return compared(found.size, 'at least', bound, 'different conjunctions');
  }),
  constraint('count:person_names', z.object({ N: count }), (text, { N: bound }) =>
    compared(
      names.filter((name) => hasWord(text, name)).length,
      'at least',
      bound,
      'different names of the list',
    ),
  ),
  constraint('count:numbers', z.object({ N: count }), (text, { N: asked }) =>
    exactly(digitRuns(withoutPunctuation(text)).length, asked, 'numbers'),
  ),
  constraint('count:punctuation', none, (text) => {
    if (!text.includes('!?') && !text.includes('?!') && !text.includes('‽'))
      return outcome(false, 'has no interrobang');
    const rest = text.includes('?!') ? text.replace('?!', '') : text.replace('!?', '');
    const missing = [...'.,!?;:'].filter((mark) => !rest.includes(mark));
    return outcome(
      missing.length === 0,
      missing.length === 0 ? 'has every mark' : `lacks ${missing.join(' ')} beside the interrobang`,
    );
  }),
  constraint('count:words_japanese', z.object({ N: place }), (text, { N: period }) => {
    const words = split(text);
    for (let i = period - 1; i < words.length; i += period) {
      const word = stripOf(words[i]!, `${punctuation} `);
      if (word !== '' && !isDigits(word) && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(word))
        return outcome(false, `word ${i + 1} is ${quote(word)}, every ${period}. asked in Japanese`);
    }
    return outcome(true, `every ${period}. word is Japanese`);
  }),
  constraint('count:pronouns', z.object({ N: count }), (text, { N: bound }) => {
    const words = tokenize(text.replaceAll('/', ' ').toLowerCase());
    return compared(words.filter((word) => pronouns.has(word)).length, 'at least', bound, 'pronouns');
  }),
  constraint(
    'count:keywords_multiple',
    z.object({
      keyword1: nonEmpty,
      keyword2: nonEmpty,
      keyword3: nonEmpty,
      keyword4: nonEmpty,
      keyword5: nonEmpty,
    }),
    (text, parameters) => {
      const lowered = text.toLowerCase();
      const { keyword1, keyword2, keyword3, keyword4, keyword5 } = parameters;
      const times = [1, 2, 3, 5, 7];
      for (const [i, keyword] of [keyword1, keyword2, keyword3, keyword4, keyword5].entries()) {
        const found = countOf(lowered, strip(keyword).toLowerCase());
        if (found !== times[i]) return exactly(found, times[i]!, `occurrences of ${quote(keyword)}`);
      }
      return outcome(true, 'has each keyword as often as asked');
    },
  ),
];
