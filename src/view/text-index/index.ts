import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import type { RunRecord } from '../../store/index.ts';
import type { IndexState } from '../api.ts';
import { indexPath, slotSize } from './file.ts';
import { ftsQuery, type Term } from './words.ts';

export interface Match {
  /** Where the search may go on from. */
  readonly row: number;
  readonly step: number;
  readonly position: number;
  /** Its block. */
  readonly first: number;
}

export interface MatchRange {
  readonly order: 'asc' | 'desc';
  /** Rows beyond this one, in that order. */
  readonly after?: number;
  readonly from?: number;
  readonly to?: number;
}

/** The full-text index of a store, filled by a thread of its own. */
export interface TextIndex {
  /** Samples of a split in which the terms match, in the order of steps. Read it at once: it holds a view of the file. */
  matches(run: RunRecord, split: string, terms: readonly Term[], range: MatchRange): Generator<Match>;
  /** How far it is with a run that has so many samples. */
  state(run: RunRecord, total: number): IndexState;
  /** This run's samples come next. */
  focus(run: string): void;
  close(): Promise<void>;
}

export function createTextIndex(store: string, path: string = indexPath(store)): TextIndex {
  // Sources run as they are in a checkout; the package holds them compiled.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  let error: string | undefined;
  let focused: string | undefined;
  let closing = false;
  const thread = new Worker(entry, {
    workerData: { store, index: path },
    resourceLimits: { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 8 },
  });
  thread.unref();
  thread.on('error', (thrown) => {
    error = oneLine(thrown);
  });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));

  let db: DatabaseSync | undefined;
  /** The index as it can be read now: not before the thread has made it. */
  const reading = (): DatabaseSync | undefined => {
    if (closing) return undefined;
    if (!db && existsSync(path)) {
      const open = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
      try {
        open.prepare('SELECT 1 FROM slot').get();
        db = open;
      } catch {
        open.close(); // being made
      }
    }
    return db;
  };
  const slotOf = ({ id, created }: RunRecord, split: string) =>
    reading()
      ?.prepare('SELECT slot FROM slot WHERE run = ? AND created = ? AND split = ?')
      .get(id, created, split) as { slot: number } | undefined;

  return {
    matches: function* (run, split, terms, { order, after, from, to }) {
      const slot = slotOf(run, split)?.slot;
      if (slot === undefined || !db) return;
      const base = (sql: string, ...values: number[]) =>
        (db!.prepare(sql).get(slot, ...values) as { base: number } | undefined)?.base;
      const beyond = slot * slotSize + slotSize;
      let low =
        from === undefined
          ? slot * slotSize
          : (base('SELECT base FROM doc WHERE slot = ? AND step >= ? ORDER BY step, first LIMIT 1', from) ??
            beyond);
      let high =
        (to === undefined
          ? beyond
          : (base('SELECT base FROM doc WHERE slot = ? AND step > ? ORDER BY step, first LIMIT 1', to) ??
            beyond)) - 1;
      if (after !== undefined) {
        if (order === 'asc') low = Math.max(low, after + 1);
        else high = Math.min(high, after - 1);
      }
      if (low > high) return;
      const blockOf = db.prepare(
        'SELECT base, step, first, n FROM doc WHERE base <= ? AND slot = ? ORDER BY base DESC LIMIT 1',
      );
      let block: { base: number; step: number; first: number; n: number } | undefined;
      const rows = db
        .prepare(
          `SELECT rowid AS row FROM text WHERE text MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid ${order === 'asc' ? 'ASC' : 'DESC'}`,
        )
        .iterate(ftsQuery(terms), low, high) as Iterable<{ row: number }>;
      for (const { row } of rows) {
        if (!block || row < block.base || row >= block.base + block.n)
          block = blockOf.get(row, slot) as typeof block;
        if (!block || row >= block.base + block.n) continue; // of samples that are gone
        yield { row, step: block.step, first: block.first, position: block.first + row - block.base };
      }
    },
    state: ({ id, created }, total) => {
      const found = reading()
        ?.prepare('SELECT coalesce(sum(done), 0) AS done FROM slot WHERE run = ? AND created = ?')
        .get(id, created) as { done: number } | undefined;
      const done = Math.min(found?.done ?? 0, total);
      if (done >= total) return { done, total, state: 'ready' };
      return error === undefined
        ? { done, total, state: 'working' }
        : { done, total, state: 'failed', error };
    },
    focus: (run) => {
      if (run === focused) return;
      focused = run;
      thread.postMessage({ focus: run });
    },
    close: async () => {
      closing = true;
      db?.close();
      db = undefined;
      thread.postMessage({ end: true });
      const late = setTimeout(() => void thread.terminate(), 2000);
      await ended;
      clearTimeout(late);
    },
  };
}
