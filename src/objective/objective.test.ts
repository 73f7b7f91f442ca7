import { describe, expect, it } from 'vitest';
import { type LearningContext, type Objective, stream, type TokenBatch } from '../core/index.ts';
import { type Aggregation, tokenWeights } from './aggregate.ts';
import { clipped, clippedLoss } from './clipped.ts';
import { combine } from './combine.ts';
import { crossEntropy } from './cross-entropy.ts';
import { entropyBonus } from './entropy-bonus.ts';
import { kl, klEstimate } from './kl.ts';

const context: LearningContext = { step: 0, totalSteps: 10, stage: 'test' };

/** One token a sequence with the given ratio and advantage. */
function token(ratio: number, advantage: number): TokenBatch {
  return {
    starts: Int32Array.of(0, 1),
    groups: Int32Array.of(0),
    mask: Uint8Array.of(1),
    logprobs: Float64Array.of(Math.log(ratio) - 2),
    old: Float64Array.of(-2),
    references: {},
    terms: { policy: Float64Array.of(advantage) },
  };
}

// Vector 7 of the GRPO family's specification.
describe('clipped', () => {
  it.each([
    [1.5, 1, 0.2, 0.2, undefined, -1.2],
    [1.25, 1, 0.2, 0.28, undefined, -1.25],
    [1.5, 1, 0.2, 0.28, undefined, -1.28],
    [0.5, 1, 0.2, 0.2, undefined, -0.5],
    [0.5, -1, 0.2, 0.2, undefined, 0.8],
    [1.5, -1, 0.2, 0.2, undefined, 1.5],
    [5, -1, 0.2, 0.2, undefined, 5],
    [5, -1, 0.2, 0.2, 3, 3],
  ])('ratio %d, advantage %d, clip %d/%d, dual %s → %d', (ratio, advantage, low, high, dual, expected) => {
    expect(clippedLoss(token(ratio, advantage), { low, high, dual }).loss).toBeCloseTo(expected, 9);
  });

  it('counts what it clips: low only for negative, high only for positive advantages', () => {
    expect(clippedLoss(token(0.5, -1)).metrics).toMatchObject({ clipLow: 1, clipHigh: 0 });
    expect(clippedLoss(token(1.5, 1)).metrics).toMatchObject({ clipLow: 0, clipHigh: 1 });
    expect(clippedLoss(token(0.5, 1)).metrics).toMatchObject({ clipLow: 0, clipHigh: 0 });
  });

  it('stays finite at extreme ratios', () => {
    for (const ratio of [1e-300, 1e300])
      for (const advantage of [-1, 0, 1]) {
        const { loss, dLogprob } = clippedLoss(token(ratio, advantage));
        expect(Number.isFinite(loss)).toBe(true);
        expect(Number.isFinite(dLogprob![0]!)).toBe(true);
      }
  });
});

// Vector 8.
describe('kl', () => {
  it.each([
    [0.5, 0.25, 0.693147, 0.240227, 0.193147],
    [0.25, 0.5, -0.693147, 0.240227, 0.306853],
  ])('p %d, reference %d', (p, reference, k1, k2, k3) => {
    const d = Math.log(p) - Math.log(reference);
    expect(klEstimate(d, 'k1').value).toBeCloseTo(k1, 6);
    expect(klEstimate(d, 'k2').value).toBeCloseTo(k2, 6);
    expect(klEstimate(d, 'k3').value).toBeCloseTo(k3, 6);
  });

  it('refuses k1 as a loss, and says why', () => {
    expect(() => kl({ estimator: 'k1' })).toThrow(/zero mean gradient/);
  });
});

// Vector 9: losses [1, 1, 1, 1] and [4].
describe('aggregation', () => {
  it.each([
    ['token', 1.6],
    ['sequence', 2.5],
    ['sequenceSum', 4],
    ['constant', 1],
  ] as [Aggregation, number][])('%s → %d', (mode, expected) => {
    const losses = [1, 1, 1, 1, 4];
    const batch: TokenBatch = {
      starts: Int32Array.of(0, 4, 5),
      groups: Int32Array.of(0, 0),
      mask: new Uint8Array(5).fill(1),
      logprobs: new Float64Array(5),
      old: new Float64Array(5),
      references: {},
      terms: {},
      maxTokens: 4,
    };
    const weights = tokenWeights(batch, mode);
    expect(losses.reduce((sum, loss, t) => sum + loss * weights[t]!, 0)).toBeCloseTo(expected, 12);
  });
});

