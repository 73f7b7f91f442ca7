import { hostname } from 'node:os';
import { contentHash } from '../core/hash.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import type { Database } from './database.ts';
import { StoreError } from './errors.ts';
import { readNumbers, writeNumbers } from './numbers.ts';
import type {
  JobEnd,
  JobPlace,
  JobRecord,
  NewReproduction,
  ReproductionRecord,
  RunStatus,
} from './records.ts';

/** What a reproduction begins with. */
export interface Begun {
  readonly id: string;
  /** The jobs that are finished already. */
  readonly done: readonly JobRecord[];
  /** Seconds that they took, on the wall clock. */
  readonly seconds: number;
}

/** Reproductions and their jobs in a store. Every method throws StoreError. */
export interface Reproductions {
  /**
   * Begins a reproduction with no job done. With `resume` it goes on from the last one of this name and config: with other
   * seeds as another reproduction, which has the jobs they share. Refused while another process writes the one to go on with.
   */
  begin(what: NewReproduction, options?: { readonly resume?: boolean }): Begun;
  /** Says that it is under way still, and how long it took so far. Often enough, `silence` says how. */
  touch(id: string, seconds: number): void;
  startJob(id: string, job: JobPlace): void;
  /** Notes the training run of a job that is under way. */
  linkRun(id: string, job: JobPlace, run: string): void;
  /** On the disk when it returns. */
  endJob(id: string, job: JobPlace, end: JobEnd): void;
  /** Jobs that did not end are stopped with it. */
  end(
    id: string,
    status: Exclude<RunStatus, 'running'>,
    end: { readonly seconds: number; readonly result?: Json; readonly error?: string },
  ): void;
  /** Those last written first. */
  list(): ReproductionRecord[];
  get(id: string): ReproductionRecord;
  /** The jobs that were started, by seed, then in the order of arms. */
  jobs(id: string): JobRecord[];
  delete(id: string): void;
}

/** Milliseconds after which one that gives no sign of life is not under way any more. */
export const silence = 30_000;

interface Row {
  key: number;
  id: string;
  name: string;
  kind: 'recipe' | 'study';
  paper: string | null;
  metric: string;
  arms: string;
  seeds: string;
  status: RunStatus;
  created: number;
  updated: number;
  seconds: number;
  writer: string;
  result: string | null;
  error: string | null;
  done: number;
}

const select = `SELECT key, id, name, kind, paper, metric, arms, seeds, status, created, updated, seconds, writer, result, error,
  (SELECT count(*) FROM job WHERE job.reproduction = reproduction.key AND job.status = 'finished') AS done FROM reproduction`;

