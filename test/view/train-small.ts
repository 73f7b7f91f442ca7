/**
 * The small run in a process of its own, as `train` would do it: `node test/view/train-small.ts FOLDER`. Half-way it
 * waits for a file `go-on` in the folder, so that who looks at it sees it grow however slow the machine is.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/store/index.ts';
import { train } from '../../src/train/index.ts';
import { smallRecipe } from './small-run.ts';

const folder = process.argv[2]!;
const store = openStore(join(folder, 'assay.db'));
const asleep = new Int32Array(new SharedArrayBuffer(4));
await train(smallRecipe(24, 12), {
  seed: 3,
  store,
  folder,
  threads: 1,
  onProgress: ({ step }) => {
    if (step === 18) while (!existsSync(join(folder, 'go-on'))) Atomics.wait(asleep, 0, 0, 20);
  },
});
store.close();