/** A random batch with ragged lengths, a fully masked sequence and a sequence of no tokens. */
function randomBatch(seed: number): TokenBatch {
  const random = stream(seed, 'batch');
  const lengths = [3, 0, 5, 1, 4];
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  const n = starts[lengths.length]!;
  const array = (draw: () => number) => Float64Array.from({ length: n }, draw);
  const old = array(() => -0.2 - 3 * random.next());
  return {
    starts,
    groups: Int32Array.of(0, 0, 1, 1, 2),
    mask: Uint8Array.from({ length: n }, (_, t) => (t >= starts[4]! || random.next() < 0.2 ? 0 : 1)),
    logprobs: old.map((x) => x + 0.6 * random.normal()),
    old,
    references: { reference: old.map((x) => x + 0.5 * random.normal()) },
    entropies: array(() => random.next() * 2),
    terms: { policy: array(() => random.normal()) },
    maxTokens: 6,
  };
}

const objectives: [string, Objective][] = (['token', 'sequence', 'sequenceSum', 'constant'] as const).flatMap(
  (aggregate): [string, Objective][] => [
    [`clipped ${aggregate}`, clipped({ aggregate, high: 0.28 })],
    [`clipped dual ${aggregate}`, clipped({ aggregate, dual: 1.5 })],
    [`k2 ${aggregate}`, kl({ estimator: 'k2', aggregate })],
    [`k3 ${aggregate}`, kl({ aggregate })],
    [`cross entropy ${aggregate}`, crossEntropy({ aggregate })],
    [`entropy ${aggregate}`, entropyBonus({ aggregate })],
    [
      `combined ${aggregate}`,
      combine([
        [clipped({ aggregate }), 1],
        [kl({ aggregate }), 0.3],
        [entropyBonus(), 0.1],
      ]),
    ],
  ],
);

describe('derivatives', () => {
  it.each(objectives)('%s agrees with finite differences', (_, objective) => {
    for (let seed = 1; seed <= 5; seed++) {
      const batch = randomBatch(seed);
      const { dLogprob, dEntropy } = objective.loss(batch, context);
      for (const [field, gradient] of [
        ['logprobs', dLogprob],
        ['entropies', dEntropy],
      ] as const) {
        if (!gradient) continue;
        for (let t = 0; t < batch.mask.length; t++) {
          const step = 1e-6;
          const at = (shift: number) => {
            const moved = batch[field]!.slice();
            moved[t] = moved[t]! + shift;
            return objective.loss({ ...batch, [field]: moved }, context).loss;
          };
          const numeric = (at(step) - at(-step)) / (2 * step);
          expect(gradient[t]).toBeCloseTo(numeric, 6);
          if (!batch.mask[t]) expect(gradient[t]).toBeCloseTo(0, 15);
        }
      }
    }
  });

  it.each(objectives)('%s reads nothing under the mask', (_, objective) => {
    const batch = randomBatch(9);
    const random = stream(1, 'noise');
    const hide = (x: Float64Array) => x.map((value, t) => (batch.mask[t] ? value : -5 * random.next()));
    const hidden: TokenBatch = {
      ...batch,
      logprobs: hide(batch.logprobs),
      terms: { policy: hide(batch.terms.policy!) },
    };
    expect(objective.loss(hidden, context)).toEqual(objective.loss(batch, context));
  });

  it('does not change when a batch is cut up, given the totals of the whole', () => {
    const batch = randomBatch(3);
    const whole = clipped({ aggregate: 'sequence' }).loss(batch, context);
    const totals = { tokens: batch.mask.reduce((sum: number, m) => sum + m, 0), sequences: 0 };
    for (let s = 0; s < 5; s++)
      if (batch.mask.slice(batch.starts[s], batch.starts[s + 1]).some((m) => m)) totals.sequences++;
    let sum = 0;
    for (let s = 0; s < 5; s++) {
      const [from, to] = [batch.starts[s]!, batch.starts[s + 1]!];
      const part: TokenBatch = {
        ...batch,
        starts: Int32Array.of(0, to - from),
        groups: Int32Array.of(0),
        mask: batch.mask.slice(from, to),
        logprobs: batch.logprobs.slice(from, to),
        old: batch.old.slice(from, to),
        terms: { policy: batch.terms.policy!.slice(from, to) },
        totals,
      };
      sum += clipped({ aggregate: 'sequence' }).loss(part, context).loss;
    }
    expect(sum).toBeCloseTo(whole.loss, 12);
  });
});
