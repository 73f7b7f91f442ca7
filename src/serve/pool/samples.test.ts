import { expect, test } from 'vitest';
import { rewards } from '../../catalogue/index.ts';
import { callReward, scoringContext } from '../../core/index.ts';
import { samplesOf } from './samples.ts';

const plain = (completion: string, id?: string) => ({
  ...(id !== undefined && { id }),
  task: { ...(id !== undefined && { id }), prompt: 'p', answer: 1 },
  turns: [{ completion }],
});

test('an id that was not given is of the content, and all that looks at one is noticed', () => {
  const given = samplesOf([plain('a', 'x')]);
  expect(given.samples[0]!.turns[0]!.completion.text).toBe('a');
  expect(given.readId).toBe(false);
  expect(given.samples[0]!.id).toBe('x');
  expect(given.readId).toBe(true);
  const made = samplesOf([plain('a'), plain('b'), plain('a')]);
  const ids = made.samples.map(({ id }) => id);
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(ids).toEqual([ids[0], samplesOf([plain('b')]).samples[0]!.id, `${ids[0]}-1`]);
  const tasks = made.samples.map(({ task }) => task.id);
  expect(new Set(tasks).size).toBe(1);
  expect(samplesOf([plain('b')]).samples[0]!.task.id).toBe(tasks[0]);
});

test('copies of a sample have its id, and are noticed', () => {
  for (const copied of [
    (one: object) => ({ ...one }),
    (one: object) => structuredClone(one),
    (one: object) => JSON.parse(JSON.stringify(one)),
  ]) {
    const of = samplesOf([plain('a', 'x')]);
    const copy = copied(of.samples[0]!) as { id: string; task: { id: string; prompt: string } };
    expect(of.readId).toBe(true);
    expect(copy).toMatchObject({ id: 'x', task: { id: 'x', prompt: 'p' } });
  }
});

const leaves = rewards.names
  .map((name) => rewards.get(name))
  .filter((factory) =>
    factory.definition.examples.every(
      ({ options }) => factory((options ?? {}) as never).children === undefined,
    ),
  )
  .map((factory) => [factory.definition.name, factory] as const);

test('most of the catalogue', () => {
  expect(leaves.length).toBeGreaterThan(20);
});

test.each(leaves)('%s never looks at ids', async (_, factory) => {
  for (const { options, completion, answer, data, tokens, prompt = '' } of factory.definition.examples) {
    const of = samplesOf([{ task: { prompt, answer, data }, turns: [{ completion, tokens }] }]);
    await callReward(factory((options ?? {}) as never), of.samples, scoringContext());
    expect(of.readId).toBe(false);
  }
});
