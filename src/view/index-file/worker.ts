/** The thread that fills the index, a slice at a time, and rests as long as it worked: a training run comes first. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '../../store/index.ts';
import { createChunkFiller } from './chunks.ts';
import { openIndex } from './file.ts';
import { createFiller } from './fill-text.ts';

export interface FillerStart {
  readonly store: string;
  readonly index: string;
}

const slice = { samples: 4000, milliseconds: 100 };
const restMilliseconds = { atLeast: 5, whenDone: 500 };

const { store: path, index } = workerData as FillerStart;
let focus: string | undefined;
let ended = false;
parentPort!.on('message', (message: { focus?: string; end?: true }) => {
  if (message.end) ended = true;
  else focus = message.focus;
});

while (!ended && !existsSync(path)) await sleep(restMilliseconds.whenDone);
if (!ended) {
  const store = openStore(path, { readOnly: true });
  const db = openIndex(index);
  const chunks = createChunkFiller(db, store);
  const texts = createFiller(db, store);
  while (!ended) {
    const before = process.threadCpuUsage();
    store.changed();
    const added = chunks.fill(slice.milliseconds, focus) + texts.fill(slice, focus);
    const { user, system } = process.threadCpuUsage(before);
    const worked = (user + system) / 1000;
    await sleep(added === 0 ? restMilliseconds.whenDone : Math.max(restMilliseconds.atLeast, worked));
  }
  db.close();
  store.close();
}
parentPort!.close();
