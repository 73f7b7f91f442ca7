import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callReward, scoringContext, stream, textSample } from 'assay/core';
import { openStore } from 'assay/store';
import { type Recipe, recipe, reproduce, type Study } from 'assay/train';
import { expect, it } from 'vitest';
import { averaged } from './oorl-gepo.preferring.ts';
import { ruleReward } from './oorl-gepo.rule-reward.ts';
import {
  agree,
  offline,
  type Program,
  preferences,
  programs,
  run,
  translations,
  written,
} from './oorl-gepo.ts';
import combined from './oorl-gepo-combined.ts';

async function holds(what: Recipe | Study): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-oorl-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    return (await reproduce(what, { seeds: [0, 1], store, folder, threads: 1 })).holds;
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

it('does not hold with the control in the place of the method', async () => {
  expect(await holds(offline(averaged, { steps: 3, warmStart: 4 }))).toBe(false);
  const { arms, ...main } = combined.recipe;
  const tiny = {
    steps: 2,
    groups: 2,
    samples: 2,
    warmStart: { steps: 2, batch: 16, optimizer: { learningRate: 3e-3 } },
  };
  expect(await holds(recipe({ ...main, ...tiny, ...arms!.averaged!, arms: arms! }))).toBe(false);
}, 60_000);

it('the form that never wins is equivalent, and nothing that wins or loses is it', () => {
  for (const program of programs(stream(0, 'test')).slice(0, 50)) {
    const forms = translations(program);
    const all = preferences(program, forms.slice(0, 3), 'g', stream(0, written(program)));
    expect(all.filter(({ role }) => role === 'winner').map(({ completion }) => completion)).toEqual(
      forms.slice(0, 3),
    );
    expect(agree(forms[3]!, forms[0]!)).toBe(true);
    expect(all.map(({ completion }) => completion)).not.toContain(forms[3]);
    for (const { completion, role } of all) expect(agree(completion, forms[0]!)).toBe(role === 'winner');
  }
});

const program: Program = { outer: '-', inner: '+', side: 'left', leaves: ['x', 'y', 'z'] };

it('equivalent programs agree on 200 inputs, a mistaken one does not', () => {
  expect(written(program)).toBe('-+xyz');
  const all = translations(program);
  expect(all).toEqual(['xy+z-', 'zxy+~-', 'yx+z-', 'zyx+~-']);
  for (const code of all) expect(agree(code, 'xy+z-'), code).toBe(true);
  expect(agree('zxy+-', 'xy+z-')).toBe(false);
});

it('what does not compile has no value', () => {
  const values = { w: 1, x: 2, y: 3, z: 4 };
  expect(run('xy+z-', values)).toBe(1);
  for (const code of ['', '+', 'xy', 'x+', 'xy+z', 'xy?']) expect(run(code, values), code).toBeUndefined();
});

it('pays for a program in the right format that compiles and passes every test, and for nothing less', async () => {
  const inputs = [
    { w: 0, x: 2, y: 2, z: 1 },
    { w: 0, x: 0, y: 0, z: 5 },
    { w: 0, x: 3, y: 1.5, z: 0 },
    { w: 0, x: 0, y: 0, z: -4 },
    { w: 0, x: 1, y: 3, z: 2 },
  ];
  const tests = inputs.map((input) => ({ input, output: input.x + input.y - input.z }));
  const reward = ruleReward({ run, tests: () => tests });
  const said = async (text: string) => {
    const [made] = await callReward(
      reward,
      [textSample({ id: '1', prompt: '-+xyz:' }, text)],
      scoringContext(),
    );
    return [made!.value, made!.reason, made!.parts?.silent?.value];
  };
  const fenced = (code: string) => `Here it is:\n\`\`\`stack\n${code}\n\`\`\`\n`;
  expect(await said(fenced('xy+z-'))).toEqual([1, 'all tests pass', 0]);
  expect(await said(fenced('zyx+~-'))).toEqual([1, 'all tests pass', 0]);
  expect(await said(fenced('xy*z-'))).toEqual([0, '4 of 5 tests pass', 1]);
  expect(await said(fenced('xy+z'))).toEqual([0, 'does not compile', 0]);
  for (const text of ['xy+z-', 'Here it is: xy+z-', '```stack\nxy+z-', ''])
    expect(await said(text)).toEqual([0, 'no fenced block', 0]);
  expect(await said(`xy+z-\n${fenced('xy*z-')}`)).toEqual([0, '4 of 5 tests pass', 1]);
});

it('gives no verdict where the tests are at fault', async () => {
  for (const tests of [[], [{ input: { w: 0, x: 1, y: 1, z: 1 }, output: undefined }]]) {
    const reward = ruleReward({ run, tests: () => tests });
    const [made] = await callReward(reward, [textSample({ id: '1', prompt: '' }, 'x')], scoringContext());
    expect(made).toMatchObject({ value: null, cause: 'reference' });
  }
});
