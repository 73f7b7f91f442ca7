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
import { standingOf, writerHere, writerOf } from './writer.ts';

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
   * Begins a reproduction with no job done. With `resume` it goes on with the last one of the same config, arms, seeds and
   * variations; where there is none it is another one, which has the jobs that it shares with those before, the last of each: none that
   * is older than a reproduction that was to do it anew. Refused while another process writes the one to go on with.
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
  /** The jobs that were started, by variation, seed and arm. */
  jobs(id: string): JobRecord[];
  delete(id: string): void;
}

interface Row {
  key: number;
  id: string;
  name: string;
  kind: 'recipe' | 'study';
  paper: string | null;
  metric: string;
  arms: string;
  seeds: string;
  variations: string;
  fresh: number;
  status: RunStatus;
  created: number;
  updated: number;
  seconds: number;
  writer: string;
  result: string | null;
  error: string | null;
  done: number;
}

const select = `SELECT key, id, name, kind, paper, metric, arms, seeds, variations, fresh, status, created, updated, seconds, writer,
  result, error,
  (SELECT count(*) FROM job WHERE job.reproduction = reproduction.key AND job.status = 'finished') AS done FROM reproduction`;

export function reproductionsOf(db: Database): Reproductions {
  // One of an older version that is only read may be without tables of them.
  const hasAny = () => db.get("SELECT 1 FROM sqlite_schema WHERE name = 'reproduction'") !== undefined;
  const rowOf = (id: string): Row => {
    const row = hasAny() ? db.get<Row>(`${select} WHERE id = ?`, id) : undefined;
    if (!row) throw unknown(db, id);
    return row;
  };
  const keyOf = (id: string): number => rowOf(id).key;
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
    startJob: (id, { variation = '', arm, seed }) =>
      db.transaction(`storing a job of '${id}'`, () => {
        const now = Date.now();
        db.run(
          `INSERT OR REPLACE INTO job (reproduction, variation, seed, arm, status, started) VALUES (?, ?, ?, ?, 'running', ?)`,
          keyOf(id),
          variation,
          seed,
          arm,
          now,
        );
        db.run('UPDATE reproduction SET updated = ? WHERE id = ?', now, id);
      }),
    linkRun: (id, { variation = '', arm, seed }, run) =>
      db.transaction(`storing a job of '${id}'`, () => {
        db.run(
          'UPDATE job SET run = ? WHERE reproduction = ? AND variation = ? AND seed = ? AND arm = ?',
          run,
          keyOf(id),
          variation,
          seed,
          arm,
        );
      }),
    endJob: (id, { variation = '', arm, seed }, end) =>
      db.durable(`storing a job of '${id}'`, () => {
        const now = Date.now();
        const finished = end.status === 'finished';
        // One that was never said to be started is stored all the same.
        db.run(
          `INSERT INTO job (reproduction, variation, seed, arm, status, run, started, ended, stage_seconds, metrics, error)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10)
           ON CONFLICT (reproduction, variation, seed, arm) DO UPDATE SET status = ?5, run = coalesce(?6, run), ended = ?7,
             stage_seconds = ?8, metrics = ?9, error = ?10`,
          keyOf(id),
          variation,
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
    list: () => (hasAny() ? db.all<Row>(`${select} ORDER BY updated DESC, key DESC`).map(recordOf) : []),
    get: (id) => recordOf(rowOf(id)),
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
  const [arms, seeds] = [JSON.parse(row.arms) as string[], JSON.parse(row.seeds) as number[]];
  const variations = variationsOf(row);
  return {
    id,
    name,
    kind,
    paper: paper ?? undefined,
    metric,
    arms,
    seeds,
    variations: variations.map(([variation]) => variation).filter((variation) => variation !== ''),
    status,
    standing: standingOf(row),
    created,
    updated,
    seconds,
    jobs: arms.length * seeds.length * variations.length,
    done,
    result: result === null ? undefined : (JSON.parse(result) as Json),
    error: error ?? undefined,
  };
}

/** Of each variation its name ('' is none) and the hash of what is run. */
type Variations = readonly (readonly [name: string, hash: string])[];

const variationsOf = ({ variations }: Pick<Row, 'variations'>) => JSON.parse(variations) as Variations;

interface JobRow {
  variation: string;
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
  const row = db.get<Row>(`${select} WHERE key = ?`, key)!;
  const arms = JSON.parse(row.arms) as string[];
  const variations = variationsOf(row).map(([name]) => name);
  return db
    .all<JobRow>(
      `SELECT variation, seed, arm, status, run, started, ended, stage_seconds, metrics, error FROM job
       WHERE reproduction = ?`,
      key,
    )
    .sort(
      (a, b) =>
        variations.indexOf(a.variation) - variations.indexOf(b.variation) ||
        a.seed - b.seed ||
        arms.indexOf(a.arm) - arms.indexOf(b.arm),
    )
    .map(({ variation, seed, arm, status, run, started, ended, stage_seconds, metrics, error }) => ({
      arm,
      seed,
      variation: variation === '' ? undefined : variation,
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
  const hash = (config: Json) => contentHash(canonicalJson(config));
  const variations: Variations = what.variations?.map(({ name, config }) => [name, hash(config)]) ?? [
    ['', hash(what.config)],
  ];
  const plan = {
    arms: JSON.stringify(what.arms),
    seeds: JSON.stringify(what.seeds),
    variations: JSON.stringify(variations),
  };
  const named = resume
    ? db.all<Row>(`${select} WHERE name = ? ORDER BY key DESC`, what.name).map((row) => ({
        ...row,
        hashes: variationsOf(row).map(([, own]) => own),
      }))
    : [];
  const same = named.find(
    (row) => row.arms === plan.arms && row.seeds === plan.seeds && row.variations === plan.variations,
  );
  if (same) {
    refuseWhileWritten(db, same);
    db.run("DELETE FROM job WHERE reproduction = ? AND status <> 'finished'", same.key);
    db.run(
      "UPDATE reproduction SET status = 'running', metric = ?, writer = ?, updated = ?, error = NULL WHERE key = ?",
      what.metric,
      writerHere(),
      Date.now(),
      same.key,
    );
    return { id: same.id, done: jobsOf(db, same.key), seconds: same.seconds };
  }
  const now = Date.now();
  const id = freshId(db, what.name, now);
  const { lastInsertRowid: key } = db.run(
    `INSERT INTO reproduction (id, name, kind, config, paper, metric, arms, seeds, variations, fresh, status, created, updated,
       seconds, writer)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, 0, ?)`,
    id,
    what.name,
    what.kind,
    JSON.stringify(what.config),
    what.paper ?? null,
    what.metric,
    plan.arms,
    plan.seeds,
    plan.variations,
    resume ? 0 : 1,
    now,
    now,
    writerHere(),
  );
  let seconds = 0;
  for (const [name, own] of variations) {
    let places = what.arms.flatMap((arm) => what.seeds.map((seed) => [arm, seed] as const));
    for (const from of named.filter(({ hashes }) => hashes.includes(own))) {
      seconds += takeOver(db, key, [name, own], from, places);
      // What was begun anew there takes the place of what is older.
      if (from.fresh === 1) places = others(places, from);
    }
  }
  db.run('UPDATE reproduction SET seconds = ? WHERE key = ?', seconds, key);
  return { id, done: jobsOf(db, key), seconds };
}

/** Of an arm and a seed each. */
type Places = readonly (readonly [arm: string, seed: number])[];

/** Those that a reproduction has no jobs at. */
function others(places: Places, row: Pick<Row, 'arms' | 'seeds'>): (readonly [string, number])[] {
  const [arms, seeds] = [new Set(JSON.parse(row.arms)), new Set(JSON.parse(row.seeds))];
  return places.filter(([arm, seed]) => !arms.has(arm) || !seeds.has(seed));
}

/** Copies the finished jobs of a variation from another reproduction; returns their part of the seconds that it took. */
function takeOver(
  db: Database,
  key: number,
  [name, hash]: Variations[number],
  from: Row,
  places: Places,
): number {
  const [theirs] = variationsOf(from).find(([, own]) => own === hash)!;
  const { changes } = db.run(
    `INSERT OR IGNORE INTO job (reproduction, variation, seed, arm, status, run, started, ended, stage_seconds, metrics)
     SELECT ?, ?, seed, arm, status, run, started, ended, stage_seconds, metrics FROM job
     WHERE reproduction = ? AND variation = ? AND status = 'finished'
       AND (arm, seed) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
    key,
    name,
    from.key,
    theirs,
    JSON.stringify(places),
  );
  return changes === 0 ? 0 : (from.seconds * changes) / from.done;
}

function freshId(db: Database, name: string, now: number): string {
  for (let attempt = 0; ; attempt++) {
    const id = `${name}-${contentHash(`${now} ${process.pid} ${attempt}`).slice(0, 5)}`;
    if (!db.get('SELECT 1 FROM reproduction WHERE id = ?', id)) return id;
  }
}

function refuseWhileWritten({ path }: Database, row: Row): void {
  const { host, process: pid } = writerOf(row);
  if (standingOf(row) !== 'running' || (host === hostname() && pid === process.pid)) return;
  throw new StoreError(
    path,
    'conflict',
    `'${row.id}' is under way in process ${pid}${host === hostname() ? '' : ` on ${host}`}: wait for it, or stop it`,
  );
}
