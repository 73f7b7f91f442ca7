import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { canonicalJson, contentHash, describe, InputError, type Json } from '../core/index.ts';
import { defaultStorePath, openStore, writeFileAtomic } from '../store/index.ts';
import {
  type Job,
  type Recipe,
  reproduce,
  type Scalar,
  type Study,
  sweep,
  variationName,
  vary,
} from '../train/index.ts';
import { choiceOf, defineCommand, integer, path } from './command.ts';
import { createJobPool } from './job-pool.ts';
import { isModulePath, loadRecipe } from './load.ts';
import { metricsLine, reproductionTable, sweepTable } from './reproduce-report.ts';
import { reproductionList } from './reproduction-list.ts';
import { openReproduction } from './reproduction-record.ts';
import { Interrupted } from './terminal.ts';
import { type Varied, variedField } from './varied-field.ts';

interface Options {
  readonly seeds: number;
  readonly seed?: number;
  readonly vary?: Varied;
  readonly best?: 'highest' | 'lowest';
  readonly jobs: number;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly list?: boolean;
  readonly store: string;
  readonly out?: string;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .argument('[name]', 'name of a recipe or study, or path of a module that exports one')
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
      .option('--list', 'what the run store has of reproductions, all or those of a name or module')
      .option('--store <file>', 'the run store, which holds jobs and results', path, defaultStorePath)
      .option(
        '--out <folder>',
        'write the result to <folder>/<name>.json too (with --vary <name>.sweep.json)',
        path,
      )
      .addHelpText('after', aboutVary),
  run: async ([named], options, terminal) => {
    if (options.list) return stored(options.store, named);
    if (named === undefined) throw new InputError('name a recipe or study, or say --list');
    const what = await loadRecipe(named);
    const { expected } = what.kind === 'recipe' ? what.recipe : what.study;
    if (!expected || (Array.isArray(expected) && expected.length === 0))
      throw new InputError(`recipe '${what.name}' expects nothing, so there is nothing to judge`, {
        field: 'expected',
      });
    const varied = options.vary;
    if (!varied && options.best) throw new InputError('--best goes with --vary');
    const variations = varied?.values.map((value) => {
      const variation = { field: varied.field, value };
      return { name: variationName(variation), what: vary(what, variation) };
    });
    const first = options.seed ?? (varied ? 0 : 100);
    const seeds = Array.from({ length: options.seeds }, (_, i) => first + i);
    const { jobs, resume } = options;
    const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / jobs));
    const signal = terminal.interrupts();
    const store = openStore(options.store); // one that cannot be written is said once, before any process starts
    try {
      const record = openReproduction(store, what, { seeds, resume, variations, signal });
      if (resume && record.done === 0) noteOldLog(options.store, what, terminal.note);
      const live = terminal.progress('jobs');
      const total = record.jobs;
      const pool = createJobPool(named, options.store, { threads, signal, onRun: record.link });
      let { done } = record;
      const ticks = setInterval(() => live.update(done + pool.underWay, (done + pool.underWay) / total), 500);
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
      const judging = { seeds, atOnce: jobs, run: (job: Job) => record.run(job, pool.run) };
      try {
        const now = varied
          ? await sweep(what, {
              ...judging,
              ...varied,
              best: options.best,
              logOf: record.logOf,
              onArm: (value, arm, seed, metrics) => tell(arm, seed, metrics, value),
            })
          : await reproduce(what, { ...judging, log: record.logOf(), onArm: tell });
        const result = { ...now, seconds: record.seconds() };
        // What is not finite (the interval of one seed) has no number in JSON: null.
        const json = JSON.parse(JSON.stringify(result)) as Json;
        record.finish(json, result.seconds);
        if (options.out !== undefined) {
          const file = `${what.name}${varied ? '.sweep' : ''}.json`;
          await writeFileAtomic(join(options.out, file), `${JSON.stringify(json, null, 2)}\n`);
        }
        return {
          json,
          text: 'kind' in result ? sweepTable(result) : reproductionTable(result),
          ok: result.holds,
        };
      } catch (thrown) {
        record.fail(thrown, signal.aborted);
        if (done > 0) terminal.note(`${done} of ${total} jobs are done; --resume goes on from there`);
        throw signal.aborted ? new Interrupted('stopped') : thrown;
      } finally {
        clearInterval(ticks);
        live.end();
        await pool.close();
      }
    } finally {
      store.close();
    }
  },
});

async function stored(path: string, named: string | undefined) {
  const name = named !== undefined && isModulePath(named) ? (await loadRecipe(named)).name : named;
  const store = openStore(path, { readOnly: true });
  try {
    const all = store.reproductions.list();
    const found = name === undefined ? all : all.filter((record) => record.name === name);
    if (found.length === 0 && all.length > 0) {
      const names = [...new Set(all.map((record) => record.name))].sort();
      throw new InputError(`no reproduction is called '${name}'; there are: ${names.join(', ')}`);
    }
    return reproductionList(found);
  } finally {
    store.close();
  }
}

/** Older versions kept the jobs of a reproduction under way in a file beside the store. */
function noteOldLog(store: string, { name, options }: Recipe | Study, note: (line: string) => void): void {
  const key = contentHash(canonicalJson(describe(options))).slice(0, 12);
  const file = join(dirname(store), 'reproductions', `${name}-${key}.jsonl`);
  if (existsSync(file))
    note(`${file} is the log of an older version and is not read: jobs are in the store now`);
}

/** What `--help` says of the values of `--vary`. */
const aboutVary = `
--vary FIELD=V1,V2,…: FIELD is a path of names in the recipe with dots between (optimizer.learningRate, groups,
warmStart.optimizer.learningRate, stages.NAME.steps); it is changed in every arm, wherever the recipe, the arm, one of
its stages or (of optimizer) an update of the policy sets it; the warm start has its own path. A value is a number, a word, true or false,
which takes the place of what stands there, or a factor: x0.5 multiplies what stands there, number or schedule. Options of
what a function made (grpo({…}), embedded({…})) cannot be varied. A study can be varied where it declares settings.
Each arm's best value is chosen on the same seeds that it is judged on; of equal means the value that was given first is chosen.
`;
