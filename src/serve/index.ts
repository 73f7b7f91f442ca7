/** The reward server: every trainer's protocol over the same rewards. */
export { parseServeOptions, type ServeInput, type ServeOptions } from './options.ts';
export { importConfig } from './pool/load-rewards.ts';
export type { RewardSource, ServedReward } from './pool/protocol.ts';
export {
  type AtroposOptions,
  type AtroposResult,
  type AtroposRollout,
  joinAtropos,
} from './protocols/atropos.ts';
export type { AtroposApiOptions, AtroposStatus } from './protocols/atropos-api.ts';
export type { CodeRun, CodeRunEnd, CommandRun, RunCode } from './run-code.ts';
export { createScorer, Overloaded, type ScoreRequest, type Scorer } from './scorer.ts';
export { type RewardServer, startServer } from './server.ts';
