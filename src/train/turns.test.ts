import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Batch,
  deriveSeed,
  lift,
  type Objective,
  type Sample,
  stream,
  type Task,
  type TokenBatch,
  type Turn,
  verdict,
} from '../core/index.ts';
import { grpo, preferencePairs, rloo } from '../credit/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped, dpo } from '../objective/index.ts';
import { openStore } from '../store/index.ts';
import { learn } from './learn.ts';
import { train } from './loop.ts';
import { type RecipeOptions, recipe } from './recipe.ts';
import { createReplay } from './replay.ts';
import type { Rollout } from './rollout.ts';
import { learningSet, totalsOfSet, wholeSamples } from './tokens.ts';

const context = { step: 0, totalSteps: 1, stage: 'test' };

/** One group whose samples have turns of so many tokens, with these rewards; token ids tell sample and turn. */
function batchOf(samples: readonly (readonly [reward: number | null, turns: readonly number[]])[]): Batch {
  const task: Task = { id: 't', prompt: 'p' };
  return {
    groups: [
      {
        task,
        samples: samples.map(([reward, lengths], i): Sample => {
          const turns = lengths.map((n, k): Turn => {
            const completion = {
              text: '',
              tokens: new Int32Array(n).fill(10 * i + k),
              logprobs: new Float64Array(n).fill(-1),
              finish: 'stop' as const,
            };
            return { context: `p${k}`, completion };
          });
          const said = reward === null ? { value: null, cause: 'judge' as const } : verdict(reward);
          return { id: String(i), task, turns, verdict: said };
        }),
      },
    ],
  };
}

const mixed = batchOf([
  [1, [2, 0, 3]],
  [null, [1, 1]],
  [0, [1]],
  [0.5, [1, 2, 1]],
  [1, [2]],
]);

describe('a learning set', () => {
  it('says which sample each turn is of, and is idle by sample', () => {
    const values = Float64Array.from({ length: 14 }, (_, t) => (t === 3 ? 1 : 0));
    const set = learningSet(mixed.groups, { terms: { policy: { of: 'token', values } }, metrics: {} });
    expect(set.samples).toEqual([0, 0, 2, 3, 3, 3, 4]);
    expect(set.idle).toEqual([false, false, true, true, true, true, true]); // its first turn alone has no advantage
    expect(wholeSamples(set)).toEqual([[0, 1], [2], [3, 4, 5], [6]]);
    const totals = totalsOfSet(set, [3, 4, 5, 0, 1]);
    expect(totals).toMatchObject({ tokens: 9, sequences: 2 });
  });

  it('of single turns is to objectives as if nothing were said of samples', async () => {
    const single = batchOf([
      [1, [2]],
      [0, [1]],
    ]);
    const [batch] = await seen(learningSet(single.groups, rloo().estimate(single, context)), 1);
    expect(batch!.samples).toBeUndefined();
  });
});

/** The batches that an objective sees in two epochs over a set. */
async function seen(set: ReturnType<typeof learningSet>, minibatches: number): Promise<TokenBatch[]> {
  const batches: TokenBatch[] = [];
  const objective: Objective = {
    ...clipped({ ratio: 'sequence', aggregate: 'sequence' }),
    loss: (batch) => {
      batches.push(batch);
      return { loss: 0, dLogprob: new Float64Array(batch.mask.length), metrics: {} };
    },
  };
  const engine = await tabular({ actions: ['a', 'b'] }).create({ seed: 1 });
  const legal = set.sequences.map(({ context, tokens }) => ({ context, tokens: tokens.map((t) => t % 2) }));
  await learn({
    engine,
    set: { ...set, sequences: legal },
    objective,
    optimizer: { learningRate: 0 },
    epochs: 2,
    minibatches,
    temperature: 1,
    references: {},
    context,
    random: stream(3, 'learn'),
  });
  return batches;
}

describe('a minibatch', () => {
  it('has whole samples, and its totals count them', async () => {
    const lengths = [[1], [2, 1], [1, 1, 1], [3], [1, 2], [2, 2, 2, 2], [1]];
    const batch = batchOf(lengths.map((turns, i) => [i * i, turns]));
    const set = learningSet(batch.groups, rloo().estimate(batch, context));
    // Samples told by their advantage: each is in one minibatch of an epoch, with all its tokens.
    const sizes = lengths.map((turns) => turns.reduce((sum, n) => sum + n, 0));
    const batches = await seen(set, 3);
    expect(batches).toHaveLength(6);
    for (const epoch of [batches.slice(0, 3), batches.slice(3)]) {
      const tokens = epoch.flatMap(({ terms }) => [
        ...Map.groupBy(terms.policy!, (a) => a)
          .values()
          .map((own) => own.length),
      ]);
      expect(tokens.toSorted()).toEqual(sizes.toSorted());
    }
    for (const { samples, starts, totals } of batches) {
      const found = samples ?? Int32Array.from({ length: starts.length - 1 }, (_, s) => s);
      expect(totals!.sequences).toBe(new Set(found).size);
      expect([2, 3]).toContain(totals!.sequences);
    }
  });

  it('keeps a turn without an advantage whose sample has one', async () => {
    const values = Float64Array.from({ length: 14 }, (_, t) => (t === 3 ? 1 : 0));
    const set = learningSet(mixed.groups, { terms: { policy: { of: 'token', values } }, metrics: {} });
    const [batch] = await seen(set, 1);
    expect([...batch!.starts]).toEqual([0, 2, 5]);
    expect([...batch!.samples!]).toEqual([0, 0]);
    expect(batch!.totals).toMatchObject({ tokens: 12, sequences: 4 });
  });
});

