import type { NoVerdictCount } from '../core/index.ts';
import type { Evaluation } from './evaluate.ts';

/** Where a run stands, all of it: what a checkpoint keeps besides models. */
export interface Position {
  /** The step that comes next, over all stages; and its stage and place there. */
  step: number;
  stage: number;
  stageStep: number;
  tokens: number;
  /** What `tokens` was when the stage began. */
  stageTokens: number;
  seconds: number;
  stageSeconds: number;
  noVerdict: NoVerdictCount;
  untrained?: Evaluation;
  before?: Evaluation;
  /** Held-out solve rates of the stage's evaluations and its last training rewards: what ends it early. */
  rates: number[];
  rewards: number[];
}

/** Before the first step. */
export const newPosition = (): Position => ({
  step: 0,
  stage: 0,
  stageStep: 0,
  tokens: 0,
  stageTokens: 0,
  seconds: 0,
  stageSeconds: 0,
  noVerdict: { n: 0, causes: {} },
  rates: [],
  rewards: [],
});
