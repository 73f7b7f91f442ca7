import { z } from 'zod';
import type { Overlap } from './ngrams.ts';
import { rougeL, rougeLsum, rougeN, rougeTokens } from './rouge-scores.ts';
import { bestOf, defineSimilarity, round } from './similarity.ts';

/** ROUGE-Lsum keeps whole tables to find which tokens are common: so many tokens a side at most, per unit of fuel. */
const cellsPerFuel = 16;

/**
 * ROUGE against the best of several golds, the tokens of Python's rouge-score (lower case, a–z and 0–9). ROUGE-Lsum takes
 * lines as sentences, as rouge-score does.
 */
export const rouge = defineSimilarity({
  name: 'rouge',
  version: '1',
  summary: 'ROUGE-1, -2, -L or -Lsum overlap with a reference text',
  source: 'Lin 2004; google-research rouge-score (rouge_scorer.py)',
  options: {
    type: z.enum(['1', '2', 'L', 'Lsum']).default('L').describe('1 and 2: n-grams; L: subsequence'),
    stem: z.boolean().default(false).describe('Porter stems of words of more than three letters'),
    statistic: z
      .enum(['f1', 'precision', 'recall'])
      .default('f1')
      .describe('which of the three is the value'),
  },
  examples: [
    { completion: 'the cat sat on the mat', answer: 'the cat lay on the mat', value: 5 / 6 },
    {
      completion: 'police kill the gunman',
      answer: 'police killed the gunman',
      options: { type: '2', stem: true },
      value: 1,
    },
  ],
  create: ({ type, stem, statistic }) =>
    bestOf((candidate, gold, fuel) => {
      let scores: Overlap;
      if (type === 'Lsum') {
        const most = Math.floor(Math.sqrt(cellsPerFuel * fuel));
        const ours = sentenceTokens(candidate, stem);
        const theirs = sentenceTokens(gold, stem);
        const over = `over ${most} tokens, the limit of ROUGE-Lsum`;
        if (count(theirs) > most)
          return { value: 0, fault: 'reference', reason: `the gold answer is ${over}` };
        if (count(ours) > most) return { value: 0, reason: over };
        scores = rougeLsum(ours, theirs);
      } else {
        const ours = rougeTokens(candidate, stem);
        const theirs = rougeTokens(gold, stem);
        scores = type === 'L' ? rougeL(ours, theirs) : rougeN(ours, theirs, Number(type));
      }
      const value = scores[statistic];
      return {
        value,
        reason: `ROUGE-${type} ${round(value)} (precision ${round(scores.precision)}, recall ${round(scores.recall)})`,
      };
    }),
});

function sentenceTokens(text: string, stem: boolean): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rougeTokens(line, stem));
}

function count(sentences: readonly (readonly string[])[]): number {
  return sentences.reduce((sum, sentence) => sum + sentence.length, 0);
}
