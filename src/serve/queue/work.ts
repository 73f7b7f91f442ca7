import { hostname } from 'node:os';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { oneLine } from '../../core/index.ts';
import { type ChunkResult, chunkJob, prefix, queueName, refused } from './job.ts';
import { openRedis, placeOf } from './redis.ts';
import { type ScoringThread, scoringThread } from './scoring-thread.ts';
import { announce } from './workers.ts';

export interface QueueWorkerOptions {
  readonly url: string;
  /** Assay's version: workers take jobs of clients of the same one. */
  readonly version: string;
  /** Chunks that are scored at once, each on a thread of its own. */
  readonly concurrency: number;
  /** MiB of heap of a thread. Default 2048. */
  readonly memory?: number;
  /** A chunk whose worker has not been heard of for so long goes to another. Default 30. */
  readonly lockSeconds?: number;
  readonly note?: (line: string) => void;
  /** What scores, `concurrency` of them. Default: a thread with `memory`. */
  readonly thread?: () => ScoringThread;
}

export interface QueueWorker {
  readonly place: string;
  /** So far: chunks scored, their rows, attempts that failed. */
  readonly done: { readonly chunks: number; readonly rows: number; readonly failures: number };
  /** Takes nothing new, finishes what is under way (for so long at most, ms), and ends. */
  close(within?: number): Promise<void>;
}

/** How often a chunk may lose its worker before it is given up: often, since workers also die for reasons of their own. */
const lostWorkers = 5;

/** A worker of the queue of offline batches. Throws InputError when Redis cannot be used. */
export async function startQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { url, version, concurrency, memory = 2048, lockSeconds = 30, note = () => {} } = options;
  const { thread: create = () => scoringThread(memory) } = options;
  const redis = await openRedis(url, note);
  const free = Array.from({ length: concurrency }, create);
  const threads = [...free];
  await Promise.all(threads.map((thread) => thread.started()));
  const done = { chunks: 0, rows: 0, failures: 0 };
  const self = `worker ${process.pid} on ${hostname()}`;

  const score = async (job: Job): Promise<ChunkResult> => {
    const data = chunkJob.safeParse(job.data);
    if (!data.success) throw new UnrecoverableError(`${refused}${self} cannot read the job`);
    const thread = free.pop()!; // BullMQ hands out no more than `concurrency` at once
    try {
      const answer = await thread.score(data.data);
      if (answer.kind !== 'scored')
        throw answer.kind === 'refused'
          ? new UnrecoverableError(`${refused}${self}: ${answer.message}`)
          : new Error(answer.message);
      done.chunks++;
      done.rows += answer.result.rows;
      return answer.result;
    } finally {
      free.push(thread);
    }
  };

  const worker = new Worker(queueName(version), score, {
    connection: redis,
    prefix,
    concurrency,
    lockDuration: lockSeconds * 1000,
    stalledInterval: lockSeconds * 500,
    maxStalledCount: lostWorkers,
    runRetryDelay: 1000,
  });
  worker.on('failed', (job, thrown) => {
    done.failures++;
    note(`${job?.id ?? 'a chunk'}: ${oneLine(thrown)}`);
  });
  worker.on('stalled', (id) => note(`${id}: its worker is lost; the chunk is taken up again`));
  worker.on('error', (thrown) => {
    // The connection's own troubles are told by its handler.
    if (!/^(Connection is closed|connect E|read E|write E)/.test(thrown.message)) note(oneLine(thrown));
  });
  await worker.waitUntilReady();
  const presence = await announce(redis, { version, concurrency });

  return {
    place: placeOf(url),
    done,
    close: async (within = 30_000) => {
      const timer = new Promise<void>((late) => setTimeout(late, within).unref());
      await Promise.race([Promise.allSettled([presence.stop(), worker.close()]), timer]);
      await Promise.all(threads.map((thread) => thread.close()));
      redis.disconnect();
    },
  };
}
