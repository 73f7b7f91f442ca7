import type { TokenBatch, Totals } from '../core/index.ts';

/**
 * How a matrix of token losses becomes one number:
 * - `token`: Σ L / number of trained tokens (DAPO; verl token-mean)
 * - `sequence`: mean over sequences of their token mean (GRPO; verl seq-mean-token-mean)
 * - `sequenceSum`: mean over sequences of their token sum (verl seq-mean-token-sum)
 * - `constant`: Σ L / (sequences · maxTokens) (Dr.GRPO as in TRL)
 */
export const aggregations = ['token', 'sequence', 'sequenceSum', 'constant'] as const;
export type Aggregation = (typeof aggregations)[number];

/** Trained tokens, and sequences with at least one. */
export function totalsOf({ starts, mask }: Pick<TokenBatch, 'starts' | 'mask'>): Totals {
  let tokens = 0;
  let sequences = 0;
  for (let s = 0; s + 1 < starts.length; s++) {
    let here = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) here += mask[t] ? 1 : 0;
    tokens += here;
    if (here > 0) sequences++;
  }
  return { tokens, sequences };
}

/**
 * The weight of each token's loss, so that the aggregate is Σ weight · loss: 0 under the mask. Every aggregation is linear,
 * which makes its derivative this same array. Fully masked sequences are left out of sequence means.
 */
export function tokenWeights(batch: TokenBatch, mode: Aggregation): Float64Array {
  const { starts, mask } = batch;
  const { tokens, sequences } = batch.totals ?? totalsOf(batch);
  const weights = new Float64Array(mask.length);
  if (tokens === 0 || sequences === 0) return weights;
  if (mode === 'constant' && !(batch.maxTokens && batch.maxTokens > 0))
    throw new RangeError("aggregation 'constant' needs the batch's maxTokens");
  for (let s = 0; s + 1 < starts.length; s++) {
    let here = 0;
    if (mode === 'sequence') for (let t = starts[s]!; t < starts[s + 1]!; t++) here += mask[t] ? 1 : 0;
    const weight =
      mode === 'token'
        ? 1 / tokens
        : mode === 'sequence'
          ? 1 / (here * sequences)
          : mode === 'sequenceSum'
            ? 1 / sequences
            : 1 / (sequences * batch.maxTokens!);
    for (let t = starts[s]!; t < starts[s + 1]!; t++) if (mask[t]) weights[t] = weight;
  }
  return weights;
}
