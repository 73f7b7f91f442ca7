import type { RunRecord } from '../../store/index.ts';
import type { IndexState } from '../api.ts';
import { type IndexReader, slotSize } from './file.ts';
import type { IndexThread } from './thread.ts';
import { ftsQuery, type Term } from './words.ts';

/** A sample that matches; without a position, a row up to which there are no more, where a search may pause. */
export interface Match {
  readonly row: number;
  readonly step: number;
  readonly position?: number;
}

/** Rows that are looked through at once: a search for what is not there pauses after each such stretch. */
const stretch = 200_000;

export interface MatchRange {
  readonly order: 'asc' | 'desc';
  /** Rows beyond this one, in that order. */
  readonly after?: number;
  readonly from?: number;
  readonly to?: number;
}

interface Block {
  readonly base: number;
  readonly step: number;
  readonly first: number;
  readonly n: number;
}

/** The full-text index of a store. */
export interface TextIndex {
  /** Samples of a split in which the terms match, in the order of steps. Read it at once: it holds a view of the file. */
  matches(run: RunRecord, split: string, terms: readonly Term[], range: MatchRange): Generator<Match>;
  /** Names the rows of a split (`rows`) and how far they go (`next`); undefined where none are in yet. */
  progress(run: RunRecord, split: string): { readonly rows: string; readonly next: number } | undefined;
  /** How far it is with a run that has so many samples. */
  state(run: RunRecord, total: number): IndexState;
  /** This run's samples come next. */
  focus(run: string): void;
  /** Takes a run that was deleted out of it. */
  forget(run: RunRecord): void;
}

export function createTextIndex(reader: IndexReader, thread: IndexThread): TextIndex {
  const slotOf = ({ id, created }: RunRecord, split: string) =>
    reader
      .database()
      ?.prepare('SELECT slot, next FROM slot WHERE run = ? AND created = ? AND split = ?')
      .get(id, created, split) as { slot: number; next: number } | undefined;

  return {
    matches: function* (run, split, terms, { order, after, from, to }) {
      const slot = slotOf(run, split)?.slot;
      const db = reader.database();
      if (slot === undefined || !db) return;
      const base = (sql: string, ...values: number[]) =>
        (db.prepare(sql).get(slot, ...values) as { base: number } | undefined)?.base;
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
      // By the row ids of the slot and not by its number, for which SQLite would sort all of its blocks.
      const blockBefore = db.prepare(
        'SELECT base, step, first, n FROM doc WHERE base BETWEEN ? AND ? ORDER BY base DESC LIMIT 1',
      );
      const blockOf = (row: number) => blockBefore.get(slot * slotSize, row) as Block | undefined;
      let block: Block | undefined;
      const rowsIn = db.prepare(
        `SELECT rowid AS row FROM text WHERE text MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid ${order === 'asc' ? 'ASC' : 'DESC'}`,
      );
      // A row as an array: a million objects of them go past the young generation, and cost 50 MB until they are collected.
      rowsIn.setReturnArrays(true);
      const query = ftsQuery(terms);
      const last = (db.prepare('SELECT next FROM slot WHERE slot = ?').get(slot) as { next: number }).next;
      high = Math.min(high, last - 1);
      for (let done = low; done <= high; done += stretch) {
        const [first, end] =
          order === 'asc'
            ? [done, Math.min(high, done + stretch - 1)]
            : [Math.max(low, high - (done - low) - stretch + 1), high - (done - low)];
        for (const [row] of rowsIn.iterate(query, first, end) as Iterable<unknown> as Iterable<
          [row: number]
        >) {
          if (!block || row < block.base || row >= block.base + block.n) block = blockOf(row);
          if (!block || row >= block.base + block.n) continue; // of samples that are gone
          yield { row, step: block.step, position: block.first + row - block.base };
        }
        const at = order === 'asc' ? end : first;
        if (done + stretch > high) return;
        yield { row: at, step: blockOf(at)?.step ?? -1 };
      }
    },
    progress: (run, split) => {
      const found = slotOf(run, split);
      return found && { rows: `${reader.generation}.${found.slot}`, next: found.next };
    },
    state: ({ id, created }, total) => {
      const found = reader
        .database()
        ?.prepare('SELECT coalesce(sum(done), 0) AS done FROM slot WHERE run = ? AND created = ?')
        .get(id, created) as { done: number } | undefined;
      const done = Math.min(found?.done ?? 0, total);
      if (done >= total) return { done, total, state: 'ready' };
      const error = thread.error();
      return error === undefined
        ? { done, total, state: 'working' }
        : { done, total, state: 'failed', error };
    },
    focus: thread.focus,
    forget: reader.forget,
  };
}
