import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import data from '../data/lists.json' with { type: 'json' };
import { nonEmpty, none, outcome } from '../outcome.ts';
import { characters, strip, wordRuns } from '../python.ts';
import { splitSentences } from '../sentences.ts';

const percentage = z.number().min(0);
const stop = new Set(data.stopWords.split(' '));

export const ratios: readonly Constraint[] = [
  constraint('ratio:stop_words', z.object({ percentage }), (text, { percentage: bound }) => {
    let words = 0;
    let found = 0;
    for (const word of wordRuns(text)) {
      words++;
      if (stop.has(word.toLowerCase())) found++;
    }
    if (words === 0) return outcome(false, 'has no words');
    const share = (found / words) * 100;
    return outcome(share <= bound, `${rounded(share)}% are stop words, at most ${bound}% asked`);
  }),
  constraint('ratio:sentence_type', none, (text) => {
    const { '.': statements, '?': questions } = endings(text);
    return outcome(
      statements === 2 * questions,
      `has ${statements} statements and ${questions} questions, twice as many statements asked`,
    );
  }),
  constraint('ratio:sentence_balance', none, (text) => {
    const { '.': statements, '?': questions, '!': exclamations } = endings(text);
    return outcome(
      statements === questions && questions === exclamations,
      `has ${statements} statements, ${questions} questions and ${exclamations} exclamations, equal numbers asked`,
    );
  }),
  constraint(
    'ratio:overlap',
    z.object({ reference_text: nonEmpty, percentage }),
    (text, { reference_text: reference, percentage: asked }) => {
      const found = trigrams(text);
      if (found.size === 0) return outcome(false, 'has fewer than three characters');
      const wanted = trigrams(reference);
      let shared = 0;
      for (const trigram of found) if (wanted.has(trigram)) shared++;
      const share = (shared / found.size) * 100;
      return outcome(
        share >= asked - 2 && share <= asked + 2,
        `${rounded(share)}% of the character trigrams are in the reference text, ${asked}% ± 2 asked`,
      );
    },
  ),
  // The reference does not look whether the words differ.
  constraint('ratio:sentence_words', none, (text) => {
    const lengths = splitSentences(text).map((sentence) => characters(strip(sentence)));
    return outcome(
      lengths.length === 3 && lengths.every((length) => length === lengths[0]),
      `has ${lengths.length} sentence${lengths.length === 1 ? '' : 's'}${lengths.length === 3 ? ` of ${lengths.join(', ')} characters` : ''}, 3 of equal length asked`,
    );
  }),
];

const rounded = (share: number): number => Math.round(share * 10) / 10;

function endings(text: string): { '.': number; '?': number; '!': number } {
  const found = { '.': 0, '?': 0, '!': 0 };
  for (const sentence of splitSentences(text)) {
    const mark = sentence[sentence.length - 1];
    if (mark === '.' || mark === '?' || mark === '!') found[mark]++;
  }
  return found;
}

/** All runs of three characters. */
function trigrams(text: string): ReadonlySet<string> {
  const letters = [...text];
  const out = new Set<string>();
  for (let i = 2; i < letters.length; i++) out.add(letters[i - 2]! + letters[i - 1]! + letters[i]!);
  return out;
}
