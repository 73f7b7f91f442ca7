import { z } from 'zod';
import { type Estimator, parseOptions } from '../core/index.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

const schema = z.object({
  std: z.enum(['sample', 'population']).default('population'),
  /** Added to the deviation. */
  epsilon: z.number().min(0).default(1e-6),
});

export type BatchReturnOptions = z.input<typeof schema>;

/**
 * COPO's global advantage: the mean reward of each group, standardised over the groups of the batch, on every sample of the
 * group. So a group whose samples are all wrong is pushed down where others are right. NaN (no verdict) is in no mean and
 * gets 0; a group without any verdict does not count. Equal means give 0.
 */
export function batchReturnAdvantages(
  rewards: Float64Array,
  starts: Int32Array,
  options: BatchReturnOptions = {},
): Float64Array {
  const { std, epsilon } = schema.parse(options);
  const means = Float64Array.from(
    { length: starts.length - 1 },
    (_, g) => groupMoments(rewards, starts[g]!, starts[g + 1]!).mean,
  );
  const { mean, variance } = groupMoments(means, 0, means.length, std);
  const spread = Math.sqrt(variance) + epsilon;
  const out = new Float64Array(rewards.length);
  if (!(variance > 0)) return out;
  for (let g = 0; g + 1 < starts.length; g++)
    for (let i = starts[g]!; i < starts[g + 1]!; i++)
      if (!Number.isNaN(rewards[i]!)) out[i] = (means[g]! - mean) / spread;
  return out;
}

/** `batchReturnAdvantages` as a recipe's estimator. */
export function batchReturn(options: BatchReturnOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'batchReturn'");
  return sampleEstimator('batchReturn', '1', parsed, (rewards, starts) =>
    batchReturnAdvantages(rewards, starts, parsed),
  );
}
