import { contentHash } from '../core/hash.ts';
import type { Json } from '../core/json.ts';
import { encodeSamples, type StoredSample } from './block.ts';
import { Database, type StoreOptions as FileOptions } from './database.ts';
import { StoreError } from './errors.ts';
import { fingerprint } from './fingerprint.ts';
import { writeNumbers } from './numbers.ts';
import * as read from './read.ts';
import { isIncremental, reclaim } from './reclaim.ts';
import {
  type EvaluationRecord,
  type EvaluationWrite,
  type EventRecord,
  type EventWrite,
  type NewRun,
  type Range,
  type RunRecord,
  type RunStatus,
  type RunWithConfig,
  type Series,
  type StepRecord,
  type StepWrite,
  trainSplit,
} from './records.ts';
import { type Reproductions, reproductionsOf } from './reproductions.ts';

export interface StoreOptions extends FileOptions {
  /** Stores the samples of every Nth step only; metrics are always stored. Default 1: all. */
  readonly samplesEvery?: number;
}

/** What is running and wrote nothing for so long is taken to have ended. */
const silentMilliseconds = 300_000;

export const defaultStorePath = '.assay/assay.db';

/** Opens the store at a path, making file and folder when they are not there. Throws StoreError. */
export function openStore(path: string = defaultStorePath, options: StoreOptions = {}): Store {
  return new Store(path, options);
}

/**
 * Runs, steps, samples and verdicts in one SQLite file. One process writes a run; any number read meanwhile. Every write is one
 * transaction, so that a killed process leaves whole steps only. Every method throws StoreError, one line for a person.
 */
export class Store {
  readonly path: string;
  /** Reproductions and their jobs. */
  readonly reproductions: Reproductions;
  readonly #db: Database;
  readonly #samplesEvery: number;
  readonly #keys = new Map<string, number>();
  #dataVersion = -1;
  readonly #names = new Map<number, { metrics: Set<string>; clock: Set<string> }>();

