export { all, any } from './any-all.ts';
export { type CascadeOptions, type CascadePredicate, cascade, isFloatLiteral } from './cascade.ts';
export type { Parts } from './cascade-parts.ts';
export { first } from './first.ts';
export { shuffled } from './shuffled.ts';
export { type VoteOptions, vote } from './vote.ts';
export { type WeightedOptions, type WeightedParts, weighted } from './weighted.ts';
