/**
 * Reproduces every paper's recipe and study, one after the other, each with its jobs in parallel: `npm run reproduce:all --
 * --seeds 3 --seed 100`. Options are those of `reproduce`. Interrupted, it goes on where it stopped. Ends with a table, and with
 * exit code 1 when something expected did not hold.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '100' },
    jobs: { type: 'string' },
    store: { type: 'string' },
    out: { type: 'string' },
  },
});

const assay = (...args: string[]) => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
      ...args,
      '--json',
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 },
  );
  if (status === null || status > 1) process.exit(status ?? 1);
  return JSON.parse(stdout);
};

const options = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value!]);
const listed: { name: string; paper?: string }[] = assay('recipes');
const wanted = listed.filter(
  ({ name, paper }) => paper !== undefined && (positionals.length === 0 || positionals.includes(name)),
);
const began = performance.now();
const rows = wanted.map(({ name, paper }) => {
  process.stderr.write(`\n${name}\n`);
  const result = assay('reproduce', name, '--resume', ...options);
  return { name, paper, holds: result.holds as boolean, seconds: result.seconds as number };
});
const width = Math.max(...rows.map(({ name }) => name.length));
for (const { name, paper, holds, seconds } of rows)
  console.log(
    `${name.padEnd(width)}  ${holds ? 'holds        ' : 'does not hold'}  ${seconds.toFixed(0).padStart(5)} s  ${paper}`,
  );
const papers = Map.groupBy(rows, ({ name, paper }) => (name === paper ? 'papers' : 'further'));
const held = papers.get('papers')?.filter(({ holds }) => holds).length ?? 0;
console.log(
  `${held} of ${papers.get('papers')?.length ?? 0} papers hold; ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
);
process.exit(rows.every(({ holds }) => holds) ? 0 : 1);
