/**
 * Draws docs/images/countdown.svg from a stored run of the recipe `countdown`: `node tools/docs-images.ts STORE RUN`. The
 * README shows it.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openStore } from '../src/store/index.ts';
import { svgPlot } from '../src/train/plot/index.ts';
import { runCurves } from '../src/train/report.ts';

const [path, id] = process.argv.slice(2);
if (path === undefined || id === undefined) {
  console.error('usage: node tools/docs-images.ts STORE RUN');
  process.exit(2);
}
const store = openStore(path, { readOnly: true });
const { id: run, recipe, seed } = store.run(id);
const picture = svgPlot(runCurves(store, run), {
  title: `${recipe}, seed ${seed}`,
  xLabel: 'step',
  yLabel: 'solve rate',
  yRange: [0, 1],
  background: '#ffffff',
});
writeFileSync(resolve(import.meta.dirname, '../docs/images/countdown.svg'), picture);
store.close();
