import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { InputError, oneLine } from '../../core/index.ts';
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

/** The index as it can be read now; undefined until the thread that fills it has made it. */
export interface IndexReader {
  database(): DatabaseSync | undefined;
  close(): void;
}

export function createIndexReader(path: string): IndexReader {
  let db: DatabaseSync | undefined;
  let closed = false;
  return {
    database: () => {
      if (closed || db || !existsSync(path)) return db;
      const open = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
      try {
        const { user_version } = open.prepare('PRAGMA user_version').get() as { user_version: number };
        const { application_id } = open.prepare('PRAGMA application_id').get() as { application_id: number };
        if (user_version === version && application_id === applicationId) db = open;
      } catch {
        // It is damaged or just being made; the thread sees to both.
      }
      if (!db) open.close();
      return db;
    },
    close: () => {
      closed = true;
      db?.close();
      db = undefined;
    },
  };
}

export function removeIndex(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}
