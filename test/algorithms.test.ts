import { describe, expect, test } from 'vitest';
import { type Algorithm, algorithms } from '../src/catalogue/index.ts';
import { describe as describeValue, isDescribed } from '../src/core/index.ts';
import * as credit from '../src/credit/index.ts';
import * as curriculum from '../src/curriculum/index.ts';
import * as objective from '../src/objective/index.ts';
import * as shape from '../src/shape/index.ts';

const kinds = [
  ['estimators', credit, 'estimate'],
  ['objectives', objective, 'loss'],
  ['curricula', curriculum, 'create'],
  ['shapes', shape, 'score'],
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

test('nothing that a recipe can name is missing', () => {
  for (const [kind, module, method] of kinds)
    for (const [name, made] of Object.entries(module)) {
      if (typeof made !== 'function' || name === 'shuffled') continue;
      let value: unknown;
      try {
        value = (made as () => unknown)();
      } catch {
        continue; // it needs arguments; the examples cover those
      }
      if (value instanceof Promise) value.catch(() => {}); // it needs arguments as well
      if (isDescribed(value) && method in value) expect(algorithms[kind].names, name).toContain(name);
    }
});
