import type { RewardContext, Sample, Scope, Verdict } from '../../core/index.ts';

/** What the worker is started with. */
export interface WorkerStart {
  readonly path: string;
  /** How long a promise may stay pending, ms; what blocks the thread is the host's to see. */
  readonly timeLimit: number;
}

/** The worker's first word. */
export type WorkerReady =
  | {
      readonly kind: 'ready';
      readonly name: string;
      readonly version: string;
      readonly scope: Scope;
      readonly minimum?: number;
    }
  | { readonly kind: 'unusable'; readonly message: string };

/** Units to score: one sample each, or all samples of a group. `state` is one byte a unit. */
export interface WorkRequest {
  readonly units: readonly (readonly Sample<unknown>[])[];
  readonly context: Pick<RewardContext, 'step' | 'totalSteps' | 'stage' | 'phase' | 'fuel'>;
  readonly state: SharedArrayBuffer;
}

/** Verdicts of some units, as JSON: whatever a module returned, this much of it is plain data. */
export interface WorkAnswer {
  readonly kind: 'scored';
  readonly units: readonly { readonly unit: number; readonly verdicts: string }[];
  /** The request is finished. */
  readonly done: boolean;
}

/** The states of a unit. */
export const waiting = 0;
export const running = 1;
export const finished = 2;

export type UnitVerdicts = readonly Verdict[];
