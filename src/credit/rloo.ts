import { z } from 'zod';
import { type Estimator, parseOptions } from '../core/index.ts';
import { isUniform } from './grpo.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

const schema = z.object({
  /** Nothing more, or the z-score over the batch (TRL `normalize_advantages`). */
  normalize: z.enum(['none', 'batch']).default('none'),
  /** Added to the batch's deviation. */
  epsilon: z.number().min(0).default(1e-4),
});

export type RlooOptions = z.input<typeof schema>;

/**
 * Leave-one-out advantages (Ahmadian et al. 2024; Kool et al. 2019): A_i = r_i − mean of the other members' rewards.
 * `rewards` is flat, NaN where there is no verdict; group g has samples starts[g] to starts[g + 1]. Members without a
 * verdict are nobody's baseline and get 0. A member alone with its verdict gets 0: it has no baseline, and with
 * `normalize: 'batch'` it is not in the batch's mean and deviation (of n − 1) either. TRL clips rewards before
 * (`reward_clip_range`): that is the shape `clamp`; its KL is `klInReward`.
 */
export function rlooAdvantages(
  rewards: Float64Array,
  starts: Int32Array,
  options: RlooOptions = {},
): Float64Array {
  const { normalize, epsilon } = schema.parse(options);
  const out = new Float64Array(rewards.length).fill(Number.NaN);
  for (let g = 0; g + 1 < starts.length; g++) {
    const from = starts[g]!;
    const to = starts[g + 1]!;
    const { n, mean } = groupMoments(rewards, from, to);
    if (n < 2) continue;
    const uniform = isUniform(rewards, from, to);
    for (let i = from; i < to; i++)
      if (!Number.isNaN(rewards[i]!)) out[i] = uniform ? 0 : (n / (n - 1)) * (rewards[i]! - mean);
  }
  // The mean over the batch is 0 as it is: each group's advantages sum to it.
  const { variance } = groupMoments(out, 0, out.length);
  const spread = normalize === 'batch' && variance > 0 ? Math.sqrt(variance) + epsilon : 1;
  return out.map((a) => (Number.isNaN(a) ? 0 : a / spread));
}

/** `rlooAdvantages` as a recipe's estimator. */
export function rloo(options: RlooOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'rloo'");
  // Without normalisation nothing is added to anything: recipes of before these options stay what they were.
  const told = parsed.normalize === 'none' ? {} : parsed;
  return sampleEstimator('rloo', '1', told, (rewards, starts) => rlooAdvantages(rewards, starts, parsed));
}
