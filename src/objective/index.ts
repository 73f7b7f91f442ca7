export { type Aggregation, aggregations, sequenceWeights, tokenWeights, totalsOf } from './aggregate.ts';
export {
  type BradleyTerryOptions,
  bradleyTerry,
  bradleyTerryLoss,
  bradleyTerryPairs,
} from './bradley-terry.ts';
export { bySample } from './by-sample.ts';
export { type ClippedOptions, clipped, clippedLoss } from './clipped.ts';
export { combine } from './combine.ts';
export {
  type CovarianceEntropyOptions,
  covarianceEntropy,
  covarianceEntropyLoss,
  covarianceWeights,
} from './covariance-entropy.ts';
export { type CrossEntropyOptions, crossEntropy, crossEntropyLoss, selectTokens } from './cross-entropy.ts';
export { type DpoOptions, dpo, dpoLoss } from './dpo.ts';
export { type EntropyBonusOptions, entropyBonus, entropyBonusLoss } from './entropy-bonus.ts';
export { type GroupPreferenceOptions, groupPreference, groupPreferenceLoss } from './group-preference.ts';
export { type KlEstimator, type KlOptions, kl, klEstimate, klEstimators, klLoss } from './kl.ts';
export { onlyRoles } from './only-roles.ts';
export { type PolicyGradientOptions, policyGradient, policyGradientLoss } from './policy-gradient.ts';
export { type SamplerCorrectionOptions, samplerCorrection, samplerWeights } from './sampler-correction.ts';
export { type Preference, preferencesOf, sequenceScores, sides } from './sequences.ts';
export {
  binaryCrossEntropy,
  binaryCrossEntropyLoss,
  squaredError,
  squaredErrorLoss,
  type TargetOptions,
} from './targets.ts';
export { type BcoOptions, bco, bcoLoss, type KtoOptions, kto, ktoLoss } from './unpaired.ts';
export { type ValueLossOptions, valueLoss, valueLossOf } from './value-loss.ts';
