import type { Database } from './database.ts';
import { StoreError } from './errors.ts';

/** Pages that one transaction moves: 2 MB, some milliseconds for which others that write wait. */
const slicePages = 500;
/** A store of so many pages is written anew as a whole: 64 MB, about a second, for which others that write wait. */
const wholePages = 16_384;
/** As much once of an older store, which can be cut off in slices from then on: 256 MB, some seconds. */
const wholePagesOnce = 65_536;
const attempts = 3;

/**
 * Whether pages that become free can be cut off a few at a time. Stores of older versions cannot do it before they were written anew as a
 * whole.
 */
export function isIncremental(db: Database): boolean {
  return pragma(db, 'auto_vacuum') === 2;
}

function pragma<Name extends string>(db: Database, name: Name): number {
  return db.get<{ readonly [N in Name]: number }>(`PRAGMA ${name}`)![name];
}

/**
 * Takes what was deleted out of the file and out of the log of writes, which still has it, and gives its space to the disk. Where `alone`
 * says that nobody writes, a store that is not too big is written anew as a whole, which leaves nothing. Else free pages are cut off in
 * slices between which others write; in pages that are still used, SQLite may leave pieces of rows that it moved once. A
 * store that knows no slices keeps its size. Returns whether it came to its end: somebody who reads or writes for long is waited
 * for, but not for ever. Blocks its thread.
 */
export function reclaim(db: Database, alone: boolean): boolean {
  const doing = 'giving back the space of what was deleted';
  try {
    const incremental = isIncremental(db);
    const used = pragma(db, 'page_count') - pragma(db, 'freelist_count');
    if (alone && used <= (incremental ? wholePages : wholePagesOnce))
      db.execute(doing, 'PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
    else if (incremental)
      while (pragma(db, 'freelist_count') > 0) {
        const began = performance.now();
        db.execute(doing, `PRAGMA incremental_vacuum(${slicePages})`);
        rest(performance.now() - began);
      }
    for (let attempt = 0; attempt < attempts; attempt++)
      if (db.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')!.busy === 0) return true;
    return false;
  } catch (thrown) {
    if (thrown instanceof StoreError && thrown.fault === 'busy') return false;
    throw thrown;
  }
}

function rest(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(1, milliseconds));
}
