import type { BlockPlace, Store } from '../store/index.ts';
import { type Chunk, readChunks } from './index-file/chunks.ts';
import type { IndexReader } from './index-file/file.ts';

/**
 * A run's numbers as columns over its stored steps, so that a chart of 10,000 steps needs no reading: it grows by what is new
 * and begins anew when steps were dropped.
 */
export interface RunTable {
  /** Another one when steps were dropped or the store is another: what was remembered of places is void then. */
  readonly stamp: string;
  readonly steps: Float64Array;
  readonly times: Float64Array;
  /** By metric (clock metrics too): NaN where a step has no value. As long as `steps`. */
  column(name: string): Float64Array | undefined;
  readonly names: readonly string[];
  /** The newest value of a metric. */
  last(name: string): number | null;
  /** Runs of steps of one stage, in order. */
  readonly stages: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Where the samples of a split lie, in the order of steps. */
  blocks(split: string): readonly BlockPlace[];
}

/** Bytes of columns that are kept over all runs; what was looked at longest ago goes first. */
const defaultBudget = 48e6;

interface Entry {
  /** What it was read from: another run, another file or a resume since means reading anew. */
  readonly stamp: string;
  length: number;
  steps: Float64Array;
  times: Float64Array;
  readonly columns: Map<string, Float64Array>;
  readonly stages: { name: string; from: number; to: number }[];
  readonly blocks: Map<string, BlockPlace[]>;
}

export interface RunTables {
  /** The table of a run (its full id), up to date with the store. */
  get(store: Store, run: string): RunTable;
}

/** `index`: where metrics may lie as columns already. */
export function createRunTables(
  generation: () => number,
  { index, budget = defaultBudget }: { readonly index?: IndexReader; readonly budget?: number } = {},
): RunTables {
  const entries = new Map<string, Entry>();

  const fresh = (stamp: string): Entry => ({
    stamp,
    length: 0,
    steps: new Float64Array(64),
    times: new Float64Array(64),
    columns: new Map(),
    stages: [],
    blocks: new Map(),
  });

  return {
    get: (store, run) => {
      const stamp = stampOf(store, run, generation());
      let entry = entries.get(run);
      if (entry?.stamp !== stamp) {
        entry = fresh(stamp);
        const record = store.run(run);
        for (const chunk of readChunks(index?.database(), record, store.events(run, 'resume').length))
          append(entry, chunk);
      }
      entries.delete(run);
      entries.set(run, entry); // the newest at the end
      grow(entry, store, run);
      let bytes = 0;
      for (const [id, { steps, columns }] of [...entries].reverse()) {
        bytes += (columns.size + 2) * steps.byteLength;
        if (bytes > budget && id !== run) entries.delete(id);
      }
      return tableOf(entry, store, run);
    },
  };
}

function stampOf(store: Store, run: string, generation: number): string {
  const { created, last } = store.run(run);
  const resumes = store.events(run, 'resume');
  return `${generation} ${created} ${resumes.length} ${resumes.at(-1)?.time ?? ''} ${last < 0 ? 'none' : ''}`;
}

function grow(entry: Entry, store: Store, run: string): void {
  const from = entry.length === 0 ? undefined : entry.steps[entry.length - 1]! + 1;
  for (const { step, stage, time, metrics, clock } of store.steps(run, { from })) {
    if (entry.length === entry.steps.length) double(entry);
    const i = entry.length++;
    entry.steps[i] = step;
    entry.times[i] = time;
    for (const name of Object.keys(metrics)) columnOf(entry, name)[i] = metrics[name]!;
    for (const name of Object.keys(clock)) columnOf(entry, name)[i] = clock[name]!;
    noteStage(entry, stage, step, step);
  }
}

function append(entry: Entry, { steps, times, columns, stages }: Chunk): void {
  while (entry.length + steps.length > entry.steps.length) double(entry);
  const at = entry.length;
  entry.length += steps.length;
  entry.steps.set(steps, at);
  entry.times.set(times, at);
  for (const [name, values] of columns) columnOf(entry, name).set(values, at);
  let place = 0;
  for (const [name, n] of stages) {
    noteStage(entry, name, steps[place]!, steps[place + n - 1]!);
    place += n;
  }
}

function columnOf(entry: Entry, name: string): Float64Array {
  let column = entry.columns.get(name);
  if (!column) {
    column = new Float64Array(entry.steps.length).fill(Number.NaN);
    entry.columns.set(name, column);
  }
  return column;
}

function noteStage({ stages }: Entry, name: string, from: number, to: number): void {
  const current = stages.at(-1);
  if (current?.name === name) current.to = to;
  else stages.push({ name, from, to });
}

function double(entry: Entry): void {
  const longer = (old: Float64Array) => {
    const column = new Float64Array(2 * old.length).fill(Number.NaN);
    column.set(old);
    return column;
  };
  entry.steps = longer(entry.steps);
  entry.times = longer(entry.times);
  for (const [name, column] of entry.columns) entry.columns.set(name, longer(column));
}

function tableOf(entry: Entry, store: Store, run: string): RunTable {
  const { length, columns } = entry;
  return {
    stamp: entry.stamp,
    steps: entry.steps.subarray(0, length),
    times: entry.times.subarray(0, length),
    names: [...columns.keys()],
    column: (name) => columns.get(name)?.subarray(0, length),
    last: (name) => {
      const column = columns.get(name);
      for (let i = length - 1; column && i >= 0; i--) if (!Number.isNaN(column[i]!)) return column[i]!;
      return null;
    },
    stages: entry.stages,
    blocks: (split) => {
      let blocks = entry.blocks.get(split);
      if (!blocks) {
        blocks = [];
        entry.blocks.set(split, blocks);
      }
      // A step's blocks come in one transaction, so none is missing of the last step that is known.
      const from = blocks.length === 0 ? undefined : blocks.at(-1)!.step + 1;
      for (const place of store.blocks(run, { split, from })) blocks.push(place);
      return blocks;
    },
  };
}
