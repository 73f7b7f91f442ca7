import { type Batch, type Credit, described, type Estimator } from '../core/index.ts';

/** The rewards of a batch, flat in its order, NaN where there is no verdict, and where each group starts. */
export interface GroupedRewards {
  readonly rewards: Float64Array;
  /** Group g has samples starts[g] to starts[g + 1]. */
  readonly starts: Int32Array;
}

export function groupedRewards(batch: Batch<unknown>): GroupedRewards {
  const starts = new Int32Array(batch.groups.length + 1);
  batch.groups.forEach((group, g) => {
    starts[g + 1] = starts[g]! + group.samples.length;
  });
  const rewards = new Float64Array(starts[batch.groups.length]!);
  let i = 0;
  for (const { samples } of batch.groups)
    for (const { verdict } of samples) rewards[i++] = verdict?.value ?? Number.NaN;
  return { rewards, starts };
}

/** An estimator of the one term `policy` from a pure function of grouped rewards to one advantage a sample. */
export function sampleEstimator(
  name: string,
  version: string,
  options: unknown,
  advantages: (rewards: Float64Array, starts: Int32Array) => Float64Array,
): Estimator {
  return described(name, version, options, {
    estimate: (batch: Batch<unknown>): Credit => {
      const { rewards, starts } = groupedRewards(batch);
      return { terms: { policy: { of: 'sample', values: advantages(rewards, starts) } }, metrics: {} };
    },
  });
}

/** Count, mean and variance of the members of one group that have a verdict. */
export function groupMoments(
  rewards: Float64Array,
  from: number,
  to: number,
  kind: 'sample' | 'population' = 'sample',
): { n: number; mean: number; variance: number } {
  let n = 0;
  let sum = 0;
  for (let i = from; i < to; i++)
    if (!Number.isNaN(rewards[i]!)) {
      n++;
      sum += rewards[i]!;
    }
  const mean = sum / n;
  let squares = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(rewards[i]!)) squares += (rewards[i]! - mean) ** 2;
  const divisor = kind === 'sample' ? n - 1 : n;
  return { n, mean, variance: divisor > 0 ? squares / divisor : Number.NaN };
}
