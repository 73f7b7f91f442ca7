import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grpo } from '../credit/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped } from '../objective/index.ts';
import { openStore } from '../store/index.ts';
import { type Job, type JobLog, type JobOutcome, jobKey } from './jobs.ts';
import { type RecipeOptions, recipe } from './recipe.ts';
import { study } from './study.ts';
import { sweep } from './sweep.ts';

/** Heights of two arms by value: each has its best elsewhere, and at equal values the order of the arms changes. */
const heights: Record<string, Record<string, number>> = {
  main: { x1: 5, 'x0.3': 4, x3: 5 },
  plain: { x1: 2, 'x0.3': 4.5, x3: 1 },
};
const heightStudy = study({
  name: 'heights',
  arms: { main: () => ({}), plain: () => ({}) },
  settings: { rate: 10 },
  metric: 'height',
  expected: [
    { arm: 'main', over: 'plain', direction: 'higher' },
    { arm: 'plain', over: 0, direction: 'higher', by: 4, metric: 'width' },
  ],
});
const heightOf = async ({ arm, seed, variation }: Job): Promise<JobOutcome> => {
  const height = heights[arm]![String(variation!.value)]! + seed / 100 + (arm === 'main' ? seed / 1000 : 0);
  return { metrics: { height, width: 2 * height }, stageSeconds: 1 };
};
const common = { field: 'rate', values: ['x1', 'x0.3', 'x3'], seeds: [0, 1, 2], run: heightOf };

