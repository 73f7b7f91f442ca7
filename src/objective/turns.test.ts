import { describe, expect, it } from 'vitest';
import type { LearningContext, Role, TokenBatch } from '../core/index.ts';
import {
  bySample,
  clipped,
  dpo,
  groupPreference,
  preferencesOf,
  samplerWeights,
  sequenceScores,
  sequenceWeights,
  totalsOf,
} from './index.ts';

const context: LearningContext = { step: 0, totalSteps: 1, stage: 'test' };

/** Turns of two tokens each, all trained on; each row is a sample: its role, and the log-ratio to the reference of each turn. */
function turns(rows: readonly (readonly [role: Role, ratios: readonly number[]])[]): TokenBatch {
  const ratios = rows.flatMap(([, own]) => own);
  const per = (of: (sample: number) => number) =>
    Int32Array.from(rows.flatMap(([, own], i) => own.map(() => of(i))));
  const zeros = () => new Float64Array(2 * ratios.length);
  return {
    starts: Int32Array.from({ length: ratios.length + 1 }, (_, s) => 2 * s),
    samples: per((i) => i),
    groups: per(() => 0),
    roles: rows.flatMap(([role, own]) => own.map(() => role)),
    mask: new Uint8Array(2 * ratios.length).fill(1),
    logprobs: zeros().map((_, t) => ratios[t >> 1]! / 2),
    old: zeros(),
    references: { reference: zeros() },
    terms: { policy: zeros().fill(1) },
    maxTokens: 8,
  };
}

describe('the turns of a sample are one sequence', () => {
  it('to a preference loss: the log-ratio is the sum over the turns', () => {
    const batch = turns([
      ['winner', [1, 3]],
      ['loser', [0]],
    ]);
    expect([...sequenceScores(batch, { reference: 'reference' })]).toEqual([4, 0]);
    expect(preferencesOf(batch)).toEqual([{ chosen: [0], rejected: [1] }]);
    const { loss, metrics, dLogprob } = dpo({ beta: 1 }).loss(batch, context);
    expect(loss).toBeCloseTo(Math.log1p(Math.exp(-4)), 15); // −log σ(4) = 0.0181
    expect(metrics).toMatchObject({ preferenceAccuracy: 1, preferenceGap: 4 });
    const slope = -1 / (1 + Math.exp(4));
    [1, 1, 1, 1, -1, -1].forEach((side, t) => {
      expect(dLogprob![t]).toBeCloseTo(side * slope, 15);
    });
  });

  it('to GEPO: one winner has no variance, however many turns it has', () => {
    const batch = turns([
      ['winner', [1, 3]],
      ['loser', [0]],
    ]);
    expect(groupPreference().loss(batch, context).metrics.winnerVariance).toBe(0);
  });

  it('to means over sequences: three turns weigh as much as one', () => {
    const batch = turns([
      ['chosen', [0, 0, 0]],
      ['rejected', [0]],
    ]);
    expect(totalsOf(batch)).toMatchObject({ tokens: 8, sequences: 2 });
    expect([...sequenceWeights(batch, 'sequence')]).toEqual([1 / 12, 1 / 4]);
    expect([...sequenceWeights(batch, 'sequenceSum')]).toEqual([1 / 2, 1 / 2]);
    expect([...sequenceWeights(batch, 'constant')]).toEqual([1 / 16, 1 / 16]);
  });

  it('to GSPO and to the sampler correction: one ratio', () => {
    const batch = turns([['chosen', [1, 3]]]);
    const { loss, metrics } = clipped({ ratio: 'sequence', aggregate: 'sequence', form: 'none' }).loss(
      batch,
      context,
    );
    expect(metrics.ratio).toBe(Math.E); // e^(4 / 4 tokens)
    expect(loss).toBe(-Math.E);
    const sampled = batch.logprobs.map((x) => -x);
    const { weights } = samplerWeights({ ...batch, sampled }, { level: 'sequenceMean', high: 9 });
    expect([...weights]).toEqual([Math.E, Math.E, Math.E, Math.E]);
  });
});

describe('bySample', () => {
  const batch = turns([
    ['chosen', [0, 0]],
    ['rejected', [0]],
  ]);

  it('gives a batch of single turns back itself', () => {
    const single = { ...batch, samples: undefined };
    expect(bySample(single)).toBe(single);
    const each = { ...batch, samples: Int32Array.of(3, 5, 8) };
    expect(bySample(each)).toEqual({ ...each, samples: undefined });
  });

  it('refuses samples that are no partition into neighbours of one group and role', () => {
    const of = (...samples: number[]) => ({ ...batch, samples: Int32Array.from(samples) });
    expect(() => bySample(of(0, 1, 0))).toThrow('do not ascend');
    expect(() => bySample(of(0, 1))).toThrow('3 sequences with samples of 2');
    expect(() => bySample(of(0, 1, 1))).toThrow('sample 1 differ in group or role');
    expect(() => bySample({ ...of(0, 0, 1), groups: Int32Array.of(0, 1, 1) })).toThrow('sample 0 differ');
  });
});
