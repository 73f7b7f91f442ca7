import { expect, test } from 'vitest';
import {
  callReward,
  noVerdict,
  type Reward,
  type RewardFunction,
  scoringContext,
  textSample,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { all, any, cascade, first, isFloatLiteral, vote } from './index.ts';

const gives =
  (value: number | null): RewardFunction =>
  () =>
    value === null ? noVerdict('judge', 'no answer') : verdict(value, `said ${value}`);

async function score(reward: Reward, text = 'an answer', answer = 'gold', id = 's'): Promise<Verdict> {
  const samples = [textSample({ id, prompt: 'q', answer }, text)];
  return (await callReward(reward, samples, scoringContext()))[0]!;
}

test('first: the first that has a verdict decides, later ones are not asked', async () => {
  let calls = 0;
  const late: RewardFunction = () => {
    calls++;
    return 1;
  };
  expect(await score(first({ a: gives(0), late }))).toMatchObject({ value: 0, reason: 'a: said 0' });
  expect(calls).toBe(0);
  expect(await score(first({ a: gives(null), late }))).toMatchObject({ value: 1 });
  expect(calls).toBe(1);
  expect(await score(first({ a: gives(null), b: gives(null) }))).toMatchObject({
    value: null,
    cause: 'judge',
  });
});

test('any and all: a missing verdict counts only where it could change the outcome', async () => {
  expect(await score(any({ a: gives(0), b: gives(0.4) }))).toMatchObject({ value: 0.4 });
  expect(await score(any({ a: gives(null), b: gives(1) }))).toMatchObject({ value: 1 });
  expect(await score(any({ a: gives(null), b: gives(0) }))).toMatchObject({ value: null, cause: 'judge' });
  expect(await score(all({ a: gives(1), b: gives(0.4) }))).toMatchObject({ value: 0.4 });
  expect(await score(all({ a: gives(null), b: gives(0) }))).toMatchObject({ value: 0 });
  expect(await score(all({ a: gives(null), b: gives(1) }))).toMatchObject({ value: null });
  const stopped = await score(all({ a: gives(0), b: gives(1) }));
  expect(Object.keys(stopped.parts!)).toEqual(['a']);
});

test('vote: majority, ties, quorum', async () => {
  expect(await score(vote({ a: gives(1), b: gives(0.7), c: gives(0) }))).toMatchObject({
    value: 1,
    confidence: 2 / 3,
  });
  expect(await score(vote({ a: gives(1), b: gives(0) }))).toMatchObject({ value: 0.5 });
  expect(await score(vote({ a: gives(1), b: gives(0) }, { tie: 'none' }))).toMatchObject({ value: null });
  expect(await score(vote({ a: gives(1), b: gives(null), c: gives(null) }))).toMatchObject({
    value: null,
    cause: 'judge',
  });
  expect(await score(vote({ a: gives(1), b: gives(null) }, { quorum: 1 }))).toMatchObject({ value: 1 });
});

const extracted =
  (value: number, answer: string): RewardFunction =>
  () =>
    verdict(value, 'rule', { answer });

test('cascade: the gate of the hybrid verifier', async () => {
  const judge = gives(1);
  expect(await score(cascade(extracted(0, '0.5'), judge), 'x', '1/2')).toMatchObject({ value: 1 });
  expect(await score(cascade(extracted(0, '3.1416'), judge), 'x', '3.14')).toMatchObject({ value: 0 });
  expect(await score(cascade(extracted(0, ''), judge), 'x', '3.14')).toMatchObject({ value: 0 });
  expect(await score(cascade(extracted(1, '3'), gives(0)), 'x', '3')).toMatchObject({ value: 1 });
  expect(await score(cascade(gives(null), judge), 'x')).toMatchObject({ value: 1 });
  expect(await score(cascade(gives(null), judge, { when: 'rejected' }), 'x')).toMatchObject({ value: null });
  expect(await score(cascade(gives(0), judge, { when: 'undecided' }), 'x')).toMatchObject({ value: 0 });
  expect(await score(cascade(gives(0), judge, { when: () => false }), 'x')).toMatchObject({ value: 0 });
});

test('cascade: non-answers never reach the judge', async () => {
  for (const text of [
    '',
    ' ',
    ':',
    '.',
    '{',
    'Thought process:',
    'Solution',
    '解',
    'Respuesta',
    "Let's solve this problem step by step.",
    '<div></div>',
    '\\boxed{}',
  ])
    for (const rule of [gives(0), gives(null)]) {
      const got = await score(cascade(rule, gives(1)), text);
      expect([text, got.value, 'second' in got.parts!]).toEqual([text, 0, false]);
    }
  for (const text of ['B', '7', '{a}', 'Solution: x = 2'])
    expect(await score(cascade(gives(0), gives(1)), text)).toMatchObject({ value: 1 });
});

test('cascade: a share of the rejected is appealed, the same ones each time', async () => {
  const reward = cascade(gives(0), gives(1), { share: 0.25 });
  const values: number[] = [];
  for (let i = 0; i < 400; i++) values.push((await score(reward, 'x', 'y', `sample ${i}`)).value!);
  const appealed = values.filter((value) => value === 1).length;
  expect(appealed).toBeGreaterThan(70);
  expect(appealed).toBeLessThan(130);
  expect((await score(reward, 'x', 'y', 'sample 3')).value).toBe(values[3]);
});

test('children and scopes are those of the parts', async () => {
  const group: Reward = {
    name: 'group',
    version: '1',
    options: {},
    scope: 'group',
    score: (samples) => samples.map((_, i) => verdict(i === 0 ? 1 : 0, `of ${samples.length}`)),
  };
  const reward = first({ none: gives(null), group });
  expect(reward.scope).toBe('group');
  expect(Object.keys(reward.children!)).toEqual(['none', 'group']);
  const task = { id: 't', prompt: 'q' };
  const verdicts = await callReward(reward, [textSample(task, 'a'), textSample(task, 'b')], scoringContext());
  expect(verdicts.map(({ value }) => value)).toEqual([1, 0]);
});

test('what Python reads as a float', () => {
  for (const yes of ['3', '3.0', '1e3', ' 7 ', 'inf', 'nan', '-.5', '5.'])
    expect([yes, isFloatLiteral(yes)]).toEqual([yes, true]);
  for (const no of ['1/2', '\\frac12', '1,000', '', ' ', '.', 'e3'])
    expect([no, isFloatLiteral(no)]).toEqual([no, false]);
});
