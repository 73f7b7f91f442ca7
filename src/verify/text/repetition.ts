import { z } from 'zod';
import { defineReward, type Verdict, verdict } from '../../core/index.ts';
import { tokenizeText } from '../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';
import { loopPenalty } from './loops.ts';
import { ngramCounts } from './ngrams.ts';
import { round } from './similarity.ts';

/**
 * −(1 − distinct / total) over n-grams, times the weight: 0 for a text that repeats none. Too short a text is 0. With
 * `penalty: 'loops'`, −`loopPenalty` of the words in its place, each kind a part.
 */
export const repetition = defineReward({
  name: 'repetition',
  version: '1',
  summary: 'a penalty for repeated n-grams: −(1 − distinct / total)',
  source: 'r1-reward (n = 3), vlm-r1 (n = 6, lower-cased); Welleck et al. 2020 (rep-n); time-r1 (loops)',
  options: z.object({
    ...answerSource('whole'),
    penalty: z
      .enum(['ngrams', 'loops'])
      .default('ngrams')
      .describe('share of repeated n-grams | length, runs, phrase loops and 5-grams of time-r1'),
    n: z.int().min(1).max(20).default(3).describe('how many tokens an n-gram has'),
    by: z
      .enum(['whitespace', 'word', 'character'])
      .default('whitespace')
      .describe('what the tokens are; character suits text without blanks'),
    lowercase: z.boolean().default(true).describe('lower-cases the text first'),
    weight: z.number().positive().default(1).describe('the greatest penalty'),
  }),
  examples: [
    { completion: 'a b c a b c a b c', value: -4 / 7 },
    { completion: 'the cat sat on the mat', value: 0 },
    { completion: 'a b c d e f a b c d e f', options: { n: 6 }, value: -1 / 7 },
  ],
  minimumOf: ({ weight }) => -weight,
  create(options) {
    const { n, by, lowercase, weight } = options;
    return (sample, context) => {
      const { text, tooLong } = candidateText(sample, context, -weight);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const tokens = tokenizeText(lowercase ? found.value.toLowerCase() : found.value, by);
      if (options.penalty === 'loops') return loopVerdict(tokens, weight);
      const total = tokens.length - n + 1;
      if (total <= 0) return verdict(0, `fewer than ${n} tokens`);
      const distinct = ngramCounts(tokens, n).size;
      const share = 1 - distinct / total;
      return verdict(
        share === 0 ? 0 : -weight * share,
        `${round(100 * share)} % of ${total} ${n}-grams repeat others`,
      );
    };
  },
});

function loopVerdict(tokens: readonly string[], weight: number): Verdict {
  const { total, ...kinds } = loopPenalty(tokens);
  const charged = (penalty: number) => (penalty === 0 ? 0 : -weight * penalty);
  const parts = Object.fromEntries(
    Object.entries(kinds).map(([kind, penalty]) => [kind, verdict(charged(penalty))]),
  );
  const [worst] = Object.entries(kinds).toSorted(([, a], [, b]) => b - a)[0]!;
  const reason = total === 0 ? 'does not go round in circles' : `${worst} costs ${round(total)}`;
  return verdict(charged(total), reason, { parts });
}
