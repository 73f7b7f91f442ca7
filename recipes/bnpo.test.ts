import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Estimator, logGamma, mean, type Sample, stream, textSample, verdict } from 'assay/core';
import { type BetaNormalizedOptions, betaNormalized, perReward } from 'assay/credit';
import { openStore, type Store } from 'assay/store';
import { type Recipe, recipe, reproduce, train } from 'assay/train';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rateDistributions, varianceStudy } from './bnpo.ts';
import training from './bnpo-training.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-bnpo-'));
  store = openStore(join(folder, 'assay.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const logBeta = (x: number, y: number) => logGamma(x) + logGamma(y) - logGamma(x + y);
/** E[w² p(1 − p)] for p ~ Beta(a, b) and w = 1 / Beta(p; α, β). */
const closedForm = (a: number, b: number, alpha: number, beta: number) =>
  Math.exp(2 * logBeta(alpha, beta) + logBeta(a + 3 - 2 * alpha, b + 3 - 2 * beta) - logBeta(a, b));

const small = { prompts: 300, samples: 400 };
const judged = (method?: BetaNormalizedOptions, seeds = [0, 1, 2]) =>
  reproduce(varianceStudy(method, small), { seeds, store, folder });

describe('experiment 1: the variance of the gradient', () => {
  it('has its minimum at 1 + a/3, 1 + b/3, with the values of the specification', () => {
    const table = [
      [0.1542, 0.1875, 0.1542],
      [0.1389, 0.2143, 0.1542],
      [0.0947, 0.1786, 0.1542],
      [0.0512, 0.122, 0.1542],
      [0.0402, 0.0808, 0.1542],
    ];
    rateDistributions.forEach(([a, b], i) => {
      const least = closedForm(a, b, 1 + a / 3, 1 + b / 3);
      expect(least).toBeCloseTo(table[i]![0]!, 3);
      expect(closedForm(a, b, 1, 1)).toBeCloseTo(table[i]![1]!, 3);
      expect(closedForm(a, b, 1.5, 1.5)).toBeCloseTo(table[i]![2]!, 3);
      for (const da of [-0.2, 0, 0.2])
        for (const db of [-0.2, 0, 0.2])
          expect(closedForm(a, b, 1 + a / 3 + da, 1 + b / 3 + db)).toBeGreaterThanOrEqual(least - 1e-12);
    });
  });

  it('comes out of the estimator, and holds', async () => {
    const result = await judged();
    expect(result.holds).toBe(true);
    const measured = (arm: string, metric: string) =>
      mean(result.arms.find(({ name }) => name === arm)!.all[metric]!);
    // A fit to few groups misses the best density a little.
    for (const [a, b] of rateDistributions)
      for (const [arm, alpha, beta] of [
        ['fitted', 1 + a / 3, 1 + b / 3],
        ['reinforce', 1, 1],
        ['grpo', 1.5, 1.5],
      ] as const)
        expect(Math.abs(measured(arm, `${a},${b}`) / closedForm(a, b, alpha, beta) - 1)).toBeLessThan(0.2);
  });

  it('does not hold with a density that does not move', async () => {
    expect((await judged({ fixed: [1.5, 1.5] }, [0, 1])).holds).toBe(false);
    expect((await judged({ fixed: [1, 1] }, [0, 1])).holds).toBe(false);
  });
});

describe('experiment 2: adaptation', () => {
  const shorter = (over: Partial<Recipe['recipe']> = {}) =>
    recipe({ ...training.recipe, steps: 60, arms: {}, evaluation: { every: 0 }, ...over });

  it('shrinks β to 1 as the policy learns, with α above 1', async () => {
    const { run } = await train(shorter(), { seed: 0, store, folder });
    const steps = [...store.steps(run)].map(({ metrics }) => metrics);
    const over = (from: number, to: number, name: string) =>
      mean(steps.slice(from, to).map((metrics) => metrics[name]!));
    expect(over(0, 10, 'solveRate')).toBeLessThan(0.5);
    expect(over(50, 60, 'solveRate')).toBeGreaterThan(0.9);
    expect(over(0, 10, 'beta.beta')).toBeGreaterThan(1.25);
    expect(over(50, 60, 'beta.beta')).toBeLessThan(1.2);
    expect(over(50, 60, 'beta.alpha')).toBeGreaterThan(over(0, 10, 'beta.alpha') + 1);
  });

  it('does not hold with GRPO’s density', async () => {
    const seeds = [0, 1];
    expect((await reproduce(shorter({ steps: 150 }), { seeds, store, folder })).holds).toBe(true);
    const control = shorter({ steps: 10, estimator: betaNormalized({ fixed: [1.5, 1.5] }) });
    expect((await reproduce(control, { seeds, store, folder })).holds).toBe(false);
  });
});

describe('experiment 3: decomposition', () => {
  const context = { step: 0, totalSteps: 1, stage: 's' };

  /** 32 groups of 16: accuracy is rare, and format as common as it is said; the same accuracies every time. */
  function batch(format: number) {
    const random = stream(0, 'decomposition');
    const forms = random.fork('format');
    return {
      groups: Array.from({ length: 32 }, (_, g) => {
        const task = { id: `t${g}`, prompt: '' };
        const skill = 0.12 * random.next();
        const easy = Math.min(1, format + 0.3 * (forms.next() - 0.5));
        return {
          task,
          samples: Array.from({ length: 16 }, (_, i): Sample => {
            const accuracy = random.next() < skill ? 1 : 0;
            const form = forms.next() < easy ? 1 : 0;
            return {
              ...textSample(task, '', `${g}.${i}`),
              verdict: verdict(accuracy + form, undefined, {
                parts: { accuracy: verdict(accuracy), format: verdict(form) },
              }),
            };
          }),
        };
      }),
    };
  }

  /** Per group, what being right is worth: the advantage of a right sample less that of a wrong one of the same format. */
  function worth(estimator: Estimator, format: number): Map<number, number> {
    const made = batch(format);
    const { values } = estimator.estimate(made, context).terms.policy!;
    const out = new Map<number, number>();
    made.groups.forEach(({ samples }, g) => {
      const of = (accuracy: number) =>
        samples.findIndex(
          ({ verdict: said }) =>
            said!.parts!.accuracy!.value === accuracy && said!.parts!.format!.value === 1,
        );
      if (of(1) >= 0 && of(0) >= 0) out.set(g, values[16 * g + of(1)]! - values[16 * g + of(0)]!);
    });
    return out;
  }

  it('keeps the scale of the accuracy advantage, which in a summed reward moves with the format', () => {
    const decomposed = perReward({
      parts: { accuracy: 1, format: 1 },
      how: 'average',
      each: 'betaNormalized',
    });
    const alone = perReward({ parts: { accuracy: 1 }, how: 'average', each: 'betaNormalized' });
    const summed = betaNormalized({ high: 2 });
    const moved: number[] = [];
    const before = worth(summed, 0.5);
    for (const format of [0.5, 0.8, 0.95]) {
      const accuracyAlone = worth(alone, format);
      expect(accuracyAlone.size).toBeGreaterThan(8);
      for (const [g, gap] of worth(decomposed, format)) expect(gap).toBeCloseTo(accuracyAlone.get(g)! / 2, 9);
      const gaps = [...worth(summed, format)].filter(([g]) => before.has(g));
      moved.push(mean(gaps.map(([g, gap]) => gap / before.get(g)!)));
    }
    expect(moved[0]).toBe(1);
    expect(Math.abs(moved[2]! - 1)).toBeGreaterThan(0.2);
  });
});
