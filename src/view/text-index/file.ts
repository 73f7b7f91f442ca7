import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { InputError, oneLine } from '../../core/index.ts';

/** 'ASTX': tells the index from other files, since one that cannot be used is thrown away and made anew. */
const applicationId = 0x41535458;
const version = 1;

/** Where the full-text index of a store lies. It holds no texts and can be deleted at any time. */
export const indexPath = (store: string) => `${store}.text`;

/** Each run and split has its own stretch of row ids, in the order of steps. */
export const slotSize = 2 ** 32;

/**
 * - `slot`: the samples of one split of a run; `created` tells runs of the same name apart, `resumes` how often it was resumed when
 *   this was last looked at, `next` is the next free row id, `done` how many samples are in.
 * - `doc`: a stored block of samples; the sample at `first + i` has the row id `base + i`. Row ids without a doc are of
 *   samples that are gone.
 * - `text`: the words by row id, without the texts.
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
  CREATE VIRTUAL TABLE text USING fts5(
    prompt, completion, content = '', columnsize = 0, detail = full, tokenize = 'unicode61 remove_diacritics 0'
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
      throw new InputError(`the text index cannot be made (${oneLine(again)})`, { file: path });
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
      throw new InputError('there is another file where the text index would be', { file: path });
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

export function removeIndex(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}
