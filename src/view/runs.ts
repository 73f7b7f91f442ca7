import type { z } from 'zod';
import type { Json } from '../core/index.ts';
import type { RunRecord, Store } from '../store/index.ts';
import type { RunRow, RunsAnswer, runsQuery } from './api.ts';
import { finite } from './metrics.ts';
import { isSettled } from './settled.ts';

/** What a row needs besides the run's own record; read again only when the run was written. */
interface Seen {
  readonly updated: number;
  readonly settled: boolean;
  readonly untrained: number | null;
  readonly before: number | null;
  readonly after: number | null;
  readonly reward: number | null;
  readonly solveRate: number | null;
  readonly noVerdict: number | null;
}

export interface RunRows {
  rows(store: Store, now?: number): RunRow[];
  row(store: Store, record: RunRecord, now?: number): RunRow;
}

/** The rows of the run list. `generation` tells one store file from another. */
export function createRunRows(generation: () => number): RunRows {
  const seen = new Map<string, Seen>();
  const row = (store: Store, record: RunRecord, now = Date.now()): RunRow => {
    const key = `${generation()} ${record.id} ${record.created}`;
    let found = seen.get(key);
    if (found?.updated !== record.updated || !found.settled) {
      found = { ...look(store, record), settled: isSettled(record) };
      if (seen.size > 20_000) seen.clear();
      seen.set(key, found);
    }
    return rowOf(record, found, now);
  };
  return { row, rows: (store, now) => store.runs().map((record) => row(store, record, now)) };
}

function look(store: Store, { id, last, updated, summary }: RunRecord): Omit<Seen, 'settled'> {
  const ended = field(summary, 'eval');
  const from = (name: string) => finite(field(ended, name) as number | undefined);
  let [untrained, before, after] = [from('untrained'), from('before'), from('after')];
  if (ended === undefined)
    for (const { name, metrics } of store.evaluations(id)) {
      const rate = finite(metrics.solveRate);
      if (name === 'heldout.untrained') untrained = rate;
      else if (name === 'heldout.before') before = rate;
      else if (name === 'heldout' || name === 'heldout.after') after = rate;
    }
  const [newest] = [...store.steps(id, { from: last, to: last })];
  return {
    updated,
    untrained,
    before: before ?? untrained,
    after,
    reward: finite(newest?.metrics.reward),
    solveRate: finite(newest?.metrics.solveRate),
    noVerdict: finite(newest?.metrics.noVerdict),
  };
}

function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json | undefined })[name]
    : undefined;
}

/** Silent for so long, and for so many usual steps, is stalled. */
const silence = { seconds: 60, steps: 10 };

function rowOf(record: RunRecord, seen: Seen, now: number): RunRow {
  const { status, created, updated, steps, last, summary } = record;
  const { updated: _, settled: __, ...figures } = seen;
  const written = Math.max(0, (updated - created) / 1000);
  const perStep = last >= 0 ? written / (last + 1) : 0;
  const silent = (now - updated) / 1000;
  const stalled = silent > Math.max(silence.seconds, silence.steps * perStep);
  const running = status === 'running';
  const error = field(summary, 'error');
  return {
    id: record.id,
    recipe: record.recipe,
    paper: record.paper ?? null,
    arm: record.arm ?? null,
    seed: record.seed,
    status,
    activity: running ? (stalled ? 'stalled' : 'live') : null,
    created,
    updated,
    steps,
    last,
    progress: steps > 0 ? Math.min(1, (last + 1) / steps) : 0,
    seconds: finite(field(summary, 'seconds') as number | undefined) ?? written,
    secondsLeft: running && !stalled && last >= 0 ? perStep * Math.max(0, steps - last - 1) : null,
    ...figures,
    tags: [...record.tags],
    parent: record.parent ?? null,
    error: typeof error === 'string' ? error : null,
  };
}

type Query = z.output<typeof runsQuery>;

/** Filters, sorts and pages rows. */
export function listRuns(rows: readonly RunRow[], query: Query): RunsAnswer {
  const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = (list: readonly string[], value: string | null) =>
    list.length === 0 || (value !== null && list.includes(value));
  const kept = rows.filter((row) => {
    const text = [row.id, row.recipe, row.paper, row.arm, ...row.tags].join('\n').toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      chosen(query.status, row.status) &&
      chosen(query.recipe, row.recipe) &&
      chosen(query.paper, row.paper) &&
      chosen(query.arm, row.arm) &&
      (query.tag.length === 0 || query.tag.some((tag) => row.tags.includes(tag)))
    );
  });
  const sign = query.order === 'asc' ? 1 : -1;
  // `rows` come the newest first; that order is kept among equals, and what has no value comes last either way.
  const sorted = kept.toSorted((a, b) => {
    const [x, y] = [a[query.sort], b[query.sort]];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return x === y ? 0 : x < y ? -sign : sign;
  });
  return {
    runs: sorted.slice(query.offset, query.offset + query.limit),
    total: kept.length,
    all: rows.length,
    facets: {
      status: facet(rows.map((row) => row.status)),
      recipe: facet(rows.map((row) => row.recipe)),
      paper: facet(rows.map((row) => row.paper)),
      arm: facet(rows.map((row) => row.arm)),
      tag: facet(rows.flatMap((row) => row.tags)),
    },
  };
}

function facet(values: readonly (string | null)[]): { value: string; n: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, n]) => ({ value, n }))
    .sort((a, b) => b.n - a.n || (a.value < b.value ? -1 : 1))
    .slice(0, 500);
}
