import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreError, storeError } from './errors.ts';
import { applicationId, migrations, readableVersion } from './schema.ts';

export interface StoreOptions {
  /**
   * Opens an existing store for reading only; another process may be writing. One of an older version is brought to the
   * newest first, where it can be written.
   */
  readonly readOnly?: boolean;
  /** How long to wait for another process's lock, in milliseconds. Default 10,000. */
  readonly busyTimeout?: number;
  /** The file grows no larger than this (in bytes, rounded to pages); a step that would not fit is a StoreError. */
  readonly maxBytes?: number;
}

/** An open SQLite file: prepared statements by their text, transactions, and errors as one line. */
export class Database {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, options: StoreOptions = {}) {
    this.path = path;
    const { readOnly = false, busyTimeout = 10_000, maxBytes } = options;
    try {
      checkPath(path);
      if (!readOnly) mkdirSync(dirname(path), { recursive: true });
      else if (!existsSync(path)) throw new StoreError(path, 'missing', 'there is no store here');
      this.#db = readOnly ? openForReading(path, busyTimeout) : openFile(path, { timeout: busyTimeout });
    } catch (thrown) {
      throw openError(path, thrown);
    }
    if (maxBytes !== undefined) {
      const { page_size } = this.#db.prepare('PRAGMA page_size').get() as { page_size: number };
      this.#db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / page_size))}`);
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastInsertRowid: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  /** The rows' shape is the caller's word for what its SQL selects. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.reading(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.reading(() => this.#statement(sql).all(...values) as Row[]);
  }

  /** Row by row, for tables that do not fit in memory. The statement is its own, so that iterations may nest. */
  *iterate<Row>(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    const rows = this.reading(() => this.#db.prepare(sql).iterate(...values));
    try {
      for (;;) {
        const next = this.reading(() => rows.next());
        if (next.done) return;
        yield next.value as Row;
      }
    } finally {
      // Of a loop that was left early too: an open statement would hold this connection to what the file was then.
      rows.return?.();
    }
  }

  /** Runs `body` and commits, or changes nothing at all and throws StoreError. */
  transaction<T>(doing: string, body: () => T): T {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const result = body();
      this.#db.exec('COMMIT');
      return result;
    } catch (thrown) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw storeError(this.path, thrown, doing);
    }
  }

  /** As `transaction`, and on the disk when it returns: survives a power cut as well as a killed process. */
  durable<T>(doing: string, body: () => T): T {
    this.#db.exec('PRAGMA synchronous = FULL');
    try {
      return this.transaction(doing, body);
    } finally {
      this.#db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** Runs SQL that gives nothing back. */
  execute(doing: string, sql: string): void {
    try {
      this.#db.exec(sql);
    } catch (thrown) {
      throw storeError(this.path, thrown, doing);
    }
  }

  reading<T>(body: () => T): T {
    try {
      return body();
    } catch (thrown) {
      throw storeError(this.path, thrown, 'reading');
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/** SQLite would take a store without a name for a passing one, and say of a folder only that it cannot be opened. */
function checkPath(path: string): void {
  if (path.trim() === '') throw new StoreError(path, 'io', "the run store's path is empty");
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory())
    throw new StoreError(
      path,
      'io',
      `is a folder; the run store is a file, such as ${join(path, 'assay.db')}`,
    );
  if (found && !found.isFile()) throw new StoreError(path, 'io', 'is no file, so no run store');
}

/** A reader opens an older store for writing once, which brings it to the newest version; where that cannot be done it reads what there is. */
function openForReading(path: string, timeout: number): DatabaseSync {
  const open = (least: number) => openFile(path, { readOnly: true, least, timeout });
  try {
    return open(migrations.length);
  } catch (thrown) {
    if (!(thrown instanceof StoreError) || thrown.fault !== 'version') throw thrown;
    try {
      openFile(path, { timeout }).close();
    } catch {
      return open(readableVersion);
    }
    return open(migrations.length);
  }
}

interface Opening {
  readonly readOnly?: boolean;
  /** The oldest version that is read; what is written is brought to the newest. */
  readonly least?: number;
  readonly timeout: number;
}

function openFile(path: string, opening: Opening): DatabaseSync {
  const { readOnly = false, timeout } = opening;
  const attempt = (at: string | URL) => {
    const db = new DatabaseSync(at, { readOnly, timeout });
    try {
      prepareFile(db, path, opening);
      return db;
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  };
  try {
    return attempt(path);
  } catch (thrown) {
    // Even a reader of a WAL file makes files beside it. Where nothing can be written nobody writes, and it can do without.
    const code = ((thrown as { errcode?: number }).errcode ?? 0) & 0xff;
    if (!readOnly || (code !== 8 && code !== 14)) throw thrown;
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      // The log's index lies beside it, and has to be made where the log is read for the first time.
      if (isReadable(path) && isReadable(`${path}-wal`))
        throw new StoreError(
          path,
          'readonly',
          `its folder is read-only and it has a write-ahead log (${basename(path)}-wal); copy both to a writable folder`,
        );
      throw thrown;
    }
    const url = pathToFileURL(path);
    url.search = '?immutable=1';
    return attempt(url);
  }
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

function openError(path: string, thrown: unknown): Error {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST')
    return new StoreError(path, 'io', `the store's folder cannot be made (${code})`);
  return storeError(path, thrown, 'opening');
}

function version(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

/** Checks whose file this is, switches it to WAL and brings it to the newest version. */
function prepareFile(
  db: DatabaseSync,
  path: string,
  { readOnly, least = migrations.length, timeout }: Opening,
): void {
  checkOwner(db, path);
  if (readOnly) {
    if (version(db) < least)
      throw new StoreError(
        path,
        'version',
        `the store has version ${version(db)} and this Assay reads ${migrations.length}: open it for writing once, which brings it there`,
      );
    return;
  }
  useWal(db, timeout);
  // What is deleted is overwritten with zeros in pages that stay; whole pages are left to `reclaim`.
  db.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST');
  migrate(db, path, migrations);
}

function checkOwner(db: DatabaseSync, path: string): void {
  // In this order: another process may be making the store, and its tables and its mark appear in one transaction.
  const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
  const { application_id } = db.prepare('PRAGMA application_id').get() as { application_id: number };
  if (application_id !== applicationId && tables > 0)
    throw new StoreError(path, 'corrupt', 'this is an SQLite file of another program, not a store');
  if (version(db) > migrations.length)
    throw new StoreError(
      path,
      'version',
      `the store was written by a newer Assay (version ${version(db)}, this one knows ${migrations.length}): update Assay`,
    );
}

/** SQLite does not wait for locks when it switches the journal mode, so two processes that create a store need this. */
function useWal(db: DatabaseSync, timeout: number): void {
  const until = Date.now() + timeout;
  for (;;) {
    try {
      // Only of a file that has nothing in it yet: pages that become free can be cut off later.
      const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number };
      if (page_count === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (thrown) {
      if (((thrown as { errcode?: number }).errcode ?? 0) !== 5 || Date.now() >= until) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Applies what is missing of `steps`, all in one transaction; another process may have done it meanwhile. */
export function migrate(
  db: DatabaseSync,
  path: string,
  steps: readonly ((db: DatabaseSync) => void)[],
): void {
  if (version(db) === steps.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (let at = version(db); at < steps.length; at++) steps[at]!(db);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec(`PRAGMA application_id = ${applicationId}`);
    db.exec('COMMIT');
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw storeError(path, thrown, 'bringing the store to its newest version');
  }
}
