import { describe, expect, it } from 'vitest';
import { canonicalJson, describe as describeValue } from './json.ts';
import { cosine, exponential, linear, piecewise, scaled, scheduleAt, warmup } from './schedule.ts';

describe('schedules', () => {
  it('a number stays as it is', () => {
    expect(scheduleAt(0.3, 5, 10)).toBe(0.3);
  });

  it('linear goes from the first step to the last, or for so many steps', () => {
    const whole = linear({ from: 1, to: 0 });
    expect([0, 5, 10].map((step) => whole.at(step, 11))).toEqual([1, 0.5, 0]);
    expect(whole.at(0, 1)).toBe(1);
    const short = linear({ from: 0, to: 2, steps: 4 });
    expect([0, 1, 4, 400].map((step) => short.at(step, 1000))).toEqual([0, 0.5, 2, 2]);
    expect(whole.at(-3, 11)).toBe(1);
  });

  it('cosine starts and ends flat, half way in the middle', () => {
    const half = cosine({ from: 1, to: 0.2 });
    expect(half.at(0, 101)).toBe(1);
    expect(half.at(50, 101)).toBeCloseTo(0.6, 12);
    expect(half.at(100, 101)).toBeCloseTo(0.2, 12);
    expect(half.at(1, 101)).toBeGreaterThan(0.999);
    expect(cosine({ from: 1, to: 0, steps: 10 }).at(500, 1000)).toBe(0);
  });

  it('exponential falls by e in its constant and stops at its floor', () => {
    const falls = exponential({ from: 2, constant: 100, floor: 0.1 });
    expect(falls.at(100, 1000)).toBeCloseTo(2 / Math.E, 12);
    expect(falls.at(10_000, 10_000)).toBe(0.1);
  });

  it('piecewise takes the last entry whose step has come', () => {
    const steps = piecewise([
      [0, 1],
      [10, linear({ from: 0.5, to: 0, steps: 20 })],
      [20, 0.1],
    ]);
    const at = [0, 9, 10, 19, 20, 99].map((step) => steps.at(step, 100));
    expect(at).toEqual([1, 1, 0.25, expect.closeTo(0.025, 12), 0.1, 0.1]);
    expect(() => piecewise([])).toThrow(RangeError);
    expect(() => piecewise([[1, 1]])).toThrow(RangeError);
  });

  it('warm-up rises to the schedule that it wraps, reached after so many steps', () => {
    const rate = warmup(4, 0.8);
    expect([0, 1, 2, 3, 4, 50].map((step) => rate.at(step, 100))).toEqual([
      0.2,
      0.4,
      expect.closeTo(0.6, 12),
      0.8,
      0.8,
      0.8,
    ]);
    expect(warmup(0, 0.8).at(0, 10)).toBe(0.8);
  });

  it('scaled is the schedule times a number at every step', () => {
    const third = scaled(0.3, cosine({ from: 1, to: 0.2 }));
    expect([0, 50, 100].map((step) => third.at(step, 101))).toEqual([
      0.3,
      expect.closeTo(0.18, 12),
      expect.closeTo(0.06, 12),
    ]);
    expect(canonicalJson(describeValue(scaled(2, linear({ from: 1, to: 0 }))))).toBe(
      '{"name":"scaled","options":{"by":2,"schedule":{"name":"linear","options":{"from":1,"to":0},"version":"1"}},"version":"1"}',
    );
  });

  it('are described with all of their options', () => {
    expect(canonicalJson(describeValue(warmup(4, cosine({ from: 1, to: 0 }))))).toBe(
      '{"name":"warmup","options":{"steps":4,"then":{"name":"cosine","options":{"from":1,"to":0},"version":"1"}},"version":"1"}',
    );
  });
});
