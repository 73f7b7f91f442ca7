import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { canonicalJson, contentHash, describe, InputError, type Json } from '../core/index.ts';
import { defaultStorePath, openStore, writeFileAtomic } from '../store/index.ts';
import {
  armsOf,
  type JobLog,
  jobKey,
  jobLine,
  jobOfKey,
  type Recipe,
  type Reproduction,
  readJobLines,
  reproduce,
  type Study,
} from '../train/index.ts';
import { defineCommand, integer } from './command.ts';
import { createJobPool } from './job-pool.ts';
import { loadRecipe } from './load.ts';

interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly jobs: number;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly store: string;
  readonly out?: string;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .argument('<name>', 'name of a recipe or study, or path of a module that exports one')
      .option('--seeds <n>', 'how many seeds', integer({ min: 1, max: 1000 }), 5)
      .option('--seed <first>', 'the first seed', integer({ min: 0 }), 100)
      .option(
        '--jobs <n>',
        'runs at once, each in a process of its own',
        integer({ min: 1, max: 256 }),
        availableParallelism(),
      )
      .option('--threads <n>', 'threads of each run (default: cores / jobs)', integer({ min: 1, max: 256 }))
      .option('--resume', 'go on with what an earlier reproduction of this recipe, unchanged, has done')
      .option('--store <file>', 'the run store', defaultStorePath)
      .option(
        '--out <folder>',
        'write the result to <folder>/<name>.json too, besides the folder reproductions at the store',
      ),
  run: async ([named], options, terminal) => {
    const what = await loadRecipe(named!);
    const { expected } = what.kind === 'recipe' ? what.recipe : what.study;
    if (!expected)
      throw new InputError(`recipe '${what.name}' expects nothing, so there is nothing to judge`, {
        field: 'expected',
      });
    openStore(options.store).close(); // a store that cannot be written is said once, before any process starts
    const folder = join(dirname(options.store), 'reproductions');
    const log = openLog(folder, what, options.resume ?? false);
    const live = terminal.progress('jobs');
    const total = options.seeds * armsOf(what).length;
    const { jobs } = options;
    const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / jobs));
    const signal = terminal.interrupts();
    const pool = createJobPool(named!, options.store, { threads, signal });
    let done = 0;
    const ticks = setInterval(() => live.update(done + pool.underWay, (done + pool.underWay) / total), 500);
    const seeds = Array.from({ length: options.seeds }, (_, i) => options.seed + i);
    for (const seed of seeds) for (const arm of armsOf(what)) if (log.get({ arm, seed })) done++;
    if (done > 0) terminal.note(`${done} of ${total} jobs are done already`);
    try {
      const nothingLeft = done === total;
      const now = await reproduce(what, {
        seeds,
        atOnce: jobs,
        log,
        run: pool.run,
        onArm: (arm, seed, metrics) => {
          done++;
          live.end();
          terminal.note(`${what.name} ${arm} seed ${seed}: ${short(metrics)}`);
        },
      });
      const path = join(folder, `${what.name}.json`);
      const result = nothingLeft ? { ...now, seconds: secondsOf(path) ?? now.seconds } : now;
      const text = `${JSON.stringify(describe(result), null, 2)}\n`;
      await writeFileAtomic(path, text);
      if (options.out !== undefined) await writeFileAtomic(join(options.out, `${what.name}.json`), text);
      return { json: describe(result), text: table(result), ok: result.holds };
    } catch (thrown) {
      if (done > 0) terminal.note(`${done} of ${total} jobs are done; --resume goes on from there`);
      throw thrown;
    } finally {
      clearInterval(ticks);
      live.end();
      await pool.close();
    }
  },
});

/**
 * The log of a reproduction under way, one line a job, in a file named by the recipe's content: another recipe, or one that
 * was changed, does not find it. What changed in Assay itself is not noticed.
 */
function openLog(folder: string, what: Recipe | Study, resume: boolean): JobLog {
  const key = contentHash(canonicalJson(describe(what.options) as Json)).slice(0, 12);
  const file = join(folder, `${what.name}-${key}.jsonl`);
  mkdirSync(folder, { recursive: true });
  let done: ReturnType<typeof readJobLines> = new Map();
  if (resume)
    try {
      done = readJobLines(readFileSync(file, 'utf8'));
    } catch {
      // There is none: nothing was done yet.
    }
  else rmSync(file, { force: true });
  // A last line that a kill cut short must not run into the next one.
  if (done.size > 0)
    writeFileSync(file, [...done].map(([key, outcome]) => jobLine(jobOfKey(key), outcome)).join(''));
  return {
    get: (job) => done.get(jobKey(job)),
    add: (job, outcome) => appendFileSync(file, jobLine(job, outcome)),
  };
}

/** What the reproduction took that ended in this file. */
function secondsOf(path: string): number | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).seconds;
  } catch {
    return undefined;
  }
}

/** The figures that a person looks at while it runs. */
function short(metrics: { readonly [name: string]: number }): string {
  return Object.entries(metrics)
    .filter(([name]) => !/^(mean|last)\./.test(name))
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ');
}

/** Arms with their intervals, then each expectation and whether it held. */
function table({ arms, expected, metric, holds, seconds }: Reproduction): string {
  const f = (x: number) => (Number.isFinite(x) ? x.toFixed(4) : String(x));
  const width = Math.max(...arms.map(({ name }) => name.length));
  return [
    `${metric}, mean and 95 % interval over ${arms[0]?.seeds.length ?? 0} seeds:`,
    ...arms.map(
      ({ name, metric: { mean, low, high, values } }) =>
        `  ${name.padEnd(width)}  ${f(mean)}  [${f(low)}, ${f(high)}]  ${values.map(f).join(' ')}`,
    ),
    ...expected.map(
      ({ arm, over, direction, by = 0, metric: own, difference: { mean, low, high }, holds: held }) =>
        `${arm} − ${over}${own ? ` (${own})` : ''} ${direction}${by ? ` by ${by}` : ''}: ${f(mean)} [${f(low)}, ${f(high)}] ${held ? 'holds' : 'does not hold'}`,
    ),
    `${holds ? 'holds' : 'does not hold'} (${Math.round(seconds)} s)`,
  ].join('\n');
}
