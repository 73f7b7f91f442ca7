import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Batch,
  type Estimator,
  type LearningContext,
  memoriesOf,
  noVerdict,
  type Sample,
  stream,
  verdict,
} from '../core/index.ts';
import {
  asIs,
  batchReturn,
  betaNormalized,
  entropyBlend,
  gae,
  grpo,
  klInReward,
  noiseCorrection,
  outlierFilter,
  pairwiseAdvantage,
  perReward,
  reinforce,
  reinforcePlusPlus,
  rewardMask,
  rloo,
  terms,
  truncationMask,
} from './index.ts';

const context: LearningContext = { step: 3, totalSteps: 10, stage: 's' };
const kl = { to: 'reference', beta: 0.1 };
const estimators: readonly Estimator[] = [
  asIs(),
  batchReturn(),
  betaNormalized(),
  entropyBlend(),
  gae(),
  gae({ kl }),
  grpo(),
  grpo({ scale: 'batch' }),
  klInReward(rloo(), kl),
  klInReward(rloo(), { ...kl, adaptive: { target: 0.1, horizon: 100 } }),
  noiseCorrection({ falsePositive: 0.1, falseNegative: 0.2 }),
  noiseCorrection({ falsePositive: 0.1, falseNegative: 0.2, inner: grpo() }),
  outlierFilter(grpo()),
  outlierFilter(reinforcePlusPlus()),
  pairwiseAdvantage(),
  perReward({ parts: { a: 1, b: 0.5 } }),
  perReward({ parts: { a: 1, b: 0.5 }, how: 'normalizeThenSum' }),
  perReward({ parts: { a: 1, b: 0.5 }, how: 'average', each: 'betaNormalized' }),
  reinforce({ baseline: 'batch' }),
  reinforce({ baseline: 'group' }),
  reinforcePlusPlus({ gamma: 0.9 }),
  reinforcePlusPlus({ kl }),
  reinforcePlusPlus({ baseline: 'group', kl }),
  rewardMask({ level: 'group' }),
  rloo(),
  rloo({ normalize: 'batch' }),
  terms({ policy: grpo(), critic: gae(), distil: rewardMask() }),
  truncationMask(grpo()),
];

/** A batch with ragged turns, masked and prefilled tokens, a critic and a reference; NaN rewards are no verdicts. */
function batchOf(
  groups: readonly (readonly number[])[],
  seed: number,
  keep: (reward: number) => boolean,
): Batch {
  return {
    groups: groups.map((rewards, g) => {
      const task = { id: String(g), prompt: '' };
      const all = rewards.map((reward, i): Sample => {
        const random = stream(seed, 'sample', g, i);
        const turns = Array.from({ length: 1 + random.integer(2) }, () => {
          const n = random.integer(4);
          const draw = () => Float64Array.from({ length: n }, () => -random.next());
          return {
            context: '',
            completion: {
              text: '',
              tokens: new Int32Array(n),
              logprobs: draw(),
              finish: random.next() < 0.3 ? ('length' as const) : ('stop' as const),
              prefilled: n > 2 ? 1 : 0,
            },
            mask: Uint8Array.from({ length: n }, () => (random.next() < 0.8 ? 1 : 0)),
            values: draw(),
            references: { reference: draw() },
          };
        });
        const details = {
          answer: String(random.integer(3)),
          parts: { a: verdict(reward > 0 ? 1 : 0), b: verdict(random.integer(2)) },
        };
        const said = Number.isNaN(reward) ? noVerdict('judge', 'no') : verdict(reward, 'yes', details);
        return { id: String(i), task, turns, verdict: said };
      });
      const places = rewards.map((_, i) => i).filter((i) => keep(rewards[i]!));
      const prefer = (i: number, j: number) => {
        const d = rewards[i]! - rewards[j]!;
        return Number.isNaN(d) ? 3 * (i - j) : d;
      };
      const preferences = Float64Array.from(places.flatMap((i) => places.map((j) => prefer(i, j))));
      return { task, samples: places.map((i) => all[i]!), preferences };
    }),
  };
}

/** Advantages, returns and mask of each sample with a verdict, in order. */
function credited(estimator: Estimator, batch: Batch) {
  for (const [, state] of memoriesOf(estimator)) state.reset();
  const { terms: found, returns, mask } = estimator.estimate(batch, context);
  const out: unknown[] = [];
  let sample = 0;
  let token = 0;
  const others: number[] = [];
  for (const { samples } of batch.groups)
    for (const { turns, verdict: said } of samples) {
      const n = turns.reduce((sum, { completion }) => sum + completion.tokens.length, 0);
      const rows = [...Object.entries(found), ...(returns ? [['returns', returns] as const] : [])].map(
        ([name, { of, values }]) => [
          name,
          [...(of === 'sample' ? values.slice(sample, sample + 1) : values.slice(token, token + n))],
        ],
      ) as [string, number[]][];
      if (said!.value === null) others.push(...rows.flatMap(([, row]) => row));
      else out.push({ rows, mask: mask?.[sample] });
      sample++;
      token += n;
    }
  return { out, others };
}

const isBeta = ({ options }: Estimator) => (options as { each?: string }).each === 'betaNormalized';

describe.each(estimators.map((estimator, i) => [`${estimator.name} ${i}`, estimator] as const))(
  'samples without a verdict: %s',
  (_, estimator) => {
    it('leave every other advantage as it is without them, and get 0', () => {
      const reward = fc.option(
        fc.integer({ min: 0, max: 2 }).map((r) => r / 2),
        { nil: Number.NaN, freq: 3 },
      );
      fc.assert(
        fc.property(
          fc.array(fc.array(reward, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
          fc.integer(),
          (groups, seed) => {
            const with_ = credited(
              estimator,
              batchOf(groups, seed, () => true),
            );
            const without = credited(
              estimator,
              batchOf(groups, seed, (r) => !Number.isNaN(r)),
            );
            expect(with_.out).toEqual(without.out);
            expect(with_.others.every((a) => a === 0)).toBe(true);
            expect(JSON.stringify(with_.out)).not.toContain('null'); // neither NaN nor infinite
          },
        ),
        { seed: 7, numRuns: 60 },
      );
    });

    it('are finite for finite rewards, however large', () => {
      // BNPO is for rewards of 0 to 1 and refuses others; pairwise reads preferences.
      if (/betaNormalized|pairwise/.test(estimator.name) || isBeta(estimator)) return;
      for (const groups of [
        [[1e308, 1e308, 0], [-1e308]],
        [
          [1e308, -1e308],
          [1e308, -1e308, 1e-308],
        ],
      ]) {
        const { out, others } = credited(
          estimator,
          batchOf(groups, 1, () => true),
        );
        expect(others).toEqual([]);
        expect(JSON.stringify(out)).not.toContain('null');
      }
    });
  },
);
