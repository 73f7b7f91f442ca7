/** `GET /reproductions`: results of `reproduce`. */
import { z } from 'zod';
import { number, time } from './fields.ts';

const difference = z.object({ mean: number, low: number, high: number });
export const reproduction = z.object({
  /** The file it was read from, and when that was written. */
  file: z.string(),
  time,
  recipe: z.string(),
  paper: z.string().nullable(),
  metric: z.string(),
  holds: z.boolean(),
  seconds: z.number(),
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
  /** Files that could not be read, and why, in one line each. */
  unreadable: z.array(z.object({ file: z.string(), error: z.string() })),
});
export type ReproductionsAnswer = z.output<typeof reproductionsAnswer>;
