export { shuffled } from './shuffled.ts';
export { type WeightedOptions, type WeightedParts, weighted } from './weighted.ts';
