import { dirname, join } from 'node:path';
import { describe, InputError } from '../core/index.ts';
import {
  defaultStorePath,
  openStore,
  type RunWithConfig,
  type Store,
  writeFileAtomic,
} from '../store/index.ts';
import {
  armOf,
  isRecipe,
  recipe as makeRecipe,
  type Progress,
  preview,
  type Recipe,
  recipeJson,
  type TrainResult,
  train,
} from '../train/index.ts';
import { svgPlot, terminalPlot } from '../train/plot/index.ts';
import { progressLine, runCurves, runFolder, summaryLines } from '../train/report.ts';
import { defineCommand, integer, path } from './command.ts';
import { isModulePath, loadRecipe, recipeNames } from './load.ts';
import { ownTasks } from './own-tasks.ts';
import { checkOrigin, type RunOrigin, readOrigin, saveOrigin } from './run-origin.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly seed?: number;
  readonly steps?: number;
  readonly resume?: string;
  readonly arm?: string;
  readonly dryRun?: boolean;
  readonly threads?: number;
  readonly store: string;
  readonly tasks?: string;
  readonly reward?: string;
  readonly prompt?: string;
  readonly answer?: string;
  readonly completion?: string;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .argument('[recipe]', 'name of a recipe, or path of a module that exports one', undefined)
      .option('--seed <n>', 'seed of the run (default 1)', integer({ min: 0 }))
      .option('--steps <n>', "steps of the recipe's own stage, in place of what it says", integer({ min: 0 }))
      .option('--resume <run>', "continue a run from its newest checkpoint ('last' is the newest run)")
      .option('--arm <name>', 'run this arm of the recipe: one of its controls')
      .option('--dry-run', 'sample, score and print one group, and stop')
      .option('--threads <n>', 'threads; results do not depend on it', integer({ min: 1, max: 256 }))
      .option('--store <file>', 'the run store', path, defaultStorePath)
      .option('--tasks <file>', 'train on the tasks of this file (with --reward)', path)
      .option('--reward <spec>', 'the reward of --tasks: a name, name?option=value, JSON, or a module')
      .option('--prompt <field>', 'field of the prompt in --tasks')
      .option('--answer <field>', 'field of the answer in --tasks')
      .option('--completion <field>', 'field of a demonstration in --tasks, for a warm start'),
  run: async ([named], options, terminal) => {
    if (options.dryRun) {
      const { recipe, close } = await chosen(named, options);
      return dryRun(recipe, options, terminal).finally(close);
    }
    const store = openStore(options.store);
    let close = nothingToClose;
    try {
      const { recipe, seed, run, origin, ...rest } = await request(named, options, store);
      close = rest.close;
      const folder = dirname(options.store);
      const report = reporter(terminal);
      const result = await train(recipe, {
        seed,
        store,
        folder,
        resume: run,
        arm: options.arm,
        threads: options.threads,
        signal: terminal.interrupts(),
        onProgress: (progress) => {
          if (progress.kind === 'start') saveOrigin(runFolder(folder, progress.run), origin);
          report(progress);
        },
      });
      return {
        json: describe(result),
        text: await finish(result, store, options.store, terminal),
        interrupted: result.status === 'stopped',
      };
    } finally {
      await close();
      store.close();
    }
  },
});

interface Chosen {
  readonly recipe: Recipe;
  readonly origin: RunOrigin;
  close(): Promise<void>;
}

const nothingToClose = async () => {};

/** The recipe of the command line, with its overrides; `from` is what its relative paths start from. */
async function chosen(named: string | undefined, options: Options, from?: string): Promise<Chosen> {
  const { steps } = options;
  if (options.tasks !== undefined) {
    if (named !== undefined) throw new InputError('give a recipe or --tasks, not both');
    if (options.reward === undefined) throw new InputError('--tasks needs --reward');
    const { tasks, reward, prompt, answer, completion } = options;
    const own = { tasks, reward, prompt, answer, completion };
    const { recipe, close } = await ownTasks(own, from);
    return { recipe: limited(recipe, steps), close, origin: { from: from ?? '', own, steps } };
  }
  for (const option of ['reward', 'prompt', 'answer', 'completion'] as const)
    if (options[option] !== undefined) throw new InputError(`--${option} goes with --tasks`);
  const name = named ?? 'countdown';
  const found = await loadRecipe(name, from);
  if (!isRecipe(found)) throw new InputError(`'${named}' is a study; run it with 'assay reproduce ${named}'`);
  return {
    recipe: limited(armOf(found, options.arm ?? 'main'), steps),
    origin: { from: from ?? '', recipe: name, steps },
    close: nothingToClose,
  };
}

function limited(from: Recipe, steps: number | undefined): Recipe {
  if (steps === undefined) return from;
  const stages = from.recipe.stages?.map((stage, i, all) =>
    i === all.length - 1 ? { ...stage, steps } : stage,
  );
  return makeRecipe({ ...from.recipe, steps, stages });
}

