import { linear } from 'assay/core';
import { clipped, type KlEstimator, klEstimate } from 'assay/objective';
import { reproduce } from 'assay/train';
import { describe, expect, it } from 'vitest';
import { judgeInStore } from './fixtures/judge.ts';
import { kdrlOptions, slippingTasks } from './kdrl.ts';
import { estimators } from './kdrl-estimators.ts';
import { maskingOptions } from './kdrl-masking.ts';

const { judge, place } = judgeInStore();

describe('kdrl', () => {
  it('does not hold when the objective is that of GRPO alone', async () => {
    const short = { ...kdrlOptions(clipped(), 6, 4), tasks: slippingTasks(0.6, 30) };
    const { holds, expected } = await judge(short, 'distilled', 'grpo');
    expect(holds).toBe(false);
    expect(expected.map((each) => each.holds)).toEqual([false, false]);
  });

  it('has a teacher who is right in about six cases of ten, and never more than one slip away', async () => {
    const { demonstrations } = await slippingTasks(0.6).load();
    const wrong = demonstrations.map(({ prompt, completion }) => {
      const answer = [...String(prompt).slice(0, -1)].reverse();
      return answer.filter((letter, i) => letter !== completion[i]).length;
    });
    expect(Math.max(...wrong)).toBe(1);
    expect(wrong.filter((n) => n === 0).length / wrong.length).toBeCloseTo(0.6, 1);
  });

  it('vector 6: the coefficient falls from 5e-3 to 1e-3 and stays there', () => {
    const beta = linear({ from: 5e-3, to: 1e-3, steps: 80 });
    const at = [0, 40, 80, 200].map((step) => beta.at(step, 280));
    for (const [i, value] of [0.005, 0.003, 0.001, 0.001].entries()) expect(at[i]).toBeCloseTo(value, 12);
  });
});

describe('kdrl-estimators', () => {
  it('does not hold with k1 in the place of k2', async () => {
    const options = { seeds: [0, 1], ...place() };
    const { holds, expected } = await reproduce(estimators('k1', 40), options);
    expect(holds).toBe(false);
    expect(expected[0]!.holds).toBe(false);
  });

  it('experiment 1b: a student of one parameter goes to a mode by k2, to the mean by k3 and nowhere by k1', () => {
    const places = [...Array(8).keys()];
    const normal = (weights: number[]) => {
      const sum = weights.reduce((total, x) => total + x, 0);
      return weights.map((x) => x / sum);
    };
    const bell = (mu: number) => places.map((j) => Math.exp(-((j - mu) ** 2) / 2));
    const [low, high] = [normal(bell(1)), normal(bell(6))];
    const teacher = places.map((j) => 0.6 * low[j]! + 0.4 * high[j]!);
    const goes = (estimator: KlEstimator) => {
      let mu = 2.5;
      for (let step = 0; step < 2000; step++) {
        const student = normal(bell(mu));
        const mean = student.reduce((sum, p, j) => sum + p * j, 0);
        // ∇log p(j) = j − mean; the expectation over the student's own samples is exact.
        const gradient = student.reduce((sum, p, j) => {
          const { slope } = klEstimate(Math.log(p / teacher[j]!), estimator, 500);
          return sum + p * slope * (j - mean);
        }, 0);
        mu -= 0.1 * gradient;
      }
      return mu;
    };
    expect(goes('k1')).toBeCloseTo(2.5, 9);
    expect(Math.abs(goes('k2') - 1)).toBeLessThan(0.25);
    // In an exponential family the forward KL is least where the means agree.
    const mean = (p: readonly number[]) => p.reduce((sum, x, j) => sum + x * j, 0);
    expect(mean(normal(bell(goes('k3'))))).toBeCloseTo(mean(teacher), 9);
  });
});

describe('kdrl-masking', () => {
  it('does not hold without the mask', async () => {
    const short = { ...maskingOptions('none', 4), evaluation: { every: 0 } };
    const { holds, expected } = await judge(short, 'everywhere');
    expect(holds).toBe(false);
    expect(expected.map((each) => each.holds)).toEqual([false, false]);
  });
});