describe('replay', () => {
  const set = () => learningSet(mixed.groups, rloo().estimate(mixed, context));
  const idle = () => {
    const batch = batchOf([
      [1, [1, 1]],
      [1, [2]],
      [1, [1, 1, 1]],
    ]);
    return learningSet(batch.groups, rloo().estimate(batch, context));
  };

  it('stores and draws samples with all their turns', () => {
    const replay = createReplay({ capacity: 8, target: 1 });
    const { metrics } = replay.mix(set(), 0, stream(1, 'r'));
    expect(metrics).toMatchObject({ effective: 1, 'replay.size': 4, 'replay.drawn': 0 });
    const { set: filled, metrics: drawn } = replay.mix(idle(), 1, stream(1, 'r'));
    expect(drawn).toMatchObject({ effective: 0, 'effective.replayed': 1, 'replay.drawn': 3 });
    const whole = wholeSamples(filled);
    expect(whole).toHaveLength(3);
    for (const turns of whole) {
      expect(new Set(turns.map((s) => filled.groups[s])).size).toBe(1);
      const ids = turns.map((s) => filled.sequences[s]!.tokens[0]!);
      const origin = mixed.groups[0]!.samples[Math.floor(ids[0]! / 10)]!;
      const kept = origin.turns.filter(({ completion }) => completion.tokens.length > 0);
      expect(ids).toEqual(kept.map(({ completion }) => completion.tokens[0]));
    }
  });

  it('takes out the last idle samples whole', () => {
    const replay = createReplay({ capacity: 1, target: 1 });
    replay.mix(set(), 0, stream(1, 'r'));
    const { set: filled } = replay.mix(idle(), 1, stream(1, 'r'));
    expect(filled.sequences.slice(0, 3).map(({ tokens }) => tokens[0])).toEqual([0, 1, 10]);
    expect(filled.fresh!.slice(0, 4)).toEqual([true, true, true, false]);
    expect(filled.samples!.slice(0, 3)).toEqual([0, 0, 1]);
  });

  it('loads what it saved, and the entries of single turns of earlier checkpoints', () => {
    const replay = createReplay({ capacity: 8, target: 1 });
    replay.mix(set(), 0, stream(1, 'r'));
    const other = createReplay({ capacity: 8, target: 1 });
    other.load(JSON.parse(JSON.stringify(replay.save())));
    expect(other.save()).toEqual(replay.save());
    const turn = { context: 'p', tokens: [1], mask: [1], old: [-1], terms: { policy: [2] } };
    other.load([{ ...turn, priority: 2, step: 0 }]);
    expect(other.save()).toEqual([{ turns: [turn], priority: 2, step: 0 }]);
  });
});

describe('a run of several turns', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-turns-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** One to three turns; the context of each says what came before. */
  const several: Rollout = async ({ policy, tasks, samples, sampling, seed, path }) =>
    Promise.all(
      tasks.map(async (task, g) => ({
        task,
        samples: await Promise.all(
          Array.from({ length: samples }, async (_, i): Promise<Sample> => {
            const turns: Turn[] = [];
            for (let k = 0; k <= i % 3; k++) {
              const said = turns.map(({ completion }) => completion.text).join('');
              const request = { context: `${task.prompt}${said}`, seed: deriveSeed(seed, ...path, g, i, k) };
              const [completion] = await policy.sample([request], sampling);
              turns.push({ context: request.context, completion: completion! });
            }
            return { id: `${g}.${i}`, task, turns };
          }),
        ),
      })),
    );
  const all = ['a', 'b'].map((answer): Task => ({ id: answer, prompt: `say ${answer} `, answer }));
  const share = lift(function share({ turns, task }) {
    return turns.filter(({ completion }) => completion.text === task.answer).length / turns.length;
  });
  const making = (over: Partial<RecipeOptions>) => () =>
    recipe({
      name: 'several',
      tasks: {
        name: 'letters',
        version: '1',
        options: {},
        load: async () => ({ train: all, evaluate: all, demonstrations: [] }),
      },
      engine: tabular({ actions: ['a', 'b', 'c'] }),
      reward: share,
      rollout: several,
      estimator: grpo(),
      objective: clipped({ ratio: 'sequence', aggregate: 'sequence' }),
      optimizer: { learningRate: 0.3 },
      groups: 2,
      samples: 9,
      steps: 20,
      sampling: { maxTokens: 1 },
      checkpoint: { every: 6 },
      ...over,
    });

  it.each<[string, Partial<RecipeOptions>]>([
    ['GSPO in minibatches', { epochs: 2, minibatches: 3 }],
    ['replay', { replay: { capacity: 32, target: 0.9 } }],
    ['DPO', { estimator: preferencePairs(grpo()), objective: dpo(), references: { reference: 'start' } }],
  ])('%s learns, and resumes to the run that was never interrupted', async (_, over) => {
    const make = making(over);
    const store = openStore(join(folder, 'assay.db'));
    const whole = await train(make(), { seed: 2, store, folder });
    const steps = [...store.steps(whole.run)];
    expect(steps.at(-1)!.metrics.reward).toBeGreaterThan(steps[0]!.metrics.reward! + 0.2);
    const controller = new AbortController();
    const stopped = await train(make(), {
      seed: 2,
      store,
      folder,
      signal: controller.signal,
      onProgress: ({ kind, step }) => kind === 'step' && step === 9 && controller.abort(),
    });
    const resumed = await train(make(), { seed: 2, store, folder, resume: stopped.run });
    expect(store.fingerprint(resumed.run)).toBe(store.fingerprint(whole.run));
    store.close();
  });
});
