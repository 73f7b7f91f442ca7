import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Json,
  lift,
  noVerdict,
  type Reward,
  stream,
  type Task,
  type TaskSource,
  verdict,
} from '../core/index.ts';
import {
  entropyBlend,
  grpo,
  klInReward,
  noiseCorrection,
  perReward,
  preferencePairs,
  rloo,
  terms,
  truncationMask,
} from '../credit/index.ts';
import { dynamicSampling } from '../curriculum/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { bco, clipped, combine, dpo, entropyBonus, kl } from '../objective/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { train } from './loop.ts';
import { type Recipe, type RecipeOptions, recipe } from './recipe.ts';
import { createReplay } from './replay.ts';
import type { TrainOptions } from './run.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-train-'));
  store = openStore(join(folder, 'assay.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const letters = ['a', 'b', 'c', 'd'];
const tasks = (answers: readonly string[] = ['a', 'c', 'd']): TaskSource => {
  const all = answers.map((answer, i): Task => ({ id: `t${i}`, prompt: `say ${i}`, answer }));
  return {
    name: 'letters',
    version: '1',
    options: { answers },
    load: async () => ({
      train: all,
      evaluate: all,
      demonstrations: all.map(({ prompt, answer }) => ({ prompt, completion: String(answer) })),
    }),
  };
};
const equal = lift(function equal(sample) {
  return sample.turns[0]!.completion.text === sample.task.answer;
});
const bandit = (over: Partial<RecipeOptions> = {}) =>
  recipe({
    name: 'bandit',
    tasks: tasks(),
    engine: tabular({ actions: letters }),
    reward: equal,
    estimator: grpo(),
    objective: clipped(),
    optimizer: { learningRate: 0.3 },
    groups: 3,
    samples: 8,
    steps: 30,
    sampling: { maxTokens: 1 },
    checkpoint: { every: 7 },
    ...over,
  });
const options = (over: Partial<TrainOptions> = {}): TrainOptions => ({ seed: 5, store, folder, ...over });

/** A run that is stopped after so many steps, and its continuation. */
async function interrupted(make: () => Recipe, stopAt: number) {
  const controller = new AbortController();
  const onProgress: TrainOptions['onProgress'] = ({ kind, step }) => {
    if (kind === 'step' && step === stopAt) controller.abort();
  };
  const stopped = await train(make(), options({ signal: controller.signal, onProgress }));
  const resumed = await train(make(), options({ resume: stopped.run }));
  return { stopped, resumed };
}

describe('train', () => {
  it('learns what the reward pays, and stores every step', async () => {
    const result = await train(bandit({ steps: 40 }), options());
    expect(result.status).toBe('finished');
    expect(result.eval.after).toBe(1);
    expect(result.evaluations.before).toBe(result.evaluations.untrained);
    const steps = [...store.steps(result.run)];
    expect(steps).toHaveLength(40);
    expect(steps[39]!.metrics.solveRate).toBeGreaterThan(0.8);
    expect(steps[39]!.metrics.entropy).toBeLessThan(steps[0]!.metrics.entropy!);
    const samples = store.samples(result.run, 3);
    expect(samples).toHaveLength(24);
    expect(samples[0]!.advantages.policy).toBeTypeOf('number');
    expect(store.run(result.run)).toMatchObject({ status: 'finished', last: 39 });
  });

  it('is the same run twice under the same seed, and another under another', async () => {
    const hash = async (seed: number) => store.fingerprint((await train(bandit(), options({ seed }))).run);
    expect(await hash(1)).toBe(await hash(1));
    expect(await hash(2)).not.toBe(await hash(1));
  });

  it('resumes to the run that was never interrupted, wherever it was stopped', async () => {
    const make = () =>
      bandit({
        warmStart: { steps: 6, batch: 2, optimizer: { learningRate: 0.05 } },
        objective: combine([
          [clipped(), 1],
          [kl({ to: 'start' }), 0.05],
          [entropyBonus(), 0.01],
        ]),
        references: { start: 'stage' },
        epochs: 2,
        minibatches: 2,
        evaluation: { every: 4 },
      });
    const whole = await train(make(), options());
    for (const stopAt of [1, 5, 6, 7, 13, 20, 35]) {
      const { stopped, resumed } = await interrupted(make, stopAt);
      expect(stopped).toMatchObject({ status: 'stopped', steps: stopAt });
      expect(resumed).toMatchObject({
        status: 'finished',
        tokens: whole.tokens,
        evaluations: whole.evaluations,
      });
      expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
    }
  });

  it('restores a reward with a memory and a curriculum', async () => {
    const remembering = (): Reward => {
      let seen = 0;
      return {
        name: 'remembering',
        version: '1',
        options: {},
        scope: 'sample',
        state: {
          save: (): Json => seen,
          load: (saved) => {
            seen = saved as number;
          },
          reset: () => {
            seen = 0;
          },
        },
        score: (samples, { phase }) =>
          samples.map(({ turns }) => {
            if (phase === 'train') seen++;
            return verdict(((turns[0]!.completion.text.charCodeAt(0) * 31 + seen) % 7) / 7);
          }),
      };
    };
    const whole = await train(bandit({ reward: remembering() }), options());
    const controller = new AbortController();
    const stopped = await train(
      bandit({ reward: remembering() }),
      options({ signal: controller.signal, onProgress: ({ step }) => step === 11 && controller.abort() }),
    );
    const resumed = await train(bandit({ reward: remembering() }), options({ resume: stopped.run }));
    expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
  });

  it('notes a part that no verdict of the first step has, whoever reads it, and goes on', async () => {
    const parts = lift(function parts() {
      return verdict(1, '', { parts: { right: verdict(1) } });
    });
    const told: string[] = [];
    const onProgress: TrainOptions['onProgress'] = ({ kind, message }) => {
      if (kind === 'note') told.push(message!);
    };
    const misspelt = bandit({
      reward: parts,
      success: { part: 'rihgt', atLeast: 1 },
      estimator: terms({ policy: perReward({ parts: { right: 1, format: 1 } }) }),
      curriculum: dynamicSampling({ part: 'right', keep: 1 }),
      steps: 2,
    });
    const { run, eval: rates } = await train(misspelt, options({ onProgress }));
    const which = 'which no verdict of the first step has (parts: right)';
    expect(told).toEqual([
      `estimator 'perReward' reads the part 'format', ${which}`,
      `'success' reads the part 'rihgt', ${which}; did you mean 'right'?`,
    ]);
    expect(rates.after).toBe(0);
    expect(store.events(run).filter(({ kind }) => kind === 'note')).toHaveLength(2);
  });

  it('tells once what an estimator says about itself', async () => {
    const told: string[] = [];
    const onProgress: TrainOptions['onProgress'] = ({ kind, message }) => {
      if (kind === 'note') told.push(message!);
    };
    const inner = noiseCorrection({ falsePositive: 0.1, falseNegative: 0.1, inner: grpo() });
    const { run } = await train(
      bandit({ estimator: terms({ policy: inner }), steps: 2 }),
      options({ onProgress }),
    );
    expect(told).toEqual([expect.stringContaining('noiseCorrection changes nothing here')]);
    const notes = store.events(run).filter(({ kind }) => kind === 'note');
    expect(notes).toMatchObject([{ body: { text: told[0] } }]);
  });

  it('refuses a changed recipe or seed on resume, naming the field', async () => {
    const controller = new AbortController();
    const { run } = await train(
      bandit(),
      options({ signal: controller.signal, onProgress: ({ step }) => step === 3 && controller.abort() }),
    );
    await expect(train(bandit({ samples: 9 }), options({ resume: run }))).rejects.toThrow(/field 'samples'/);
    await expect(
      train(bandit({ objective: clipped({ high: 0.3 }) }), options({ resume: run })),
    ).rejects.toThrow(/field 'objective.options.high'/);
    await expect(train(bandit(), options({ resume: run, seed: 6 }))).rejects.toThrow(/has seed 5, not 6/);
  });

  it('leaves samples without a verdict out, and counts them', async () => {
    const flaky = lift(function flaky(sample) {
      const { text } = sample.turns[0]!.completion;
      return text === 'b' ? noVerdict('judge', 'no answer') : verdict(text === sample.task.answer ? 1 : 0);
    });
    const result = await train(bandit({ reward: flaky, steps: 40 }), options());
    expect(result.noVerdict.n).toBeGreaterThan(5);
    expect(result.noVerdict.causes).toEqual({ judge: result.noVerdict.n });
    expect(result.eval.after).toBe(1);
    const [first] = [...store.steps(result.run)];
    expect(first!.metrics['noVerdict.judge']).toBeGreaterThan(0);
    for (const sample of store.samples(result.run, 0))
      if (sample.verdict!.value === null) expect(sample.advantages.policy).toBe(0);
  });

  it('learns nothing where every verdict is missing, and does not fall over', async () => {
    const silent = lift(() => noVerdict('timeout', 'too slow'), 'silent');
    const result = await train(bandit({ reward: silent, steps: 3 }), options());
    expect(result.noVerdict.n).toBe(72);
    expect(result.evaluations.after!.n).toBe(0);
    expect([...store.steps(result.run)][0]!.metrics.updates).toBe(0);
  });

  it('stops early: on reward, on a plateau', async () => {
    const rewarded = await train(bandit({ steps: 200, until: { reward: 0.9, window: 3 } }), options());
    expect(rewarded.steps).toBeLessThan(60);
    const flat = bandit({
      steps: 200,
      reward: lift(() => 0.5, 'flat'),
      evaluation: { every: 2 },
      until: { plateau: { evaluations: 2 } },
    });
    expect((await train(flat, options())).steps).toBe(6);
  });

  it('estimates pass@k by sampling, before and after', async () => {
    const result = await train(bandit({ steps: 20, evaluation: { every: 0, passAt: [1, 4] } }), options());
    const { before, after } = result.evaluations;
    // An untrained policy over four letters: 1/4 at one try, 1 − (3/4)⁴ at four, on three tasks and few samples.
    expect(before!.passAt!['4']).toBeGreaterThan(before!.passAt!['1']!);
    expect(after!.passAt!['1']).toBeGreaterThan(before!.passAt!['1']!);
    expect(store.evaluations(result.run, 'heldout.after')[0]!.metrics['pass@4']).toBe(after!.passAt!['4']);
  });

  it('refuses before step 0 what cannot run', async () => {
    const measured: Reward = { ...equal, name: 'measure', trainable: false };
    await expect(train(bandit({ reward: measured }), options())).rejects.toThrow(
      /a measure, not to be trained on/,
    );
    await expect(train(bandit({ estimator: entropyBlend() }), options())).rejects.toThrow(
      "field 'objective': objective 'clipped' reads the advantage term 'policy', and estimator 'entropyBlend' gives 'local', 'global' (stage 'reinforce')",
    );
    const taught = { name: 'teach', kind: 'supervised', steps: 1 } as const;
    const update = { model: 'policy', from: 'demonstrations', optimizer: { learningRate: 1 } } as const;
    const updates = [{ ...update, objective: clipped({ term: 'local' }) }];
    await expect(train(bandit({ stages: [{ ...taught, updates }] }), options())).rejects.toThrow(
      "objective 'clipped' reads the advantage term 'local', and demonstrations give 'policy' (stage 'teach')",
    );
    await expect(train(bandit({ objective: kl() }), options())).rejects.toThrow(
      /needs a reference 'reference'/,
    );
    await expect(train(bandit({ tasks: tasks([]) }), options())).rejects.toThrow(/no training tasks/);
    await expect(train(bandit({ sampling: { maxTokens: 1, topP: 0.5 } }), options())).rejects.toThrow(/topP/);
    expect(() => bandit({ groups: 0 })).toThrow(/field 'groups': must be a whole number of 1 or more/);
  });

  it('updates a second model from the same rollouts', async () => {
    const optimizer = { learningRate: 0.3 };
    const result = await train(
      bandit({
        models: { twin: tabular({ actions: letters }) },
        updates: [
          { model: 'policy', from: 'rollouts', objective: clipped(), optimizer },
          { model: 'twin', from: 'rollouts', objective: clipped(), optimizer, every: 2 },
        ],
        steps: 4,
      }),
      options(),
    );
    const steps = [...store.steps(result.run)];
    expect(steps[0]!.metrics['twin.gradientNorm']).toBeGreaterThan(0);
    expect(steps[1]!.metrics['twin.gradientNorm']).toBeUndefined();
  });
});

describe('learn', () => {
  it('may leave out what adds no gradient: the weights are the same as with all of it', async () => {
    const lazy = clipped({ aggregate: 'sequence' });
    const eager = { ...lazy, idleAtZero: undefined };
    const final = async (objective: typeof lazy) => {
      // Few steps: later on whole batches are idle, and those make no update at all when idle sequences are left out.
      const { run } = await train(
        bandit({ objective, steps: 8, optimizer: { learningRate: 0.02 } }),
        options(),
      );
      return [...store.steps(run)].at(-1)!.metrics;
    };
    const [skipping, whole] = [await final(lazy), await final(eager)];
    expect(skipping.reward).toBe(whole.reward);
    expect(skipping.entropy).toBeCloseTo(whole.entropy!, 12);
  });
});

describe('what a step learns from', () => {
  const dpoRecipe = () =>
    bandit({
      estimator: preferencePairs(grpo()),
      objective: dpo({ to: 'start', beta: 0.2 }),
      references: { start: 'stage' },
      steps: 30,
    });

  it('has the roles that the estimator gives, so that a preference loss learns from rollouts', async () => {
    const result = await train(dpoRecipe(), options());
    expect(result.eval.after).toBe(1);
    const steps = [...store.steps(result.run)];
    expect(steps[0]!.metrics.paired).toBeGreaterThan(0);
    expect(steps[0]!.metrics.preference).toBeCloseTo(Math.log(2), 6);
  });

  it('has the roles of demonstrations, whole groups at a time', async () => {
    const source = tasks(['a', 'c']);
    const demonstrations = ['t0', 't1'].flatMap((group, g) =>
      letters.map((completion) => ({
        prompt: `say ${g}`,
        completion,
        group,
        role: completion === ['a', 'c'][g] ? ('winner' as const) : ('loser' as const),
      })),
    );
    const paired: TaskSource = {
      ...source,
      load: async () => ({ ...(await source.load()), demonstrations }),
    };
    const objective = dpo({ to: 'start' });
    const result = await train(
      bandit({
        tasks: paired,
        stages: [
          {
            name: 'preferences',
            kind: 'supervised',
            batch: 1,
            steps: 20,
            references: { start: 'stage' },
            updates: [
              { model: 'policy', from: 'demonstrations', objective, optimizer: { learningRate: 0.3 } },
            ],
          },
        ],
      }),
      options(),
    );
    expect(result.eval.after).toBe(1);
    expect([...store.steps(result.run)].at(-1)!.metrics.preferenceAccuracy).toBe(1);
  });

  it('resumes with what an objective remembers', async () => {
    const make = () =>
      bandit({
        estimator: preferencePairs(grpo(), { by: 'split' }),
        objective: combine([
          [dpo({ to: 'start' }), 0.8],
          [bco({ to: 'start', shift: 'running' }), 0.2],
        ]),
        references: { start: 'stage' },
        steps: 20,
      });
    const whole = await train(make(), options());
    const { resumed } = await interrupted(make, 11);
    expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
    const shifts = [...store.steps(whole.run)].map(({ metrics }) => metrics.qualityShift);
    expect(shifts[0]).toBe(0);
    expect(new Set(shifts).size).toBeGreaterThan(10);
  });

  it('resumes with what an estimator remembers', async () => {
    const kl = { to: 'start', beta: 0.05, adaptive: { target: 0.02, horizon: 50 } };
    const make = () =>
      bandit({
        estimator: terms({ policy: truncationMask(klInReward(rloo(), kl)) }),
        references: { start: 'stage' },
        steps: 20,
      });
    const whole = await train(make(), options());
    const { resumed } = await interrupted(make, 11);
    expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
    const steps = [...store.steps(whole.run)].map(({ metrics }) => metrics);
    const beta = steps.map((metrics) => metrics['klReward.start.beta']!);
    expect(beta[0]).toBe(0.05);
    // The first batch is still the reference's: its KL is 0, and 24 samples of 50 move the coefficient by at most a fifth.
    expect(beta[1]).toBeCloseTo(0.05 * (1 - (0.2 * 24) / 50), 12);
    for (const [i, before] of steps.slice(0, -1).entries()) {
      const error = Math.min(0.2, Math.max(-0.2, before['klReward.start.kl']! / 0.02 - 1));
      expect(beta[i + 1]).toBeCloseTo(beta[i]! * (1 + (error * 24) / 50), 12);
    }
    expect(Math.max(...beta.slice(2))).toBeGreaterThan(Math.min(...beta));
  });

  const replaying = () => bandit({ steps: 24, replay: { capacity: 64, target: 0.9, maxAge: 10 } });

  it('is filled up with stored samples where advantages run out', async () => {
    const { run } = await train(replaying(), options());
    const steps = [...store.steps(run)].map(({ metrics }) => metrics);
    expect(steps[0]).toMatchObject({ 'replay.drawn': 0, 'replay.size': expect.any(Number) });
    const late = steps.filter((m) => m.effective! < 0.5 && m['replay.drawn']! > 0);
    expect(late.length).toBeGreaterThan(0);
    for (const m of late) {
      expect(m['effective.replayed']).toBeGreaterThan(m.effective!);
      expect(m['replay.age']).toBeGreaterThan(0);
      expect(m['replay.age']).toBeLessThanOrEqual(10);
    }
  });

  it('resumes with the stored samples that it had', async () => {
    const whole = await train(replaying(), options());
    const { resumed } = await interrupted(replaying, 9);
    expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
  });

  it('of plain replay is whatever was sampled, with or without an advantage', () => {
    const replay = createReplay({ capacity: 4, target: 1, draw: 'uniform', keep: 'all' });
    const set = {
      sequences: [0, 1].map((token) => ({ context: 'p', tokens: Int32Array.of(token) })),
      groups: [0, 0],
      masks: [Uint8Array.of(1), Uint8Array.of(1)],
      old: [Float64Array.of(-1), Float64Array.of(-2)],
      terms: { policy: [Float64Array.of(0), Float64Array.of(0)] },
      idle: [true, true],
    };
    expect(replay.mix(set, 0, stream(1, 'r')).set).toBe(set);
    const { set: mixed, metrics } = replay.mix(set, 3, stream(1, 'r'));
    expect(metrics).toMatchObject({ 'replay.drawn': 2, 'replay.age': 3, 'replay.size': 4 });
    expect(mixed.roles).toEqual(['replay', 'replay']);
    expect(mixed.fresh).toEqual([false, false]);
    expect(mixed.groups).toEqual([1, 2]);
  });
});
