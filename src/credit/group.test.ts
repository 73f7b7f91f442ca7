import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, noVerdict, textSample, verdict } from '../core/index.ts';
import { grpo, grpoAdvantages } from './grpo.ts';
import { rloo, rlooAdvantages } from './rloo.ts';

const one = (rewards: number[]) => [Float64Array.from(rewards), Int32Array.of(0, rewards.length)] as const;
const close = (actual: Float64Array, expected: readonly number[], digits = 6) =>
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });

// Vectors 1–3 of the GRPO family's specification.
describe('grpo', () => {
  it('gives the values of verl and TRL', () => {
    close(grpoAdvantages(...one([1, 0, 0, 1])), [0.866024, -0.866024, -0.866024, 0.866024]);
    close(
      grpoAdvantages(...one([1, 0, 0, 1]), { epsilon: 1e-4 }),
      [0.865875, -0.865875, -0.865875, 0.865875],
    );
    close(grpoAdvantages(...one([1, 0, 0, 1]), { std: 'none' }), [0.5, -0.5, -0.5, 0.5]);
    close(grpoAdvantages(...one([1, 0, 0, 0])), [1.499997, -0.499999, -0.499999, -0.499999]);
    close(grpoAdvantages(...one([1, 0, 0, 1]), { std: 'population', epsilon: 0 }), [1, -1, -1, 1]);
  });

  it('gives the vectors of rulereasoner (5) and grpo-lambda (10)', () => {
    close(grpoAdvantages(...one([1, 0, 0, -1])), [1.22474, 0, 0, -1.22474], 5);
    close(grpoAdvantages(...one([0.954579, 0.9, 0.845421, 0])), [0.618262, 0.497565, 0.376868, -1.492695], 5);
  });

  it('is exactly zero in a uniform group', () => {
    for (const value of [1, 0, 0.1, 1 / 3])
      expect([...grpoAdvantages(...one([value, value, value]))]).toEqual([0, 0, 0]);
  });

  it('is zero without variance also where nothing is subtracted', () => {
    const flat = (...rewards: number[]) => [Float64Array.from(rewards), Int32Array.of(0, 2, 4)] as const;
    const options = { centre: 'none' } as const;
    expect([...grpoAdvantages(...flat(1, 1, 2, 0), options)].slice(0, 2)).toEqual([0, 0]);
    expect([...grpoAdvantages(...flat(0.1, 0.1, 0.1, 0.1), { ...options, scale: 'batch' })]).toEqual([
      0, 0, 0, 0,
    ]);
    // Without a deviation there is nothing to divide by, and the reward stays.
    expect([...grpoAdvantages(...flat(1, 1, 2, 0), { ...options, std: 'none' })]).toEqual([1, 1, 2, 0]);
    const [a, b] = grpoAdvantages(...flat(1, 1, 2, 0), { ...options, scale: 'batch', epsilon: 0 });
    expect([a, b]).toEqual([1 / Math.sqrt(2 / 3), 1 / Math.sqrt(2 / 3)]);
  });

  it('scales by the batch where asked', () => {
    const rewards = Float64Array.of(1, 0, 1, 1);
    const got = grpoAdvantages(rewards, Int32Array.of(0, 2, 4), { scale: 'batch', epsilon: 1e-4 });
    close(got, [0.5 / 0.5001, -0.5 / 0.5001, 0, 0]);
  });

  it('gives a lone sample 0 (TRL) or its reward (verl)', () => {
    expect([...grpoAdvantages(...one([0.7]))]).toEqual([0]);
    expect([...grpoAdvantages(...one([0.7]), { single: 'reward' })]).toEqual([0.7]);
  });

  it('sums to zero in each group and ignores shifts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 12 }), (rewards) => {
        const a = grpoAdvantages(...one(rewards));
        expect(a.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 9);
        close(grpoAdvantages(...one(rewards.map((r) => r + 3))), [...a], 9);
      }),
    );
  });

  it('refuses a wrong option by name', () => {
    expect(() => grpo({ std: 'half' as 'none' })).toThrow(/estimator 'grpo': option 'std'/);
    expect(() => grpo({ sdt: 'none' } as never)).toThrow(/no option 'sdt'/);
  });
});

describe('rloo', () => {
  it('gives the values of the specification', () => {
    close(rlooAdvantages(...one([1, 0, 0, 1])), [0.666667, -0.666667, -0.666667, 0.666667]);
    close(rlooAdvantages(...one([1, 0, 0, 0])), [1, -0.333333, -0.333333, -0.333333]);
    expect([...rlooAdvantages(...one([1, 1, 1]))]).toEqual([0, 0, 0]);
  });

  it('normalises over the batch, without those that have no baseline', () => {
    const rewards = Float64Array.of(1, 0, 5, 2, 2);
    const starts = Int32Array.of(0, 2, 3, 5);
    const s = Math.sqrt(2 / 3) + 1e-4;
    close(rlooAdvantages(rewards, starts, { normalize: 'batch' }), [1 / s, -1 / s, 0, 0, 0]);
    expect([...rlooAdvantages(...one([3, 3]), { normalize: 'batch' })]).toEqual([0, 0]);
    expect([...rlooAdvantages(...one([3]), { normalize: 'batch' })]).toEqual([0]);
  });
});

describe('samples without a verdict', () => {
  it('leave every other advantage as it is without them', () => {
    const rewards = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: Number.NaN }), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(rewards, (with_) => {
        const without = with_.filter((r) => !Number.isNaN(r));
        for (const estimate of [
          (r: Float64Array, s: Int32Array) => grpoAdvantages(r, s),
          (r: Float64Array, s: Int32Array) => grpoAdvantages(r, s, { scale: 'batch' }),
          rlooAdvantages,
        ]) {
          const all = estimate(...one(with_));
          const rest = estimate(...one(without));
          const kept = [...all].filter((_, i) => !Number.isNaN(with_[i]!));
          expect(kept).toEqual([...rest]);
          with_.forEach((r, i) => {
            if (Number.isNaN(r)) expect(all[i]).toBe(0);
          });
        }
      }),
    );
  });

  it('reach the estimator as verdicts', () => {
    const task = { id: 't', prompt: 'p' };
    const samples = [verdict(1), noVerdict('judge', 'no answer'), verdict(0)].map((v, i) => ({
      ...textSample(task, 'x', String(i)),
      verdict: v,
    }));
    const batch: Batch = { groups: [{ task, samples }] };
    expect([...rloo().estimate(batch, { step: 0, totalSteps: 1, stage: 's' }).terms.policy!.values]).toEqual([
      1, 0, -1,
    ]);
  });
});
