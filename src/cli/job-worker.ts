/** The process in which jobs of a reproduction run: a recipe's name comes as an argument, jobs as messages. */
import { dirname } from 'node:path';
import { oneLine } from '../core/index.ts';
import { openStore } from '../store/index.ts';
import { type Job, type JobOutcome, runJob } from '../train/index.ts';
import { runFolder } from '../train/report.ts';
import { loadRecipe } from './load.ts';
import { saveOrigin } from './run-origin.ts';

/** What the worker answers a job with: its outcome, or why there is none; before that its training run, and how far it is. */
export type JobAnswer =
  | { readonly outcome: JobOutcome }
  | { readonly error: string; readonly kind: string }
  | { readonly run: string }
  | { readonly share: number };

const [named, path] = process.argv.slice(2) as [string, string];
let busy = false;
const stopping = new AbortController();
const stop = () => {
  stopping.abort();
  if (!busy) process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
// The one who asked is gone: what was done is stored with a checkpoint, and nobody waits for the rest.
process.on('disconnect', stop);

const send = (answer: JobAnswer) => {
  if (process.connected) process.send!(answer);
};
const what = loadRecipe(named);
const store = openStore(path);

process.on('message', async (job: Job & { readonly threads?: number }) => {
  busy = true;
  try {
    const { threads, ...rest } = job;
    let told = 0;
    const outcome = await runJob(await what, rest, {
      store,
      folder: dirname(path),
      threads,
      signal: stopping.signal,
      onProgress: ({ kind, run, step, steps }) => {
        if (kind === 'start') {
          saveOrigin(runFolder(dirname(path), run), { from: '', recipe: named });
          send({ run });
        }
        if (kind !== 'step' || performance.now() - told < 500) return;
        told = performance.now();
        send({ share: step / steps });
      },
    });
    send({ outcome });
  } catch (thrown) {
    send({ error: oneLine(thrown), kind: thrown instanceof Error ? thrown.name : 'Error' });
  }
  busy = false;
  if (stopping.signal.aborted) process.exit(0);
});
what.catch(() => {}); // each job says it
