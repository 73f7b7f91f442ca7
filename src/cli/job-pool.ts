import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { InputError, UnsupportedError } from '../core/index.ts';
import type { Job, JobOutcome } from '../train/index.ts';
import type { JobAnswer } from './job-worker.ts';

export interface JobPool {
  run(job: Job): Promise<JobOutcome>;
  /** Shares of the jobs under way, added up: half a job is 0.5. */
  readonly underWay: number;
  close(): Promise<void>;
}

/**
 * Processes that run jobs of one recipe, each with its own engine and its own connection to the store. A process serves one
 * job at a time and is used again; one that dies fails its job with a line that says how. On `signal` each ends its run
 * after the step under way. `onRun` hears which training run a job is.
 */
export function createJobPool(
  named: string,
  store: string,
  {
    threads,
    signal,
    onRun,
  }: {
    readonly threads?: number;
    readonly signal?: AbortSignal;
    readonly onRun?: (job: Job, run: string) => void;
  },
): JobPool {
  const free: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const shares = new Map<ChildProcess, number>();
  const script = `job-worker${extname(import.meta.filename)}`;
  const start = (): ChildProcess => {
    const child = fork(new URL(script, import.meta.url), [named, store], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced', // metrics may be NaN, which JSON has no word for
    });
    all.add(child);
    child.on('exit', () => all.delete(child));
    return child;
  };
  const stop = () => {
    for (const child of all) child.kill('SIGTERM');
  };
  signal?.addEventListener('abort', stop);
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const child = free.pop() ?? start();
        const end = () => {
          shares.delete(child);
          child.off('message', onMessage);
          child.off('exit', onExit);
        };
        const onExit = (code: number | null, by: string | null) => {
          end();
          reject(
            new Error(
              `the process of arm '${job.arm}', seed ${job.seed}, ended ${by ? `by ${by}` : `with ${code}`}`,
            ),
          );
        };
        const onMessage = (answer: JobAnswer) => {
          if ('share' in answer) {
            shares.set(child, answer.share);
            return;
          }
          if ('run' in answer) {
            onRun?.(job, answer.run);
            return;
          }
          end();
          free.push(child);
          if ('outcome' in answer) resolve(answer.outcome);
          else reject(revived(answer));
        };
        child.on('message', onMessage);
        child.once('exit', onExit);
        child.send({ ...job, threads });
      }),
    get underWay() {
      return [...shares.values()].reduce((sum, share) => sum + share, 0);
    },
    async close() {
      signal?.removeEventListener('abort', stop);
      await Promise.all(
        [...all].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once('exit', () => resolve());
              child.kill('SIGTERM');
            }),
        ),
      );
    },
  };
}

/** The user's own mistakes stay the user's own: they end in one line and exit code 2. */
function revived({ error, kind }: { readonly error: string; readonly kind: string }): Error {
  if (kind === 'InputError') return new InputError(error);
  if (kind === 'UnsupportedError') return new UnsupportedError(error);
  return new Error(error);
}
