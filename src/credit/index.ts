export { type GrpoOptions, grpo, grpoAdvantages, isUniform } from './grpo.ts';
export { type GroupedRewards, groupedRewards, groupMoments, sampleEstimator } from './rewards.ts';
export { rloo, rlooAdvantages } from './rloo.ts';
