import { expect, test } from 'vitest';
import {
  type Batch,
  InputError,
  linear,
  noVerdict,
  type Reward,
  scoreBatch,
  scoringContext,
  textSample,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { weighted } from './weighted.ts';

const task = { id: '1', prompt: '' };

async function score(reward: Reward, texts: readonly string[], over = {}): Promise<Verdict[]> {
  const batch: Batch = {
    groups: texts.map((text, i) => {
      const own = { ...task, id: String(i) };
      return { task: own, samples: text.split('|').map((one) => textSample(own, one)) };
    }),
  };
  await scoreBatch(reward, batch, scoringContext(over));
  return batch.groups.flatMap(({ samples }) => samples.map((sample) => sample.verdict!));
}

const length = (sample: { turns: readonly { completion: { text: string } }[] }) =>
  sample.turns[0]!.completion.text.length;
const fails = () => noVerdict('judge', 'no answer');

test('a weighted sum keeps its parts', async () => {
  const [one] = await score(weighted({ length: [length, 0.5], fixed: () => true }), ['abcd']);
  expect(one).toMatchObject({ value: 3, parts: { length: { value: 4 }, fixed: { value: 1 } } });
  expect(one!.reason).toBe('length 4 × 0.5, fixed 1 × 1');
});

test('a part without a verdict leaves none, unless its weight is 0', async () => {
  expect((await score(weighted({ length, judged: fails }), ['ab']))[0]).toMatchObject({
    value: null,
    cause: 'judge',
    reason: 'judged: no answer',
    parts: { length: { value: 2 } },
  });
  expect((await score(weighted({ length, judged: [fails, 0] }), ['ab']))[0]).toMatchObject({ value: 2 });
});

test('with missing: skip the parts that are there are summed; none is no verdict', async () => {
  const skip = { missing: 'skip' } as const;
  const [one] = await score(weighted({ length, judged: [fails, 3], fixed: () => true }, skip), ['ab']);
  expect(one).toMatchObject({ value: 3, parts: { judged: { value: null, cause: 'judge' } } });
  expect(one!.reason).toBe('length 2 × 1, judged no verdict × 3, fixed 1 × 1');
  const divided = weighted({ length, judged: [fails, 3] }, { ...skip, divide: true });
  expect((await score(divided, ['ab']))[0]!.value).toBe(2);
  expect((await score(weighted({ judged: fails, length: [length, 0] }, skip), ['ab']))[0]).toMatchObject({
    value: null,
    cause: 'judge',
  });
});

test('weights may be schedules, and the sum may be divided by them', async () => {
  const reward = weighted({ length: [length, linear({ from: 0, to: 2, steps: 10 })] });
  expect((await score(reward, ['ab'], { step: 5, totalSteps: 10 }))[0]!.value).toBe(2);
  expect(
    (await score(weighted({ a: [length, 1], b: [length, 3] }, { divide: true }), ['ab']))[0]!.value,
  ).toBe(2);
  expect((await score(weighted({ a: [length, 0] }, { divide: true }), ['ab']))[0]!.cause).toBe('unsupported');
});

test('its scope is the widest of its parts, and narrower parts are called per their own', async () => {
  const calls: string[] = [];
  const part = (name: string, scope: Reward['scope']): Reward => ({
    name,
    version: '1',
    options: {},
    scope,
    score: async (samples) => {
      calls.push(`${name} ${samples.length}`);
      return samples.map(() => verdict(samples.length));
    },
  });
  const grouped = weighted({ each: part('each', 'sample'), group: part('group', 'group') });
  expect(grouped.scope).toBe('group');
  expect((await score(grouped, ['a|b', 'c'])).map(({ value }) => value)).toEqual([3, 3, 2]);
  expect(calls.sort()).toEqual(['each 1', 'each 1', 'each 1', 'group 1', 'group 2']);
  calls.length = 0;
  const all = weighted({
    each: part('each', 'sample'),
    group: part('group', 'group'),
    batch: part('batch', 'batch'),
  });
  expect(all.scope).toBe('batch');
  expect((await score(all, ['a|b', 'c'])).map(({ value }) => value)).toEqual([6, 6, 5]);
  expect(calls.sort()).toEqual(['batch 3', 'each 1', 'each 1', 'each 1', 'group 1', 'group 2']);
});

test('spans and the answer come through, children and minimum are known', async () => {
  const reader: Reward = {
    name: 'reader',
    version: '1',
    options: {},
    scope: 'sample',
    minimum: -1,
    score: (samples) =>
      samples.map(() =>
        verdict(1, 'read', {
          answer: '5',
          spans: [{ start: 0, end: 1, value: 1, part: 'outcome', at: 'end' }],
        }),
      ),
  };
  const reward = weighted({ format: length, correct: [reader, 2] });
  expect((await score(reward, ['ab']))[0]).toMatchObject({ answer: '5', spans: [{ part: 'outcome' }] });
  expect(Object.keys(reward.children!)).toEqual(['format', 'correct']);
  expect(reward.minimum).toBe(-2);
  expect(() => weighted({})).toThrow(InputError);
});