  constructor(path: string, options: StoreOptions) {
    this.path = path;
    this.#db = new Database(path, options);
    this.reproductions = reproductionsOf(this.#db);
    this.#samplesEvery = Math.max(1, options.samplesEvery ?? 1);
  }

  /** Starts a run and returns its id. */
  createRun(run: NewRun): string {
    return this.#transaction('starting a run', () => {
      const now = Date.now();
      const id = run.id ?? this.#freshId(run, now);
      if (this.#db.get('SELECT 1 FROM run WHERE id = ?', id))
        throw new StoreError(this.path, 'conflict', `there is a run '${id}' already`);
      this.#db.run(
        `INSERT INTO run (id, recipe, config, paper, arm, seed, status, created, updated, planned, last, parent, tags,
           metric_names, clock_names)
         VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, -1, ?, ?, '[]', '[]')`,
        id,
        run.recipe,
        JSON.stringify(run.config),
        run.paper ?? null,
        run.arm ?? null,
        run.seed,
        now,
        now,
        run.steps,
        run.parent ?? null,
        JSON.stringify(run.tags ?? []),
      );
      return id;
    });
  }

  #freshId(run: NewRun, now: number): string {
    for (let attempt = 0; ; attempt++) {
      const tail = contentHash(`${now} ${process.pid} ${attempt}`).slice(0, 5);
      const id = `${run.recipe}-${run.seed}-${tail}`;
      if (!this.#db.get('SELECT 1 FROM run WHERE id = ?', id)) return id;
    }
  }

  /** Stores a whole step: metrics, clock, samples with verdicts and advantages. A step is stored once. */
  writeStep(write: StepWrite): void {
    const { run, step, groups, clock = {} } = write;
    const kept = groups !== undefined && step % this.#samplesEvery === 0;
    const blocks = kept ? encodeSamples(groups, write.advantages) : [];
    this.#transaction(`storing step ${step} of run '${run}'`, () => {
      const key = this.#writtenKey(run);
      const now = Date.now();
      if (this.#db.get('SELECT 1 FROM step WHERE run = ? AND step = ?', key, step))
        throw new StoreError(this.path, 'conflict', `run '${run}' has step ${step} already`);
      this.#db.run(
        'INSERT INTO step (run, step, stage, time, metrics, clock) VALUES (?, ?, ?, ?, ?, ?)',
        key,
        step,
        write.stage,
        now,
        writeNumbers(write.metrics),
        writeNumbers(clock),
      );
      this.#remember(key, Object.keys(write.metrics), Object.keys(clock));
      this.#blocks(key, step, trainSplit, blocks);
      this.#db.run('UPDATE run SET updated = ?, last = max(last, ?) WHERE key = ?', now, step, key);
    });
  }

  /** Notes the names that a run has not had yet: then nobody must read all steps to know them. */
  #remember(run: number, metrics: readonly string[], clock: readonly string[]): void {
    let known = this.#names.get(run);
    if (!known) {
      const row = this.#db.get<{ metric_names: string; clock_names: string }>(
        'SELECT metric_names, clock_names FROM run WHERE key = ?',
        run,
      )!;
      known = { metrics: new Set(JSON.parse(row.metric_names)), clock: new Set(JSON.parse(row.clock_names)) };
      this.#names.set(run, known);
    }
    const before = known.metrics.size + known.clock.size;
    for (const name of metrics) known.metrics.add(name);
    for (const name of clock) known.clock.add(name);
    if (known.metrics.size + known.clock.size > before)
      this.#db.run(
        'UPDATE run SET metric_names = ?, clock_names = ? WHERE key = ?',
        JSON.stringify([...known.metrics]),
        JSON.stringify([...known.clock]),
        run,
      );
  }

  #blocks(run: number, step: number, split: string, blocks: ReturnType<typeof encodeSamples>): void {
    for (const { first, n, columns, texts } of blocks)
      this.#db.run(
        'INSERT INTO block (run, split, step, first, n, columns, texts) VALUES (?, ?, ?, ?, ?, ?, ?)',
        run,
        split,
        step,
        first,
        n,
        columns,
        texts,
      );
  }

  /** Stores what an evaluation found, with its samples if they are given. One of the same name and step is replaced. */
  evaluation(write: EvaluationWrite): void {
    const blocks = encodeSamples(write.groups ?? []);
    this.#transaction(`storing evaluation '${write.name}' of run '${write.run}'`, () => {
      const key = this.#writtenKey(write.run);
      const now = Date.now();
      this.#db.run(
        'INSERT OR REPLACE INTO evaluation (run, step, name, time, metrics, clock) VALUES (?, ?, ?, ?, ?, ?)',
        key,
        write.step,
        write.name,
        now,
        writeNumbers(write.metrics),
        writeNumbers(write.clock ?? {}),
      );
      this.#db.run('DELETE FROM block WHERE run = ? AND split = ? AND step = ?', key, write.name, write.step);
      this.#blocks(key, write.step, write.name, blocks);
      this.#db.run('UPDATE run SET updated = ? WHERE key = ?', now, key);
    });
  }

  /** Stores that something happened. With `durable` it is on the disk, and all before it, when this returns. */
  event(event: EventWrite, options: { readonly durable?: boolean } = {}): void {
    const doing = `storing a ${event.kind} of run '${event.run}'`;
    const body = () => this.#event(this.#writtenKey(event.run), event);
    if (options.durable) this.#db.durable(doing, body);
    else this.#transaction(doing, body);
  }

  #event(key: number, { step, kind, body }: Omit<EventWrite, 'run'>): void {
    const now = Date.now();
    this.#db.run(
      'INSERT INTO event (run, step, kind, time, body) VALUES (?, ?, ?, ?, ?)',
      key,
      step,
      kind,
      now,
      JSON.stringify(body ?? null),
    );
    this.#db.run('UPDATE run SET updated = ? WHERE key = ?', now, key);
  }

  /**
   * Everything stored so far is on the disk when this returns, also if the power fails. The loop calls it before it writes a
   * checkpoint, so that no checkpoint is ever ahead of its rows.
   */
  sync(run: string): void {
    this.#db.durable('syncing the store', () =>
      this.#db.run('UPDATE run SET updated = ? WHERE key = ?', Date.now(), this.#writtenKey(run)),
    );
  }

  finishRun(run: string, status: Exclude<RunStatus, 'running'>, summary?: Json): void {
    this.#db.durable(`ending run '${run}'`, () =>
      this.#db.run(
        'UPDATE run SET status = ?, summary = ?, updated = ? WHERE key = ?',
        status,
        summary === undefined ? null : JSON.stringify(summary),
        Date.now(),
        this.#writtenKey(run),
      ),
    );
  }

  /** Drops every row of a run after a step, in one transaction. Returns how many steps went. */
  truncateAfter(run: string, step: number): number {
    return this.#transaction(`dropping steps of run '${run}'`, () => this.#truncate(run, step));
  }

  #truncate(run: string, step: number): number {
    const key = this.#writtenKey(run);
    for (const table of ['block', 'event', 'evaluation'])
      this.#db.run(`DELETE FROM ${table} WHERE run = ? AND step > ?`, key, step);
    const { changes } = this.#db.run('DELETE FROM step WHERE run = ? AND step > ?', key, step);
    this.#db.run(
      'UPDATE run SET last = coalesce((SELECT max(step) FROM step WHERE run = ?1), -1), updated = ?2 WHERE key = ?1',
      key,
      Date.now(),
    );
    return changes;
  }

  /**
   * Makes a run ready to go on after `step`: drops what came later, marks it running with no summary, and stores the event. One
   * transaction. `steps` changes how many are planned. Returns how many steps were dropped.
   */
  resumeRun(
    run: string,
    step: number,
    options: { readonly steps?: number; readonly body?: Json } = {},
  ): number {
    return this.#transaction(`resuming run '${run}'`, () => {
      const dropped = this.#truncate(run, step);
      const key = this.#writtenKey(run);
      this.#db.run(
        "UPDATE run SET status = 'running', summary = NULL, planned = coalesce(?, planned) WHERE key = ?",
        options.steps ?? null,
        key,
      );
      this.#event(key, { step, kind: 'resume', body: options.body });
      return dropped;
    });
  }

  setTags(run: string, tags: readonly string[]): void {
    this.#transaction(`tagging run '${run}'`, () =>
      this.#db.run('UPDATE run SET tags = ? WHERE key = ?', JSON.stringify(tags), this.#writtenKey(run)),
    );
  }

  /**
   * Deletes a run and all of its rows. Until `reclaim` was called their bytes may still be in the files, in places that nobody reads;
   * where that can do nothing about them, they are overwritten at once.
   */
  deleteRun(run: string): void {
    const doing = `deleting run '${run}'`;
    const overwrite = !isIncremental(this.#db);
    if (overwrite) this.#db.execute(doing, 'PRAGMA secure_delete = ON');
    try {
      this.#transaction(doing, () => {
        const key = this.#writtenKey(run);
        for (const table of ['block', 'event', 'evaluation', 'step'])
          this.#db.run(`DELETE FROM ${table} WHERE run = ?`, key);
        this.#db.run('DELETE FROM run WHERE key = ?', key);
      });
    } finally {
      if (overwrite) this.#db.execute(doing, 'PRAGMA secure_delete = FAST');
    }
    this.#keys.delete(run);
  }

  /**
   * Takes what was deleted out of the files and gives its space back to the disk, a little at a time. Returns whether it came to its end.
   * It blocks its thread for as long as that takes.
   */
  reclaim(): boolean {
    return reclaim(this.#db, !this.#isWritten(Date.now()));
  }

  /** Whether somebody seems to be writing. */
  #isWritten(now: number): boolean {
    const since = now - silentMilliseconds;
    return ['run', 'reproduction'].some(
      (table) =>
        this.#db.get(`SELECT 1 FROM ${table} WHERE status = 'running' AND updated > ? LIMIT 1`, since) !==
        undefined,
    );
  }

  /** All runs, the newest first, without their recipes. */
  runs(): RunRecord[] {
    return read.runs(this.#db);
  }

  /** A run by its id, a beginning of it that only one run has, or `last`. Throws StoreError ('unknown'). */
  run(id: string): RunWithConfig {
    return read.run(this.#db, id);
  }

  /** Every step of a run in order. */
  steps(run: string, range: Range = {}): Generator<StepRecord> {
    return read.steps(this.#db, this.#key(run), range);
  }

  /** The names of a run's metrics. */
  metricNames(run: string): { readonly metrics: string[]; readonly clock: string[] } {
    return read.metricNames(this.#db, this.#key(run));
  }

  /**
   * Metrics over steps, by name (clock metrics too); an unknown name is an empty series. With `points`, at most about so
   * many: of each stretch of steps the lowest and the highest are kept.
   */
  series(
    run: string,
    names: readonly string[],
    options: Range & { readonly points?: number } = {},
  ): { [name: string]: Series } {
    return read.series(this.#db, this.#key(run), names, options);
  }

  /** The samples of one step, group by group; empty where they were not stored. */
  samples(run: string, step: number, options: { readonly split?: string } = {}): StoredSample[] {
    return read.samples(this.#db, this.#key(run), step, options.split ?? trainSplit);
  }

  /** The steps that have samples stored. */
  sampleSteps(run: string, options: Range & { readonly split?: string } = {}): number[] {
    return read.sampleSteps(this.#db, this.#key(run), options.split ?? trainSplit, options);
  }

  /** The splits that have samples stored: `train` and the names of evaluations. */
  splits(run: string): string[] {
    return read.splits(this.#db, this.#key(run));
  }

  /** One sample by its place in the step. */
  sample(run: string, step: number, position: number, split: string = trainSplit): StoredSample | undefined {
    return read.sample(this.#db, this.#key(run), step, position, split);
  }

  /**
   * The numbers of every sample, a block at a time and without their texts: `value`, `cause`, `finish` (codes), `length`, `group`,
   * `logprob`, `advantage:TERM`, `part:PATH`; all of them where `names` is undefined. For filters over many samples.
   */
  columns(
    run: string,
    names: readonly string[] | undefined,
    options: Range & { readonly split?: string } = {},
  ): Generator<read.ColumnBlock> {
    return read.columns(this.#db, this.#key(run), names, options.split ?? trainSplit, options);
  }

  /** Where a run's samples lie, without reading them. */
  blocks(run: string, options: Range & { readonly split?: string } = {}): read.BlockPlace[] {
    return read.blocks(this.#db, this.#key(run), options.split ?? trainSplit, options);
  }

  /** The samples of one block, empty where there is none any more. */
  blockSamples(
    run: string,
    place: Pick<read.BlockPlace, 'step' | 'first'>,
    split: string = trainSplit,
  ): StoredSample[] {
    return read.blockSamples(this.#db, this.#key(run), split, place);
  }

  /**
   * Whether another connection has written since this was last asked. Then also forgets what this one remembers of runs: a
   * reader that stays open for long asks before it reads, since a deleted run's place may be another run's by now.
   */
  changed(): boolean {
    const now = this.#db.get<{ data_version: number }>('PRAGMA data_version')!.data_version;
    if (now === this.#dataVersion) return false;
    this.#dataVersion = now;
    this.#keys.clear();
    this.#names.clear();
    return true;
  }

  events(run: string, kind?: EventWrite['kind']): EventRecord[] {
    return read.events(this.#db, this.#key(run), kind);
  }

  evaluations(run: string, name?: string): EvaluationRecord[] {
    return read.evaluations(this.#db, this.#key(run), name);
  }

  /**
   * A hash of all that a run repeats: steps, metrics, samples, evaluations. Clock columns, events and the run's own row are
   * left out, so that a resumed run has the fingerprint of one that was never interrupted.
   */
  fingerprint(run: string): string {
    return fingerprint(this.#db, this.#key(run));
  }

  close(): void {
    this.#db.close();
  }

  /** A failed transaction takes back what it wrote, so what is remembered of it goes too. */
  #transaction<T>(doing: string, body: () => T): T {
    try {
      return this.#db.transaction(doing, body);
    } catch (thrown) {
      this.#names.clear();
      this.#keys.clear();
      throw thrown;
    }
  }

  /**
   * The key of a run that is about to be written, asked for inside the transaction: another process may have deleted the run since its
   * key was looked up, and a run that was started since may have the key now.
   */
  #writtenKey(id: string): number {
    const key = this.#key(id);
    if (this.#db.get('SELECT 1 FROM run WHERE key = ? AND id = ?', key, id)) return key;
    this.#keys.delete(id);
    this.#names.delete(key);
    throw new StoreError(this.path, 'unknown', `there is no run '${id.slice(0, 80)}' any more`);
  }

  #key(id: string): number {
    let key = this.#keys.get(id);
    if (key === undefined) {
      key = this.#db.get<{ key: number }>('SELECT key FROM run WHERE id = ?', id)?.key;
      if (key === undefined)
        throw new StoreError(this.path, 'unknown', `there is no run '${id.slice(0, 80)}'`);
      this.#keys.set(id, key);
      this.#names.delete(key); // they may be those of a run that had this key before
    }
    return key;
  }
}
