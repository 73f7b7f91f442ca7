import { describe, expect, it } from 'vitest';
import { textSample, verdict } from '../core/index.ts';
import { grpo } from './grpo.ts';
import { pairRoles, preferencePairs } from './preference-pairs.ts';

describe('pairRoles', () => {
  it('is the best against the worst, strictly, by the margin and more (Skywork-R1V2, test vector 5)', () => {
    expect(pairRoles([4, 20], { margin: 15 })).toEqual(['rejected', 'chosen']);
    expect(pairRoles([6, 20], { margin: 15 })).toEqual([undefined, undefined]);
    expect(pairRoles([5, 20], { margin: 15 })).toEqual(['rejected', 'chosen']);
    expect(pairRoles([1, 1, 1])).toEqual([undefined, undefined, undefined]);
    expect(pairRoles([0, 1, 1, 0])).toEqual(['rejected', 'chosen', undefined, undefined]);
  });

  it('splits a group at its mean, members without a verdict apart', () => {
    const split = pairRoles([0, Number.NaN, 1, 1, 0.5], { by: 'split' });
    expect(split).toEqual(['rejected', undefined, 'chosen', 'chosen', 'rejected']);
    expect(pairRoles([Number.NaN, 1])).toEqual([undefined, undefined]);
  });
});

describe('preferencePairs', () => {
  const task = { id: 't', prompt: '' };
  const sample = (value: number | null, style: number) => ({
    ...textSample(task, ''),
    verdict:
      value === null
        ? ({ value, cause: 'timeout' } as const)
        : { ...verdict(value), parts: { style: { value: style } } },
  });

  it('adds roles to the advantages, by a part where one is named', () => {
    const batch = { groups: [{ task, samples: [sample(1, 0), sample(0, 1), sample(null, 9)] }] };
    const context = { step: 0, totalSteps: 1, stage: '' };
    const credit = preferencePairs(grpo(), { part: 'style' }).estimate(batch, context);
    expect(credit.roles).toEqual(['rejected', 'chosen', undefined]);
    expect(credit.terms.policy!.values[0]).toBeGreaterThan(0);
    expect(credit.metrics.paired).toBe(1);
    expect(preferencePairs(grpo()).estimate(batch, context).roles).toEqual(['chosen', 'rejected', undefined]);
  });
});