/** What to run: a new run, or a stored one with the seed and steps that it has. */
async function request(
  named: string | undefined,
  options: Options,
  store: Store,
): Promise<Chosen & { seed: number; run?: string }> {
  if (options.resume === undefined) return { ...(await chosen(named, options)), seed: options.seed ?? 1 };
  const record = store.run(options.resume);
  if (record.status === 'finished')
    throw new InputError(`run '${record.id}' is finished; there is nothing to resume`);
  if (options.seed !== undefined && options.seed !== record.seed)
    throw new InputError(`run '${record.id}' has seed ${record.seed}, not ${options.seed}`, {
      field: 'seed',
    });
  const origin = readOrigin(runFolder(dirname(options.store), record.id));
  const again = {
    ...options,
    arm: options.arm ?? record.arm ?? undefined,
    steps: options.steps ?? (origin ? origin.steps : (record.config as { steps?: number }).steps),
  };
  const from = named !== undefined || options.tasks !== undefined ? undefined : (origin ?? older(record));
  if (from) checkOrigin(from, record.id, isModulePath);
  const picked = await (from
    ? chosen(from.recipe, { ...from.own, ...again }, from.from)
    : chosen(named, again));
  return { ...picked, seed: record.seed, run: record.id };
}

/** Of a run that does not say what it was started with: a recipe that comes with Assay is found by its name. */
function older({ id, recipe }: RunWithConfig): RunOrigin {
  if (recipeNames().includes(recipe)) return { from: '', recipe };
  throw new InputError(
    `run '${id}' does not say where its recipe '${recipe}' is; name it: assay train PATH --resume ${id}`,
  );
}

/** Progress as one live line on a terminal; else a line now and then. */
function reporter(terminal: Terminal): (progress: Progress) => void {
  const live = terminal.progress('steps');
  const began = performance.now();
  let first: number | undefined;
  let shown = 0;
  return (progress) => {
    const { kind, step, steps, metrics } = progress;
    if (kind === 'step') {
      first ??= step - 1;
      const share = steps > 0 ? step / steps : undefined;
      live.update(step - first, share, progressLine(progress, undefined));
      if (!process.stderr.isTTY && performance.now() - shown > 10_000) {
        shown = performance.now();
        const perStep = (shown - began) / 1000 / Math.max(1, step - first);
        terminal.note(progressLine(progress, perStep * (steps - step)));
      }
      return;
    }
    live.end();
    if (kind === 'note') terminal.note(`note: ${progress.message}`);
    if (kind === 'start') terminal.note(`run ${progress.run}${step > 0 ? `, from step ${step}` : ''}`);
    if (kind === 'evaluation')
      terminal.note(
        `step ${step} · held-out ${progress.message === 'during' ? '' : `${progress.message} `}${(100 * metrics.solveRate!).toFixed(1)} % of ${metrics.n} solved`,
      );
  };
}

async function finish(
  result: TrainResult,
  store: Store,
  storePath: string,
  terminal: Terminal,
): Promise<string> {
  const folder = dirname(storePath);
  const curves = runCurves(store, result.run);
  const picture = join(runFolder(folder, result.run), 'run.svg');
  await writeFileAtomic(
    picture,
    svgPlot(curves, {
      title: `${result.recipe}, seed ${result.seed}`,
      xLabel: 'step',
      yLabel: 'solve rate',
      yRange: [0, 1],
      background: '#ffffff',
    }),
  );
  const lines = summaryLines(result);
  if (!terminal.json && curves.some(({ x }) => x.length > 1))
    lines.push(
      '',
      terminalPlot(curves, {
        width: Math.min(100, process.stdout.columns ?? 80),
        height: 12,
        yRange: [0, 1],
      }),
    );
  lines.push('', `picture: ${picture}`);
  const at = storePath === defaultStorePath ? '' : ` --store ${quoted(storePath)}`;
  if (result.status === 'stopped') lines.push(`stopped; go on with: assay train --resume ${result.run}${at}`);
  return lines.join('\n');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** One group, sampled and scored, with nothing stored. */
async function dryRun(recipe: Recipe, options: Options, terminal: Terminal) {
  const group = await preview(recipe, {
    seed: options.seed ?? 1,
    threads: options.threads,
    signal: terminal.interrupts(),
  });
  const lines = [
    `prompt: ${group.prompt}`,
    ...(group.answer === undefined ? [] : [`answer: ${group.answer}`]),
  ];
  for (const { completion, reward, advantage, cause, reason } of group.samples) {
    const said = reward === null ? `no verdict (${cause})` : String(reward);
    lines.push(
      `  ${JSON.stringify(completion)}  reward ${said}  advantage ${advantage.toFixed(3)}  ${reason ?? ''}`,
    );
  }
  return { json: describe({ recipe: recipeJson(recipe), ...group }), text: lines.join('\n') };
}