export function reproductionsOf(db: Database): Reproductions {
  const keyOf = (id: string): number => {
    const found = db.get<{ key: number }>('SELECT key FROM reproduction WHERE id = ?', id);
    if (!found) throw unknown(db, id);
    return found.key;
  };
  const touched = (id: string, { changes }: { changes: number }) => {
    if (changes === 0) throw unknown(db, id);
  };
  return {
    begin: (what, { resume = false } = {}) =>
      db.transaction(`starting the reproduction of '${what.name}'`, () => begin(db, what, resume)),
    touch: (id, seconds) =>
      db.transaction('saying that a reproduction is under way', () =>
        touched(
          id,
          db.run('UPDATE reproduction SET updated = ?, seconds = ? WHERE id = ?', Date.now(), seconds, id),
        ),
      ),
    startJob: (id, { arm, seed }) =>
      db.transaction(`storing a job of '${id}'`, () => {
        const now = Date.now();
        db.run(
          `INSERT OR REPLACE INTO job (reproduction, seed, arm, status, started) VALUES (?, ?, ?, 'running', ?)`,
          keyOf(id),
          seed,
          arm,
          now,
        );
        db.run('UPDATE reproduction SET updated = ? WHERE id = ?', now, id);
      }),
    linkRun: (id, { arm, seed }, run) =>
      db.transaction(`storing a job of '${id}'`, () => {
        db.run(
          'UPDATE job SET run = ? WHERE reproduction = ? AND seed = ? AND arm = ?',
          run,
          keyOf(id),
          seed,
          arm,
        );
      }),
    endJob: (id, { arm, seed }, end) =>
      db.durable(`storing a job of '${id}'`, () => {
        const now = Date.now();
        const finished = end.status === 'finished';
        // One that was never said to be started is stored all the same.
        db.run(
          `INSERT INTO job (reproduction, seed, arm, status, run, started, ended, stage_seconds, metrics, error)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9)
           ON CONFLICT (reproduction, seed, arm) DO UPDATE SET status = ?4, run = coalesce(?5, run), ended = ?6,
             stage_seconds = ?7, metrics = ?8, error = ?9`,
          keyOf(id),
          seed,
          arm,
          end.status,
          finished ? (end.run ?? null) : null,
          now,
          finished ? end.stageSeconds : null,
          finished ? writeNumbers(end.metrics) : null,
          finished ? null : end.error,
        );
        db.run('UPDATE reproduction SET updated = ? WHERE id = ?', now, id);
      }),
    end: (id, status, { seconds, result, error }) =>
      db.durable(`ending reproduction '${id}'`, () => {
        const now = Date.now();
        db.run(
          "UPDATE job SET status = 'stopped', ended = ? WHERE reproduction = ? AND status = 'running'",
          now,
          keyOf(id),
        );
        db.run(
          'UPDATE reproduction SET status = ?, seconds = ?, result = ?, error = ?, updated = ? WHERE id = ?',
          status,
          seconds,
          result === undefined ? null : JSON.stringify(result),
          error ?? null,
          now,
          id,
        );
      }),
    list: () => db.all<Row>(`${select} ORDER BY updated DESC, key DESC`).map(recordOf),
    get: (id) => {
      const row = db.get<Row>(`${select} WHERE id = ?`, id);
      if (!row) throw unknown(db, id);
      return recordOf(row);
    },
    jobs: (id) => jobsOf(db, keyOf(id)),
    delete: (id) =>
      db.transaction(`deleting reproduction '${id}'`, () => {
        const key = keyOf(id);
        db.run('DELETE FROM job WHERE reproduction = ?', key);
        db.run('DELETE FROM reproduction WHERE key = ?', key);
      }),
  };
}

function unknown({ path }: Database, id: string): StoreError {
  return new StoreError(path, 'unknown', `there is no reproduction '${id.slice(0, 80)}'`);
}

function recordOf(row: Row): ReproductionRecord {
  const { id, name, kind, paper, metric, status, created, updated, seconds, done, result, error } = row;
  return {
    id,
    name,
    kind,
    paper: paper ?? undefined,
    metric,
    arms: JSON.parse(row.arms) as string[],
    seeds: JSON.parse(row.seeds) as number[],
    status,
    created,
    updated,
    seconds,
    done,
    result: result === null ? undefined : (JSON.parse(result) as Json),
    error: error ?? undefined,
  };
}

interface JobRow {
  seed: number;
  arm: string;
  status: RunStatus;
  run: string | null;
  started: number;
  ended: number | null;
  stage_seconds: number | null;
  metrics: string | null;
  error: string | null;
}

function jobsOf(db: Database, key: number): JobRecord[] {
  const { arms } = db.get<{ arms: string }>('SELECT arms FROM reproduction WHERE key = ?', key)!;
  const places = new Map((JSON.parse(arms) as string[]).map((arm, i) => [arm, i]));
  return db
    .all<JobRow>(
      'SELECT seed, arm, status, run, started, ended, stage_seconds, metrics, error FROM job WHERE reproduction = ?',
      key,
    )
    .sort((a, b) => a.seed - b.seed || (places.get(a.arm) ?? 0) - (places.get(b.arm) ?? 0))
    .map(({ seed, arm, status, run, started, ended, stage_seconds, metrics, error }) => ({
      arm,
      seed,
      status,
      run: run ?? undefined,
      started,
      ended: ended ?? undefined,
      stageSeconds: stage_seconds ?? undefined,
      metrics: metrics === null ? undefined : readNumbers(metrics),
      error: error ?? undefined,
    }));
}

