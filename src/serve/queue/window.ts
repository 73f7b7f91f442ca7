import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { InputError } from '../../core/index.ts';
import { type ChunkJob, type ChunkResult, readResult, refused } from './job.ts';

/** The queue, and the connection that it uses. */
export interface Connected {
  readonly queue: Queue;
  readonly redis: Redis;
  readonly retry?: Retry;
}

/** One job under way: a chunk, or a piece of one that could not be scored whole. */
export interface Unit {
  readonly id: string;
  readonly job: ChunkJob;
  end?: UnitEnd;
}

export type UnitEnd =
  | { readonly kind: 'scored'; readonly result: ChunkResult }
  | { readonly kind: 'dead'; readonly reason: string };

/** How a job is tried again whose scoring fails: the pause doubles with each attempt. */
export interface Retry {
  readonly attempts: number;
  /** Before the second attempt, ms, less up to half of it by chance. */
  readonly pause: number;
}
export const usualRetry: Retry = { attempts: 4, pause: 500 };

/** How long what nobody fetches stays in Redis, s. */
const forgotten = 7 * 24 * 3600;

/** What BullMQ's hash of a job says; all of it is null where there is no such job. */
const fields = ['timestamp', 'finishedOn', 'failedReason', 'returnvalue'] as const;

/**
 * Puts jobs into the queue. A job's id is made of its content, so one that is there already, with its result or under way,
 * is left as it is; but one that a worker refused is tried again. `first`: before all others that wait.
 */
export async function submit(
  { queue, redis, retry = usualRetry }: Connected,
  units: readonly Unit[],
  first = false,
): Promise<void> {
  if (units.length === 0) return;
  for (const [i, about] of (await look({ queue, redis }, units)).entries())
    if (wasRefused(about)) await queue.remove(units[i]!.id);
  await queue.addBulk(
    units.map(({ id, job }) => ({
      name: 'score',
      data: job,
      opts: {
        jobId: id,
        attempts: retry.attempts,
        backoff: { type: 'exponential', delay: retry.pause, jitter: 0.5 },
        removeOnComplete: { age: forgotten },
        removeOnFail: false,
        stackTraceLimit: 1,
        keepLogs: 0,
        lifo: first,
      },
    })),
  );
}

/**
 * Looks how far units are and writes down those that ended. Jobs that are gone (a Redis that kept nothing when it was
 * started again) are put into the queue once more. True where something ended. Throws InputError when a worker refused.
 */
export async function poll(connected: Connected, units: readonly Unit[]): Promise<boolean> {
  const open = units.filter((unit) => unit.end === undefined);
  if (open.length === 0) return false;
  const lost: Unit[] = [];
  let some = false;
  for (const [i, about] of (await look(connected, open)).entries()) {
    const unit = open[i]!;
    if (about.timestamp === null) lost.push(unit);
    if (about.finishedOn === null) continue;
    some = true;
    if (wasRefused(about))
      throw new InputError(
        `a worker cannot score for this client: ${about.failedReason!.slice(refused.length)}`,
      );
    unit.end = endOf(about, unit.job.lines.length);
  }
  await submit(connected, lost);
  return some;
}

const wasRefused = ({ finishedOn, returnvalue, failedReason }: About) =>
  finishedOn !== null && returnvalue === null && failedReason?.startsWith(refused) === true;

/** A job that was scored in the end may still say why an earlier attempt failed. */
export function endOf({ failedReason, returnvalue }: About, rows: number): UnitEnd {
  if (returnvalue === null) return { kind: 'dead', reason: failedReason ?? 'it failed' };
  const result = readResult(returnvalue, rows);
  return result ? { kind: 'scored', result } : { kind: 'dead', reason: 'its result cannot be read' };
}

export type About = { readonly [field in (typeof fields)[number]]: string | null };

/** What Redis knows of jobs now. */
export async function look(
  { queue, redis }: Connected,
  units: readonly { readonly id: string }[],
): Promise<About[]> {
  const pipeline = redis.pipeline();
  for (const { id } of units) pipeline.hmget(queue.toKey(id), ...fields);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, values]) => {
    if (error) throw error;
    const [timestamp, finishedOn, failedReason, returnvalue] = values as (string | null)[];
    return {
      timestamp: timestamp ?? null,
      finishedOn: finishedOn ?? null,
      failedReason: failedReason ?? null,
      returnvalue: returnvalue ?? null,
    };
  });
}

/** Removes jobs whose results are safe. */
export async function discard(queue: Queue, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => queue.remove(id)));
}
