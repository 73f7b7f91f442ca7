import type { TokenBatch, Totals } from '../core/index.ts';
import { bySample } from './by-sample.ts';

/**
 * How a matrix of token losses becomes one number. A sequence is a sample, with all turns that it has:
 * - `token`: Σ L / number of trained tokens (DAPO; verl token-mean)
 * - `localToken`: the same per micro-batch, averaged over the micro-batches (TRL `bnpo`); without micro-batches it is `token`
 * - `sequence`: mean over sequences of their token mean (GRPO; verl seq-mean-token-mean)
 * - `sequenceSum`: mean over sequences of their token sum (verl seq-mean-token-sum)
 * - `group`: mean over groups of the mean over all tokens of the group (KDRL)
 * - `constant`: Σ L / (sequences · maxTokens) (Dr.GRPO as in TRL; verl 0.9 seq-mean-token-sum-norm)
 * - `constantSum`: Σ L / maxTokens (the same in verl before 0.9, which did not divide by the sequences)
 */
export const aggregations = [
  'token',
  'localToken',
  'sequence',
  'sequenceSum',
  'group',
  'constant',
  'constantSum',
] as const;
export type Aggregation = (typeof aggregations)[number];

/** Trained tokens, samples with at least one, and trained tokens by group. */
export function totalsOf(
  batch: Pick<TokenBatch, 'starts' | 'mask' | 'samples'> & { readonly groups?: Int32Array },
): Totals {
  const { starts, mask, groups } = bySample(batch);
  let tokens = 0;
  let sequences = 0;
  const groupTokens = new Map<number, number>();
  for (let s = 0; s + 1 < starts.length; s++) {
    let here = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) here += mask[t] ? 1 : 0;
    if (here === 0) continue;
    tokens += here;
    sequences++;
    if (groups) groupTokens.set(groups[s]!, (groupTokens.get(groups[s]!) ?? 0) + here);
  }
  return { tokens, sequences, groupTokens };
}

/**
 * The weight of each token's loss, so that the aggregate is Σ weight · loss: 0 under the mask. Every aggregation is linear,
 * which makes its derivative this same array. Fully masked sequences are left out of sequence means. Throws RangeError where
 * a constant is asked for and the batch has no maxTokens.
 */
export function tokenWeights(given: TokenBatch, mode: Aggregation): Float64Array {
  const batch = bySample(given);
  const { starts, mask } = batch;
  const perSequence = sequenceWeights(batch, mode);
  const weights = new Float64Array(mask.length);
  for (let s = 0; s + 1 < starts.length; s++) {
    const weight = perSequence[s]!;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) if (mask[t]) weights[t] = weight;
  }
  return weights;
}

/** The same per sample: no aggregation tells the trained tokens of one sample apart. 0 where there are none. */
export function sequenceWeights(given: TokenBatch, mode: Aggregation): Float64Array {
  const batch = bySample(given);
  const { starts, mask, groups } = batch;
  const totals = batch.totals ?? totalsOf(batch);
  const { tokens, sequences, parts } = totals;
  const weights = new Float64Array(starts.length - 1);
  if (tokens === 0 || sequences === 0) return weights;
  if ((mode === 'constant' || mode === 'constantSum') && !(batch.maxTokens && batch.maxTokens > 0))
    throw new RangeError(`aggregation '${mode}' needs the batch's maxTokens`);
  const groupTokens = mode === 'group' ? (totals.groupTokens ?? totalsOf(batch).groupTokens!) : undefined;
  const local = mode === 'localToken' && parts ? Math.max(1, totalsOf(batch).tokens) * parts : tokens;
  for (let s = 0; s + 1 < starts.length; s++) {
    if (mode === 'token') weights[s] = 1 / tokens;
    else if (mode === 'localToken') weights[s] = 1 / local;
    else if (mode === 'sequenceSum') weights[s] = 1 / sequences;
    else if (mode === 'constant') weights[s] = 1 / (sequences * batch.maxTokens!);
    else if (mode === 'constantSum') weights[s] = 1 / batch.maxTokens!;
    else {
      let here = 0;
      for (let t = starts[s]!; t < starts[s + 1]!; t++) here += mask[t] ? 1 : 0;
      if (here === 0) continue;
      weights[s] = 1 / (groupTokens ? groupTokens.get(groups[s]!)! * groupTokens.size : here * sequences);
    }
  }
  return weights;
}
