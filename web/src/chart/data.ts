/** What a chart draws: series over steps, made ready for the screen, for a picture and for a table. */
import type { Series } from '../api.ts';

export interface Line {
  readonly name: string;
  readonly label: string;
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Range or interval around the values. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
  /** Few values, far apart: drawn with dots. */
  readonly dots?: boolean;
}

export type Unit = 'share' | 'nats' | 'tokens' | 'seconds' | 'tokens/s' | 'number';

export function lineOf(name: string, label: string, series: Series | undefined, dots = false): Line {
  if (!series) return { name, label, steps: [], values: [], dots };
  const { steps, mean, min, max } = series;
  return { name, label, steps, values: mean, low: min ?? undefined, high: max ?? undefined, dots };
}

/** A series with newer single values behind it; steps that it has already are left out. */
export function withTail(
  series: Series | undefined,
  steps: readonly number[],
  values: readonly (number | null)[],
): Series {
  const base = series ?? { steps: [], mean: [], min: null, max: null, band: null, times: [], infinite: 0 };
  const after = base.steps.at(-1) ?? -1;
  const fresh = steps.map((step, i) => [step, values[i] ?? null] as const).filter(([step]) => step > after);
  if (fresh.length === 0) return base;
  const more = fresh.map(([, value]) => value);
  return {
    ...base,
    steps: [...base.steps, ...fresh.map(([step]) => step)],
    mean: [...base.mean, ...more],
    min: base.min && [...base.min, ...more],
    max: base.max && [...base.max, ...more],
  };
}

/**
 * Exponential moving average, corrected for its start as in Adam (Kingma and Ba 2015): s_t = Σ α^(t−i) x_i / Σ α^(t−i). `alpha` in
 * [0, 1); gaps stay gaps.
 */
export function smoothed(values: readonly (number | null)[], alpha: number): (number | null)[] {
  if (alpha <= 0) return [...values];
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = alpha * sum + value;
    weight = alpha * weight + 1;
    return sum / weight;
  });
}

/** Columns over the union of all lines' steps, as uPlot wants them: steps, then each column with null where it has no value. */
export function align(
  columns: readonly { readonly steps: readonly number[]; readonly values: readonly (number | null)[] }[],
): { steps: number[]; columns: (number | null)[][] } {
  const same = columns.every(({ steps }) => steps === columns[0]!.steps);
  if (same && columns[0])
    return { steps: [...columns[0].steps], columns: columns.map(({ values }) => [...values]) };
  const steps = [...new Set(columns.flatMap((column) => column.steps))].sort((a, b) => a - b);
  const places = new Map(steps.map((step, i) => [step, i]));
  return {
    steps,
    columns: columns.map((column) => {
      const out = new Array<number | null>(steps.length).fill(null);
      column.steps.forEach((step, i) => {
        out[places.get(step)!] = column.values[i]!;
      });
      return out;
    }),
  };
}

/**
 * A table of lines: `step,first,second`. Quoted as RFC 4180 says; no value is an empty cell. A name that a spreadsheet would take for a
 * formula has a ' before it; numbers are as they are.
 */
export function csvOf(lines: readonly Line[]): string {
  const { steps, columns } = align(lines);
  const cell = (name: string) => {
    const text = /^[=+\-@\t\r]/.test(name) ? `'${name}` : name;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = steps.map((step, i) => [step, ...columns.map((column) => column[i] ?? '')].join(','));
  return `${['step', ...lines.map(({ name }) => cell(name))].join(',')}\n${rows.join('\n')}\n`;
}

/** About `n` round numbers from low to high. */
export function ticks(low: number, high: number, n: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}
