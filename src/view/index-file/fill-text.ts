import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord, Store } from '../../store/index.ts';
import { promptLines, saidText } from '../samples/present.ts';
import { isSettled } from '../settled.ts';
import { slotSize } from './file.ts';
import { spaced } from './words.ts';

/** One slice ends after the block in which it reaches one of these. */
export interface Slice {
  readonly samples: number;
  readonly milliseconds: number;
}

export interface Filler {
  /**
   * Brings the index a slice further, in one transaction: first drops what a resume dropped, then adds blocks, run by run:
   * `focus` first, then the newest. Returns how many samples were added; 0 when nothing is missing.
   */
  fill(slice: Slice, focus?: string): number;
}

interface Slot {
  readonly slot: number;
  readonly next: number;
}

/** Rows that are gone stay in the index until there are this many, and more than are alive. */
const mostGone = 100_000;

export function createFiller(db: DatabaseSync, store: Store): Filler {
  /** Runs that are in the index whole, by when they were last written. */
  const whole = new Map<string, number>();
  const get = <Row>(sql: string, ...values: (string | number)[]) =>
    db.prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: (string | number)[]) => db.prepare(sql).run(...values);

  /** Forgets blocks: their row ids stand for nothing from here on. */
  const drop = (slot: number, after: number) => {
    const { n } = get<{ n: number }>(
      'SELECT coalesce(sum(n), 0) AS n FROM doc WHERE slot = ? AND step > ?',
      slot,
      after,
    )!;
    run('DELETE FROM doc WHERE slot = ? AND step > ?', slot, after);
    run('UPDATE slot SET done = done - ? WHERE slot = ?', n, slot);
    run('UPDATE gone SET n = n + ?', n);
  };

  /** Where most rows are of steps that a resume dropped, all is written anew. */
  const compact = () => {
    const { gone } = get<{ gone: number }>('SELECT n AS gone FROM gone')!;
    const { done } = get<{ done: number }>('SELECT coalesce(sum(done), 0) AS done FROM slot')!;
    if (gone <= Math.max(mostGone, done)) return;
    db.exec(
      "INSERT INTO text (text) VALUES ('delete-all'); DELETE FROM doc; DELETE FROM slot; UPDATE gone SET n = 0",
    );
    whole.clear();
  };

  /** A resume drops steps and writes them again: so does the index. */
  const dropResumed = ({ id, created }: RunRecord) => {
    const resumes = store.events(id, 'resume');
    for (const { slot, seen } of db
      .prepare('SELECT slot, resumes AS seen FROM slot WHERE run = ? AND created = ?')
      .all(id, created) as { slot: number; seen: number }[]) {
      if (seen === resumes.length) continue;
      const since = resumes.slice(seen).map(({ step }) => step);
      drop(slot, Math.min(...since, resumes.length < seen ? -1 : Number.MAX_SAFE_INTEGER));
      run('UPDATE slot SET resumes = ? WHERE slot = ?', resumes.length, slot);
    }
    return resumes.length;
  };

  const slotOf = ({ id, created }: RunRecord, split: string, resumes: number): Slot => {
    const find = () =>
      get<Slot>(
        'SELECT slot, next FROM slot WHERE run = ? AND created = ? AND split = ?',
        id,
        created,
        split,
      );
    const found = find();
    if (found) return found;
    run(
      'INSERT INTO slot (run, created, split, resumes, next, done) VALUES (?, ?, ?, ?, 0, 0)',
      id,
      created,
      split,
      resumes,
    );
    const { slot } = find()!;
    run('UPDATE slot SET next = ? WHERE slot = ?', slot * slotSize, slot);
    return { slot, next: slot * slotSize };
  };

  const insert = db.prepare('INSERT INTO text (rowid, prompt, completion) VALUES (?, ?, ?)');

  /** Adds the blocks of a run that are missing. Returns whether it came to its end. */
  const fillRun = (record: RunRecord, add: (samples: number) => boolean): boolean => {
    const resumes = dropResumed(record);
    for (const split of store.splits(record.id)) {
      let { slot, next } = slotOf(record, split, resumes);
      const last = get<{ step: number; first: number }>(
        'SELECT step, first FROM doc WHERE slot = ? ORDER BY step DESC, first DESC LIMIT 1',
        slot,
      );
      for (const { step, first, n } of store.blocks(record.id, { split, from: last?.step })) {
        if (last && step === last.step && first <= last.first) continue;
        const samples = store.blockSamples(record.id, { step, first }, split);
        samples.forEach(({ task, turns }, i) => {
          insert.run(next + i, spaced(promptLines(task.prompt)), spaced(saidText(turns)));
        });
        run(
          'INSERT INTO doc (base, slot, step, first, n) VALUES (?, ?, ?, ?, ?)',
          next,
          slot,
          step,
          first,
          n,
        );
        next += n;
        run('UPDATE slot SET next = ?, done = done + ? WHERE slot = ?', next, n, slot);
        if (!add(n)) return false;
      }
    }
    return true;
  };

  return {
    fill: ({ samples, milliseconds }, focus) => {
      const began = performance.now();
      const runs = store.runs().sort((a, b) => Number(b.id === focus) - Number(a.id === focus));
      let added = 0;
      const add = (n: number) => {
        added += n;
        return added < samples && performance.now() - began < milliseconds;
      };
      db.exec('BEGIN IMMEDIATE');
      try {
        compact();
        for (const record of runs) {
          if (whole.get(record.id) === record.updated) continue;
          if (fillRun(record, add) && isSettled(record)) whole.set(record.id, record.updated);
          if (added > 0 && !add(0)) break;
        }
        db.exec('COMMIT');
        return added;
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK');
        whole.clear();
        throw thrown;
      }
    },
  };
}
