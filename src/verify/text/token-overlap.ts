import { ngramCounts, type Overlap, overlap, overlapScores } from './ngrams.ts';

/**
 * F1 of two token lists. `multiset` counts a repeated token as often as both sides have it (SQuAD, router-r1); `set`
 * counts it once (igpo, btl-ui): 'the the cat' against 'the cat' is 0.8 or 1.
 */
export function tokenF1(
  candidate: readonly string[],
  reference: readonly string[],
  count: 'multiset' | 'set',
): Overlap {
  const ours = count === 'set' ? [...new Set(candidate)] : candidate;
  const theirs = count === 'set' ? [...new Set(reference)] : reference;
  return overlapScores(overlap(ngramCounts(ours, 1), ngramCounts(theirs, 1)), ours.length, theirs.length);
}

export const setMeasures = ['f1', 'jaccard', 'precision', 'recall', 'equal'] as const;
export type SetMeasure = (typeof setMeasures)[number];

/** Overlap of two sets. Two empty sets are equal: 1 by every measure; one empty set gives 0. */
export function setOverlap(
  candidate: ReadonlySet<string>,
  reference: ReadonlySet<string>,
  measure: SetMeasure,
): number {
  if (candidate.size === 0 && reference.size === 0) return 1;
  let shared = 0;
  for (const one of candidate) if (reference.has(one)) shared++;
  switch (measure) {
    case 'jaccard':
      return shared / (candidate.size + reference.size - shared);
    case 'equal':
      return shared === candidate.size && shared === reference.size ? 1 : 0;
    default:
      return overlapScores(shared, candidate.size, reference.size)[measure];
  }
}
