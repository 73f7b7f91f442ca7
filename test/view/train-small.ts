/** The small run in a process of its own, as `train` would do it: `node test/view/train-small.ts FOLDER`. */
import { join } from 'node:path';
import { openStore } from '../../src/store/index.ts';
import { train } from '../../src/train/index.ts';
import { smallRecipe } from './small-run.ts';

const folder = process.argv[2]!;
const store = openStore(join(folder, 'assay.db'));
await train(smallRecipe(24, 12), { seed: 3, store, folder, threads: 1 });
store.close();
