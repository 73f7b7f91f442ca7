import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { InputError, oneLine } from '../../core/index.ts';
import type { RunRecord } from '../../store/index.ts';
import { fileId } from '../file-id.ts';
import { tokenizer } from './words.ts';

/** 'ASIX': tells the index from other files, since one that cannot be used is thrown away and made anew. */
const applicationId = 0x41534958;
const version = 2;

/** Where the index of a store lies: words of its samples and columns of its metrics. It can be deleted at any time. */
export const indexPath = (store: string) => `${store}.index`;

/** Each run and split has its own stretch of row ids, in the order of steps. */
export const slotSize = 2 ** 32;

/**
 * - `slot`: the samples of one split of a run; `created` tells runs of the same name apart, `resumes` how often it was resumed when
 *   this was last looked at, `next` is the next free row id, `done` how many samples are in.
 * - `doc`: a stored block of samples; the sample at `first + i` has the row id `base + i`. Row ids without a doc are of
 *   samples that are gone.
 * - `text`: the words by row id, without the texts.
 * - `chunk`: the metrics of so many steps of a run as columns; of another number of resumes than the run has now it is stale.
 */
const schema = `
  CREATE TABLE slot (
    slot INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    created INTEGER NOT NULL,
    split TEXT NOT NULL,
    resumes INTEGER NOT NULL,
    next INTEGER NOT NULL,
    done INTEGER NOT NULL,
    UNIQUE (run, created, split)
  ) STRICT;
  CREATE TABLE doc (
    base INTEGER PRIMARY KEY,
    slot INTEGER NOT NULL,
    step INTEGER NOT NULL,
    first INTEGER NOT NULL,
    n INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX doc_place ON doc (slot, step, first);
  CREATE TABLE gone (n INTEGER NOT NULL) STRICT;
  INSERT INTO gone VALUES (0);
  CREATE TABLE chunk (
    run TEXT NOT NULL,
    created INTEGER NOT NULL,
    resumes INTEGER NOT NULL,
    place INTEGER NOT NULL,
    last INTEGER NOT NULL,
    stages TEXT NOT NULL,
    columns BLOB NOT NULL,
    PRIMARY KEY (run, created, place)
  ) STRICT;
  CREATE VIRTUAL TABLE text USING fts5(
    prompt, completion, content = '', columnsize = 0, detail = full, tokenize = '${tokenizer}'
  );
`;

/** Opens the index for writing, making it where it is missing, of another version or damaged. Throws InputError. */
export function openIndex(path: string): DatabaseSync {
  try {
    return opened(path);
  } catch (thrown) {
    if (thrown instanceof InputError) throw thrown;
    removeIndex(path);
    try {
      return opened(path);
    } catch (again) {
      throw new InputError(`the index cannot be made (${oneLine(again)})`, { file: path });
    }
  }
}

function opened(path: string): DatabaseSync {
  const existed = existsSync(path);
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000');
    const { application_id } = db.prepare('PRAGMA application_id').get() as { application_id: number };
    const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
    if (existed && tables > 0 && application_id !== applicationId)
      throw new InputError('there is another file where the index would be', { file: path });
    if (tables > 0 && user_version !== version) throw new Error('of another version');
    if (tables === 0) {
      db.exec('BEGIN IMMEDIATE');
      // Another viewer may have made it while this one waited.
      const { made } = db.prepare('SELECT count(*) AS made FROM sqlite_schema').get() as { made: number };
      if (made === 0)
        db.exec(`${schema} PRAGMA user_version = ${version}; PRAGMA application_id = ${applicationId}`);
      db.exec('COMMIT');
    }
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** Whether something of a run is in it that the store no longer has. */
export function holdsDeleted(db: DatabaseSync, runs: readonly RunRecord[]): boolean {
  const alive = new Set(runs.map(({ id, created }) => `${created} ${id}`));
  const held = db.prepare('SELECT run, created FROM slot UNION SELECT run, created FROM chunk').all() as {
    run: string;
    created: number;
  }[];
  return held.some(({ run, created }) => !alive.has(`${created} ${run}`));
}

/** The index as it can be read now; undefined until the thread that fills it has made it. */
export interface IndexReader {
  /** The file of its name now: use it at once, and ask again. */
  database(): DatabaseSync | undefined;
  /** Counts the files that were opened: a row id of another one may be another sample. */
  readonly generation: number;
  /** Takes a run that was deleted out of it: where something of it is there, the whole file goes, and is made anew without it. */
  forget(run: Pick<RunRecord, 'id' | 'created'>): void;
  close(): void;
}

export function createIndexReader(path: string): IndexReader {
  let open: { readonly db: DatabaseSync; readonly file: string } | undefined;
  let generation = 0;
  let closed = false;
  const drop = () => {
    open?.db.close();
    open = undefined;
  };
  const database = () => {
    if (closed) return undefined;
    const file = fileId(path);
    if (open && open.file !== file) drop();
    if (open || file === undefined) return open?.db;
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
      const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
      const { application_id } = db.prepare('PRAGMA application_id').get() as { application_id: number };
      if (user_version === version && application_id === applicationId) {
        open = { db, file };
        generation++;
      }
    } catch {
      // It is damaged, gone again or just being made; the thread sees to all.
    }
    if (!open) db?.close();
    return open?.db;
  };
  return {
    database,
    get generation() {
      return generation;
    },
    forget: ({ id, created }) => {
      const db = database();
      // One of another version, that cannot be asked, is thrown away as well; the file of another program is not.
      const holds =
        db === undefined
          ? isIndex(path)
          : db
              .prepare(
                'SELECT 1 FROM slot WHERE run = ?1 AND created = ?2 UNION SELECT 1 FROM chunk WHERE run = ?1 AND created = ?2',
              )
              .get(id, created) !== undefined;
      if (!holds) return;
      drop();
      removeIndex(path);
    },
    close: () => {
      closed = true;
      drop();
    },
  };
}

/** By the mark in the header of an SQLite file (sqlite.org/fileformat.html, offset 68). */
function isIndex(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(72);
    return readSync(file, header, 0, 72, 0) === 72 && header.readInt32BE(68) === applicationId;
  } finally {
    closeSync(file);
  }
}

export function removeIndex(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}
