/** Groups and samples as they are stored: `GET /runs/:run/steps`, `groups` and `sample`. */
import { z } from 'zod';
import { json, text } from './common.ts';
import { name, number, step, wholeParam } from './fields.ts';

export const causes = ['reference', 'judge', 'timeout', 'crash', 'unsupported', 'overload'] as const;
export const finishes = ['stop', 'length', 'constraint', 'abort'] as const;

export const span = z.object({
  start: z.number(),
  end: z.number(),
  value: number,
  part: z.string(),
  turn: z.number().optional(),
  at: z.enum(['end', 'each']),
});
export type Span = z.output<typeof span>;

/** `value: null` is no verdict, with its cause: never draw it as 0. */
export interface Verdict {
  value: number | null;
  cause?: string;
  reason?: string;
  /** The candidate's answer, canonical. */
  answer?: string;
  /** Where in the last turn's text it was read. */
  at?: { start: number; end: number };
  confidence?: number;
  reward?: string;
  version?: string;
  spans?: Span[];
  parts?: { [name: string]: Verdict };
}
export const verdict: z.ZodType<Verdict> = z.lazy(() =>
  z.object({
    value: number,
    cause: z.string().optional(),
    reason: z.string().optional(),
    answer: z.string().optional(),
    at: z.object({ start: z.number(), end: z.number() }).optional(),
    confidence: z.number().optional(),
    reward: z.string().optional(),
    version: z.string().optional(),
    spans: z.array(span).optional(),
    parts: z.record(z.string(), verdict).optional(),
  }),
);

/** One exchange. `context` is there only where the policy saw something else than the task's prompt. */
export const turn = z.object({
  context: text.nullable(),
  completion: text,
  finish: z.enum(finishes),
  /** Tokens. */
  length: z.number().nullable(),
  observation: text.nullable(),
  rewards: z.record(z.string(), z.number()).nullable(),
  /**
   * Advantages along the completion by term: `[offset, advantage]`, each holds from its offset until the next. Null where
   * the whole sample has one advantage. `by: 'token'`: no text offsets are known, so they are token numbers.
   */
  credit: z
    .record(
      z.string(),
      z.object({ by: z.enum(['text', 'token']), at: z.array(z.tuple([z.number(), number])) }),
    )
    .nullable(),
});
export type Turn = z.output<typeof turn>;

export const sample = z.object({
  step: z.number(),
  split: z.string(),
  /** Which group of the step, and which sample of the step (over all groups): with step and split its address. */
  group: z.number(),
  position: z.number(),
  id: z.string(),
  turns: z.array(turn),
  length: z.number().nullable(),
  /** Null: not scored. */
  verdict: verdict.nullable(),
  /** By term, mostly `policy`; of token advantages the mean. */
  advantages: z.record(z.string(), number),
  /** Sum of the log-probabilities of its tokens. */
  logprob: number,
});
export type Sample = z.output<typeof sample>;

export const task = z.object({
  id: z.string(),
  /** Messages are joined with their roles; pictures are named. */
  prompt: text,
  answer: json,
  domain: z.string().nullable(),
  difficulty: number,
  /** What else the task file said, cut where it is huge. */
  data: json,
});
export type Task = z.output<typeof task>;

/** GET /runs/:run/steps: which steps have samples. */
export const stepsQuery = z.strictObject({ split: name.default('train') });
export const stepsAnswer = z.object({
  splits: z.array(z.string()),
  split: z.string(),
  steps: z.array(z.number()),
  /** What can be filtered by: `value`, `length`, `logprob`, `part:NAME`, `advantage:TERM`. */
  columns: z.array(z.string()),
});
export type StepsAnswer = z.output<typeof stepsAnswer>;

/** GET /runs/:run/groups?step=N: the groups of a step, side by side. */
export const groupsQuery = z.strictObject({
  step,
  split: name.default('train'),
  offset: wholeParam(0, 1e9).default(0).describe('groups to skip'),
  limit: wholeParam(1, 200).default(16).describe('groups'),
  chars: wholeParam(100, 100_000).default(4000).describe('of each text'),
});
export type GroupsQuery = z.input<typeof groupsQuery>;

export const group = z.object({
  group: z.number(),
  task,
  /** Of the verdicts with a value. */
  mean: number,
  std: number,
  /** All verdicts with a value say the same: no learning signal from a group-relative estimator. */
  zeroVariance: z.boolean(),
  noVerdict: z.number(),
  samples: z.array(sample),
});
export type Group = z.output<typeof group>;

export const groupsAnswer = z.object({
  run: z.string(),
  step: z.number(),
  split: z.string(),
  stage: z.string().nullable(),
  /** Groups of the step in all; 0 where none were stored (`samplesEvery`). */
  total: z.number(),
  groups: z.array(group),
  /** The nearest steps with samples. */
  previous: z.number().nullable(),
  next: z.number().nullable(),
});
export type GroupsAnswer = z.output<typeof groupsAnswer>;

/** GET /runs/:run/sample?step=N&position=N: one sample in full (texts up to `chars`). */
export const sampleQuery = z.strictObject({
  step,
  position: wholeParam(0, 1e9),
  split: name.default('train'),
  chars: wholeParam(100, 8_000_000).default(2_000_000),
});
export const sampleAnswer = z.object({ task, sample });
export type SampleAnswer = z.output<typeof sampleAnswer>;
