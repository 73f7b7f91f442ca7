import { Worker } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import type { ChunkJob, ChunkResult } from './job.ts';

export type ThreadAnswer =
  | { readonly kind: 'started' }
  | { readonly kind: 'scored'; readonly result: ChunkResult }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

export type ChunkAnswer = Exclude<ThreadAnswer, { kind: 'started' }>;

export interface ScoringThread {
  /** Resolves when it has started, so that no chunk waits for that under its lock. */
  started(): Promise<void>;
  /** One chunk at a time. Always resolves: a thread that dies or hangs is `failed`, and is replaced for the next chunk. */
  score(job: ChunkJob): Promise<ChunkAnswer>;
  close(): Promise<void>;
}

/** What a thread may take for starting and loading its reward, and a chunk that runs together on top of its samples, ms. */
const loading = 60_000;

/**
 * A thread that scores chunks, so that the lock of a chunk is renewed however long a row takes. `memory` is its heap in MiB.
 * A row that does not end within its time limit, which no reward of the catalogue should ever do, takes the thread with it.
 */
export function scoringThread(memory: number): ScoringThread {
  const pulse = new Int32Array(new SharedArrayBuffer(8));
  let thread: Worker | undefined;

  const start = (): Worker => {
    // Sources run as they are in a checkout; the package holds them compiled.
    const entry = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);
    const started = new Worker(entry, {
      workerData: { pulse: pulse.buffer },
      resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
      stdout: true,
      stderr: true,
    });
    // What a reward prints is for the person, never for a program that reads our output.
    started.stdout.on('data', (chunk) => process.stderr.write(chunk));
    started.stderr.on('data', (chunk) => process.stderr.write(chunk));
    started.on('error', () => {});
    started.once('exit', () => {
      if (thread === started) thread = undefined;
    });
    return started;
  };

  thread = start();
  const first = thread;
  const begun = new Promise<void>((resolve) => {
    first.once('message', () => resolve());
    first.once('exit', () => resolve());
  });
  return {
    started: () => begun,
    score: (job) => {
      thread ??= start();
      const running = thread;
      const seconds = job.seconds ?? 10;
      return new Promise((resolve) => {
        let beats = -1;
        let since = performance.now();
        const settle = (answer: ChunkAnswer) => {
          clearInterval(clock);
          running.off('message', onMessage);
          running.off('error', onError);
          running.off('exit', onExit);
          resolve(answer);
        };
        const onMessage = (answer: ThreadAnswer) => {
          if (answer.kind !== 'started') settle(answer);
        };
        const failed = (message: string) => settle({ kind: 'failed', message });
        const onError = (error: NodeJS.ErrnoException) =>
          failed(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? `the reward went over the worker's ${memory} MiB`
              : `the reward ended its thread: ${oneLine(error)}`,
          );
        const onExit = () => failed('the reward ended its thread');
        const began = Atomics.load(pulse, 0);
        const clock = setInterval(() => {
          const now = Atomics.load(pulse, 0);
          if (now !== beats) {
            beats = now;
            since = performance.now();
            return;
          }
          const together = Atomics.load(pulse, 1);
          const limit =
            now === began ? loading : together > 0 ? together * seconds * 1000 + loading : seconds * 1000;
          if (performance.now() - since <= limit) return;
          if (thread === running) thread = undefined;
          void running.terminate();
          failed(now === began ? 'the reward did not load in time' : `a row took over ${seconds} s`);
        }, 100);
        running.on('message', onMessage);
        running.once('error', onError);
        running.once('exit', onExit);
        running.postMessage(job);
      });
    },
    close: async () => {
      const ending = thread;
      thread = undefined;
      await ending?.terminate();
    },
  };
}
