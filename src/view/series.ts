import type { EvaluationRecord } from '../store/index.ts';
import type { Series } from './api.ts';
import { finite, isHeldOut } from './metrics.ts';
import type { RunTable } from './run-table.ts';

export interface SeriesRange {
  readonly from?: number;
  readonly to?: number;
  readonly points: number;
}

const nothing: Series = { steps: [], mean: [], min: null, max: null, band: null, times: [], infinite: 0 };

/**
 * A metric over steps in at most `points` buckets. A bucket is a power of two of steps and lies at a multiple of its size, so
 * that a chart does not change behind its end while the run grows, and all series of a run share their buckets. Buckets without
 * a value are left out at both ends and null inside.
 */
export function seriesOf(
  table: RunTable,
  evaluations: readonly EvaluationRecord[],
  name: string,
  range: SeriesRange,
): Series {
  const column = table.column(name);
  return column ? stepSeries(table, column, range) : evaluationSeries(evaluations, name, range);
}

function stepSeries({ steps, times }: RunTable, column: Float64Array, range: SeriesRange): Series {
  let start = lowerBound(steps, range.from ?? Number.NEGATIVE_INFINITY);
  let end = range.to === undefined ? steps.length : lowerBound(steps, range.to + 1);
  while (start < end && Number.isNaN(column[start]!)) start++;
  while (end > start && Number.isNaN(column[end - 1]!)) end--;
  if (start >= end) return nothing;
  let width = 1;
  while (Math.floor((end - 1) / width) - Math.floor(start / width) + 1 > range.points) width *= 2;
  const out = {
    steps: [] as number[],
    mean: [] as (number | null)[],
    min: [] as (number | null)[],
    max: [] as (number | null)[],
    times: [] as number[],
  };
  let infinite = 0;
  for (let bucket = Math.floor(start / width); bucket * width < end; bucket++) {
    const first = Math.max(start, bucket * width);
    let sum = 0;
    let n = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = first; i < Math.min(end, (bucket + 1) * width); i++) {
      const value = column[i]!;
      if (Number.isNaN(value)) continue;
      if (!Number.isFinite(value)) {
        infinite++;
        continue;
      }
      sum += value;
      n++;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    out.steps.push(steps[first]!);
    out.times.push(times[first]!);
    out.mean.push(n > 0 ? sum / n : null);
    out.min.push(n > 0 ? low : null);
    out.max.push(n > 0 ? high : null);
  }
  if (width === 1) return { ...out, min: null, max: null, band: null, infinite };
  return { ...out, band: 'range', infinite };
}

/** `heldout/METRIC` joins the evaluations that follow the run; `evaluation/NAME/METRIC` is one of them. */
function evaluationSeries(all: readonly EvaluationRecord[], name: string, range: SeriesRange): Series {
  const merged = name.startsWith('heldout/') ? name.slice('heldout/'.length) : undefined;
  const found = all
    .filter(({ step }) => step >= (range.from ?? -1) && step <= (range.to ?? Number.MAX_SAFE_INTEGER))
    .flatMap((one) => {
      const metric =
        merged !== undefined
          ? isHeldOut(one.name)
            ? merged
            : undefined
          : name.startsWith(`evaluation/${one.name}/`)
            ? name.slice(`evaluation/${one.name}/`.length)
            : undefined;
      if (metric === undefined || !Object.hasOwn(one.metrics, metric)) return [];
      const { low, high } = one.metrics;
      return [{ step: one.step, time: one.time, value: one.metrics[metric]!, low, high, metric }];
    })
    .sort((a, b) => a.step - b.step || a.time - b.time);
  // One entry a step: of `untrained` and `before` at the same step the later.
  const rows = found.filter(({ step }, i) => found[i + 1]?.step !== step);
  if (rows.length === 0) return nothing;
  const hasInterval = rows.every(({ metric, low }) => metric === 'solveRate' && low !== undefined);
  return {
    steps: rows.map(({ step }) => step),
    times: rows.map(({ time }) => time),
    mean: rows.map(({ value }) => finite(value)),
    min: hasInterval ? rows.map(({ low }) => finite(low)) : null,
    max: hasInterval ? rows.map(({ high }) => finite(high)) : null,
    band: hasInterval ? 'interval' : null,
    infinite: rows.filter(
      ({ value }) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY,
    ).length,
  };
}

/** The first index whose value is not below `at`. */
export function lowerBound(sorted: ArrayLike<number>, at: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
