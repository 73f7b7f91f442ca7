/** The thread that fills the index, a slice at a time, and rests as long as it worked: a training run comes first. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import { createFill, type FillPaths } from './fill.ts';

/** What the thread says: why it cannot fill the index now, undefined once it can again. */
export interface FillerReport {
  readonly error: string | undefined;
}

const slice = { samples: 4000, milliseconds: 100 };
const restMilliseconds = { atLeast: 5, whenDone: 500 };

const fill = createFill(workerData as FillPaths);
let focus: string | undefined;
let ended = false;
let error: string | undefined;
parentPort!.on('message', (message: { focus?: string; end?: true }) => {
  if (message.end) ended = true;
  else focus = message.focus;
});

while (!ended) {
  const before = process.threadCpuUsage();
  let added = 0;
  let failed: string | undefined;
  try {
    added = fill.round(slice, focus);
  } catch (thrown) {
    failed = oneLine(thrown);
  }
  if (failed !== error) parentPort!.postMessage({ error: failed } satisfies FillerReport);
  error = failed;
  const { user, system } = process.threadCpuUsage(before);
  const worked = (user + system) / 1000;
  await sleep(added === 0 ? restMilliseconds.whenDone : Math.max(restMilliseconds.atLeast, worked));
}
fill.close();
parentPort!.close();
