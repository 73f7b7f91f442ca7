import { ngramCounts, overlap } from './ngrams.ts';

export const smoothings = ['none', 'floor', 'add-k', 'exp'] as const;
export type Smoothing = (typeof smoothings)[number];

export interface BleuOptions {
  /** Highest n-gram order, 1 to 4 or more. */
  readonly order: number;
  readonly smoothing: Smoothing;
  /** What `floor` puts in place of no match (sacrebleu 0.1), or what `add-k` adds from order 2 on (sacrebleu 1). */
  readonly smoothingValue?: number;
  /** Leave out the orders for which the candidate is too short (sacrebleu's sentence BLEU does). */
  readonly effectiveOrder: boolean;
}

/**
 * Sentence BLEU in [0, 1] (Papineni et al. 2002) with the smoothing methods of Chen and Cherry (2014) under sacrebleu's
 * names. Several references: counts are clipped by the largest, the brevity penalty takes the closest length.
 */
export function bleu(
  candidate: readonly string[],
  references: readonly (readonly string[])[],
  { order, smoothing, smoothingValue, effectiveOrder }: BleuOptions,
): number {
  if (candidate.length === 0 || references.length === 0) return 0;
  let closest = references[0]!.length;
  for (const { length } of references) {
    const nearer = Math.abs(length - candidate.length) - Math.abs(closest - candidate.length);
    if (nearer < 0 || (nearer === 0 && length < closest)) closest = length;
  }
  let logSum = 0;
  let orders = 0;
  let misses = 1;
  let anyMatch = false;
  for (let n = 1; n <= order; n++) {
    const total = Math.max(0, candidate.length - n + 1);
    const added = smoothing === 'add-k' && n > 1 ? (smoothingValue ?? 1) : 0;
    if (total + added === 0) {
      if (effectiveOrder) break;
      return 0;
    }
    const clipped = new Map<string, number>();
    for (const reference of references)
      for (const [key, count] of ngramCounts(reference, n))
        if (count > (clipped.get(key) ?? 0)) clipped.set(key, count);
    const matches = overlap(ngramCounts(candidate, n), clipped);
    if (matches > 0) anyMatch = true;
    const correct = matches + added;
    const of = total + added;
    orders++;
    let precision = correct / of;
    if (correct === 0) {
      if (smoothing === 'exp') {
        misses *= 2;
        precision = 1 / (misses * of);
      } else if (smoothing === 'floor') precision = (smoothingValue ?? 0.1) / of;
      else return 0;
    }
    logSum += Math.log(precision);
  }
  if (!anyMatch || orders === 0) return 0;
  const brevity = candidate.length < closest ? Math.exp(1 - closest / candidate.length) : 1;
  return brevity * Math.exp(logSum / (effectiveOrder ? orders : order));
}

/**
 * Google BLEU (Wu et al. 2016, section 6): the smaller of n-gram precision and recall over orders `least` to `order`; the
 * best over several references.
 */
export function gleu(
  candidate: readonly string[],
  references: readonly (readonly string[])[],
  { order = 4, least = 1 }: { order?: number; least?: number } = {},
): number {
  const grams = (tokens: readonly string[]) => {
    const all = new Map<string, number>();
    for (let n = least; n <= order; n++)
      for (const [key, count] of ngramCounts(tokens, n)) all.set(`${n}\u0000${key}`, count);
    return all;
  };
  const total = (counts: Map<string, number>) => {
    let sum = 0;
    for (const count of counts.values()) sum += count;
    return sum;
  };
  const ours = grams(candidate);
  const ourTotal = total(ours);
  let best = 0;
  for (const reference of references) {
    const theirs = grams(reference);
    const most = Math.max(ourTotal, total(theirs));
    if (most > 0) best = Math.max(best, overlap(ours, theirs) / most);
  }
  return best;
}
