import type { Estimator } from '../core/index.ts';
import { isUniform } from './grpo.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

/**
 * Leave-one-out advantages (Ahmadian et al. 2024; Kool et al. 2019): A_i = r_i − mean of the other members' rewards.
 * `rewards` is flat, NaN where there is no verdict; group g has samples starts[g] to starts[g + 1]. Members without a
 * verdict are nobody's baseline and get 0. A member alone with its verdict gets 0: it has no baseline.
 */
export function rlooAdvantages(rewards: Float64Array, starts: Int32Array): Float64Array {
  const out = new Float64Array(rewards.length);
  for (let g = 0; g + 1 < starts.length; g++) {
    const from = starts[g]!;
    const to = starts[g + 1]!;
    const { n, mean } = groupMoments(rewards, from, to);
    if (n < 2 || isUniform(rewards, from, to)) continue;
    for (let i = from; i < to; i++)
      if (!Number.isNaN(rewards[i]!)) out[i] = (n / (n - 1)) * (rewards[i]! - mean);
  }
  return out;
}

/** `rlooAdvantages` as a recipe's estimator. */
export function rloo(): Estimator {
  return sampleEstimator('rloo', '1', {}, rlooAdvantages);
}
