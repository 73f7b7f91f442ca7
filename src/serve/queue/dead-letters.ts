import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { InputError, oneLine } from '../../core/index.ts';
import { chunkJob, refused } from './job.ts';
import { openQueue } from './open-queue.ts';
import { openRedis } from './redis.ts';
import { submit } from './window.ts';

/** A job that failed for good. */
export interface DeadLetter {
  readonly id: string;
  readonly file: string;
  readonly reward: string;
  /** Where its first row stands in the file, and how many rows it has: more than one are done in pieces by their client. */
  readonly line: number;
  readonly rows: number;
  readonly reason: string;
}

export type DeadLetterAction = 'list' | 'retry' | 'discard';

const page = 100;

/**
 * The dead letters of the queue: lists them, puts those of single rows back into the queue (the client that runs, or the
 * same `score` again, then puts their verdicts in place), or removes them. Gives the ones it was done to.
 */
export async function deadLetters(
  { url, version }: { readonly url: string; readonly version: string },
  action: DeadLetterAction,
): Promise<DeadLetter[]> {
  const redis = await openRedis(url);
  const queue = openQueue(redis, version);
  try {
    const all: DeadLetter[] = [];
    for (let at = 0; ; ) {
      const jobs = await queue.getFailed(at, at + page - 1);
      if (jobs.length === 0) return all;
      for (const job of jobs) {
        const letter = letterOf(job);
        const done = letter !== undefined && (await apply(queue, redis, job, letter, action));
        if (done) all.push(letter);
        if (!done || action === 'list') at++; // it is still there
      }
    }
  } catch (thrown) {
    throw thrown instanceof InputError ? thrown : new InputError(`Redis refuses: ${oneLine(thrown)}`);
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}

/** Undefined for what is none: a refusal, which its client is told, or a job of something else. */
function letterOf(job: Job): DeadLetter | undefined {
  const data = chunkJob.safeParse(job.data);
  if (!data.success || job.failedReason?.startsWith(refused)) return undefined;
  const { file, reward, lines } = data.data;
  return { id: job.id!, file, reward, line: lines[0]!, rows: lines.length, reason: job.failedReason };
}

async function apply(
  queue: Queue,
  redis: Redis,
  job: Job,
  { id, rows }: DeadLetter,
  action: DeadLetterAction,
): Promise<boolean> {
  if (action === 'list') return true;
  if (action === 'retry' && rows > 1) return false;
  // Made anew, so that how often it failed is forgotten as well.
  if ((await queue.remove(id)) !== 1) return false;
  if (action === 'retry') await submit({ queue, redis }, [{ id, job: chunkJob.parse(job.data) }]);
  return true;
}
