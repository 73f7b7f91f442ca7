/** What more than one group of routes gives. */
import { z } from 'zod';
import { number } from './fields.ts';

export const json: z.ZodType<unknown> = z.unknown();
export const interval = z.object({ value: number, low: number, high: number, n: z.number() });
export type Interval = z.output<typeof interval>;
export const refusal = z.object({ error: z.string() });
export type Refusal = z.output<typeof refusal>;

/** A text, cut after `chars` code points: `length` is the whole one's, in code points. */
export const text = z.object({ text: z.string(), length: z.number(), cut: z.boolean() });
export type Text = z.output<typeof text>;
