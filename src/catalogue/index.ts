/** What can be selected by name, and how a SPEC is read. */
export { type Algorithm, algorithms, type Helper, helpers } from './algorithms/index.ts';
export { type LoadedReward, loadReward } from './load.ts';
export type { ModuleLimits } from './module/host.ts';
export { importOwn, type OwnModule } from './module/import-own.ts';
export { buildReward, isReward, rewards } from './rewards.ts';
export { coerceOptions, type RewardSpec, readSpec } from './spec.ts';
