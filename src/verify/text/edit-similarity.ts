import { z } from 'zod';
import { Fuel, OutOfFuel } from '../../core/index.ts';
import { splitWords, squeeze } from '../../parse/index.ts';
import { editDistance, intern, lcsLength } from './edit-distance.ts';
import { sequenceRatio as ratioOf } from './sequence-matcher.ts';
import { bestOf, defineSimilarity, round } from './similarity.ts';

/** 1 − distance / longer length over code points, a substitution costing 1; empty against empty is 1. */
export const levenshtein = defineSimilarity({
  name: 'levenshtein',
  version: '1',
  summary: '1 − Levenshtein distance / longer length, by code point',
  source: 'Levenshtein 1966; rapidfuzz Levenshtein.normalized_similarity; msrl',
  options: {},
  examples: [{ completion: 'kitten', answer: 'sitting', value: 4 / 7 }],
  create: () =>
    bestOf((candidate, gold) => {
      const { distance, longer } = codePointDistance(candidate, gold);
      const value = longer === 0 ? 1 : 1 - distance / longer;
      return { value, reason: `${distance} edits over ${longer} characters` };
    }),
});

/** 2·LCS / (n + m) over code points, a substitution costing 2; empty against empty is 1. Not `levenshtein`. */
export const indelRatio = defineSimilarity({
  name: 'indelRatio',
  version: '1',
  summary: '2·LCS / (n + m) by code point: insertions and deletions only',
  source: 'rapidfuzz Indel.normalized_similarity, Levenshtein.ratio; vlm-r1',
  options: {},
  examples: [{ completion: 'kitten', answer: 'sitting', value: 8 / 13 }],
  create: () =>
    bestOf((candidate, gold) => {
      const pair = intern(Array.from(candidate), Array.from(gold));
      const total = pair.a.length + pair.b.length;
      const common = lcsLength(pair);
      return {
        value: total === 0 ? 1 : (2 * common) / total,
        reason: `${common} characters in common of ${total}`,
      };
    }),
});

/** Ratcliff–Obershelp ratio as difflib computes it without its junk heuristics, over code points or lines. */
export const sequenceRatio = defineSimilarity({
  name: 'sequenceRatio',
  version: '1',
  summary: 'Ratcliff–Obershelp ratio 2M/T of common blocks, as difflib.SequenceMatcher',
  source: 'Ratcliff and Metzener 1988; Python difflib with autojunk off; swe-rl',
  options: {
    by: z.enum(['character', 'word', 'line']).default('character').describe('what is matched'),
  },
  examples: [
    { completion: 'ab', answer: 'ba', value: 0.5 },
    { completion: 'abxcd', answer: 'abcd', value: 8 / 9 },
  ],
  create: ({ by }) => {
    const cut = { character: (text: string) => Array.from(text), word: splitWords, line: lines }[by];
    return bestOf((candidate, gold, fuel) => {
      const { a, b } = intern(cut(candidate), cut(gold));
      try {
        const value = ratioOf(a, b, new Fuel(fuel));
        return { value, reason: `ratio ${round(value)}` };
      } catch (thrown) {
        // The gold is within its limit of length, so what is left to blame is how the candidate repeats itself.
        if (thrown instanceof OutOfFuel) return { value: 0, reason: `matching went ${thrown.message}` };
        throw thrown;
      }
    });
  },
});

function lines(text: string): string[] {
  return text.split(/\r\n|[\n\r]/);
}

/**
 * Average normalised Levenshtein similarity of document VQA: 1 − d/longer, and 0 where d/longer reaches the threshold.
 * Both sides are lower-cased and their white space squeezed, as in the benchmark.
 */
export const anls = defineSimilarity({
  name: 'anls',
  version: '1',
  summary: 'ANLS: Levenshtein similarity that drops to 0 below one half',
  source: 'Biten et al. 2019 (ST-VQA), equation 1; Mathew et al. 2021 (DocVQA)',
  options: {
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('normalised distance from which the value is 0'),
    atThreshold: z
      .enum(['drop', 'keep'])
      .default('drop')
      .describe('a distance right at the threshold: 0 (paper) or kept (the benchmark’s script, anls-star)'),
    caseSensitive: z.boolean().default(false).describe('keeps upper and lower case apart'),
  },
  examples: [
    { completion: 'Hello Wrld', answer: 'hello world', value: 10 / 11 },
    { completion: 'something else', answer: 'hello world', value: 0 },
  ],
  create: ({ threshold, atThreshold, caseSensitive }) => {
    const form = (text: string) => squeeze(caseSensitive ? text : text.toLowerCase());
    return bestOf((candidate, gold) => {
      const { distance, longer } = codePointDistance(form(candidate), form(gold));
      const share = longer === 0 ? 0 : distance / longer;
      const kept = share < threshold || (share === threshold && atThreshold === 'keep');
      const value = kept ? 1 - share : 0;
      return { value, reason: `ANLS ${round(value)} (${distance} edits over ${longer} characters)` };
    });
  },
});

function codePointDistance(candidate: string, gold: string): { distance: number; longer: number } {
  if (candidate === gold) return { distance: 0, longer: Array.from(gold).length };
  const pair = intern(Array.from(candidate), Array.from(gold));
  return { distance: editDistance(pair), longer: Math.max(pair.a.length, pair.b.length) };
}
