import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError, type Json, nearest, UnsupportedError } from '../core/index.ts';
import { defineCommand, integer } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Benchmarks are part of a checkout: each file of this folder exports one function that returns figures. */
const folder = resolve(import.meta.dirname, '../../bench');

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: string;
  readonly ratio?: number;
}

/** What a benchmark may be told. */
export interface BenchOptions {
  readonly rows?: number;
}

type Bench = (options: BenchOptions) => Promise<readonly Figure[]> | readonly Figure[];

export const command = defineCommand<BenchOptions>({
  configure: (parser) =>
    parser
      .argument('[name]', 'one of them; all without it', undefined)
      .option('--rows <n>', 'rows of the files that are scored (score)', integer({ min: 1000 })),
  run: async ([named], options, terminal) => {
    const names = benchNames();
    if (named !== undefined && !names.includes(named)) {
      const near = nearest(named, names);
      throw new InputError(
        `no benchmark is called '${named.slice(0, 80)}'${near ? `; did you mean '${near}'?` : ` (there are: ${names.join(', ')})`}`,
      );
    }
    const all: Figure[] = [];
    for (const name of named === undefined ? names : [named])
      all.push(...(await runBench(name, options, terminal)));
    return { json: all as unknown as Json, text: all.length === 0 ? 'no figures' : undefined };
  },
});

function benchNames(): string[] {
  if (!existsSync(folder))
    throw new UnsupportedError('benchmarks are part of a checkout, not of the package');
  return readdirSync(folder)
    .filter((name) => /^[\w-]+\.ts$/.test(name) && name !== 'entry.ts' && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -3))
    .sort();
}

async function runBench(name: string, options: BenchOptions, terminal: Terminal): Promise<readonly Figure[]> {
  const module = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as {
    [name: string]: unknown;
  };
  const capital = `bench${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const bench = module.default ?? module[capital] ?? module[name];
  if (typeof bench !== 'function') throw new Error(`bench/${name}.ts exports no function`);
  const figures = await (bench as Bench)(options);
  for (const figure of figures) terminal.print(line(figure));
  return figures;
}

function line({ name, value, unit, baseline, ratio }: Figure): string {
  const shown = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
  const against = ratio === undefined ? '' : `  ${ratio.toFixed(2)} × ${baseline ?? 'the baseline'}`;
  return `${name.padEnd(34)} ${shown.padStart(10)} ${unit}${against}`;
}
