import type { Json, Scope, Task, Verdict } from '../../core/index.ts';

/** Where a worker finds its rewards: SPECs by name, or a config module that it imports itself. */
export type RewardSource =
  | { readonly rewards: { readonly [name: string]: unknown } }
  | { readonly config: string };

export interface WorkerStart {
  readonly source: RewardSource;
  readonly seconds: number;
  readonly memory: number;
  readonly fuel: number;
}

/** What is told about a served reward. */
export interface ServedReward {
  readonly name: string;
  readonly version: string;
  readonly options: Json;
  readonly scope: Scope;
  readonly minimum: number;
  readonly trainable: boolean;
  /** It remembers what it scored, so its verdicts are not to be cached. */
  readonly stateful: boolean;
}

export type WorkerReady =
  | { readonly kind: 'ready'; readonly rewards: { readonly [served: string]: ServedReward } }
  | { readonly kind: 'unusable'; readonly message: string };

/** One exchange of a sample, as it crosses to a worker. */
export interface PlainTurn {
  readonly context?: Task['prompt'];
  readonly completion: string;
  /** How many tokens the completion is, where its sampler says so. */
  readonly tokens?: number;
  readonly observation?: string;
}

/** A sample as it crosses to a worker. Ids are the caller's; where there is none, the worker makes one of the content. */
export interface PlainSample {
  readonly id?: string;
  readonly task: Omit<Task, 'id'> & { readonly id?: string };
  readonly turns: readonly PlainTurn[];
}

/** What is scored by one call of a reward: one sample, or a whole group. */
export interface Unit {
  /** The name that it is served by. */
  readonly reward: string;
  readonly samples: readonly PlainSample[];
}

/** `states` is one Int32 a unit; `started` one float64 a unit, ms since the epoch. */
export interface Job {
  readonly units: readonly Unit[];
  readonly states: SharedArrayBuffer;
  readonly started: SharedArrayBuffer;
}

/** What came of a unit. `readId`: the reward looked at the id of a sample or of its task, so its verdict may depend on that. */
export interface Scored {
  readonly verdicts: readonly Verdict[];
  readonly readId: boolean;
}

/** What came of some units, the verdicts of each as JSON: whatever a reward returned, this much of it is plain data. */
export interface JobAnswer {
  readonly units: readonly { readonly unit: number; readonly verdicts: string; readonly readId?: true }[];
  readonly done: boolean;
}

/** States of a unit: the worker claims what waits, the host may take back what waits. */
export const states = { waiting: 0, running: 1, pending: 2, finished: 3, withdrawn: 4 } as const;

/** Wall clock that all threads share, ms; it never runs backwards. */
export const now = (): number => performance.timeOrigin + performance.now();
