/** Error rates of `math` on the labelled pairs: node bench/accuracy/math.ts [--show] [FILE] */
import { existsSync, readFileSync } from 'node:fs';
import { mathOptions, scoreMath } from '../../src/verify/math/index.ts';

interface Row {
  readonly id: string;
  readonly gold: string;
  readonly pred: string;
  readonly equal: boolean;
  readonly category: string;
}

const file =
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
  '../shared/data/math-equivalence/dev.jsonl';
if (!existsSync(file)) {
  console.log(`${file} is not here: nothing to measure`);
  process.exit(0);
}
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);
const options = mathOptions.parse({});
const counts = { positive: 0, negative: 0, falsePositive: 0, falseNegative: 0, none: 0 };
const slow: [number, string][] = [];
for (const row of rows) {
  const start = performance.now();
  const found = scoreMath(row.pred, row.gold, options);
  slow.push([performance.now() - start, row.id]);
  counts[row.equal ? 'positive' : 'negative']++;
  if (found.value === null) counts.none++;
  const wrong = found.value === null || (found.value === 1) !== row.equal;
  if (!wrong) continue;
  counts[row.equal ? 'falseNegative' : 'falsePositive']++;
  if (process.argv.includes('--show'))
    console.log(
      `${row.equal ? 'FN' : 'FP'} ${found.value === null ? 'NONE ' : ''}${row.id} [${row.category}] ${row.gold}  ||  ${row.pred.slice(0, 160)}\n      ${found.reason}`,
    );
}
const errors = counts.falsePositive + counts.falseNegative;
console.log({
  n: rows.length,
  accuracy: 1 - errors / rows.length,
  falsePositiveRate: counts.falsePositive / counts.negative,
  falseNegativeRate: counts.falseNegative / counts.positive,
  ...counts,
});
