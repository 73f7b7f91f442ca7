import { expect, test } from 'vitest';
import type { Fuel, Random } from '../core/index.ts';
import { executionEquivalence } from './execution-equivalence.ts';

type Program = (x: number, fuel: Fuel) => number | undefined;
const draw = (random: Random) => random.integer(100) - 50;
const run = (program: Program, x: number, fuel: Fuel) => program(x, fuel);
const alike = executionEquivalence({ run, draw });

test('programs that agree everywhere are equivalent, those that differ somewhere are not', () => {
  const twice: Program = (x) => 2 * x;
  expect(alike((x) => x + x, twice)).toEqual({ value: 1, reason: 'equal on 200 random inputs' });
  expect(alike((x) => 3 * x, twice)).toMatchObject({ value: 0 });
  expect(alike((x) => (x === 7 ? 0 : 2 * x), twice).value).toBe(0);
});

test('zero is zero and NaN is NaN', () => {
  expect(
    alike(
      () => -0,
      () => 0,
    ).value,
  ).toBe(1);
  expect(
    alike(
      () => Number.NaN,
      () => Number.NaN,
    ).value,
  ).toBe(1);
});

test('equality is that of `equal`', () => {
  const rough = executionEquivalence({ run, draw, equal: (a, b) => Math.abs(a - b) < 0.5 });
  expect(
    rough(
      (x) => x + 0.1,
      (x) => x,
    ).value,
  ).toBe(1);
  expect(
    alike(
      (x) => x + 0.1,
      (x) => x,
    ).value,
  ).toBe(0);
});

test('fewer runs are the first of more', () => {
  const seen = (runs: number) => {
    const inputs: number[] = [];
    const take: Program = (x) => {
      inputs.push(x);
      return x;
    };
    executionEquivalence({ run, draw, runs })(take, (x) => x);
    return inputs;
  };
  expect(seen(5)).toEqual(seen(50).slice(0, 5));
  expect(seen(50)).toHaveLength(50);
});

test('whose fault it is decides between a value and no verdict', () => {
  const fine: Program = (x) => x;
  const nothing: Program = () => undefined;
  const endless: Program = (_, fuel) => {
    for (;;) fuel.burn();
  };
  expect(alike(nothing, fine).value).toBe(0);
  expect(alike(endless, fine).value).toBe(0);
  expect(alike(fine, nothing)).toMatchObject({ value: null, cause: 'reference' });
  expect(alike(fine, endless)).toMatchObject({ value: null, cause: 'reference' });
  expect(alike(nothing, nothing)).toMatchObject({ value: null, cause: 'reference' });
  const broken: Program = () => {
    throw new Error('no interpreter');
  };
  expect(alike(broken, fine)).toEqual({ value: null, cause: 'crash', reason: 'no interpreter' });
});

test('a number of runs that is none is refused', () => {
  expect(() => executionEquivalence({ run, draw, runs: 0 })).toThrow('runs must be 1 or more');
});
