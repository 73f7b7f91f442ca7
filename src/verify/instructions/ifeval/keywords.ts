import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, nonEmpty, outcome, quote, relation, words } from '../outcome.ts';
import { characters, countOf, occurrences, strip } from '../python.ts';

const contains = (text: string, literal: string, whole = false): boolean =>
  !occurrences(text, literal, whole).next().done;

/** Keywords are literal text; the reference reads them as regular expressions, which no public row needs. */
export const keywords: readonly Constraint[] = [
  constraint('keywords:existence', z.object({ keywords: words }), (text, { keywords: wanted }) => {
    const missing = [...wanted].sort().find((keyword) => !contains(text, keyword));
    return missing === undefined
      ? outcome(true, `has all of ${wanted.length} keywords`)
      : outcome(false, `lacks the keyword ${quote(missing)}`);
  }),
  constraint(
    'keywords:frequency',
    z.object({ keyword: nonEmpty, frequency: count, relation }),
    (text, { keyword, frequency, relation: asked }) => {
      let found = 0;
      for (const _ of occurrences(text, strip(keyword))) found++;
      return compared(found, asked, frequency, `occurrences of ${quote(keyword)}`);
    },
  ),
  constraint(
    'keywords:forbidden_words',
    z.object({ forbidden_words: words }),
    (text, { forbidden_words: forbidden }) => {
      const found = [...forbidden].sort().find((word) => contains(text, word, true));
      return found === undefined
        ? outcome(true, 'has none of the forbidden words')
        : outcome(false, `has the forbidden word ${quote(found)}`);
    },
  ),
  // The reference counts a letter drawn at random when the row's is not a to z; here that character itself is counted.
  constraint(
    'keywords:letter_frequency',
    z.object({
      letter: z.string().refine((letter) => characters(letter) === 1, 'must be one character'),
      let_frequency: count,
      let_relation: relation,
    }),
    (text, { letter, let_frequency: frequency, let_relation: asked }) =>
      compared(
        countOf(text.toLowerCase(), letter.toLowerCase()),
        asked,
        frequency,
        `occurrences of the letter ${quote(letter)}`,
      ),
  ),
];