describe('sweep', () => {
  it('takes each arm at its own best value, of equal ones the first, and shows equal values beside it', async () => {
    const result = await sweep(heightStudy, common);
    expect(result).toMatchObject({ kind: 'sweep', recipe: 'heights', metric: 'height', holds: true });
    expect(result.arms.map(({ name, best, edge }) => [name, best, edge])).toEqual([
      ['main', 'x1', false],
      ['plain', 'x0.3', true],
    ]);
    expect(result.arms[1]!.values.map(({ value, metric }) => [value, metric.values])).toEqual([
      ['x1', [2, 2.01, 2.02]],
      ['x0.3', [4.5, 4.51, 4.52]],
      ['x3', [1, 1.01, 1.02]],
    ]);
    const [first, second] = result.expected;
    expect(first).toMatchObject({ at: 'x1', overAt: 'x0.3', holds: true });
    expect(first!.difference.mean).toBeCloseTo(0.501, 12);
    expect(first!.equal.map(({ value, holds }) => [value, holds])).toEqual([
      ['x1', true],
      ['x0.3', false],
      ['x3', true],
    ]);
    expect(second).toMatchObject({ at: 'x0.3', holds: true });
    expect(second).not.toHaveProperty('overAt');
    expect(second!.difference.mean).toBeCloseTo(9.02, 12);
    expect(first).not.toHaveProperty('byOwnMetric');
  });

  it('judges a metric of its own also where that is best, but none that looks the other way', async () => {
    const short = study({
      ...heightStudy.study,
      expected: { arm: 'main', over: 'plain', direction: 'lower', metric: 'width' },
    });
    const [expected] = (await sweep(short, { ...common, best: 'lowest' })).expected;
    expect(expected!.byOwnMetric).toMatchObject({ at: 'x0.3', overAt: 'x3', holds: false });
    expect(expected!.byOwnMetric!.difference.mean).toBeCloseTo(2 * 3.001, 12);
    expect((await sweep(heightStudy, common)).expected[1]!.byOwnMetric).toMatchObject({ at: 'x0.3' });
    const [other] = (await sweep(short, common)).expected;
    expect(other).toMatchObject({ at: 'x1', overAt: 'x0.3', holds: false });
    expect(other).not.toHaveProperty('byOwnMetric');
  });

  it('can want the lowest mean', async () => {
    const result = await sweep(heightStudy, { ...common, best: 'lowest' });
    expect(result.arms.map(({ best }) => best)).toEqual(['x0.3', 'x3']);
  });

  it('never takes a value that has no mean', async () => {
    const run = async (job: Job): Promise<JobOutcome> => {
      const { metrics, stageSeconds } = await heightOf(job);
      const broken = job.arm === 'main' && job.variation!.value === 'x1' && job.seed === 1;
      return { metrics: { ...metrics, ...(broken && { height: Number.NaN }) }, stageSeconds };
    };
    const result = await sweep(heightStudy, { ...common, run });
    expect(result.arms[0]).toMatchObject({ best: 'x3', edge: true });
  });

  it('goes on with the jobs that are left, by value', async () => {
    const logs = common.values.map(() => new Map<string, JobOutcome>());
    const logOf = (index: number): JobLog => ({
      get: (job) => logs[index]!.get(jobKey(job)),
      add: (job, outcome) => void logs[index]!.set(jobKey(job), outcome),
    });
    let left = 8;
    const failing = (job: Job) => (left-- > 0 ? heightOf(job) : Promise.reject(new Error('cut')));
    await expect(sweep(heightStudy, { ...common, run: failing, logOf })).rejects.toThrow('cut');
    expect(logs.map(({ size }) => size)).toEqual([6, 2, 0]);
    left = 10;
    const heard: string[] = [];
    const onArm = (value: unknown, arm: string, seed: number) => heard.push(`${value} ${arm} ${seed}`);
    const whole = await sweep(heightStudy, { ...common, run: failing, logOf, onArm });
    expect(left).toBe(0);
    expect(heard.slice(0, 2)).toEqual(['x0.3 main 1', 'x0.3 plain 1']);
    const { seconds: _, ...fresh } = await sweep(heightStudy, common);
    expect(whole).toMatchObject(fresh);
  });

  it('refuses two values that come to the same, and none', async () => {
    await expect(sweep(heightStudy, { ...common, values: ['x2', 20] })).rejects.toThrow(
      "x2 and 20 come to the same 'rate'",
    );
    await expect(sweep(heightStudy, { ...common, values: [] })).rejects.toThrow('at least one value');
  });

  it("gives a study's arms the varied settings", async () => {
    const linear = study({
      ...heightStudy.study,
      arms: {
        main: (seed, { settings }) => ({ height: Number(settings.rate) + seed, width: 1 }),
        plain: (seed) => ({ height: seed, width: 1 }),
      },
    });
    const store = openStore(':memory:');
    const result = await sweep(linear, {
      field: 'rate',
      values: [1, 'x2'],
      seeds: [0, 1],
      store,
      folder: '',
    });
    store.close();
    expect(result.arms[0]!.values.map(({ metric }) => metric.values)).toEqual([
      [1, 2],
      [20, 21],
    ]);
  });

  it('knows no edge of words, which have no order', async () => {
    const worded = study({
      ...heightStudy.study,
      settings: { old: 'sampled' },
    });
    const run = async ({ arm, variation }: Job): Promise<JobOutcome> => ({
      metrics: { height: arm === 'main' ? String(variation!.value).length : 1, width: 1 },
      stageSeconds: 1,
    });
    const result = await sweep(worded, { field: 'old', values: ['sampled', 'recomputed'], seeds: [0], run });
    expect(result.arms.map(({ best, edge }) => [best, edge])).toEqual([
      ['recomputed', false],
      ['sampled', false],
    ]);
  });

  it('trains with the varied rate, and stores the run as an arm of its own', async () => {
    const options: RecipeOptions = {
      name: 'one-letter',
      tasks: {
        name: 'letters',
        version: '1',
        options: {},
        load: async () => ({
          train: [{ id: 'a', prompt: 'p', answer: 'a' }],
          evaluate: [{ id: 'a', prompt: 'p', answer: 'a' }],
          demonstrations: [],
        }),
      },
      engine: tabular({ actions: ['a', 'b'] }),
      reward: (sample) => sample.turns[0]!.completion.text === 'a',
      estimator: grpo(),
      objective: clipped(),
      optimizer: { learningRate: 0.25 },
      groups: 1,
      steps: 2,
      sampling: { maxTokens: 1 },
      metric: 'last.learningRate',
      arms: { fast: { optimizer: { learningRate: 0.5 } } },
      expected: { arm: 'fast', over: 'main', direction: 'higher', by: 0.2 },
    };
    const store = openStore(':memory:');
    const folder = mkdtempSync(join(tmpdir(), 'assay-sweep-'));
    const settings = { field: 'optimizer.learningRate', seeds: [0, 1], store, folder };
    const result = await sweep(recipe(options), { ...settings, values: ['x0.5', 'x2'] });
    expect(result.arms.map(({ values }) => values.map(({ metric }) => metric.mean))).toEqual([
      [0.125, 0.5],
      [0.25, 1],
    ]);
    expect(new Set(store.runs().map(({ arm }) => arm))).toEqual(
      new Set(
        ['main', 'fast'].flatMap((arm) => ['x0.5', 'x2'].map((x) => `${arm} · optimizer.learningRate=${x}`)),
      ),
    );
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
