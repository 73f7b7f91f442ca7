import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { loadReward } from '../../catalogue/index.ts';
import { canonicalJson, InputError } from '../../core/index.ts';
import { type FieldNames, type Fields, type Format, nameOf, readRows } from '../../dataset/read/index.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { deadRow } from './dead-row.ts';
import { rewardIdentity, rewardLabel } from './identity.ts';
import type { ChunkResult } from './job.ts';
import { dropJournal, type Journal, openJournal, type Progress } from './journal.ts';
import { type Lease, takeLease } from './lease.ts';
import { openQueue } from './open-queue.ts';
import { openRedis, patiently } from './redis.ts';
import { reviveDead } from './revive-dead.ts';
import { tally } from './tally.ts';
import { type Common, split, unitOf } from './units.ts';
import { discard, poll, type Retry, submit, type Unit } from './window.ts';
import { muster } from './workers.ts';

export interface QueueScoreOptions {
  readonly url: string;
  /** Assay's version: only workers of the same one take the rows. */
  readonly version: string;
  readonly file: string;
  readonly format?: Format;
  readonly names?: FieldNames;
  /** The SPEC; a module's path in it is looked up by the workers. */
  readonly reward: string;
  readonly seconds?: number;
  readonly memory?: number;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly note?: (line: string) => void;
  readonly progress?: (rows: number, share?: number) => void;
  /** Rows of a job at most. Default 256. */
  readonly chunk?: number;
  readonly retry?: Retry;
}

export interface QueueScore {
  /** False: it was stopped on the way, and goes on when it is called again. */
  readonly complete: boolean;
  /** Rows that an earlier process had done. */
  readonly resumed: number;
  readonly progress: Progress;
  readonly fields: Fields | undefined;
}

/** Text of a job, UTF-16 units, unless one row alone is longer. */
const chunkSize = 1 << 20;
/** Text of all jobs under way. */
const windowSize = 64 << 20;
/** Jobs under way: so many for each chunk that workers score at once, within limits. */
const ahead = 4;
const [fewest, most] = [16, 1024];
const underWay = (slots: number) => Math.max(fewest, Math.min(most, ahead * slots));
/** How often the output is made durable, ms. */
const checkpointEvery = 1000;
/** How often it is looked who works, ms. */
const musterEvery = 5000;
/** More dead letters than this in one run are no accident: it stops. */
const mostDead = 1000;

/** A chunk under way. */
interface Pending {
  readonly chunk: Chunk;
  /** Its job, or those of its pieces in order where it failed as a whole. */
  units: readonly Unit[];
  /** Jobs that failed and were cut into pieces. */
  readonly spent: string[];
}

/**
 * Scores a file by the workers of a queue: the same lines as scoring it here, in order, each row once. Chunks of rows are
 * jobs, so many at a time that memory here and in Redis stays bounded. A chunk that fails is done in pieces; a row that
 * fails is no verdict (`crash`), and its job stays as a dead letter. What is written is kept in a journal beside the
 * output: the same call again goes on from there, and takes up results that came in meanwhile. Throws InputError.
 */
export async function scoreByQueue(options: QueueScoreOptions): Promise<QueueScore> {
  const { url, version, reward: spec, seconds, memory, names = {}, format, out, note = () => {} } = options;
  const limits = { rows: options.chunk ?? 256, size: chunkSize };
  const { reward, close } = await loadReward(spec, { seconds, memory });
  const identity = rewardIdentity(reward, spec);
  await close();
  const label = rewardLabel(reward);
  const about = { version, identity, seconds, memory, names: { ...names }, format, limits };
  const run = createHash('sha256').update(canonicalJson(about)).digest('hex').slice(0, 24);
  const redis = await openRedis(url, note);
  const queue = openQueue(redis, version);
  const shared: Shared = {
    options,
    limits,
    common: { run, spec, seconds, memory, reward: label, identity, file: nameOf(options.file), named: names },
    redis,
    queue,
    retry: options.retry,
    note,
  };
  try {
    return await runJob(shared);
  } catch (thrown) {
    // The output of a finished run is no obstacle to scoring a file that has changed since.
    if (!(thrown instanceof Changed) || !thrown.finished || options.file === '-') throw thrown;
    note(`${out}: ${nameOf(options.file)} has changed since; starting over`);
    await dropJournal(out);
    return await runJob(shared);
  } finally {
    if (redis.status === 'ready') await queue.close().catch(() => {});
    redis.disconnect();
  }
}

