import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callReward,
  promptText,
  scoringContext,
  stream,
  type TaskSource,
  textSample,
} from '../../core/index.ts';
import { countdown, exact, number } from '../../verify/index.ts';
import { countdownTasks } from './countdown.ts';
import { evaluateExpression, randomExpression, writeExpression } from './expression.ts';
import { arithmeticTasks, reversingTasks, sortingTasks } from './strings.ts';

const numbersOf = (prompt: string) =>
  prompt
    .split('=')[0]!
    .split(',')
    .map(Number)
    .sort((a, b) => a - b)
    .join();

describe('countdownTasks', () => {
  it('shares no multiset of numbers between the splits, and every problem is in range', async () => {
    for (const options of [{}, { order: 'shuffled', use: 'some' }] as const) {
      const { train, evaluate } = await countdownTasks(options).load();
      expect(evaluate).toHaveLength(600);
      const seen = new Set(train.map(({ id }) => numbersOf(id)));
      for (const { id, data } of evaluate) {
        expect(seen.has(numbersOf(id))).toBe(false);
        expect(data!.target).toBeGreaterThanOrEqual(1);
        expect(data!.target).toBeLessThanOrEqual(40);
      }
      expect(new Set([...train, ...evaluate].map(({ id }) => id)).size).toBe(train.length + evaluate.length);
    }
  });

  it('shows demonstrations that are right, of training problems, with four operations too', async () => {
    for (const source of [
      countdownTasks(),
      countdownTasks({ demonstrated: 'sorted' }),
      countdownTasks({
        numbers: 4,
        operators: ['+', '-', '*', '/'],
        highestTarget: 100,
        train: 500,
        evaluate: 50,
      }),
    ]) {
      const { train, demonstrations } = await source.load();
      const byPrompt = new Map(train.map((task) => [task.prompt, task]));
      const reward = countdown();
      for (const { prompt, completion } of demonstrations) {
        const [verdict] = await callReward(
          reward,
          [textSample(byPrompt.get(prompt)!, completion)],
          scoringContext(),
        );
        expect(verdict, `${promptText(prompt)}${completion}`).toMatchObject({ value: 1 });
      }
    }
  });

  it('is the same for the same seed, and says when a space is too small', async () => {
    const load = (seed: number) => countdownTasks({ seed, train: 100, evaluate: 20 }).load();
    expect(await load(1)).toEqual(await load(1));
    expect((await load(2)).train).not.toEqual((await load(1)).train);
    await expect(countdownTasks({ numbers: 2, largest: 3, train: 5000 }).load()).rejects.toThrow(
      /only \d+ different train/,
    );
    expect(() => countdownTasks({ lowestTarget: 50 })).toThrow(/lowestTarget is above highestTarget/);
  });
});

describe('writeExpression', () => {
  it('keeps the value, in both orders', async () => {
    const reward = countdown({ useAll: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        fc.integer(),
        async (numbers, seed) => {
          const expression = randomExpression(numbers, ['+', '-', '*', '/'], stream(seed));
          const value = evaluateExpression(expression);
          if (value?.[1] !== 1) return;
          for (const order of ['given', 'sorted'] as const) {
            const task = { id: 't', prompt: '', data: { numbers, target: value[0] } };
            const text = writeExpression(expression, order);
            const [verdict] = await callReward(reward, [textSample(task, text)], scoringContext());
            expect(verdict, `${text} = ${value[0]}`).toMatchObject({ value: 1 });
          }
        },
      ),
    );
  });
});

describe('tasks with one answer', () => {
  const sources: [string, TaskSource, ReturnType<typeof exact>][] = [
    ['arithmetic', arithmeticTasks({ terms: 3, operators: ['+', '-', '*'] }), number()],
    ['sorting', sortingTasks(), exact()],
    ['reversing', reversingTasks({ length: 7 }), exact()],
  ];
  it.each(sources)('%s: splits share nothing and demonstrations are right', async (_, source, reward) => {
    const { train, evaluate, demonstrations } = await source.load();
    const ids = new Set([...train, ...evaluate].map(({ id }) => id));
    expect(ids.size).toBe(train.length + evaluate.length);
    const byPrompt = new Map(train.map((task) => [task.prompt, task]));
    for (const { prompt, completion } of demonstrations.slice(0, 50)) {
      const [verdict] = await callReward(
        reward,
        [textSample(byPrompt.get(prompt)!, completion)],
        scoringContext(),
      );
      expect(verdict).toMatchObject({ value: 1 });
    }
  });

  it('arithmetic binds products first', async () => {
    const { train } = await arithmeticTasks({
      terms: 3,
      operators: ['+', '*'],
      largest: 5,
      train: 50,
      evaluate: 5,
    }).load();
    for (const { prompt, answer } of train) {
      const sum = String(prompt)
        .slice(0, -1)
        .split('+')
        .map((product) => product.split('*').reduce((x, n) => x * Number(n), 1))
        .reduce((x, y) => x + y, 0);
      expect(answer).toBe(String(sum));
    }
  });
});
