import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Group, type Sample, scoreBatch, scoringContext, type TaskSource, textSample } from 'assay/core';
import { weighted } from 'assay/shape';
import { openStore, type Store } from 'assay/store';
import { type Recipe, recipe, reproduce, rolloutMetrics, showsBehaviour, train } from 'assay/train';
import { number } from 'assay/verify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import simplerl from './simplerl-zoo.ts';
import difficulty from './simplerl-zoo-difficulty.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-simplerl-'));
  store = openStore(join(folder, 'assay.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The same source with a handful of held-out tasks. */
const few = (tasks: TaskSource): TaskSource => ({
  ...tasks,
  load: async () => {
    const { evaluate, ...rest } = await tasks.load();
    return { ...rest, evaluate: evaluate.slice(0, 10) };
  },
});

const brief = ({ recipe: options }: Recipe) => ({
  ...options,
  tasks: few(options.tasks),
  warmStart: { ...options.warmStart!, steps: 20 },
  evaluation: { every: 0, passAt: [1] },
  steps: 4,
  groups: 8,
});

describe('experiment 1: rewards with a format', () => {
  it('does not hold with the earlier reward in the place of correctness', async () => {
    const { v0, v0SameRate } = simplerl.recipe.arms!;
    const control = recipe({
      ...brief(simplerl),
      reward: v0SameRate!.reward!,
      arms: { v0: v0!, v0SameRate: v0SameRate! },
    });
    const result = await reproduce(control, { seeds: [0, 1], store, folder, threads: 1 });
    expect(result.arms[0]!.metric.values).toEqual(result.arms[2]!.metric.values);
    expect(result.holds).toBe(false);
  });

  it('gives the points of the two modes, and of correctness alone', async () => {
    const { v0, independent } = simplerl.recipe.arms!;
    const texts = ['\\boxed{7}', '7', '\\boxed{8}', '8', ''];
    const points = async (reward: Recipe['recipe']['reward']) => {
      const task = { id: 't', prompt: '', answer: '7' };
      const samples = texts.map((text, i) => textSample(task, text, String(i)));
      if (typeof reward === 'function') throw new Error('not a reward');
      await scoreBatch(reward, { groups: [{ task, samples }] }, scoringContext());
      return samples.map(({ verdict }) => verdict?.value);
    };
    expect(await points(simplerl.recipe.reward)).toEqual([1, 1, 0, 0, 0]);
    expect(await points(independent!.reward!)).toEqual([1, 0.5, -0.5, -1, -1]);
    expect(await points(v0!.reward!)).toEqual([1, -1, -0.5, -1, -1]);
  });
});

describe('experiment 2: difficulty', () => {
  it('does not hold when the easy arm is given the hard tasks', async () => {
    const { arms } = difficulty.recipe;
    const hard = { tasks: few(arms!.hard!.tasks!) };
    const control = recipe({
      ...brief(difficulty),
      tasks: few(arms!.hard!.tasks!),
      arms: { medium: hard, hard, easyBase: hard },
    });
    const result = await reproduce(control, { seeds: [0, 1], store, folder, threads: 1 });
    expect(result.holds).toBe(false);
    expect(result.expected[1]!.difference.mean).toBe(0);
  });

  it('counts the groups of hard tasks that teach nothing', async () => {
    const hard = recipe({
      ...brief(difficulty),
      tasks: few(difficulty.recipe.arms!.hard!.tasks!),
      arms: {},
      expected: [],
    });
    const { run } = await train(hard, { seed: 0, store, folder, threads: 1 });
    const steps = [...store.steps(run)].filter(({ metrics }) => 'zeroVariance' in metrics);
    expect(steps).toHaveLength(4);
    for (const { metrics } of steps) expect(metrics.zeroVariance).toBeGreaterThan(0.85);
  });
});

describe('experiment 3: length against verification', () => {
  /** What a policy said at a step: every second response checks itself, and the padding grows. */
  function transcripts(padding: number): Group {
    const task = { id: 't', prompt: '', answer: '7' };
    const samples = Array.from({ length: 8 }, (_, i): Sample => {
      const checks = i % 2 === 0 ? 'Let me check: 3 + 4 is 7. ' : '';
      const text = `${'Well, so it goes on. '.repeat(padding)}${checks}The answer is 7`;
      const words = text.split(' ').length;
      const completion = {
        text,
        tokens: new Int32Array(words),
        logprobs: new Float64Array(words).fill(-0.5),
        length: words,
        finish: i === 7 ? ('length' as const) : ('stop' as const),
      };
      return { id: String(i), task, turns: [{ context: '', completion }] };
    });
    return { task, samples };
  }

  it('shows a length that rises by padding apart from a verification that does not', async () => {
    const reward = weighted({
      correct: [number(), 1],
      verification: [showsBehaviour('verification'), 0],
      backtracking: [showsBehaviour('backtracking'), 0],
    });
    const steps: Record<string, number>[] = [];
    for (const padding of [0, 2, 5, 10]) {
      const groups = [transcripts(padding)];
      await scoreBatch(reward, { groups }, scoringContext());
      steps.push(rolloutMetrics(groups, { part: 'correct', atLeast: 1 }));
    }
    for (const [i, metrics] of steps.entries()) {
      expect(metrics['part.verification']).toBe(0.5);
      expect(metrics['part.backtracking']).toBe(0);
      expect(metrics.reward).toBe(1);
      expect(metrics.truncated).toBe(1 / 8);
      if (i > 0) {
        expect(metrics.length).toBeGreaterThan(steps[i - 1]!.length! + 5);
        expect(metrics['length.stopped']).toBeGreaterThan(steps[i - 1]!['length.stopped']! + 5);
      }
    }
    // The one that was cut does not check itself, so it is the shorter.
    expect(steps[0]!['length.stopped']).toBeGreaterThan(steps[0]!.length!);
  });
});
