import {
  canonicalJson,
  differenceInterval,
  type Interval as Found,
  type Json,
  meanInterval,
  pairedTest,
} from '../core/index.ts';
import type { Store } from '../store/index.ts';
import type { CompareAnswer, Interval, Metric, RunRow } from './api.ts';
import { finite, metricsOf } from './metrics.ts';
import type { RunTables } from './run-table.ts';
import { seriesOf } from './series.ts';

interface Query {
  readonly run: readonly string[];
  readonly metric: readonly string[];
  readonly by: 'arm' | 'run';
  readonly points: number;
}

const mostPaths = 500;

/**
 * Runs side by side: arms with mean and interval over their seeds, what they came to, and where their recipes differ. `asked` is in any
 * order; a seed counts once in an arm.
 */
export function compareRuns(
  store: Store,
  asked: readonly RunRow[],
  tables: RunTables,
  query: Query,
): CompareAnswer {
  const arms = Map.groupBy(asked, (row) =>
    query.by === 'run' ? row.id : `${row.recipe} · ${row.arm ?? 'main'}`,
  );
  const newest = new Map([...arms].map(([name, runs]) => [name, newestOfSeeds(runs)]));
  const rows = [...newest.values()].flat();
  const metrics = new Map<string, Metric>();
  const table = (id: string) => tables.get(store, id);
  const evaluations = new Map(rows.map(({ id }) => [id, store.evaluations(id)]));
  for (const { id } of rows)
    for (const one of metricsOf(table(id), store.metricNames(id).clock, evaluations.get(id)!))
      if (!metrics.has(one.name)) metrics.set(one.name, one);
  const longest = Math.max(0, ...rows.map(({ last }) => last + 1));
  let width = 1;
  while (Math.ceil(longest / width) > query.points) width *= 2;
  const list = [...newest].map(([name, runs]) => ({
    name,
    runs,
    older: arms.get(name)!.filter((run) => !runs.includes(run)),
    series: Object.fromEntries(
      query.metric.map((metric) => [
        metric,
        overSeeds(
          runs.map(({ id }) => seriesOf(table(id), evaluations.get(id)!, metric, { points: 20_000 })),
          width,
        ),
      ]),
    ),
    outcomes: outcomesOf(runs),
  }));
  const [first, ...others] = list;
  return {
    arms: list,
    differences: others.flatMap((arm) => (first ? [differenceOf(arm, first)] : [])),
    config: configDifferences(new Map(rows.map(({ id }) => [id, store.run(id).config]))),
    metrics: [...metrics.values()],
  };
}

/** The newest run of each seed: another run of the same seed is no other draw, and would make an interval too narrow. */
function newestOfSeeds(runs: readonly RunRow[]): RunRow[] {
  const newest = new Map<number, RunRow>();
  for (const run of runs) {
    const known = newest.get(run.seed);
    if (!known || run.created > known.created) newest.set(run.seed, run);
  }
  return runs.filter((run) => newest.get(run.seed) === run);
}

/** Mean over seeds and its interval by buckets of `width` steps. */
function overSeeds(
  seeds: readonly { readonly steps: readonly number[]; readonly mean: readonly (number | null)[] }[],
  width: number,
): CompareAnswer['arms'][number]['series'][string] {
  const buckets = new Map<number, number[]>();
  for (const { steps, mean } of seeds) {
    const own = new Map<number, { sum: number; n: number }>();
    steps.forEach((step, i) => {
      const value = mean[i];
      if (value === null || value === undefined) return;
      const bucket = Math.floor(step / width) * width;
      const entry = own.get(bucket) ?? { sum: 0, n: 0 };
      entry.sum += value;
      entry.n++;
      own.set(bucket, entry);
    });
    for (const [bucket, { sum, n }] of own) buckets.set(bucket, [...(buckets.get(bucket) ?? []), sum / n]);
  }
  const out = {
    steps: [] as number[],
    mean: [] as (number | null)[],
    low: [] as (number | null)[],
    high: [] as (number | null)[],
    n: [] as number[],
  };
  for (const [bucket, values] of [...buckets].sort(([a], [b]) => a - b)) {
    const { value, low, high } = meanInterval(values);
    out.steps.push(bucket);
    out.mean.push(finite(value));
    out.low.push(finite(low));
    out.high.push(finite(high));
    out.n.push(values.length);
  }
  return out;
}

export function presentInterval({ value, low, high, n }: Found): Interval {
  return { value: finite(value), low: finite(low), high: finite(high), n };
}

function outcomesOf(runs: readonly RunRow[]): CompareAnswer['arms'][number]['outcomes'] {
  const of = (value: (row: RunRow) => number | null) => {
    const values = runs.map(value);
    return { ...presentInterval(meanInterval(values.filter((one) => one !== null))), values };
  };
  return {
    untrained: of(({ untrained }) => untrained),
    before: of(({ before }) => before),
    after: of(({ after }) => after),
    gain: of(({ before, after }) => (before === null || after === null ? null : after - before)),
    seconds: of(({ seconds }) => seconds),
  };
}

interface Arm {
  readonly name: string;
  readonly runs: readonly RunRow[];
}

function differenceOf(arm: Arm, over: Arm): CompareAnswer['differences'][number] {
  const known = ({ runs }: Arm) => runs.filter(({ after }) => after !== null).sort((a, b) => a.seed - b.seed);
  const [a, b] = [known(arm), known(over)];
  const values = (runs: readonly RunRow[]) => runs.map(({ after }) => after!);
  const paired = a.length > 0 && a.length === b.length && a.every(({ seed }, i) => seed === b[i]!.seed);
  const found = paired
    ? pairedTest(values(a), values(b)).difference
    : differenceInterval(values(a), values(b));
  return { arm: arm.name, over: over.name, paired, ...presentInterval(found) };
}

/** The dotted paths at which the recipes are not all alike, with each run's value there. */
export function configDifferences(configs: ReadonlyMap<string, Json>): CompareAnswer['config'] {
  const out: CompareAnswer['config'] = [];
  const walk = (values: ReadonlyMap<string, Json | undefined>, path: string, depth: number): void => {
    if (out.length >= mostPaths) return;
    const all = [...values.values()];
    if (new Set(all.map(canonicalJson)).size <= 1) return;
    const open = all.every(
      (value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) === !Array.isArray(all[0]),
    );
    if (!open || depth > 40) {
      out.push({ path: path || '(whole)', values: Object.fromEntries(values) });
      return;
    }
    const keys = new Set(all.flatMap((value) => Object.keys(value as object)));
    for (const key of [...keys].sort())
      walk(
        new Map(
          [...values].map(([id, value]) => [
            id,
            (value as { readonly [key: string]: Json | undefined })[key],
          ]),
        ),
        path ? `${path}.${key}` : key,
        depth + 1,
      );
  };
  walk(configs, '', 0);
  return out;
}
