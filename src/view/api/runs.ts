/** The list of runs, and what may be changed of one: `GET /runs`, `PUT /runs/:run/tags`, `DELETE /runs/:run`. */
import { z } from 'zod';
import { flagParam, list, name, number, time, wholeParam } from './fields.ts';

export const runStatuses = ['running', 'finished', 'stopped', 'failed'] as const;
export const runSorts = [
  'created',
  'updated',
  'recipe',
  'paper',
  'arm',
  'seed',
  'status',
  'progress',
  'seconds',
  'before',
  'after',
] as const;

export const runsQuery = z.strictObject({
  /** Every word must be in id, recipe, paper, arm or a tag; any case. */
  q: z.string().max(200).optional(),
  status: list(z.enum(runStatuses), 4),
  recipe: list(name, 100),
  paper: list(name, 100),
  arm: list(name, 100),
  tag: list(name, 100),
  sort: z.enum(runSorts).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
  offset: wholeParam(0, 1e9).default(0),
  limit: wholeParam(1, 500).default(50),
});
export type RunsQuery = z.input<typeof runsQuery>;

export const runRow = z.object({
  id: z.string(),
  recipe: z.string(),
  paper: z.string().nullable(),
  arm: z.string().nullable(),
  seed: z.number(),
  status: z.enum(runStatuses),
  /**
   * Of a run that is `running`: `stalled` when it was silent for a minute and for ten times its usual step (killed, or stuck).
   * Null of any other.
   */
  activity: z.enum(['live', 'stalled']).nullable(),
  created: time,
  updated: time,
  /** Steps planned; the last stored one (−1: none); how much of the whole, 0 to 1. */
  steps: z.number(),
  last: z.number(),
  progress: z.number(),
  /** From its first write to its last. Of a running one, what is left at this pace, where that can be said. */
  seconds: z.number(),
  secondsLeft: number,
  /** Greedy solve rate on held-out tasks: before any training, after the warm start, now or at the end. */
  untrained: number,
  before: number,
  after: number,
  /** At the last step. */
  reward: number,
  solveRate: number,
  noVerdict: number,
  tags: z.array(z.string()),
  parent: z.string().nullable(),
  /** Why it failed, in one line. */
  error: z.string().nullable(),
});
export type RunRow = z.output<typeof runRow>;

const facet = z.array(z.object({ value: z.string(), n: z.number() }));
export const runsAnswer = z.object({
  runs: z.array(runRow),
  /** How many there are under the filters, and in the store. */
  total: z.number(),
  all: z.number(),
  /** What may be filtered by, over the whole store, the most frequent first. */
  facets: z.object({ status: facet, recipe: facet, paper: facet, arm: facet, tag: facet }),
});
export type RunsAnswer = z.output<typeof runsAnswer>;

export const tagsBody = z.strictObject({
  tags: z.array(z.string().trim().min(1).max(60)).max(50),
});
export type TagsBody = z.input<typeof tagsBody>;
export const tagsAnswer = z.object({ run: z.string(), tags: z.array(z.string()) });

export const deleteQuery = z.strictObject({
  /** The run's whole id again. */
  confirm: z.string(),
  /** Also a run that still writes: its process then ends with an error. Without it 409. */
  force: flagParam.default(false),
  /** Also its folder of checkpoints and pictures. */
  files: flagParam.default(false),
});
export const deleteAnswer = z.object({
  deleted: z.string(),
  /** Nothing of it is in the files of store and index any more. False: it is on its way, or somebody held it up (docs/view.md). */
  erased: z.boolean(),
});
