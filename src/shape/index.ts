export { type AllOptions, type AnyOptions, all, allSchema, any, anySchema } from './any-all.ts';
export { blend } from './blend.ts';
export {
  type CascadeOptions,
  type CascadePredicate,
  cascade,
  cascadeSchema,
  isFloatLiteral,
} from './cascade.ts';
export { first } from './first.ts';
export { type GateOptions, gate, gateSchema } from './gate.ts';
export {
  type AdaptiveLengthOptions,
  adaptiveLength,
  adaptiveLengthSchema,
  adaptiveLengths,
  type LengthBandOptions,
  type LengthZScoreOptions,
  lengthBand,
  lengthBandSchema,
  lengthBands,
  lengthZScore,
  lengthZScoreSchema,
  lengthZScores,
} from './group-length.ts';
export {
  type CosineLengthOptions,
  cosineLength,
  cosineLengthSchema,
  cosineLengthValue,
  type OverlongOptions,
  overlong,
  overlongPenalty,
  overlongSchema,
} from './length.ts';
export { type NoiseOptions, noise } from './noise.ts';
export { type OverrideCases, override } from './override.ts';
export type { Parts } from './parts.ts';
export { type PayoffRow, payoff, payoffSchema } from './payoff.ts';
export { product } from './product.ts';
export {
  anneal,
  type ClampOptions,
  clamp,
  clampSchema,
  type SquashOptions,
  squash,
  squashForms,
  squashSchemas,
} from './rescale.ts';
export { type RouteOptions, route } from './route.ts';
export { type ShuffledOptions, shuffled } from './shuffled.ts';
export { type CostOptions, cost, type StandardizeOptions, standardize } from './standardize.ts';
export { clipSteps, deltaSteps, type StepsOptions, steps } from './steps.ts';
export { type TopGroupsOptions, topGroups, topShare } from './top-groups.ts';
export { type TrustOptions, trust, trustSchema, trustWeight } from './trust.ts';
export { type VoteOptions, vote, voteSchema } from './vote.ts';
export { type WeightedOptions, type WeightedParts, weighted, weightedSchema } from './weighted.ts';
