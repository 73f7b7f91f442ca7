import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { nonEmpty, none, outcome, place, quote } from '../outcome.ts';
import { isAlphaPoint, isWordPoint, punctuation, split, strip, stripOf } from '../python.ts';
import { splitSentences } from '../sentences.ts';
import { tokenize } from '../tokens.ts';

/** Rules about which word stands where. */
export const positions: readonly Constraint[] = [
  constraint('words:last_first', none, (text) => {
    const sentences = splitSentences(text);
    const marks = `${punctuation} `;
    for (let i = 0; i + 1 < sentences.length; i++) {
      const last = split(stripOf(sentences[i]!, marks, 'right')).at(-1);
      const next = split(stripOf(sentences[i + 1]!, marks, 'left'))[0];
      if (last === undefined || next === undefined)
        return outcome(false, `sentence ${last === undefined ? i + 1 : i + 2} has no words`);
      if (last.toLowerCase() !== next.toLowerCase())
        return outcome(
          false,
          `sentence ${i + 1} ends with ${quote(last)}, the next one starts with ${quote(next)}`,
        );
    }
    return outcome(true, 'each sentence starts with the last word of the one before');
  }),
  constraint(
    'words:keywords_specific_position',
    z.object({ keyword: nonEmpty, n: place, m: place }),
    (text, { keyword, n, m }) => {
      const sentences = splitSentences(text);
      const wanted = strip(keyword);
      if (sentences.length < n) return outcome(false, `has no sentence ${n}`);
      const found = tokenize(sentences[n - 1]!).filter(hasLetter);
      if (found.length < m) return outcome(false, `sentence ${n} has no word ${m}`);
      return outcome(
        found[m - 1]!.toLowerCase() === wanted.toLowerCase(),
        `word ${m} of sentence ${n} is ${quote(found[m - 1]!)}, ${quote(wanted)} asked`,
      );
    },
  ),
  constraint('words:words_position', z.object({ keyword: nonEmpty }), (text, { keyword }) => {
    const tokens = tokenize(text);
    const wanted = strip(keyword).toLowerCase();
    const last = tokens.at(-1);
    const back = last !== undefined && punctuation.includes(last) ? 3 : 2;
    if (tokens.length < back) return outcome(false, 'has too few words');
    const second = tokens[1]!;
    const nearLast = tokens[tokens.length - back]!;
    return outcome(
      second.toLowerCase() === wanted && nearLast.toLowerCase() === wanted,
      `the second word is ${quote(second)} and the second to last ${quote(nearLast)}, ${quote(keyword)} asked`,
    );
  }),
];

function hasLetter(token: string): boolean {
  for (const letter of token) {
    const point = letter.codePointAt(0)!;
    if (isAlphaPoint(point) || (isWordPoint(point) && letter !== '_')) return true;
  }
  return false;
}
