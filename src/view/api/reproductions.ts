/** `GET /reproductions` and `GET /reproductions/:id`: what `reproduce` did, and its jobs. */
import { z } from 'zod';
import { number, time } from './fields.ts';

const difference = z.object({ mean: number, low: number, high: number });
export const reproduction = z.object({
  /** Of one in the store: what `GET /reproductions/:id` takes. Null for a file. */
  id: z.string().nullable(),
  /** The file it was read from. Null for one in the store. */
  file: z.string().nullable(),
  /** When it was last written. */
  time,
  recipe: z.string(),
  paper: z.string().nullable(),
  /** `stalled`: it says that it is running and has been silent for long. */
  status: z.enum(['running', 'stalled', 'finished', 'stopped', 'failed']),
  /** Why it was stopped or failed. */
  error: z.string().nullable(),
  /** How many there are and how many are finished. Null for a file. */
  jobs: z.object({ total: z.number(), done: z.number() }).nullable(),
  /** What is changed in every arm, one after the other (`optimizer.learningRate=x0.3`): a sweep. */
  variations: z.array(z.string()),
  metric: z.string(),
  /** Null until it is finished. */
  holds: z.boolean().nullable(),
  seconds: z.number(),
  /** Until it is finished: over the jobs that are. Each with each variation, in a sweep. */
  arms: z.array(
    z.object({
      name: z.string(),
      seeds: z.array(z.number()),
      metric: z.object({ mean: number, low: number, high: number, values: z.array(number) }),
      all: z.record(z.string(), z.array(number)),
    }),
  ),
  expected: z.array(
    z.object({
      arm: z.string(),
      /** Another arm, or 0. */
      over: z.union([z.string(), z.literal(0)]),
      direction: z.string(),
      by: number,
      metric: z.string().nullable(),
      /** In words: 'after of main over supervised: higher by more than 0.15'. */
      says: z.string(),
      difference,
      holds: z.boolean(),
    }),
  ),
});
export type Reproduction = z.output<typeof reproduction>;
export const reproductionsAnswer = z.object({
  reproductions: z.array(reproduction),
  /** Files, and reproductions of the store by their id, that could not be read, and why, in one line each. */
  unreadable: z.array(z.object({ file: z.string(), error: z.string() })),
});
export type ReproductionsAnswer = z.output<typeof reproductionsAnswer>;

export const reproductionJob = z.object({
  arm: z.string(),
  seed: z.number(),
  /** What is changed in the arm. */
  variation: z.string().nullable(),
  status: z.enum(['running', 'finished', 'stopped', 'failed']),
  /** The training run, where the job is one and the store still has it. */
  run: z.string().nullable(),
  /** The metric that the arms are compared by; null where there is none yet. */
  value: number,
  /** Of a job under way: so far. */
  seconds: z.number(),
  error: z.string().nullable(),
});
export type ReproductionJob = z.output<typeof reproductionJob>;
export const reproductionAnswer = z.object({
  id: z.string(),
  metric: z.string(),
  /** Those that were started, by variation, seed and arm. */
  jobs: z.array(reproductionJob),
});
export type ReproductionAnswer = z.output<typeof reproductionAnswer>;