function begin(db: Database, what: NewReproduction, resume: boolean): Begun {
  const hash = contentHash(canonicalJson(what.config));
  const [arms, seeds] = [JSON.stringify(what.arms), JSON.stringify(what.seeds)];
  const before = resume
    ? db.get<{ origin: number }>(
        'SELECT origin FROM reproduction WHERE name = ? AND hash = ? ORDER BY key DESC LIMIT 1',
        what.name,
        hash,
      )
    : undefined;
  const same =
    before &&
    db.get<Row>(
      `${select} WHERE origin = ? AND arms = ? AND seeds = ? ORDER BY key DESC LIMIT 1`,
      before.origin,
      arms,
      seeds,
    );
  if (same) {
    refuseWhileWritten(db, same);
    db.run("DELETE FROM job WHERE reproduction = ? AND status <> 'finished'", same.key);
    db.run(
      "UPDATE reproduction SET status = 'running', writer = ?, updated = ?, error = NULL WHERE key = ?",
      writerHere(),
      Date.now(),
      same.key,
    );
    return { id: same.id, done: jobsOf(db, same.key), seconds: same.seconds };
  }
  const now = Date.now();
  const id = freshId(db, what.name, now);
  const { lastInsertRowid: key } = db.run(
    `INSERT INTO reproduction (id, name, kind, hash, config, paper, metric, arms, seeds, origin, status, created, updated, seconds, writer)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, 0, ?)`,
    id,
    what.name,
    what.kind,
    hash,
    JSON.stringify(what.config),
    what.paper ?? null,
    what.metric,
    arms,
    seeds,
    before?.origin ?? 0,
    now,
    now,
    writerHere(),
  );
  if (!before) db.run('UPDATE reproduction SET origin = key WHERE key = ?', key);
  const seconds = before ? takeOver(db, key, before.origin, arms, seeds) : 0;
  db.run('UPDATE reproduction SET seconds = ? WHERE key = ?', seconds, key);
  return { id, done: jobsOf(db, key), seconds };
}

/** Copies the finished jobs of the reproductions that share an origin; returns their part of the seconds that those took. */
function takeOver(db: Database, key: number, origin: number, arms: string, seeds: string): number {
  let seconds = 0;
  for (const from of db.all<Row>(`${select} WHERE origin = ? AND key <> ? ORDER BY key DESC`, origin, key)) {
    const { changes } = db.run(
      `INSERT OR IGNORE INTO job (reproduction, seed, arm, status, run, started, ended, stage_seconds, metrics)
       SELECT ?, seed, arm, status, run, started, ended, stage_seconds, metrics FROM job
       WHERE reproduction = ? AND status = 'finished'
         AND arm IN (SELECT value FROM json_each(?)) AND seed IN (SELECT value FROM json_each(?))`,
      key,
      from.key,
      arms,
      seeds,
    );
    if (changes > 0) seconds += (from.seconds * changes) / from.done;
  }
  return seconds;
}

function freshId(db: Database, name: string, now: number): string {
  for (let attempt = 0; ; attempt++) {
    const id = `${name}-${contentHash(`${now} ${process.pid} ${attempt}`).slice(0, 5)}`;
    if (!db.get('SELECT 1 FROM reproduction WHERE id = ?', id)) return id;
  }
}

const writerHere = () => JSON.stringify({ host: hostname(), process: process.pid });

/** A process that was killed says nothing any more; on this machine it is also known to be gone at once. */
function refuseWhileWritten({ path }: Database, { id, status, updated, writer }: Row): void {
  if (status !== 'running' || Date.now() - updated > silence) return;
  const { host, process: pid } = JSON.parse(writer) as { host: string; process: number };
  if (host === hostname() && (pid === process.pid || !isAlive(pid))) return;
  throw new StoreError(
    path,
    'conflict',
    `'${id}' is under way in process ${pid}${host === hostname() ? '' : ` on ${host}`}: wait for it, or stop it`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
