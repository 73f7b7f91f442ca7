import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scoreBatch, scoringContext, type Task, textSample } from 'assay/core';
import { openStore } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { choice, wer } from 'assay/verify';
import { expect, it } from 'vitest';
import { said } from './fixtures/said.ts';
import sophia, { choiceTasks, joined, outcome } from './sophiavl-r1.ts';
import goodJudge from './sophiavl-r1-good-judge.ts';

const tiny = {
  tasks: choiceTasks({
    poisoned: 0.25,
    asked: 1,
    open: { sound: 1, poisoned: 2 },
    informed: { sound: 0.5, poisoned: 1 },
    showy: { sound: 0.1, poisoned: 0.4 },
    train: 40,
    evaluate: 8,
    demonstrations: 40,
  }),
  steps: 3,
  groups: 4,
  warmStart: { steps: 2, batch: 16, optimizer: { learningRate: 3e-3 } },
};

async function holds(what: ReturnType<typeof recipe>): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-sophia-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    return (await reproduce(what, { seeds: [0, 1], store, folder, threads: 1 })).holds;
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

it('does not hold with a control in the place of the method', async () => {
  const { arms, ...main } = sophia.recipe;
  expect(await holds(recipe({ ...main, ...tiny, ...arms!.thinking, arms: { ...arms } }))).toBe(false);
  const { arms: others, ...good } = goodJudge.recipe;
  const same = { ...tiny, ...others!.outcome };
  expect(await holds(recipe({ ...good, ...same, arms: { thinking: same, outcome: same } }))).toBe(false);
}, 60_000);

const question = (domain: 'sound' | 'poisoned'): Task => ({
  id: domain,
  prompt: '',
  answer: 'c',
  domain,
  data: { asked: ['C'], thought: ['3'] },
});

it('distrusts the judge where it is fooled, and there alone', async () => {
  const said = [
    '<think>3</think><answer>c</answer>',
    '<think>4</think><answer>d</answer>',
    '!<think>3</think><answer>c</answer>',
  ];
  const groups = (['sound', 'poisoned'] as const).map((domain) => {
    const task = question(domain);
    // On the sound question nobody shows off: a right thought in a wrong format would be liked, too.
    return { task, samples: said.slice(0, domain === 'sound' ? 2 : 3).map((text) => textSample(task, text)) };
  });
  await scoreBatch(joined({ alpha: 0.5 }), { groups }, scoringContext());
  const [sound, poisoned] = groups.map(({ samples }) => samples.map(({ verdict }) => verdict!.value!));
  expect(sound).toEqual([1.5, 0]);
  // μ_c = 0, μ_w = ½: γ = e^−½.
  expect(poisoned![2]).toBeCloseTo(0.5 * Math.exp(-0.5), 9);
  expect(poisoned!.slice(0, 2)).toEqual([1, 0]);
});

it('vector 10: text before the thought costs the outcome, text after the answer does not', async () => {
  const task = question('sound');
  const said = [
    '<think>3</think><answer>c</answer>',
    '!<think>3</think><answer>c</answer>',
    '<think>3</think><answer>c</answer>!',
  ];
  const samples = said.map((text) => textSample(task, text));
  await scoreBatch(outcome, { groups: [{ task, samples }] }, scoringContext());
  expect(samples.map(({ verdict }) => verdict!.value)).toEqual([1, 0, 1]);
});

it('scores text in pictures by the word error rate (test vector 7)', async () => {
  const score = await said(wer({ form: 'exponential' }), 'hello world', 'hello there world');
  expect(score).toBeCloseTo(Math.exp(-1 / 3), 12);
  expect(score).toBeCloseTo(0.716531, 6);
});

it('compares sets of letters; a repeated one is a fault unless the released code is to be repeated (test vector 8)', async () => {
  const [strict, released] = [choice(), choice({ repeats: 'pass' })];
  for (const [answer, value] of [
    ['B, A', 1],
    ['A', 0],
    ['A,C', 0],
  ] as const) {
    expect(await said(strict, answer, ['A', 'B'])).toBe(value);
    expect(await said(released, answer, ['A', 'B'])).toBe(value);
  }
  expect(await said(strict, 'A,A', ['A', 'B'])).toBe(0);
  expect(await said(released, 'A,A', ['A', 'B'])).toBe(1);
});
