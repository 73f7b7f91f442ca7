import { type Json, oneLine } from '../core/index.ts';
import type { EventRecord, RunRecord, Store } from '../store/index.ts';
import type { RunAnswer, RunEvent } from './api.ts';
import { finite, metricsOf } from './metrics.ts';
import type { RunTable } from './run-table.ts';
import type { RunRows } from './runs.ts';

const mostEvents = 2000;

/** All that the page of a run shows besides charts and samples. */
export function runPage(store: Store, id: string, table: RunTable, rows: RunRows): RunAnswer {
  const record = store.run(id);
  const evaluations = store.evaluations(id);
  const splits = store.splits(id);
  return {
    run: rows.row(store, record),
    config: record.config,
    summary: record.summary ?? null,
    stages: [...table.stages],
    metrics: metricsOf(table, store.metricNames(id).clock, evaluations),
    events: store.events(id).slice(-mostEvents).map(presentEvent),
    evaluations: evaluations.map((one) => presentEvaluation(one, splits)),
    siblings: store
      .runs()
      .filter((other) => other.recipe === record.recipe && other.id !== record.id)
      .slice(0, 200)
      .map((other) => {
        const { id: own, arm, seed, status, after } = rows.row(store, other);
        return { id: own, arm, seed, status, after };
      }),
    splits: splits.toSorted((a, b) => Number(b === 'train') - Number(a === 'train') || (a < b ? -1 : 1)),
  };
}

export function presentEvaluation(
  { step, name, time, metrics }: ReturnType<Store['evaluations']>[number],
  splits: readonly string[],
): RunAnswer['evaluations'][number] {
  return {
    step,
    name,
    time,
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, finite(value)])),
    hasSamples: splits.includes(name),
  };
}

export function presentEvent({ step, kind, time, body }: EventRecord): RunEvent {
  return { step, kind, time, text: textOf(kind, body), body: body ?? null };
}

/** An event in one line for a person. */
function textOf(kind: string, body: Json | undefined): string {
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const { ended, why, path, text } = fields as { readonly [name: string]: Json | undefined };
  if (kind === 'stage' && ended !== undefined) return oneLine(`stage '${ended}' ended: ${why}`);
  if (kind === 'checkpoint') return path === undefined ? 'checkpoint' : oneLine(`checkpoint ${path}`);
  if (kind === 'resume') return 'resumed from the step before';
  if (typeof text === 'string') return oneLine(text);
  if (typeof body === 'string') return oneLine(body);
  return body === null || body === undefined ? kind : oneLine(JSON.stringify(body));
}

/** Whether a run was written so lately that its process may still be there. */
export function isLive(record: RunRecord, rows: RunRows, store: Store): boolean {
  return rows.row(store, record).activity === 'live';
}
