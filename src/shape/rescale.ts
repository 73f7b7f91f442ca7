import { z } from 'zod';
import {
  InputError,
  numberOrInfinity,
  parseOptions,
  type Reward,
  type RewardLike,
  type ScheduleLike,
  scheduleAt,
  scheduleLike,
  shownValue,
  verdict,
} from '../core/index.ts';
import { compose, kept, mapValues, missing, shown, valued } from './compose.ts';

const annealSchema = z.strictObject({ by: scheduleLike });

/** The value times a schedule: a term that fades over the run. At 0 it is 0, also where the reward gave no verdict. */
export function anneal(inner: RewardLike, by: ScheduleLike): Reward {
  parseOptions(annealSchema, { by }, "shape 'anneal'");
  return compose({
    name: 'anneal',
    options: { by },
    parts: { inner },
    combine: (columns, _, context) => {
      const factor = scheduleAt(by, context.step, context.totalSteps);
      return columns.inner.map((one) => {
        if (factor === 0) return verdict(0, 'faded out', kept({ inner: one }));
        if (one.value === null) return missing('inner', one);
        return valued(one.value * factor, `${shown(one.value)} × ${shown(factor)}`, { inner: one });
      });
    },
  });
}

export const clampSchema = z
  .strictObject({
    low: numberOrInfinity.optional().describe('the least value'),
    high: numberOrInfinity.optional().describe('the greatest value'),
  })
  .refine(({ low = -Infinity, high = Infinity }) => low <= high, {
    path: ['low'],
    message: "must not be above 'high'",
  });

export type ClampOptions = z.input<typeof clampSchema>;

/** Values held between two bounds. */
export function clamp(inner: RewardLike, options: ClampOptions): Reward {
  const { low = -Infinity, high = Infinity } = parseOptions(clampSchema, options, "shape 'clamp'");
  return mapValues('clamp', { low, high }, inner, (value, _, __, whole) => {
    const held = Math.min(Math.max(value, low), high);
    return valued(
      held,
      held === value ? (whole.reason ?? shown(value)) : `${shown(value)} held at ${shown(held)}`,
      {
        inner: whole,
      },
    );
  });
}

/** The options of each form of `squash`. */
export const squashSchemas = {
  sigmoid: z.strictObject({
    form: z.literal('sigmoid'),
    centre: z.number().default(0).describe('of sigmoid (0)'),
    width: z.number().positive().default(1).describe('of sigmoid (1)'),
  }),
  minMax: z
    .strictObject({
      form: z.literal('minMax'),
      low: z.number().describe('of minMax: what becomes 0'),
      high: z.number().describe('of minMax: what becomes 1'),
    })
    .refine(({ low, high }) => low < high, { path: ['low'], message: "must be below 'high'" }),
  decay: z.strictObject({
    form: z.literal('decay'),
    rate: z.number().positive().default(1).describe('of decay (1)'),
  }),
} as const;
export const squashForms = ['sigmoid', 'minMax', 'decay'] as const;

export type SquashOptions = z.input<(typeof squashSchemas)[keyof typeof squashSchemas]>;

/**
 * Values brought into a range: `sigmoid` 1/(1 + e^−((x − centre)/width)); `minMax` (x − low)/(high − low) within [0, 1], with bounds
 * of a calibration set; `decay` e^(−rate·x), for error counts and rates.
 */
export function squash(inner: RewardLike, options: SquashOptions): Reward {
  const form = options?.form;
  if (!squashForms.includes(form))
    throw new InputError(
      `shape 'squash': option 'form': expected one of ${squashForms.map((name) => `"${name}"`).join('|')}, not ${shownValue(form)}`,
    );
  const parsed: z.output<(typeof squashSchemas)[typeof form]> = parseOptions(
    squashSchemas[form],
    options,
    `shape 'squash' of form '${form}'`,
  );
  return mapValues('squash', { ...options }, inner, (x, _, __, whole) => {
    let value: number;
    if (parsed.form === 'sigmoid') value = 1 / (1 + Math.exp(-(x - parsed.centre) / parsed.width));
    else if (parsed.form === 'decay') value = Math.exp(-parsed.rate * x);
    else value = Math.min(1, Math.max(0, (x - parsed.low) / (parsed.high - parsed.low)));
    return valued(value, `${parsed.form} of ${shown(x)}`, { inner: whole });
  });
}
