import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Batch,
  type LearningContext,
  stream,
  type Task,
  type TokenBatch,
  textSample,
  type Verdict,
  verdict,
} from 'assay/core';
import { correctNoise, falseNegativeRate, grpo, noiseCorrection } from 'assay/credit';
import { clippedLoss } from 'assay/objective';
import { openStore } from 'assay/store';
import { type Expectation, recipe, reproduce } from 'assay/train';
import { exact, math } from 'assay/verify';
import { describe, expect, it } from 'vitest';
import noisy from './noisy-verifier-corrections.ts';

const context: LearningContext = { step: 0, totalSteps: 1, stage: 'test' };

it('holds with the method only: with the estimator of the control it does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-noisy-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    const { recipe: options } = noisy;
    const { uncorrected } = options.arms!;
    const short = recipe({
      ...options,
      estimator: uncorrected!.estimator!,
      warmStart: { ...options.warmStart!, steps: 20 },
      steps: 4,
      arms: { uncorrected: uncorrected! },
      expected: (options.expected as Expectation[]).filter(({ over }) => over === 'uncorrected'),
    });
    const result = await reproduce(short, { seeds: [0, 1], store, folder, threads: 1 });
    expect(result.holds).toBe(false);
    expect(result.difference).toEqual({ mean: 0, low: 0, high: 0 });
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('experiment 1: the gradient through the channel', () => {
  const policy = [0.3, 0.25, 0.2, 0.15, 0.1];
  const below = [0.3, 0.55, 0.75, 0.9, 1];
  const right = [0, 1, 0, 1, 0];

  type Weigh = (accepted: boolean, truth: boolean) => number;

  /** Mean of weight · ∇ log π over draws of an arm and of the checker's verdict on it. */
  function gradient(weigh: Weigh, falsePositive: number, falseNegative: number, draws = 200_000): number[] {
    const random = stream(0, 'channel');
    const sum = policy.map(() => 0);
    for (let i = 0; i < draws; i++) {
      const u = random.next();
      const arm = below.findIndex((edge) => u < edge);
      const truth = right[arm] === 1;
      const flips = random.next() < (truth ? falseNegative : falsePositive);
      const weight = weigh(truth !== flips, truth);
      for (let a = 0; a < policy.length; a++) sum[a] = sum[a]! + weight * ((a === arm ? 1 : 0) - policy[a]!);
    }
    return sum.map((x) => x / draws);
  }
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const norm = (a: number[]) => Math.sqrt(dot(a, a));
  const cosine = (a: number[], b: number[]) => dot(a, b) / norm(a) / norm(b);

  // The clean gradient in closed form: π_a (r_a − J).
  const value = dot(policy, right);
  const clean = policy.map((p, a) => p * (right[a]! - value));
  const rates = { falsePositive: 0.1, falseNegative: 0.3 };

  it.each<[string, Weigh, number]>([
    ['backward', (accepted) => correctNoise(accepted, rates, 'backward'), 1],
    ['forward', (accepted) => correctNoise(accepted, rates, 'forward'), 0.6],
    // Constant noise shortens the gradient and does not turn it.
    ['uncorrected', (accepted) => (accepted ? 1 : 0), 0.6],
  ])('%s', (_, weigh, ratio) => {
    const noisyGradient = gradient(weigh, 0.1, 0.3);
    expect(cosine(noisyGradient, clean)).toBeGreaterThan(0.998);
    expect(norm(noisyGradient) / norm(clean)).toBeCloseTo(ratio, 1);
  });

  it('noise that differs by domain: only rates by domain restore the weight of each', () => {
    const none = { falsePositive: 0, falseNegative: 0 };
    const domains = { A: { falsePositive: 0, falseNegative: 0.6 }, B: none };
    const weightOf = (form: 'backward' | 'forward' | 'uncorrected', domain: 'A' | 'B') => {
      const own = domains[domain];
      const weigh = (accepted: boolean) =>
        form === 'uncorrected' ? Number(accepted) : correctNoise(accepted, own, form);
      return norm(gradient(weigh, own.falsePositive, own.falseNegative, 100_000)) / norm(clean);
    };
    const relative = (form: 'backward' | 'forward' | 'uncorrected') =>
      weightOf(form, 'A') / weightOf(form, 'B');
    expect(relative('backward')).toBeCloseTo(1, 1);
    expect(relative('uncorrected')).toBeCloseTo(0.4, 1);
    // The forward form is right in direction, and keeps 1 − ρ0 − ρ1 of the length in each domain.
    expect(relative('forward')).toBeCloseTo(0.4, 1);
  });
});

describe('experiment 2: the normalisation trap', () => {
  const task = (id: string, domain: string): Task => ({ id, prompt: id, domain });
  const batch: Batch = {
    groups: [
      [task('a', 'A'), [1, 0, 0, 1]],
      [task('b', 'B'), [1, 0, 0, 0]],
    ].map(([of, values]) => ({
      task: of as Task,
      samples: (values as number[]).map((reward, i) => ({
        ...textSample(of as Task, 'x', `${i}`),
        verdict: verdict(reward),
      })),
    })),
  };
  const rates = { falsePositive: 0.1, falseNegative: 0.2 };
  const domains = { A: { falsePositive: 0.1, falseNegative: 0.4 } };

  /** The clipped loss of the batch, one token a sample, off policy. */
  function loss(advantages: Float64Array): number {
    const n = advantages.length;
    const old = new Float64Array(n).fill(-1);
    const tokens: TokenBatch = {
      starts: Int32Array.from({ length: n + 1 }, (_, i) => i),
      groups: Int32Array.from(advantages, (_, i) => (i < 4 ? 0 : 1)),
      mask: new Uint8Array(n).fill(1),
      logprobs: old.map((l, i) => l + 0.03 * (i - 4)),
      old,
      references: {},
      terms: { policy: advantages },
    };
    return clippedLoss(tokens).loss;
  }
  const lossOf = (estimator: ReturnType<typeof grpo>) =>
    loss(estimator.estimate(batch, context).terms.policy!.values);

  it('behind mean and deviation of the group the correction changes nothing, and it says so', () => {
    for (const by of [{}, { domains }])
      for (const form of ['backward', 'forward'] as const) {
        const corrected = noiseCorrection({ ...rates, ...by, form, inner: grpo() });
        expect(Math.abs(lossOf(corrected) - lossOf(grpo()))).toBeLessThan(1e-6);
        expect(corrected.estimate(batch, context).metrics.noiseCorrectionUndone).toBe(1);
      }
  });

  it('without the deviation, or with that of the batch and rates by domain, it changes something', () => {
    for (const [plain, by] of [
      [grpo({ std: 'none' }), {}],
      [grpo({ std: 'none' }), { domains }],
      [grpo({ scale: 'batch' }), { domains }],
    ] as const) {
      const corrected = noiseCorrection({ ...rates, ...by, form: 'backward', inner: plain });
      expect(Math.abs(lossOf(corrected) - lossOf(plain))).toBeGreaterThan(1e-3);
      expect(corrected.estimate(batch, context).metrics.noiseCorrectionUndone).toBe(0);
    }
  });
});

it('experiment 3: appeals find the false negatives of a rule that rejects unreduced fractions', () => {
  const rule = exact();
  const appeal = math();
  const random = stream(0, 'appeals');
  const scoring = {
    step: 0,
    totalSteps: 1,
    stage: 'test',
    phase: 'train' as const,
    models: {},
    signal: new AbortController().signal,
    fuel: 1_000_000,
  };

  /** The estimate from so many answers, of which 70 % are right and a quarter of those unreduced; every other rejection is appealed. */
  function estimate(n: number, checker: typeof rule): number {
    let [positives, negatives, sampled, overturned] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const bottom = 3 + random.integer(20);
      const sample = (text: string) => textSample({ id: `${i}`, prompt: '', answer: `1/${bottom}` }, text);
      const unreduced = random.next() < 0.25 ? 2 : 1;
      const said = random.next() < 0.7 ? `${unreduced}/${unreduced * bottom}` : `1/${bottom + 1}`;
      const judged = (by: typeof rule) =>
        (by.score([sample(said)], scoring) as readonly Verdict[])[0]!.value === 1;
      if (judged(checker)) positives++;
      else {
        negatives++;
        if (random.next() < 0.5) {
          sampled++;
          if (judged(appeal)) overturned++;
        }
      }
    }
    return falseNegativeRate({ positives, negatives, sampled, overturned });
  }
  expect(Math.abs(estimate(2000, rule) - 0.25)).toBeLessThan(0.03);
  // The rule is mended: what is rejected now is wrong.
  expect(estimate(2000, appeal)).toBeLessThan(0.01);
}, 10_000);
