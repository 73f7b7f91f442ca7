import { type Batch, bounded, type Credit, described, type Estimator } from '../core/index.ts';

/**
 * The rewards of a batch, flat in its order, NaN where there is no verdict, and where each group starts. They are bounded, so that
 * their squares and sums stay finite.
 */
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
    for (const { verdict } of samples)
      rewards[i++] = verdict?.value == null ? Number.NaN : bounded(verdict.value);
  return { rewards, starts };
}

/**
 * The same batch with other rewards, flat in its order: what a correction hands to the estimator behind it. NaN is no
 * verdict; a sample without one stays so.
 */
export function revalued(batch: Batch<unknown>, rewards: Float64Array): Batch<unknown> {
  let i = 0;
  return {
    groups: batch.groups.map((group) => ({
      ...group,
      samples: group.samples.map((sample) => {
        const value = rewards[i++]!;
        const { verdict } = sample;
        if (verdict?.value == null) return sample;
        return {
          ...sample,
          verdict: Number.isNaN(value)
            ? { ...verdict, value: null, cause: 'unsupported' as const }
            : { ...verdict, value },
        };
      }),
    })),
  };
}

/**
 * An estimator of the one term `policy` from a pure function of grouped rewards to one advantage a sample, perhaps with
 * metrics.
 */
export function sampleEstimator(
  name: string,
  version: string,
  options: unknown,
  advantages: (
    rewards: Float64Array,
    starts: Int32Array,
  ) => Float64Array | { values: Float64Array; metrics: Credit['metrics'] },
): Estimator {
  return described(name, version, options, {
    terms: ['policy'],
    estimate: (batch: Batch<unknown>): Credit => {
      const { rewards, starts } = groupedRewards(batch);
      const found = advantages(rewards, starts);
      const { values, metrics } = found instanceof Float64Array ? { values: found, metrics: {} } : found;
      return { terms: { policy: { of: 'sample', values } }, metrics };
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