/** The file is not the one that the journal is about. */
class Changed extends InputError {
  readonly finished: boolean;

  constructor(file: string, line: number | undefined, out: string, finished: boolean) {
    super(`differs from what was scored into ${out} before; delete ${out}.queue.json to start over`, {
      file,
      line,
    });
    this.finished = finished;
  }
}

interface Shared {
  readonly options: QueueScoreOptions;
  readonly limits: { readonly rows: number; readonly size: number };
  readonly common: Common;
  readonly redis: Redis;
  readonly queue: Queue;
  readonly retry?: Retry;
  readonly note: (line: string) => void;
}

/** The journal, by the only process that may write it. */
async function holdJournal({ options, common, redis, note }: Shared): Promise<[Journal, Lease]> {
  for (;;) {
    const { id } = (await openJournal(options.out, common)).progress;
    const lease = await takeLease(redis, id, options.out, note);
    try {
      const journal = await openJournal(options.out, common); // what it says now that nobody else writes
      if (journal.progress.id === id) return [journal, lease];
    } catch (thrown) {
      await lease.release();
      throw thrown;
    }
    await lease.release();
  }
}

async function runJob(shared: Shared): Promise<QueueScore> {
  const { options, common, redis, queue, note } = shared;
  const { signal } = options;
  let inFlight = underWay(await patiently(redis, signal, () => muster(redis, options.version, note)));
  const { file } = common;
  const chunks = chunksOf(readRows(options.file, options.format), {
    file,
    names: options.names ?? {},
    limits: shared.limits,
  });
  // A file that cannot be read is said before anything is kept of this run.
  let read: IteratorResult<Chunk> | undefined = await chunks.next();
  const [journal, lease] = await holdJournal(shared).catch(async (thrown: unknown) => {
    await chunks.return(undefined);
    throw thrown;
  });
  const { progress, finished } = journal;
  const before = { rows: progress.rows, chunks: progress.chunks };
  if (before.rows > 0) note(`${options.out}: going on after ${before.rows} rows that are done`);
  const pending: Pending[] = [];
  let size = 0;
  let ended = false;
  let fields: Fields | undefined;
  let share: number | undefined;
  let passed = { chunks: 0, digest: '' };
  /** Jobs whose results are written but not yet durable. */
  let settled: string[] = [];
  let deadNow = 0;
  let failed = false;

  const checkpoint = async () => {
    if (lease.lost) throw new InputError('another process has taken it over', { file: options.out });
    await journal.checkpoint();
    await patiently(redis, signal, () => discard(queue, settled));
    settled = [];
  };

  /** Passes over what an earlier process has done. Throws Changed where it is not the same. */
  const pass = (chunk: Chunk): void => {
    passed = { chunks: passed.chunks + 1, digest: chain(passed.digest, chunk.hash) };
    if (passed.chunks === before.chunks && passed.digest !== progress.digest)
      throw new Changed(file, undefined, options.out, finished);
    // The last ones may still have a job that nobody removed.
    if (passed.chunks > before.chunks - most) settled.push(unitOf(common, chunk).id);
  };

  /** Reads chunks and puts them into the queue until enough are under way. */
  const fill = async (): Promise<boolean> => {
    const fresh: Unit[] = [];
    while (!ended && pending.length < inFlight && (pending.length === 0 || size < windowSize)) {
      const next = read ?? (await chunks.next());
      read = undefined;
      if (next.done) {
        ended = true;
        if (passed.chunks < before.chunks) throw new Changed(file, undefined, options.out, finished);
        break;
      }
      const chunk = next.value;
      fields ??= chunk.fields;
      if (chunk.index < before.chunks) pass(chunk);
      else {
        const whole = unitOf(common, chunk);
        size += chunk.size;
        pending.push({ chunk, units: [whole], spent: [] });
        fresh.push(whole);
        if (fresh.length >= 32) break; // results in between
      }
    }
    await patiently(redis, signal, () => submit(shared, fresh));
    return fresh.length > 0;
  };

  /** Jobs that failed are done again in pieces, down to single rows. */
  const cut = async () => {
    for (const one of pending) {
      const failed = one.units.filter(({ job, end }) => end?.kind === 'dead' && job.lines.length > 1);
      if (failed.length === 0) continue;
      const { job, end } = failed[0]!;
      const reason = end?.kind === 'dead' ? end.reason : '';
      note(
        `${job.lines.length} rows from line ${job.lines[0]} on failed together (${reason}); now in pieces`,
      );
      const fresh: Unit[] = [];
      const units = one.units.flatMap((unit) => {
        if (!failed.includes(unit)) return [unit];
        const parts = split(unit, one.chunk);
        fresh.push(...parts);
        return parts;
      });
      await patiently(redis, signal, () => submit(shared, fresh, true));
      one.spent.push(...failed.map(({ id }) => id));
      one.units = units;
    }
  };

  /** Writes the chunks at the front that are done. */
  const drain = (): boolean => {
    let some = false;
    for (let first = pending[0]; first !== undefined && isDone(first); first = pending[0]) {
      for (const { id, job, end } of first.units) {
        if (end?.kind === 'scored') {
          count(journal, end.result);
          settled.push(id);
        } else if (end !== undefined) {
          progress.dead.push({ row: progress.rows, job: id });
          deadNow++;
          count(journal, deadRow(job, end.reason));
        }
      }
      settled.push(...first.spent);
      progress.chunks = first.chunk.index + 1;
      progress.digest = chain(progress.digest, first.chunk.hash);
      pending.shift();
      size -= first.chunk.size;
      share = first.chunk.share;
      some = true;
    }
    return some;
  };

  try {
    await journal.begin();
    let checkpointAt = performance.now() + checkpointEvery;
    let musterAt = performance.now() + musterEvery;
    for (let pause = 5; (!ended || pending.length > 0) && !signal.aborted; ) {
      const filled = await fill();
      const open = pending.flatMap(({ units }) => units);
      const moved = await patiently(redis, signal, () => poll(shared, open));
      await cut();
      if (drain()) options.progress?.(progress.rows, share);
      if (deadNow > mostDead)
        throw new InputError(
          `over ${mostDead} rows failed on every worker; see 'worker --dead-letters list', then run this again`,
          { file },
        );
      const now = performance.now();
      if (now > checkpointAt) {
        await checkpoint();
        checkpointAt = performance.now() + checkpointEvery;
      }
      if (now > musterAt) {
        inFlight = underWay(await patiently(redis, signal, () => muster(redis, options.version)));
        musterAt = performance.now() + musterEvery;
      }
      pause = filled || moved ? 5 : Math.min(50, 2 * pause);
      if (!filled && !moved) await sleep(pause);
    }
    const complete = !signal.aborted && (await reviveDead(shared, journal, signal));
    await checkpoint();
    if (complete) await journal.commit();
    return { complete, resumed: before.rows, progress, fields };
  } catch (thrown) {
    failed = true;
    if (!lease.lost) await journal.checkpoint().catch(() => {});
    throw thrown;
  } finally {
    await chunks.return(undefined);
    await journal.close();
    // Without a row there is nothing to go on with, and it would be in the way of the next command.
    if (failed && !lease.lost && progress.rows === 0) await dropJournal(options.out).catch(() => {});
    await lease.release().catch(() => {});
  }
}

function isDone({ units }: Pending): boolean {
  return units.every(
    ({ job, end }) => end?.kind === 'scored' || (end !== undefined && job.lines.length === 1),
  );
}

/** Takes lines over into the output and the totals. */
function count({ progress, append }: Journal, { text, rows, outcomes }: ChunkResult): void {
  append(text);
  progress.rows += rows;
  for (const outcome of outcomes) tally(progress, outcome, 1);
}

function chain(digest: string, hash: string): string {
  return createHash('sha256').update(digest).update(hash).digest('hex');
}
