import type { Json } from './json.ts';
import { mean, quantile, variance } from './statistics.ts';

export interface RunningStatisticsOptions {
  /** All values alike, the last `window` values, or exponential forgetting: new = decay · old + (1 − decay) · x. */
  readonly memory?: 'all' | { readonly window: number } | { readonly decay: number };
}

/** Mean, variance and percentiles of a stream. NaN before the first value; non-finite values are not taken. */
export interface RunningStatistics {
  push(value: number): void;
  /** Values taken so far; in a window, those in it. */
  readonly count: number;
  readonly mean: number;
  /** Population variance: 0 after one value. */
  readonly variance: number;
  /** The p-quantile with linear interpolation. Throws RangeError without a window. */
  quantile(p: number): number;
  save(): Json;
  load(saved: Json): void;
}

/** Statistics of a stream with its memory; the state is plain JSON. Throws RangeError for a memory that cannot be. */
export function runningStatistics({ memory = 'all' }: RunningStatisticsOptions = {}): RunningStatistics {
  const window = typeof memory === 'object' && 'window' in memory ? memory.window : undefined;
  const decay = typeof memory === 'object' && 'decay' in memory ? memory.decay : undefined;
  if (window !== undefined && !(Number.isInteger(window) && window >= 1))
    throw new RangeError(`a window of ${window} values`);
  if (decay !== undefined && !(decay >= 0 && decay < 1)) throw new RangeError(`a decay of ${decay}`);
  let values: number[] = [];
  let count = 0;
  let centre = Number.NaN;
  let spread = 0;
  return {
    push(value) {
      if (!Number.isFinite(value)) return;
      if (window !== undefined) {
        values.push(value);
        if (values.length > window) values.shift();
        return;
      }
      count++;
      if (count === 1) {
        centre = value;
        return;
      }
      const share = decay === undefined ? 1 / count : 1 - decay;
      const step = value - centre;
      centre += share * step;
      spread = (1 - share) * (spread + share * step * step);
    },
    get count() {
      return window === undefined ? count : values.length;
    },
    get mean() {
      return window === undefined ? centre : mean(values);
    },
    get variance() {
      if (window !== undefined) return values.length > 0 ? variance(values, 'population') : Number.NaN;
      return count > 0 ? spread : Number.NaN;
    },
    quantile(p) {
      if (window === undefined) throw new RangeError('percentiles need a memory of { window }');
      return quantile(values, p);
    },
    save: () =>
      window === undefined ? { count, centre: count > 0 ? centre : 0, spread } : { values: [...values] },
    load(saved) {
      const from = saved as { values?: number[]; count?: number; centre?: number; spread?: number };
      values = [...(from.values ?? [])];
      count = from.count ?? 0;
      centre = count > 0 ? (from.centre ?? 0) : Number.NaN;
      spread = from.spread ?? 0;
    },
  };
}
