import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Group, lift, scoreBatch, scoringContext, stream, type Task, textSample } from 'assay/core';
import { grpoAdvantages } from 'assay/credit';
import { lengthZScores, topGroups, topShare } from 'assay/shape';
import { openStore } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { describe, expect, it } from 'vitest';
import grpoLambda from './grpo-lambda.ts';

it('holds with the method only: with the reward of the control it does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-lambda-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    const { recipe: options } = grpoLambda;
    const { plain, penaltyOnAll } = options.arms!;
    const short = recipe({
      ...options,
      reward: penaltyOnAll!.reward!,
      warmStart: { ...options.warmStart!, steps: 4 },
      steps: 2,
      arms: { plain: plain!, penaltyOnAll: penaltyOnAll! },
    });
    const result = await reproduce(short, { seeds: [0, 1], store, folder, threads: 1 });
    expect(result.holds).toBe(false);
    expect(result.difference).toEqual({ mean: 0, low: 0, high: 0 });
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('experiment 2: which groups are selected', () => {
  /** Groups of eight whose members are right by chance, each group at a rate of its own. */
  function groups(step: number): Group[] {
    const random = stream(0, 'groups', step);
    return Array.from({ length: 12 }, (_, g) => {
      const task: Task = { id: `${g}`, prompt: `${g}` };
      const rate = random.next();
      return {
        task,
        samples: Array.from({ length: 8 }, (_, i) =>
          textSample(task, random.next() < rate ? 'right' : 'wrong', `${i}`),
        ),
      };
    });
  }
  const right = lift(function right(sample) {
    return sample.turns[0]!.completion.text === 'right';
  });
  const constant = (value: number) => lift(() => value, 'constant');
  const accuracy = ({ samples }: Group) =>
    samples.filter(({ turns }) => turns[0]!.completion.text === 'right').length / samples.length;

  /** Over 50 batches: how often every selected group is at least as accurate as every other. */
  async function ordered(by: typeof right): Promise<number> {
    const reward = topGroups({ by, top: constant(1), rest: constant(0) }, { share: 0.2 });
    let times = 0;
    for (let step = 0; step < 50; step++) {
      const batch = groups(step);
      await scoreBatch(reward, { groups: batch }, scoringContext({ step }));
      const chosen = (group: Group) => group.samples[0]!.verdict!.value === 1;
      const selected = batch.filter(chosen).map(accuracy);
      const others = batch.filter((group) => !chosen(group)).map(accuracy);
      expect(selected).toHaveLength(3); // ⌈0.2 · 12⌉
      if (Math.min(...selected) >= Math.max(...others)) times++;
    }
    return times / 50;
  }

  it('by accuracy: the least accurate of them is no worse than the best of the others', async () => {
    expect(await ordered(right)).toBe(1);
  });

  it('at random: hardly ever', async () => {
    const atRandom = lift(function atRandom({ task }, { step }) {
      return stream(0, 'selection', step, task.id).next();
    });
    expect(await ordered(atRandom)).toBeLessThan(0.1);
  });

  it('vectors 7 to 9: the number of groups is rounded up, and the earlier wins a tie', () => {
    expect(topShare([1, 0.5, 0.75, 0, 0.25], 0.2)).toEqual([0]);
    expect(topShare([1, 0.5, 0.75, 0, 0.25, 1, 0.9, 0.1, 0.2, 0.3], 0.2)).toEqual([0, 5]);
    expect(topShare([0.5, 0.5, 0.5], 0.34)).toEqual([0, 1]);
  });
});

it('vector 10: the advantages of a group with the length term', () => {
  const rewards = Float64Array.from(lengthZScores([1, 1, 1, 0], [100, 200, 300, 50]));
  const advantages = grpoAdvantages(rewards, Int32Array.of(0, 4));
  [0.618262, 0.497565, 0.376868, -1.492695].forEach((expected, i) => {
    expect(advantages[i]).toBeCloseTo(expected, 5);
  });
});

it('the length term is all there is in a group of right answers, whatever alpha', () => {
  const of = (alpha: number) =>
    grpoAdvantages(Float64Array.from(lengthZScores([1, 1, 1], [3, 5, 9], { alpha })), Int32Array.of(0, 3));
  of(0.05).forEach((advantage, i) => {
    expect(advantage).toBeCloseTo(of(0.9)[i]!, 3);
  });
});
