import { expect, test } from 'vitest';
import { stream } from '../../core/index.ts';
import { type Fault, injectErrors } from './inject-errors.ts';

type Claims = readonly string[];
const flip: Fault<Claims> = (claims, random) => {
  const at = random.integer(claims.length);
  return claims.with(at, claims[at]!.startsWith('not ') ? claims[at]!.slice(4) : `not ${claims[at]!}`);
};
const drop: Fault<Claims> = (claims, random) =>
  claims.length > 1 ? claims.toSpliced(random.integer(claims.length), 1) : undefined;
const claims = ['red', 'round', 'left of the box', 'two of them'];
const isWrong = (these: Claims) => these.join() !== claims.join();

test('plants as many faults as asked and names them', () => {
  const counts = new Map<number, number>();
  for (let i = 0; i < 300; i++) {
    const made = injectErrors(claims, { faults: { flip, drop }, most: 3, isWrong }, stream(0, i))!;
    counts.set(made.faults.length, (counts.get(made.faults.length) ?? 0) + 1);
    const dropped = made.faults.filter((name) => name === 'drop').length;
    expect(made.value).toHaveLength(claims.length - dropped);
    expect(isWrong(made.value)).toBe(true);
  }
  expect([...counts.keys()].sort()).toEqual([1, 2, 3]);
  for (const n of counts.values()) expect(n).toBeGreaterThan(50);
  expect(claims).toEqual(['red', 'round', 'left of the box', 'two of them']);
});

test('two faults of which one mends the other are not kept', () => {
  for (let i = 0; i < 50; i++) {
    const made = injectErrors(
      ['red'],
      { faults: { flip }, least: 1, most: 2, isWrong: ([one]) => one !== 'red' },
      stream(1, i),
    );
    expect(made).toEqual({ value: ['not red'], faults: ['flip'] });
  }
});

test('a fault that never applies, or never matters, gives nothing', () => {
  expect(injectErrors(['red'], { faults: { drop } }, stream(0))).toBeUndefined();
  expect(
    injectErrors(claims, { faults: { flip }, isWrong: () => false, attempts: 5 }, stream(0)),
  ).toBeUndefined();
});

test('the same stream plants the same faults; senseless counts are refused', () => {
  const plant = () => injectErrors(claims, { faults: { flip, drop }, most: 4 }, stream(3));
  expect(plant()).toEqual(plant());
  expect(() => injectErrors(claims, { faults: {} }, stream(0))).toThrow('at least one kind');
  expect(() => injectErrors(claims, { faults: { flip }, least: 2, most: 1 }, stream(0))).toThrow('2 to 1');
});
