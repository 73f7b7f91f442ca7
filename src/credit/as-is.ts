import type { Estimator } from '../core/index.ts';
import { sampleEstimator } from './rewards.ts';

/** The reward is the advantage (writing-zero's ±1); no verdict gives 0. */
export function asIsAdvantages(rewards: Float64Array): Float64Array {
  return rewards.map((reward) => (Number.isNaN(reward) ? 0 : reward));
}

/** `asIsAdvantages` as a recipe's estimator. */
export function asIs(): Estimator {
  return sampleEstimator('asIs', '1', {}, asIsAdvantages);
}
