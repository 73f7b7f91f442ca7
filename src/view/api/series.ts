/** `GET /runs/:run/series`: metrics over steps. */
import { z } from 'zod';
import { list, name, number, step, wholeParam } from './fields.ts';

export const seriesQuery = z.strictObject({
  /** Names out of `metrics`; an unknown one is an empty series. At most 100. */
  name: list(name, 100),
  /** At most so many buckets a series. */
  points: wholeParam(2, 20_000).default(600),
  /** First and last step, both included. */
  from: step.optional(),
  to: step.optional(),
});
export type SeriesQuery = z.input<typeof seriesQuery>;

/**
 * Columns of equal length, one entry a bucket; ready for a chart. Where there are no more values than `points`, a bucket is one
 * value, and `min`, `max` are null. `band` says what `min` and `max` are else: the range of the bucket, or for held-out rates the
 * 95 % interval.
 */
export const series = z.object({
  steps: z.array(z.number()).describe('first step of each bucket'),
  mean: z.array(number),
  min: z.array(number).nullable(),
  max: z.array(number).nullable(),
  band: z.enum(['range', 'interval']).nullable(),
  /** When the bucket's first step was written. */
  times: z.array(z.number()),
  /** Values that are there but not finite: they are left out of the means. */
  infinite: z.number(),
});
export type Series = z.output<typeof series>;

export const seriesAnswer = z.object({
  run: z.string(),
  /** The newest stored step, −1 for none. */
  last: z.number(),
  series: z.record(z.string(), series),
});
export type SeriesAnswer = z.output<typeof seriesAnswer>;
