import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerClusters, type Batch, scoreBatch, scoringContext, textSample, verdict } from 'assay/core';
import { entropyBlend } from 'assay/credit';
import { openStore, type Store } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { math } from 'assay/verify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import copo from './copo.ts';
import { signalStudy } from './copo-signal.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-copo-'));
  store = openStore(join(folder, 'assay.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const context = { step: 0, totalSteps: 1, stage: 's' };

/** One group of six an entry: each sample's answer, right where it is the group's own letter. */
function batchOf(
  groups: readonly (readonly [right: string, answers: string])[],
  told = (a: string) => a,
): Batch {
  return {
    groups: groups.map(([right, answers], g) => {
      const task = { id: `t${g}`, prompt: '' };
      return {
        task,
        samples: [...answers].map((answer, i) => ({
          ...textSample(task, answer, `${g}.${i}`),
          verdict: verdict(answer === right ? 1 : 0, undefined, { answer: told(answer) }),
        })),
      };
    }),
  };
}

describe('the recipe', () => {
  it('does not hold with GRPO in the place of COPO', async () => {
    const { arms, ...rest } = copo.recipe;
    const control = recipe({
      ...rest,
      estimator: arms!.grpo!.estimator!,
      warmStart: { ...rest.warmStart!, steps: 30 },
      steps: 4,
      arms: { grpo: arms!.grpo!, globalOnly: arms!.globalOnly! },
    });
    const result = await reproduce(control, { seeds: [0, 1], store, folder, threads: 1 });
    expect(result.arms[0]!.metric.values).toEqual(result.arms[1]!.metric.values);
    expect(result.holds).toBe(false);
  });
});

describe('experiment 1: groups of one mind', () => {
  it('are silent under GRPO and dynamic sampling, and not under COPO', async () => {
    const result = await reproduce(signalStudy(undefined, 40), { seeds: [0, 1, 2], store, folder });
    const [method, grpo, dynamic] = result.arms.map(({ metric }) => metric.mean);
    expect(method).toBe(0);
    expect(grpo).toBeGreaterThan(0.85);
    expect(dynamic).toBe(grpo);
    const rises = result.expected.filter(({ metric }) => metric !== undefined);
    expect(rises.map(({ holds }) => holds)).toEqual([true, true]);
  });

  it('does not hold with GRPO in the place of COPO', async () => {
    const study = signalStudy(entropyBlend({ mode: 'local' }), 10);
    const result = await reproduce(study, { seeds: [0, 1], store, folder });
    expect(result.holds).toBe(false);
    expect(result.difference?.mean).toBe(0);
  });
});

describe('experiment 2: the blend', () => {
  const batch = batchOf([
    ['a', 'abcdef'],
    ['a', 'aaaaaa'],
  ]);
  const advantages = (mode: 'adaptive' | 'global') => {
    const { local, global } = entropyBlend({ mode }).estimate(batch, context).terms;
    return local!.values.map((a, i) => a + global!.values[i]!);
  };

  it('keeps right above wrong where answers differ, which the global term alone cannot', () => {
    const adaptive = advantages('adaptive');
    expect(adaptive[0]).toBeGreaterThan(0);
    expect(Math.max(...adaptive.subarray(1, 6))).toBeLessThan(0);
    const alone = advantages('global');
    expect(new Set(alone.subarray(0, 6)).size).toBe(1);
    expect(alone[0]).toBeLessThan(0);
    // All right: no local advantage, and the global term pushes it up under both.
    for (const up of [adaptive, alone]) expect(up[6]).toBeGreaterThan(0.9);
  });
});

describe('experiment 3: the wrong mechanism', () => {
  it('shows: the entropy of right and wrong in place of answers never lets the local term count', () => {
    const groups = ['abcdef', 'aabcde', 'aaabbc', 'aaabcd'].map((answers) => ['a', answers] as const);
    for (const group of groups) {
      const wrong = batchOf([group], (answer) => (answer === 'a' ? 'right' : 'wrong'));
      const { answerEntropy, localWeight } = entropyBlend().estimate(wrong, context).metrics;
      expect(answerEntropy).toBeLessThanOrEqual(Math.log(2) + 1e-12);
      expect(localWeight).toBeLessThan(1e-6);
    }
    expect(entropyBlend().estimate(batchOf([groups[0]!]), context).metrics.localWeight).toBeGreaterThan(0.99);
  });
});

it('vector 10: equal answers are one cluster, however they are written', async () => {
  const task = { id: 't', prompt: '', answer: '1/2' };
  const samples = ['0.5', '1/2', '\\frac12'].map((answer) => textSample(task, `\\boxed{${answer}}`));
  await scoreBatch(math(), { groups: [{ task, samples }] }, scoringContext());
  expect(samples.map((sample) => sample.verdict?.value)).toEqual([1, 1, 1]);
  expect(answerClusters(samples.map((sample) => sample.verdict?.answer)).entropy).toBe(0);
});
