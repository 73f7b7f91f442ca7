import type { Json } from '../core/json.ts';
import type { Group } from '../core/sample.ts';
import type { Terms } from './block.ts';

export type RunStatus = 'running' | 'finished' | 'stopped' | 'failed';

export interface NewRun {
  /** Made from the recipe's name and seed when left out. */
  readonly id?: string;
  readonly recipe: string;
  /** The recipe as JSON: what `--resume` compares. */
  readonly config: Json;
  readonly seed: number;
  /** Steps planned. */
  readonly steps: number;
  readonly paper?: string;
  readonly arm?: string;
  /** The run that this one continues as another run. */
  readonly parent?: string;
  readonly tags?: readonly string[];
}

export interface RunRecord extends Omit<NewRun, 'config' | 'tags' | 'id'> {
  readonly id: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. `updated` is the time of the last write: a run that is running and silent was killed. */
  readonly created: number;
  readonly updated: number;
  /** The last step that is stored; −1 before the first. */
  readonly last: number;
  readonly summary?: Json;
  readonly tags: readonly string[];
}

export interface RunWithConfig extends RunRecord {
  readonly config: Json;
}

export type Numbers = { readonly [name: string]: number };

/** All that a step leaves behind. It is stored in one transaction: all of it or nothing. */
export interface StepWrite {
  readonly run: string;
  readonly step: number;
  readonly stage: string;
  /** What a run repeats bit for bit. NaN is stored as 'no value'. */
  readonly metrics: Numbers;
  /** Seconds, rates, bytes: what differs between two equal runs. */
  readonly clock?: Numbers;
  /** Scored groups; stored every `samplesEvery` steps. */
  readonly groups?: readonly Group<unknown>[];
  /** Advantages by term (`Credit.terms`), flat over the groups' samples or tokens. */
  readonly advantages?: Terms;
}

export interface StepRecord {
  readonly step: number;
  readonly stage: string;
  /** When it was written, milliseconds since 1970. */
  readonly time: number;
  readonly metrics: Numbers;
  readonly clock: Numbers;
}

export type EventKind = 'checkpoint' | 'resume' | 'alarm' | 'stage' | 'note';

export interface EventWrite {
  readonly run: string;
  readonly step: number;
  readonly kind: EventKind;
  readonly body?: Json;
}

export interface EventRecord extends Omit<EventWrite, 'run'> {
  readonly time: number;
}

export interface EvaluationWrite {
  readonly run: string;
  readonly step: number;
  /** Which tasks, which way: `heldout`, `heldout.pass@8`. Its samples are stored as the split of this name. */
  readonly name: string;
  readonly metrics: Numbers;
  readonly clock?: Numbers;
  readonly groups?: readonly Group<unknown>[];
}

export interface EvaluationRecord {
  readonly step: number;
  readonly name: string;
  readonly time: number;
  readonly metrics: Numbers;
  readonly clock: Numbers;
}

/** One metric over steps: what a chart draws. */
export interface Series {
  readonly steps: Int32Array;
  readonly values: Float64Array;
}

export interface Range {
  /** First and last step, both included. */
  readonly from?: number;
  readonly to?: number;
}

/** The split of the samples that a step trained on. */
export const trainSplit = 'train';

export interface NewReproduction {
  /** Of the recipe or study. */
  readonly name: string;
  readonly kind: 'recipe' | 'study';
  /** The recipe or study as JSON: one that was changed is another, with no jobs done yet. */
  readonly config: Json;
  readonly paper?: string;
  /** What the arms are compared by. */
  readonly metric: string;
  readonly arms: readonly string[];
  readonly seeds: readonly number[];
  /** Where every arm is run with something changed, and with that changed otherwise: what in a word, and the whole as JSON. */
  readonly variations?: readonly { readonly name: string; readonly config: Json }[];
}

export interface ReproductionRecord extends Omit<NewReproduction, 'config' | 'variations'> {
  readonly id: string;
  /** What was written last. */
  readonly status: RunStatus;
  /** What it is now: one that says `running` is `stopped` when its process is gone, and `stalled` when it is silent for long. */
  readonly standing: RunStatus | 'stalled';
  /** Milliseconds since 1970. `updated` is the last sign of life: one that is running and silent was killed. */
  readonly created: number;
  readonly updated: number;
  /** Wall-clock seconds of all that was done for it, over interruptions. */
  readonly seconds: number;
  /** The names of what is changed; none where the arms are as they are. */
  readonly variations: readonly string[];
  /** How many there are: arms × seeds × variations; and how many of them are finished. */
  readonly jobs: number;
  readonly done: number;
  /** What came out, as `reproduce --json` prints it; there once it is finished. */
  readonly result?: Json;
  /** Why it failed or was stopped. */
  readonly error?: string;
}

/** One arm under one seed. */
export interface JobPlace {
  readonly arm: string;
  readonly seed: number;
  /** What is changed in the arm, by its name. */
  readonly variation?: string;
}

/** What a job leaves behind. */
export type JobEnd =
  | {
      readonly status: 'finished';
      readonly metrics: Numbers;
      readonly stageSeconds: number;
      /** The training run, where the job was one. */
      readonly run?: string;
    }
  | { readonly status: 'stopped' | 'failed'; readonly error: string };

export interface JobRecord extends JobPlace {
  readonly status: RunStatus;
  readonly run?: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number;
  /** Wall-clock seconds of the last stage of a finished one: what a control of equal time is given. */
  readonly stageSeconds?: number;
  readonly metrics?: Numbers;
  readonly error?: string;
}
