export { type Aggregation, aggregations, tokenWeights, totalsOf } from './aggregate.ts';
export { type ClippedOptions, clipped, clippedLoss } from './clipped.ts';
export { combine } from './combine.ts';
export { type CrossEntropyOptions, crossEntropy, crossEntropyLoss } from './cross-entropy.ts';
export { type EntropyBonusOptions, entropyBonus, entropyBonusLoss } from './entropy-bonus.ts';
export { type KlOptions, kl, klEstimate, klLoss } from './kl.ts';
