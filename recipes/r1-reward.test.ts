import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scoreBatch, scoringContext, type TokenBatch, textSample } from 'assay/core';
import { tabular } from 'assay/engine';
import { clippedLoss, policyGradient } from 'assay/objective';
import { openStore } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { repetition } from 'assay/verify/text';
import { expect, it } from 'vitest';
import { said } from './fixtures/said.ts';
import r1, { flips, pairTasks, reward } from './r1-reward.ts';

it('does not hold with the control in the place of the method', async () => {
  const { arms, ...main } = r1.recipe;
  const folder = mkdtempSync(join(tmpdir(), 'assay-r1-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    const what = recipe({
      ...main,
      ...arms!.plain,
      tasks: pairTasks({
        length: 2,
        train: 40,
        evaluate: 8,
        demonstrations: 40,
        informed: 0.7,
        contradicting: 0.2,
      }),
      steps: 3,
      groups: 8,
      warmStart: { steps: 60, batch: 16, optimizer: { learningRate: 3e-3 } },
      arms: { plain: arms!.plain! },
    });
    expect((await reproduce(what, { seeds: [0, 1], store, folder, threads: 1 })).holds).toBe(false);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

const oneToken = (delta: number, advantage: number): TokenBatch => ({
  starts: Int32Array.of(0, 1),
  groups: Int32Array.of(0),
  mask: Uint8Array.of(1),
  logprobs: Float64Array.of(delta),
  old: Float64Array.of(0),
  references: {},
  terms: { policy: Float64Array.of(advantage) },
});

it('a log-ratio of 20 on a bad token: 4.85e8 as in the textbook, 1000 and no gradient with Pre-CLIP', () => {
  const plain = clippedLoss(oneToken(20, -1), { logRatioLimit: 500 });
  expect(plain.loss).toBeCloseTo(Math.exp(20), 3);
  expect(plain.dLogprob![0]).toBeCloseTo(Math.exp(20), 3);
  const held = clippedLoss(oneToken(20, -1), { logRatioLimit: Math.log(1000) });
  expect(held.loss).toBeCloseTo(1000, 9);
  expect(held.dLogprob![0]).toBe(0);
});

it('a sampler eight updates behind, at a high learning rate: the loss spikes without Pre-CLIP alone', async () => {
  // The sampler hardly ever says b; eight updates make the policy say little else.
  const policy = await tabular({ actions: ['a', 'b'], rows: { q: [0, -16] } }).create({ seed: 0 });
  const stale = [{ context: 'q', tokens: Int32Array.of(1) }];
  const old = (await policy.forward(stale, { tape: false })).logprobs;
  const context = { step: 0, totalSteps: 8, stage: 's' };
  const worst = { plain: 0, held: 0 };
  for (let update = 0; update < 8; update++) {
    const pass = await policy.forward(stale);
    const batch = { ...oneToken(0, 1), logprobs: pass.logprobs, old };
    const bad = { ...batch, terms: { policy: Float64Array.of(-1) } };
    worst.plain = Math.max(worst.plain, clippedLoss(bad, { logRatioLimit: 500 }).loss);
    worst.held = Math.max(worst.held, clippedLoss(bad, { logRatioLimit: Math.log(1000) }).loss);
    await pass.backward({ dLogprob: policyGradient().loss(batch, context).dLogprob });
    await policy.step({ learningRate: 3 });
  }
  expect(worst.held).toBeLessThanOrEqual(1000.001);
  expect(worst.plain).toBeGreaterThan(1e6);
});

it('experiment 3: agreeing, unreadable and contradicting thoughts, and wrong answers', async () => {
  const said = ['<think>1', '<think>', '<think>2'].map((thought) => `${thought}</think><answer>1</answer>`);
  const value = async (answer: string) => {
    const task = { id: 't', prompt: '', answer };
    const samples = said.map((text) => textSample(task, text));
    await scoreBatch(reward, { groups: [{ task, samples }] }, scoringContext());
    return samples.map(({ verdict }) => verdict!.value);
  };
  expect(await value('1')).toEqual([2, 1.5, 1]);
  expect(await value('2')).toEqual([0.5, 0.5, 0.5]);
});

it('experiment 4: the share of verdicts that flip when the two responses are exchanged', async () => {
  const pairs = ['a|b:', 'b|c:', 'c|d:', 'd|e:'];
  // Says 2 whatever it reads, of one pair and its exchange says the same, or prefers the earlier letter.
  expect(await flips(pairs, async () => '<answer>2</answer>')).toBe(0);
  const fair = async (prompt: string) => `<answer>${prompt[0]! < prompt[2]! ? 1 : 2}</answer>`;
  expect(await flips(pairs, fair)).toBe(1);
  const half = async (prompt: string) => (prompt < 'c' ? '<answer>1</answer>' : fair(prompt));
  expect(await flips(['a|b:', 'd|e:'], half)).toBe(0.5);
  expect(await flips(['a|b:'], async () => 'neither')).toBe(0);
});

it('charges repeated 3-grams (test vector 7)', async () => {
  const by = repetition();
  expect(await said(by, 'a b c a b c a b c')).toBeCloseTo(-0.571429, 6);
  expect(await said(by, 'the cat sat on the mat')).toBeCloseTo(0, 12);
  expect(await said(by, 'x x x x x')).toBeCloseTo(-0.666667, 6);
  expect(await said(by, '')).toBeCloseTo(0, 12);
});
