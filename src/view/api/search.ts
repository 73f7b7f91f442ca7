/** `GET /runs/:run/samples`: search and filters over all samples of a run. */
import { z } from 'zod';
import { flagParam, name, number, numberParam, step, wholeParam } from './fields.ts';
import { causes, finishes } from './samples.ts';

/**
 * GET /runs/:run/samples: search and filter. All filters must hold. In the order of steps, a page at a time: pass `next` as
 * `cursor` for more. A page may have fewer than `limit` (even none) with `next` still set: a rare filter is looked for a stretch of
 * steps at a time, `scanned` says how far it came.
 */
export const samplesQuery = z.strictObject({
  split: name.default('train'),
  /**
   * Words that all must occur in prompt or completion, in any case; "in quotes" next to one another; `word*` a beginning; `-word` must
   * not occur; `prompt:word` and `completion:word` only there. Signs between letters and digits separate words.
   */
  text: z.string().max(500).optional(),
  /** `value`, `length`, `logprob`, `part:NAME`, `advantage:TERM`: at least `above`, at most `below`. */
  column: name.optional(),
  above: numberParam.optional(),
  below: numberParam.optional(),
  /** Two of these columns that are at least `apart` from one another (0.5). */
  first: name.optional(),
  second: name.optional(),
  apart: numberParam.optional(),
  /** No verdict: `any`, or one cause. `none` leaves out samples without a verdict. */
  cause: z.enum([...causes, 'any', 'none']).optional(),
  finish: z.enum(finishes).optional(),
  /** Only samples of groups whose values are all alike (or only of the others). */
  zeroVariance: flagParam.optional(),
  from: step.optional(),
  to: step.optional(),
  order: z.enum(['asc', 'desc']).default('asc'),
  cursor: z.string().max(200).optional(),
  /**
   * Samples of the list to skip, in place of a cursor: any place of a long list can be read. Under text and filters the list is made
   * a stretch at a time, 100 ms a request: a page is empty until the list reaches it, so ask again while `total` is null.
   */
  offset: wholeParam(0, 1e12).optional(),
  limit: wholeParam(1, 500).default(100),
});
export type SamplesQuery = z.input<typeof samplesQuery>;

/** A row of a long list: `sample` has the rest. */
export const sampleRow = z.object({
  step: z.number(),
  split: z.string(),
  group: z.number(),
  position: z.number(),
  id: z.string(),
  /** Up to 200 code points each; around the first match where there is one. `marks`: what matched in them. */
  prompt: z.string(),
  completion: z.string(),
  marks: z.object({
    prompt: z.array(z.tuple([z.number(), z.number()])),
    completion: z.array(z.tuple([z.number(), z.number()])),
  }),
  value: number,
  cause: z.string().nullable(),
  reason: z.string().nullable(),
  parts: z.record(z.string(), number),
  advantage: number,
  finish: z.enum(finishes).nullable(),
  length: number,
  zeroVariance: z.boolean(),
});
export type SampleRow = z.output<typeof sampleRow>;

/** How far the full-text index of a run has come. */
export const indexState = z.object({
  /** Samples in the index and in the store. */
  done: z.number(),
  total: z.number(),
  state: z.enum(['ready', 'working', 'failed']),
  error: z.string().optional(),
});
export type IndexState = z.output<typeof indexState>;

export const samplesAnswer = z.object({
  samples: z.array(sampleRow),
  /** What goes on after this page; null at the end, and of a page by `offset` under filters. */
  next: z.string().nullable(),
  /** How many there are: always without text and filters; under these when the list of `offset` is complete, else null. */
  total: z.number().nullable(),
  /** How many the list of `offset` has so far; null where it is not made (a walk by cursor under filters). */
  found: z.number().nullable(),
  /** The last step that was looked at, of so many that have samples. */
  scanned: z.object({ step: z.number(), done: z.number(), of: z.number() }),
  /** Set when `text` was asked for: what is not in the index yet is not found yet. */
  index: indexState.nullable(),
});
export type SamplesAnswer = z.output<typeof samplesAnswer>;
