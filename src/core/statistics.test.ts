import { describe, expect, it } from 'vitest';
import { stream } from './random.ts';
import {
  bootstrap,
  mcnemar,
  meanInterval,
  normalQuantile,
  pairedTest,
  passAtK,
  quantile,
  regularizedBeta,
  standardDeviation,
  studentQuantile,
  wilson,
} from './statistics.ts';

// Reference values: R 4.3 (qt, qnorm, prop.test, binom.test, t.test, pbeta, quantile type 7).
describe('statistics', () => {
  it('gives the quantiles of tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 11);
    expect(studentQuantile(0.975, 4)).toBeCloseTo(2.7764451051977987, 9);
    expect(studentQuantile(0.025, 1)).toBeCloseTo(-12.706204736432095, 7);
    expect(regularizedBeta(0.3, 2, 5)).toBeCloseTo(0.579825, 6);
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
  });

  it('gives Wilson intervals that stay inside [0, 1]', () => {
    const { low, high } = wilson(8, 10);
    expect(low).toBeCloseTo(0.4901625, 6);
    expect(high).toBeCloseTo(0.9433178, 6);
    expect(wilson(0, 10).low).toBe(0);
    expect(wilson(10, 10).high).toBe(1);
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1, n: 0 });
  });

  it('gives the mean with its t interval', () => {
    const { value, low, high } = meanInterval([1, 2, 3, 4, 5]);
    expect(value).toBe(3);
    expect(low).toBeCloseTo(3 - 1.9632432, 6);
    expect(high).toBeCloseTo(3 + 1.9632432, 6);
    expect(meanInterval([1]).high).toBe(Number.POSITIVE_INFINITY);
    expect(standardDeviation([1, 0, 0, 1])).toBeCloseTo(0.57735, 5);
  });

  it('tests paired differences', () => {
    const { p, difference } = pairedTest([5, 6, 7, 9], [4, 6, 5, 6]);
    expect(difference.value).toBe(1.5);
    expect(p).toBeCloseTo(0.1028, 3);
    expect(pairedTest([1, 2], [1, 2]).p).toBe(1);
    expect(mcnemar(10, 2)).toBeCloseTo(0.03857422, 7);
    expect(mcnemar(3, 3)).toBe(1);
  });

  it('estimates pass@k without bias', () => {
    expect(passAtK(5, 2, 1)).toBeCloseTo(0.4, 12);
    expect(passAtK(5, 2, 2)).toBeCloseTo(1 - 3 / 10, 12);
    expect(passAtK(5, 4, 2)).toBe(1);
  });

  it('bootstraps repeatably', () => {
    const run = () =>
      bootstrap([1, 2, 3, 4, 5, 6], (x) => x.reduce((a, b) => a + b, 0) / x.length, stream(1, 'b'));
    expect(run()).toEqual(run());
    expect(run().low).toBeLessThan(3.5);
    expect(run().high).toBeGreaterThan(3.5);
  });
});
