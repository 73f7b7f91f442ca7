import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, InputError } from '../core/index.ts';
import { defaultStorePath, openStore, writeFileAtomic } from '../store/index.ts';
import { armsOf, reproduce, type Scalar, sweep, variationName, vary } from '../train/index.ts';
import { choiceOf, defineCommand, integer } from './command.ts';
import { openLog } from './job-log.ts';
import { createJobPool } from './job-pool.ts';
import { loadRecipe } from './load.ts';
import { metricsLine, reproductionTable, sweepTable } from './reproduce-report.ts';
import { type Varied, variedField } from './varied-field.ts';

interface Options {
  readonly seeds: number;
  readonly seed?: number;
  readonly vary?: Varied;
  readonly best?: 'highest' | 'lowest';
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
      .option(
        '--seed <first>',
        'the first seed (default: 100; with --vary 0, since settings are not chosen on reported seeds)',
        integer({ min: 0 }),
      )
      .option(
        '--vary <field=v1,v2>',
        'run every arm at each value of a field, such as optimizer.learningRate=x0.3,x1,x3, and judge with each arm at its own best value',
        variedField,
      )
      .option(
        '--best <which>',
        'with --vary: the best value is that with the highest (default) or lowest mean of the metric',
        choiceOf(['highest', 'lowest'] as const),
      )
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
        'write the result to <folder>/<name>.json (with --vary <name>.sweep.json) too, besides the folder reproductions at the store',
      )
      .addHelpText('after', aboutVary),
  run: async ([named], options, terminal) => {
    const what = await loadRecipe(named!);
    const { expected } = what.kind === 'recipe' ? what.recipe : what.study;
    if (!expected)
      throw new InputError(`recipe '${what.name}' expects nothing, so there is nothing to judge`, {
        field: 'expected',
      });
    const varied = options.vary;
    if (!varied && options.best) throw new InputError('--best goes with --vary');
    const variants = varied?.values.map((value) => vary(what, { field: varied.field, value })) ?? [what];
    openStore(options.store).close(); // a store that cannot be written is said once, before any process starts
    const folder = join(dirname(options.store), 'reproductions');
    const logs = variants.map((variant) => openLog(folder, variant, options.resume ?? false));
    const live = terminal.progress('jobs');
    const total = options.seeds * armsOf(what).length * variants.length;
    const { jobs } = options;
    const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / jobs));
    const signal = terminal.interrupts();
    const pool = createJobPool(named!, options.store, { threads, signal });
    let done = 0;
    const ticks = setInterval(() => live.update(done + pool.underWay, (done + pool.underWay) / total), 500);
    const first = options.seed ?? (varied ? 0 : 100);
    const seeds = Array.from({ length: options.seeds }, (_, i) => first + i);
    for (const log of logs)
      for (const seed of seeds) for (const arm of armsOf(what)) if (log.get({ arm, seed })) done++;
    if (done > 0) terminal.note(`${done} of ${total} jobs are done already`);
    const tell = (
      arm: string,
      seed: number,
      metrics: { readonly [name: string]: number },
      value?: Scalar,
    ) => {
      done++;
      live.end();
      const at = varied && value !== undefined ? ` ${variationName({ field: varied.field, value })}` : '';
      terminal.note(`${what.name} ${arm}${at} seed ${seed}: ${metricsLine(metrics)}`);
    };
    const nothingLeft = done === total;
    const judging = { seeds, atOnce: jobs, run: pool.run };
    try {
      const now = varied
        ? await sweep(what, {
            ...judging,
            ...varied,
            best: options.best,
            logOf: (i) => logs[i]!,
            onArm: (value, arm, seed, metrics) => tell(arm, seed, metrics, value),
          })
        : await reproduce(what, { ...judging, log: logs[0]!, onArm: tell });
      const file = `${what.name}${varied ? '.sweep' : ''}.json`;
      const path = join(folder, file);
      const result = nothingLeft ? { ...now, seconds: secondsOf(path) ?? now.seconds } : now;
      const text = `${JSON.stringify(describe(result), null, 2)}\n`;
      await writeFileAtomic(path, text);
      if (options.out !== undefined) await writeFileAtomic(join(options.out, file), text);
      return {
        json: describe(result),
        text: 'kind' in result ? sweepTable(result) : reproductionTable(result),
        ok: result.holds,
      };
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

/** What `--help` says of the values of `--vary`. */
const aboutVary = `
--vary FIELD=V1,V2,…: FIELD is a path of names in the recipe with dots between (optimizer.learningRate, groups,
warmStart.optimizer.learningRate, stages.NAME.steps); it is changed in every arm, wherever the recipe, the arm, one of
its stages or (of optimizer) an update of the policy sets it; the warm start has its own path. A value is a number or another JSON
scalar, which takes the place of what stands there, or a factor: x0.5 multiplies what stands there, number or schedule. Options of
what a function made (grpo({…}), embedded({…})) cannot be varied. A study can be varied where it declares settings.
Each arm's best value is chosen on the same seeds that it is judged on; of equal means the value that was given first is chosen.
`;

/** What the reproduction took that ended in this file. */
function secondsOf(path: string): number | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).seconds;
  } catch {
    return undefined;
  }
}
