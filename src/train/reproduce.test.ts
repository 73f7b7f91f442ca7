import { describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import { grpo } from '../credit/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped } from '../objective/index.ts';
import { type Job, type JobLog, type JobOutcome, jobKey, runJob } from './jobs.ts';
import { type RecipeOptions, recipe } from './recipe.ts';
import { reproduce } from './reproduce.ts';
import { study } from './study.ts';

const outcome = (after: number, stageSeconds = 1): JobOutcome => ({ metrics: { after }, stageSeconds });

const timed = (arms: RecipeOptions['arms']) =>
  recipe({
    name: 'timed',
    tasks: {
      name: 't',
      version: '1',
      options: {},
      load: async () => ({ train: [], evaluate: [], demonstrations: [] }),
    },
    engine: tabular({ actions: ['a'] }),
    reward: () => 1,
    estimator: grpo(),
    objective: clipped(),
    optimizer: { learningRate: 1 },
    steps: 1,
    sampling: { maxTokens: 1 },
    arms,
    expected: { arm: 'main', over: 'control', direction: 'higher' },
  });

describe('reproduce', () => {
  it('runs so many jobs at once and no more, and orders results by seed whatever ends first', async () => {
    let now = 0;
    let most = 0;
    const run = async ({ arm, seed }: Job) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5 * (4 - seed)));
      now--;
      return outcome(seed + (arm === 'main' ? 10 : 0));
    };
    const result = await reproduce(timed({ control: {} }), { seeds: [1, 2, 3], atOnce: 3, run });
    expect(most).toBe(3);
    expect(result.arms.map(({ metric }) => metric.values)).toEqual([
      [11, 12, 13],
      [1, 2, 3],
    ]);
    expect(result.holds).toBe(true);
  });

  it('gives a control of equal time the time of the run that it waits for', async () => {
    const jobs: Job[] = [];
    const run = async (job: Job) => {
      jobs.push(job);
      await new Promise((resolve) => setTimeout(resolve, job.arm === 'main' ? 20 : 1));
      return outcome(1, job.arm === 'main' ? 7 + job.seed : 0);
    };
    await reproduce(timed({ control: { sameTimeAs: 'main' } }), { seeds: [1, 2], atOnce: 4, run });
    expect(jobs.filter(({ arm }) => arm === 'control')).toEqual([
      { arm: 'control', seed: 1, seconds: 8 },
      { arm: 'control', seed: 2, seconds: 9 },
    ]);
    await expect(
      reproduce(timed({ control: { sameTimeAs: 'late' }, late: {} }), { seeds: [1], run }),
    ).rejects.toThrow("take the time of 'late', which must come before it");
  });

  it('keeps what was done when a job fails, and goes on from there', async () => {
    const done = new Map<string, JobOutcome>();
    const log: JobLog = {
      get: (job) => done.get(jobKey(job)),
      add: (job, outcome) => {
        done.set(jobKey(job), outcome);
      },
    };
    const ran: string[] = [];
    const run = async (job: Job) => {
      ran.push(jobKey(job));
      if (ran.length === 3) throw new InputError('no more');
      return { metrics: { after: job.seed, odd: Number.NaN }, stageSeconds: 2 };
    };
    const what = timed({ control: {} });
    await expect(reproduce(what, { seeds: [1, 2], run, log })).rejects.toThrow('no more');
    const result = await reproduce(what, { seeds: [1, 2], run, log });
    expect(ran).toEqual(['1 main', '1 control', '2 main', '2 main', '2 control']);
    expect(result.arms[0]!.all).toEqual({ after: [1, 2], odd: [Number.NaN, Number.NaN] });
    expect(result.holds).toBe(false);
  });

  it('says after the first job that it has no such metric', async () => {
    const what = (metric: string, own?: string) =>
      study({
        name: 's',
        arms: { main: (seed) => ({ x: seed }), other: (seed) => ({ x: seed }) },
        metric,
        expected: { arm: 'main', over: 'other', direction: 'higher', metric: own },
      });
    let jobs = 0;
    const run = async () => {
      jobs++;
      return { metrics: { x: 1 }, stageSeconds: 0 };
    };
    for (const wrong of [what('y'), what('x', 'y')])
      await expect(reproduce(wrong, { seeds: [1, 2, 3], run })).rejects.toThrow(
        "arm 'main' gave no metric 'y' (it gave x)",
      );
    expect(jobs).toBe(2);
  });

  it.each([
    [{ x: '0.5' }, "metric 'x' is no number but string"],
    [undefined, 'gave no metrics'],
    [[1], 'gave no metrics'],
  ])('an arm of a study that gives %j is an input error', async (given, message) => {
    const what = study({
      name: 's',
      arms: { main: () => given as never },
      metric: 'x',
      expected: { arm: 'main', over: 0, direction: 'higher' },
    });
    // A study's job touches neither the store nor the folder.
    const options = { store: undefined as never, folder: '' };
    await expect(runJob(what, { arm: 'main', seed: 1 }, options)).rejects.toThrow(message);
  });
});
