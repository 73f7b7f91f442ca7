import { type Reward, type RewardLike, type ScheduleLike, scheduleAt, verdict } from '../core/index.ts';
import { compose, kept, mapValues, missing, shown, valued } from './compose.ts';

/** The value times a schedule: a term that fades over the run. At 0 it is 0, also where the reward gave no verdict. */
export function anneal(inner: RewardLike, by: ScheduleLike): Reward {
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

export interface ClampOptions {
  readonly low?: number;
  readonly high?: number;
}

/** Values held between two bounds. */
export function clamp(inner: RewardLike, { low = -Infinity, high = Infinity }: ClampOptions): Reward {
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

export type SquashOptions =
  | { readonly form: 'sigmoid'; readonly centre?: number; readonly width?: number }
  | { readonly form: 'minMax'; readonly low: number; readonly high: number }
  | { readonly form: 'decay'; readonly rate?: number };

/**
 * Values brought into a range: `sigmoid` 1/(1 + e^−((x − centre)/width)); `minMax` (x − low)/(high − low) within [0, 1], with bounds
 * of a calibration set; `decay` e^(−rate·x), for error counts and rates.
 */
export function squash(inner: RewardLike, options: SquashOptions): Reward {
  return mapValues('squash', { ...options }, inner, (x, _, __, whole) => {
    let value: number;
    if (options.form === 'sigmoid')
      value = 1 / (1 + Math.exp(-(x - (options.centre ?? 0)) / (options.width ?? 1)));
    else if (options.form === 'decay') value = Math.exp(-(options.rate ?? 1) * x);
    else value = Math.min(1, Math.max(0, (x - options.low) / (options.high - options.low)));
    return valued(value, `${options.form} of ${shown(x)}`, { inner: whole });
  });
}
