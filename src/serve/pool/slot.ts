import { Worker } from 'node:worker_threads';
import { InputError, oneLine } from '../../core/index.ts';
import type { ServedReward, WorkerReady, WorkerStart } from './protocol.ts';

export interface StartedWorker {
  readonly thread: Worker;
  readonly rewards: { readonly [served: string]: ServedReward };
}

/** Starts one thread and waits until it has loaded the rewards. Throws InputError when it cannot. */
export async function startWorker(data: WorkerStart): Promise<StartedWorker> {
  // Sources run as they are in a checkout; the package holds them compiled.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  const thread = new Worker(entry, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: data.memory, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
    stdout: true,
    stderr: true,
  });
  // What a reward prints is for the person, never for a program that reads our output.
  thread.stdout.on('data', (chunk) => process.stderr.write(chunk));
  thread.stderr.on('data', (chunk) => process.stderr.write(chunk));
  const ready = await new Promise<WorkerReady>((resolve) => {
    const unusable = (message: string) => resolve({ kind: 'unusable', message });
    const timer = setTimeout(() => unusable('the rewards did not load within 60 s'), 60_000);
    const settle = (word: WorkerReady) => {
      clearTimeout(timer);
      resolve(word);
    };
    thread.once('message', settle);
    thread.once('error', (error) => settle({ kind: 'unusable', message: oneLine(error) }));
    thread.once('exit', () => settle({ kind: 'unusable', message: 'the rewards ended their thread' }));
  });
  thread.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  thread.on('error', () => {});
  if (ready.kind === 'unusable') {
    await thread.terminate();
    throw new InputError(ready.message);
  }
  return { thread, rewards: ready.rewards };
}
