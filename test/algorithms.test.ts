import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Algorithm, algorithms, helpers } from '../src/catalogue/index.ts';
import { describe as describeValue, isDescribed } from '../src/core/index.ts';
import * as credit from '../src/credit/index.ts';
import * as curriculum from '../src/curriculum/index.ts';
import * as objective from '../src/objective/index.ts';
import * as shape from '../src/shape/index.ts';

const kinds = [
  ['estimators', credit, 'estimate', 'credit', 'Estimator'],
  ['objectives', objective, 'loss', 'objective', 'Objective'],
  ['curricula', curriculum, 'create', 'curriculum', 'Curriculum'],
  ['shapes', shape, 'score', 'shape', 'Reward'],
] as const;

const all = kinds.flatMap(([kind, module, method]) =>
  algorithms[kind].names.map(
    (name) => [`${kind} ${name}`, algorithms[kind].get(name), module, method] as const,
  ),
);

describe.each(all)('%s', (_, algorithm: Algorithm, module, method) => {
  test('is what its folder exports under this name, printable, with the method of its kind', () => {
    expect(module).toHaveProperty(algorithm.name);
    const example = algorithm.example();
    expect(isDescribed(example) && example.name).toBe(algorithm.name);
    expect(example).toHaveProperty(method);
    expect(JSON.parse(JSON.stringify(describeValue(example)))).toMatchObject({ name: algorithm.name });
    for (const name of algorithm.functions ?? [])
      expect((module as Record<string, unknown>)[name], name).toBeTypeOf('function');
  });

  test('names every option, and fits on a line', () => {
    for (const text of [algorithm.formula, algorithm.source, algorithm.differs ?? 'none']) {
      expect(text).toMatch(/^\S.*\S$/);
      expect(text).not.toContain('\n');
    }
    const { create, options } = algorithm;
    if (!create) return;
    let complaint = '';
    try {
      create({ noSuchOption: 1, ...(algorithm.example().options as object) });
    } catch (thrown) {
      complaint = (thrown as Error).message;
    }
    const known = /no option 'noSuchOption' \(options: (.*)\)/.exec(complaint)?.[1]?.split(', ') ?? [];
    expect(known.length, complaint).toBeGreaterThan(0);
    for (const name of known) expect(options).toContain(name);
  });
});

/** The functions of a folder that give what its kind is, by the return types that its files state. */
function factoriesOf(folder: string, kind: string): string[] {
  const path = join(import.meta.dirname, '../src', folder);
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      readFileSync(join(path, file), 'utf8')
        .split(/^export function /m)
        .slice(1)
        .map((text) => [/^\w+/.exec(text)![0], /\): (\w+)(?: & \w+)* \{$/m.exec(text)?.[1]] as const),
    )
    .filter(([, returns]) => returns === kind)
    .map(([name]) => name);
}

test.each(kinds)('no exported factory of %s is missing', (kind, module, _, folder, type) => {
  const factories = factoriesOf(folder, type).filter((name) => name in module);
  const { names } = algorithms[kind];
  // Helpers may give one too (`sampleEstimator`), where they make it of a function.
  const listed = [...names, ...helpers.filter(({ from }) => from === folder).map(({ name }) => name)];
  expect(factories.filter((name) => !listed.includes(name))).toEqual([]);
  // The reading of the sources is right: it finds every factory that the catalogue knows.
  expect(names.filter((name) => !factories.includes(name))).toEqual([]);
});

test('every helper is exported, and fits on a line', () => {
  const modules = { credit, objective, curriculum };
  for (const { name, from, about, source } of helpers) {
    expect((modules[from] as Record<string, unknown>)[name], name).toBeTypeOf('function');
    for (const text of [about, source ?? 'none']) expect(text).toMatch(/^\S.*\S$/);
  }
});
