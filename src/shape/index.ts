export { all, any } from './any-all.ts';
export { blend } from './blend.ts';
export { type CascadeOptions, type CascadePredicate, cascade, isFloatLiteral } from './cascade.ts';
export type { Parts } from './cascade-parts.ts';
export { first } from './first.ts';
export { type GateOptions, gate } from './gate.ts';
export {
  type AdaptiveLengthOptions,
  adaptiveLength,
  adaptiveLengths,
  type LengthBandOptions,
  type LengthZScoreOptions,
  lengthBand,
  lengthBands,
  lengthZScore,
  lengthZScores,
} from './group-length.ts';
export {
  type CosineLengthOptions,
  cosineLength,
  cosineLengthValue,
  type OverlongOptions,
  overlong,
  overlongPenalty,
} from './length.ts';
export { type NoiseOptions, noise } from './noise.ts';
export { type OverrideCases, override } from './override.ts';
export { type PayoffRow, payoff } from './payoff.ts';
export { product } from './product.ts';
export { anneal, type ClampOptions, clamp, type SquashOptions, squash } from './rescale.ts';
export { route } from './route.ts';
export { shuffled } from './shuffled.ts';
export { type CostOptions, cost, type StandardizeOptions, standardize } from './standardize.ts';
export { clipSteps, deltaSteps, type StepsOptions, steps } from './steps.ts';
export { topGroups, topShare } from './top-groups.ts';
export { type TrustOptions, trust, trustWeight } from './trust.ts';
export { type VoteOptions, vote } from './vote.ts';
export { type WeightedOptions, type WeightedParts, weighted } from './weighted.ts';
