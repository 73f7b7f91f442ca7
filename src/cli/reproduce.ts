import { dirname, join } from 'node:path';
import { describe, InputError } from '../core/index.ts';
import { defaultStorePath, openStore, writeFileAtomic } from '../store/index.ts';
import { type Reproduction, reproduce } from '../train/index.ts';
import { progressLine } from '../train/report.ts';
import { defineCommand, integer } from './command.ts';
import { loadRecipe } from './load.ts';

interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly threads?: number;
  readonly store: string;
  readonly out?: string;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .argument('<name>', 'name of a recipe or study, or path of a module that exports one')
      .option('--seeds <n>', 'how many seeds', integer({ min: 1, max: 1000 }), 5)
      .option('--seed <first>', 'the first seed', integer({ min: 0 }), 100)
      .option('--threads <n>', 'threads of each run', integer({ min: 1, max: 256 }))
      .option('--store <file>', 'the run store', defaultStorePath)
      .option(
        '--out <folder>',
        'write the result to <folder>/<name>.json too, besides the folder reproductions at the store',
      ),
  run: async ([named], options, terminal) => {
    const what = await loadRecipe(named!);
    if (what.kind === 'recipe' && !what.recipe.expected)
      throw new InputError(`recipe '${what.name}' expects nothing, so there is nothing to judge`, {
        field: 'expected',
      });
    const store = openStore(options.store);
    const live = terminal.progress('steps');
    try {
      const result = await reproduce(what, {
        seeds: Array.from({ length: options.seeds }, (_, i) => options.seed + i),
        store,
        folder: dirname(options.store),
        threads: options.threads,
        signal: terminal.interrupts(),
        onProgress: (progress) => {
          if (progress.kind === 'step')
            live.update(progress.step, progress.step / progress.steps, progressLine(progress, undefined));
        },
        onArm: (arm, seed, metrics) => {
          live.end();
          terminal.note(`${what.name} ${arm} seed ${seed}: ${short(metrics)}`);
        },
      });
      // Beside the store too, where the dashboard finds it.
      const beside = join(dirname(options.store), 'reproductions');
      for (const folder of options.out === undefined ? [beside] : [beside, options.out])
        await writeFileAtomic(
          join(folder, `${what.name}.json`),
          `${JSON.stringify(describe(result), null, 2)}\n`,
        );
      return { json: describe(result), text: table(result), ok: result.holds };
    } finally {
      live.end();
      store.close();
    }
  },
});

function short(metrics: { readonly [name: string]: number }): string {
  return Object.entries(metrics)
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
