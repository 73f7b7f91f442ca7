import { type Group, type Role, textSample, verdict } from 'assay/core';
import { grpo } from 'assay/credit';
import { bcoLoss, crossEntropyLoss, dpoLoss } from 'assay/objective';
import { describe, expect, it } from 'vitest';
import { judgeInStore } from './fixtures/judge.ts';
import { replayOptions, spreadTasks } from './skywork-r1v2.ts';
import { hybrid, hybridOptions } from './skywork-r1v2-hybrid.ts';
import { readClaims, thresholdOptions } from './skywork-r1v2-threshold.ts';

const { judge } = judgeInStore();

describe('skywork-r1v2', () => {
  it('does not hold without the buffer', async () => {
    const short = { ...replayOptions(undefined, 3, 4), tasks: spreadTasks(20) };
    const { holds, expected } = await judge(short, 'none');
    expect(holds).toBe(false);
    expect(expected.map((each) => each.holds)).toEqual([false]);
  });

  it('vector 4: a group of equal rewards has no advantage', () => {
    const task = { id: 't', prompt: '' };
    const samples = [2, 2, 2, 2].map((value, i) => ({
      ...textSample(task, '', String(i)),
      verdict: verdict(value),
    }));
    const group: Group = { task, samples };
    const credit = grpo().estimate({ groups: [group] }, { step: 0, totalSteps: 1, stage: '' });
    expect([...credit.terms.policy!.values]).toEqual([0, 0, 0, 0]);
  });
});

describe('skywork-r1v2-hybrid', () => {
  it('does not hold when the reward model has no say', async () => {
    const { holds, expected } = await judge(
      { ...hybridOptions(hybrid(0), 3), groups: 8, evaluation: { every: 0 } },
      'none',
    );
    expect(holds).toBe(false);
    expect(expected.map((each) => each.holds)).toEqual([false]);
  });
});

describe('skywork-r1v2-threshold', () => {
  it('does not hold with the low threshold in the place of the high one', async () => {
    const short = { ...thresholdOptions(3, 3), groups: 8, metric: 'reward', evaluation: { every: 0 } };
    const { holds, expected } = await judge(short, 'low');
    expect(holds).toBe(false);
    expect(expected.map((each) => each.holds)).toEqual([false]);
  });

  it('reads claims and the answer, which comes last and once', () => {
    expect(readClaims('uua', 'a')).toEqual({ claims: 2, right: true });
    expect(readClaims('aa', 'a')).toEqual({ claims: 0, right: false });
    expect(readClaims('au', 'a')).toEqual({ claims: 1, right: false });
    expect(readClaims('', 'a')).toEqual({ claims: 0, right: false });
  });
});

describe('experiment 3: the terms of MPO', () => {
  /**
   * A softmax over chosen, rejected and ten other answers, with one logit for what chosen and rejected share and one for what
   * sets them apart; gradient descent on the weighted losses. Returns log π(chosen) before and after.
   */
  const descend = (weights: { preference: number; quality: number; generation: number }) => {
    const others = 10;
    // Logits: chosen = shared + 0.2 · apart, rejected = shared + apart, others 0. Alike as they are, both fall together.
    let [shared, apart] = [0, 0];
    const logprobs = () => {
      const chosen = shared + 0.2 * apart;
      const rejected = shared + apart;
      const norm = Math.log(Math.exp(chosen) + Math.exp(rejected) + others);
      return [chosen - norm, rejected - norm] as const;
    };
    const reference = logprobs();
    const roles: Role[] = ['chosen', 'rejected'];
    for (let step = 0; step < 300; step++) {
      const now = logprobs();
      const batch = {
        starts: Int32Array.of(0, 1, 2),
        groups: Int32Array.of(0, 0),
        mask: Uint8Array.of(1, 1),
        logprobs: Float64Array.from(now),
        old: Float64Array.from(now),
        references: { reference: Float64Array.from(reference) },
        terms: {},
        roles,
      };
      const generation = crossEntropyLoss({ ...batch, mask: Uint8Array.of(1, 0) });
      const losses = [
        [dpoLoss(batch), weights.preference],
        [bcoLoss(batch, { shift: 0 }), weights.quality],
        [generation, weights.generation],
      ] as const;
      const slope = (s: number) => losses.reduce((sum, [loss, w]) => sum + w * loss.dLogprob![s]!, 0);
      const [p, q] = [Math.exp(now[0]), Math.exp(now[1])];
      // ∂ log π(x) / ∂θ = φ_θ(x) − Σ π φ_θ, for φ_shared = (1, 1, 0) and φ_apart = (0.2, 1, 0).
      const total = slope(0) + slope(1);
      const gradient = [total * (1 - p - q), slope(0) * 0.2 + slope(1) - total * (0.2 * p + q)] as const;
      shared -= 2 * gradient[0];
      apart -= 2 * gradient[1];
    }
    return { before: reference[0], after: logprobs()[0] };
  };

  it('with the preference term alone the chosen log-probability falls; the generation term keeps it rising', () => {
    const alone = descend({ preference: 1, quality: 0, generation: 0 });
    expect(alone.after).toBeLessThan(alone.before - 0.1);
    const all = descend({ preference: 0.8, quality: 0.2, generation: 1 });
    expect(all.after).toBeGreaterThan(all.before + 0.5);
  });
});
