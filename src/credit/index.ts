export { asIs, asIsAdvantages } from './as-is.ts';
export { type BatchReturnOptions, batchReturn, batchReturnAdvantages } from './batch-return.ts';
export {
  type BetaFit,
  type BetaNormalizedOptions,
  betaDensity,
  betaNormalization,
  betaNormalized,
  betaNormalizedAdvantages,
  fitBeta,
} from './beta-normalized.ts';
export { type EntropyBlendOptions, entropyBlend, entropyGate } from './entropy-blend.ts';
export { type GaeOptions, gae, gaeAdvantages } from './gae.ts';
export { type GrpoOptions, grpo, grpoAdvantages, isUniform } from './grpo.ts';
export { adaptiveKlCoefficient, type KlPenalty, klInReward, klPenalties } from './kl-in-reward.ts';
export {
  correctNoise,
  type NoiseCorrectionOptions,
  type NoiseRates,
  noiseCorrection,
} from './noise-correction.ts';
export { type Appeals, type AuditedRate, auditedRates, falseNegativeRate } from './noise-rates.ts';
export { filterOutliers, type OutlierFilterOptions, outlierFilter } from './outlier-filter.ts';
export {
  type PairwiseAdvantageOptions,
  pairwiseAdvantage,
  pairwiseAdvantages,
} from './pairwise-advantage.ts';
export { type PerRewardOptions, perReward, perRewardAdvantages } from './per-reward.ts';
export { type PreferencePairsOptions, pairRoles, preferencePairs } from './preference-pairs.ts';
export { type ReinforceOptions, reinforce, reinforceAdvantages } from './reinforce.ts';
export {
  type ReinforcePlusPlusOptions,
  reinforcePlusPlus,
  reinforcePlusPlusAdvantages,
  reinforcePlusPlusBaselineAdvantages,
} from './reinforce-plus-plus.ts';
export { returnsToGo } from './returns-to-go.ts';
export { type RewardMaskOptions, rewardMask, rewardMaskTerm } from './reward-mask.ts';
export {
  type GroupedRewards,
  groupedRewards,
  groupMoments,
  revalued,
  sampleEstimator,
} from './rewards.ts';
export { type RlooOptions, rloo, rlooAdvantages } from './rloo.ts';
export { terms } from './terms.ts';
export { type BatchTokens, batchTokens, gatherTokens, rewardsAtEnd } from './tokens.ts';
export { truncationMask } from './truncation-mask.ts';
export { whiten, whitenSamples } from './whiten.ts';
