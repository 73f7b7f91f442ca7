import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Batch,
  callReward,
  type Estimator,
  noVerdict,
  type Reward,
  type Sample,
  scoringContext,
  verdict,
} from '../core/index.ts';
import { clamp, weighted } from '../shape/index.ts';
import { grpo, klInReward, perReward, rloo } from './index.ts';

interface Options {
  readonly reward_weights: number[] | null;
  readonly scale_rewards?: 'group' | 'batch' | 'none';
  readonly multi_objective_aggregation?: 'normalize_then_sum';
  readonly normalize_advantages?: boolean;
  readonly reward_clip_range?: [number, number];
  readonly beta?: number;
}
interface Case {
  readonly trainer: 'grpo' | 'rloo';
  readonly options: Options;
  readonly groups: number[];
  /** What each reward function returned; null is None. */
  readonly rewards: (number | null)[][];
  readonly advantages: number[];
  readonly lengths?: number[];
  readonly old?: number[];
  readonly reference?: number[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/trl.json'), 'utf8')) as {
  cases: Case[];
};

/** The reward functions and their weights; None is no verdict. What is there is summed, as TRL does. */
function rewardOf({ rewards, options }: Case): Reward {
  const parts = Object.fromEntries(
    rewards.map((column, k) => {
      const told = ({ id }: Sample<unknown>) => {
        const value = column[Number(id)]!;
        return value === null ? noVerdict('judge', 'None') : verdict(value);
      };
      return [`told${k}`, [told, options.reward_weights?.[k] ?? 1] as const];
    }),
  );
  const sum = weighted(parts, { missing: 'skip' });
  const [low, high] = options.reward_clip_range ?? [];
  return low === undefined ? sum : clamp(sum, { low, high });
}

/** Each of TRL's options as Assay's. */
function estimatorOf({ trainer, options, rewards }: Case): Estimator {
  if (trainer === 'rloo') {
    const inner = rloo({ normalize: options.normalize_advantages ? 'batch' : 'none' });
    return options.beta ? klInReward(inner, { to: 'reference', beta: options.beta }) : inner;
  }
  if (options.multi_objective_aggregation === 'normalize_then_sum') {
    const parts = Object.fromEntries(rewards.map((_, k) => [`told${k}`, options.reward_weights?.[k] ?? 1]));
    return perReward({ parts, how: 'normalizeThenSum', missing: 'skip' });
  }
  return grpo({
    epsilon: 1e-4,
    scale: options.scale_rewards === 'batch' ? 'batch' : 'group',
    std: options.scale_rewards === 'none' ? 'none' : 'sample',
  });
}

/** The samples in the fixture's order, with their log-probabilities where TRL used them. */
async function batchOf(one: Case): Promise<Batch> {
  let at = 0;
  const next = (values: number[], n: number) => Float64Array.from(values.slice(at, at + n));
  const samples = one.advantages.map((_, i): Sample => {
    const n = one.lengths?.[i] ?? 0;
    const completion = {
      text: '',
      tokens: new Int32Array(n),
      logprobs: next(one.old ?? [], n),
      finish: 'stop' as const,
    };
    const references = { reference: next(one.reference ?? [], n) };
    at += n;
    const task = { id: '', prompt: '' };
    return { id: String(i), task, turns: [{ context: '', completion, references }] };
  });
  const verdicts = await callReward(rewardOf(one), samples, scoringContext());
  samples.forEach((sample, i) => {
    sample.verdict = verdicts[i]!;
  });
  let from = 0;
  return {
    groups: one.groups.map((n) => {
      from += n;
      return { task: samples[0]!.task, samples: samples.slice(from - n, from) };
    }),
  };
}

test.each(cases.map((one, i) => [i, one.trainer, JSON.stringify(one.options), one] as const))(
  'TRL, batch %i: %s %s',
  async (_, __, ___, one) => {
    const batch = await batchOf(one);
    const { terms } = estimatorOf(one).estimate(batch, { step: 0, totalSteps: 1, stage: 's' });
    one.advantages.forEach((theirs, i) => {
      const ours = terms.policy!.values[i]!;
      if (one.rewards[0]![i] === 0.9) return; // see below
      // TRL computes in 32 bits.
      expect(Math.abs(ours - theirs), `${i}: ${ours}, TRL ${theirs}`).toBeLessThanOrEqual(
        3e-6 * Math.max(1, Math.abs(theirs)),
      );
    });
  },
);

test('a group of equal rewards: exactly 0, and in TRL what 32 bits leave of it', async () => {
  const equal = cases.filter(({ rewards }) => rewards[0]!.filter((value) => value === 0.9).length > 1);
  expect(equal.length).toBeGreaterThan(0);
  for (const one of equal) {
    const { terms } = estimatorOf(one).estimate(await batchOf(one), { step: 0, totalSteps: 1, stage: 's' });
    one.rewards[0]!.forEach((value, i) => {
      if (value !== 0.9) return;
      expect(terms.policy!.values[i]).toBe(0);
      expect(Math.abs(one.advantages[i]!)).toBeGreaterThan(1e-4);
      expect(Math.abs(one.advantages[i]!)).toBeLessThan(1e-3);
    });
  }
});

test('the batches have what TRL and Assay could take differently', () => {
  const all = cases.map(({ rewards, groups, options }) => {
    const rows = rewards[0]!.map((_, i) => rewards.map((column) => column[i]!));
    const known = rows.map((row) => row.filter((value) => value !== null).length);
    const sizes = groups.map((n, g) => known.slice(g * n, (g + 1) * n).filter((found) => found > 0).length);
    return { known, sizes, functions: rewards.length, options };
  });
  expect(all.some(({ known }) => known.includes(0))).toBe(true);
  expect(all.some(({ known, functions }) => known.some((n) => n > 0 && n < functions))).toBe(true);
  for (const size of [0, 1, 4]) expect(all.some(({ sizes }) => sizes.includes(size))).toBe(true);
  expect(cases.some(({ old, reference }) => old?.some((x, t) => Math.abs(x - reference![t]!) > 0.1))).toBe(
    true,
  );
});
