import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalText, lift, sampleLength, type TaskSource, type TokenBatch } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped, covarianceEntropyLoss } from 'assay/objective';
import { cosineLength, shuffled } from 'assay/shape';
import { openStore, type Store } from 'assay/store';
import { type Recipe, recipe, reproduce } from 'assay/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lightIf, { uniformBonus } from './light-if.ts';
import dense from './light-if-dense.ts';
import entropySft from './light-if-entropy-sft.ts';

let folder: string;
let store: Store;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-light-if-'));
  store = openStore(join(folder, 'assay.db'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});
const judge = (what: Recipe, seeds = [0, 1, 2]) => reproduce(what, { seeds, store, folder, threads: 1 });

describe('with the part of the control in place of the method, it does not hold', () => {
  it('TEA: no bonus', async () => {
    const { none, uniform } = lightIf.recipe.arms!;
    const result = await judge(
      recipe({
        ...lightIf.recipe,
        objective: none!.objective!,
        steps: 4,
        arms: { none: none!, uniform: uniform! },
      }),
      [0, 1],
    );
    expect(result.expected[0]!.holds).toBe(false);
    expect(result.holds).toBe(false);
  });

  it('dense credits: all or nothing', async () => {
    const { allOrNothing } = dense.recipe.arms!;
    const result = await judge(recipe({ ...dense.recipe, reward: allOrNothing!.reward!, steps: 3 }), [0, 1]);
    expect(result.expected[0]!.holds).toBe(false);
  });

  it('Entropy-SFT: all tokens', async () => {
    const { full } = entropySft.recipe.arms!;
    const result = await judge(recipe({ ...entropySft.recipe, stages: full!.stages! }), [0, 1]);
    expect(result.expected[0]!.holds).toBe(false);
  });
});

it('the uniform bonus has the mass of the one by token', () => {
  const tokens = 6;
  const batch: TokenBatch = {
    starts: Int32Array.of(0, 3, 6),
    groups: Int32Array.of(0, 0),
    mask: Uint8Array.of(1, 1, 1, 1, 1, 0),
    logprobs: Float64Array.of(-0.1, -1, -2, -0.5, -3, -1),
    old: new Float64Array(tokens),
    references: {},
    entropies: new Float64Array(tokens).fill(1),
    terms: { policy: Float64Array.of(1, 1, 1, -1, -1, -1) },
  };
  const context = { step: 0, totalSteps: 1, stage: 'test' };
  const sum = (x: Float64Array) => x.reduce((total, each) => total + each, 0);
  const uniform = uniformBonus.loss(batch, context);
  const tea = covarianceEntropyLoss(batch);
  expect(sum(uniform.dEntropy!)).toBeCloseTo(sum(tea.dEntropy!), 12);
  expect(uniform.loss).toBeCloseTo(tea.loss, 12);
  expect(new Set(uniform.dEntropy!.subarray(0, 5)).size).toBe(1);
  expect(new Set(tea.dEntropy!.subarray(0, 5)).size).toBeGreaterThan(1);
});

describe('experiment 4: lazy reasoning', () => {
  const request = 'write a short note without commas that ends with Done';
  const restating = ['write a short note ', 'without commas ', 'that ends with Done '];
  const checks = ['is it short? yes. ', 'any commas? no. ', 'does it end with Done? yes. '];

  /** Share of the word bigrams of the thinking that stand in the request. */
  function restated(thinking: string): number {
    const bigrams = (text: string) => {
      const words = text.split(' ').filter((word) => word !== '');
      return words.slice(1).map((word, i) => `${words[i]} ${word}`);
    };
    const own = bigrams(thinking);
    const asked = new Set(bigrams(request));
    return own.length === 0 ? 0 : own.filter((pair) => asked.has(pair)).length / own.length;
  }
  const checked = (thinking: string) => checks.filter((check) => thinking.includes(check)).length;

  it('is told from checking by its overlap with the request', () => {
    expect(restated(restating.join(''))).toBe(1);
    expect(restated(checks.join(''))).toBeLessThan(0.15);
  });

  it('gives way to checks under Zero-RL, and not under the same rewards dealt out at random', async () => {
    const tasks: TaskSource = {
      name: 'note',
      version: '1',
      options: {},
      load: async () => {
        const all = ['first', 'second'].map((id) => ({ id, prompt: `${request} (${id})` }));
        return { train: all, evaluate: all, demonstrations: [] };
      },
    };
    // The answer meets what was checked: the thinking is right when it left nothing out.
    const correct = lift(function correct(sample) {
      return checked(finalText(sample)) === checks.length ? 1.2 : 0.1;
    });
    // Light-IF's Zero-RL: right answers earn more when longer, wrong ones lose more.
    const zero = cosineLength(correct, {
      max: 8,
      success: 0.2,
      right: [0, 2],
      wrong: [0, -1],
      scaled: true,
      beyond: -2,
    });
    const seen = lift(function seen(sample) {
      const text = finalText(sample);
      return {
        value: checked(text) === checks.length ? 1 : 0,
        parts: {
          restated: { value: restated(text) },
          checks: { value: checked(text) / Math.max(1, sampleLength(sample) ?? 0) },
        },
      };
    });
    const zeroRl = recipe({
      name: 'zero-rl',
      tasks,
      // At the start it restates seven times of ten.
      engine: tabular({
        actions: [...restating, ...checks],
        length: 5,
        memory: 2,
        initial: [1, 1, 1, 0, 0, 0],
      }),
      reward: zero,
      estimator: grpo(),
      objective: clipped(),
      optimizer: { learningRate: 0.1 },
      groups: 2,
      samples: 16,
      steps: 50,
      sampling: { maxTokens: 5, temperature: 1 },
      evaluation: { every: 0, reward: seen },
      arms: { shuffled: { reward: shuffled(zero) } },
      metric: 'part.checks',
      expected: [
        { arm: 'main', over: 'shuffled', direction: 'higher' },
        { arm: 'main', over: 'shuffled', direction: 'lower', metric: 'part.restated' },
      ],
    });
    const result = await judge(zeroRl, [0, 1, 2]);
    expect(result.expected.map(({ holds }) => holds)).toEqual([true, true]);
  });
});
