import { describe, expect, it } from 'vitest';
import {
  type Batch,
  type Estimator,
  InputError,
  type LearningContext,
  noVerdict,
  textSample,
  verdict,
} from '../core/index.ts';
import {
  asIs,
  auditedRates,
  batchReturnAdvantages,
  betaDensity,
  betaNormalization,
  betaNormalizedAdvantages,
  correctNoise,
  entropyBlend,
  entropyGate,
  falseNegativeRate,
  grpo,
  grpoAdvantages,
  klInReward,
  noiseCorrection,
  outlierFilter,
  pairwiseAdvantages,
  perReward,
  perRewardAdvantages,
  preferencePairs,
  reinforce,
  reinforceAdvantages,
  reinforcePlusPlus,
  rewardMask,
  rewardMaskTerm,
  rloo,
  terms,
  truncationMask,
} from './index.ts';

const context: LearningContext = { step: 0, totalSteps: 1, stage: 's' };
const f = (...x: number[]) => Float64Array.from(x);
const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 6) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i], `place ${i}`).toBeCloseTo(value, digits);
  });
};
const flat = (...groups: number[][]) => {
  const starts = [0];
  for (const group of groups) starts.push(starts.at(-1)! + group.length);
  return [Float64Array.from(groups.flat()), Int32Array.from(starts)] as const;
};
/** A batch of samples with these rewards and answers. */
function batchOf(
  groups: readonly (readonly (number | null)[])[],
  answers?: readonly (readonly string[])[],
): Batch {
  return {
    groups: groups.map((rewards, g) => {
      const task = { id: String(g), prompt: '', domain: g === 0 ? 'A' : 'B' };
      const samples = rewards.map((reward, i) => ({
        ...textSample(task, '', `${g}.${i}`),
        verdict:
          reward === null
            ? noVerdict('judge', 'none')
            : verdict(reward, 'said', answers ? { answer: answers[g]![i]! } : {}),
      }));
      return { task, samples };
    }),
  };
}

describe('reinforce', () => {
  it('subtracts what it is told to', () => {
    const [r, starts] = flat([1, 0], [1, 1, Number.NaN]);
    close(reinforceAdvantages(r, starts), [1, 0, 1, 1, 0]);
    close(reinforceAdvantages(r, starts, { baseline: 0.5 }), [0.5, -0.5, 0.5, 0.5, 0]);
    close(reinforceAdvantages(r, starts, { baseline: 'batch' }), [0.25, -0.75, 0.25, 0.25, 0]);
    close(reinforceAdvantages(r, starts, { baseline: 'group' }), [0.5, -0.5, 0, 0, 0]);
  });
});

describe('bnpo', () => {
  it.each([
    [
      [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
      ],
      [1.5, 1.5],
      [
        0.680175, -0.226725, -0.226725, -0.226725, 0.392699, 0.392699, -0.392699, -0.392699, 0.226725,
        0.226725, 0.226725, -0.680175,
      ],
    ],
    [
      [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
      ],
      [1.8125, 2.354167],
      [0.340852, 0.340852, -0.340852, -0.340852, 0.518546, -0.172849, -0.172849, -0.172849],
    ],
    [
      [
        [1, 1],
        [0, 0],
        [1, 0, 1, 0],
      ],
      [1, 1],
      [0, 0, 0, 0, 0.5, -0.5, 0.5, -0.5],
    ],
    [
      [
        [1, 1, 1, 0],
        [1, 1, 1, 1],
      ],
      [1.729167, 1.104167],
      [0.179408, 0.179408, 0.179408, -0.538223, 0, 0, 0, 0],
    ],
  ])('vectors 1 to 4: %j', (groups, [alpha, beta], expected) => {
    const { advantages, fit } = betaNormalization(...flat(...groups));
    expect(fit.alpha).toBeCloseTo(alpha!, 6);
    expect(fit.beta).toBeCloseTo(beta!, 6);
    close(advantages, expected);
  });

  it('vectors 5 to 7: π/8 at (1.5, 1.5), equal rates and rates of 0 or 1 alone', () => {
    for (const p of [0.25, 0.5])
      expect(Math.sqrt(p * (1 - p)) / betaDensity(p, { alpha: 1.5, beta: 1.5 })).toBeCloseTo(Math.PI / 8, 9);
    close(betaNormalizedAdvantages(...flat([1, 0], [0, 1])), [0.5, -0.5, -0.5, 0.5]);
    close(betaNormalizedAdvantages(...flat([0, 0], [0, 0])), [0, 0, 0, 0]);
    close(betaNormalizedAdvantages(...flat([1, 1], [1, 1])), [0, 0, 0, 0]);
  });

  it('generalises REINFORCE with a baseline, and GRPO', () => {
    const [r, starts] = flat([1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]);
    const plain = reinforceAdvantages(r, starts, { baseline: 'group' });
    close(betaNormalizedAdvantages(r, starts, { fixed: [1, 1] }), [...plain], 9);
    const scaled = grpoAdvantages(r, starts, { std: 'population', epsilon: 0 }).map((a) => (a * Math.PI) / 8);
    close(betaNormalizedAdvantages(r, starts, { fixed: [1.5, 1.5] }), [...scaled], 9);
  });

  it('vector 9: averages the advantages of each reward', () => {
    const [a, starts] = flat([1, 0, 0, 1]);
    const b = f(1, 1, 0, 1);
    const got = perRewardAdvantages([a, b], [1, 1], starts, { how: 'average', each: 'betaNormalized' });
    const [x, y] = [betaNormalizedAdvantages(a, starts), betaNormalizedAdvantages(b, starts)];
    close(
      got,
      [...x].map((value, i) => (value + y[i]!) / 2),
      12,
    );
  });

  it('refuses rewards outside of its range', () => {
    expect(() => betaNormalizedAdvantages(...flat([2, 0]))).toThrow(/outside/);
    close(betaNormalizedAdvantages(...flat([1, -1]), { low: -1 }), [0.5, -0.5]);
  });
});

describe('copo', () => {
  it('vectors 7 to 9: group means standardised over the batch', () => {
    const [r, starts] = flat([1, 1], [1, 0], [0, 0]);
    const across = (std: 'sample' | 'population') => batchReturnAdvantages(r, starts, { std, epsilon: 0 });
    close(across('population'), [1.224745, 1.224745, 0, 0, -1.224745, -1.224745]);
    close(across('sample'), [1, 1, 0, 0, -1, -1]);
    close(batchReturnAdvantages(...flat([1, 0], [0, 1])), [0, 0, 0, 0]);
    const [all, ends] = flat([0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]);
    close(grpoAdvantages(all, ends), new Array(12).fill(0));
    expect([...batchReturnAdvantages(all, ends).subarray(0, 6)].every((a) => a < 0)).toBe(true);
  });

  it.each([
    ['555555', 0, 9.4e-14, 15],
    ['555777', 0.693147, 9.8e-8, 9],
    ['112233', 1.098612, 0.000326, 6],
    ['112234', 1.329661, 0.032084, 6],
    ['112345', 1.56071, 0.771043, 6],
    ['123456', 1.791759, 0.997086, 6],
  ])('vectors 1 to 6: answers %s', (answers, entropy, weight, digits) => {
    const credit = entropyBlend().estimate(batchOf([[1, 0, 0, 1, 0, 1]], [[...answers]]), context);
    expect(credit.metrics.answerEntropy).toBeCloseTo(entropy, 6);
    expect(credit.metrics.localWeight).toBeCloseTo(weight, digits);
    expect(entropyGate(entropy)).toBeCloseTo(weight, Math.min(digits, 5));
  });

  it('gives two terms, weighted per group; right or wrong in place of answers would never be local', () => {
    const batch = batchOf(
      [
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
      ],
      [[...'123456'], [...'777777']],
    );
    const { local, global } = entropyBlend().estimate(batch, context).terms;
    expect(local!.values[0]).toBeCloseTo(0.997086 * 2.04124, 4);
    expect([...local!.values.subarray(6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(global!.values[6]).toBeCloseTo(-1, 4);
    expect(entropyGate(Math.log(2))).toBeLessThan(1e-6);
  });
});

describe('several rewards (vector 13 of the GRPO family)', () => {
  const [a, starts] = flat([1, 0, 0, 1]);
  const b = f(1, 1, 0, 1);
  it('sum then normalise, and normalise then sum', () => {
    close(perRewardAdvantages([a, b], [1, 1], starts), [0.783268, -0.261089, -1.305446, 0.783268]);
    close(
      perRewardAdvantages([a, b], [1, 1], starts, { how: 'normalizeThenSum' }),
      [0.769054, -0.206077, -1.332031, 0.769054],
    );
  });

  it('a sample that lacks a part is out, or has its other parts summed', () => {
    const lacking = f(1, Number.NaN, 0, 1);
    close(
      perRewardAdvantages([a, lacking], [1, 1], starts, { epsilon: 0 }),
      [0.57735, 0, -1.154701, 0.57735],
    );
    const skipping = perRewardAdvantages([a, lacking], [1, 1], starts, { epsilon: 0, missing: 'skip' });
    close(skipping, [...grpoAdvantages(f(2, 0, 0, 2), starts, { epsilon: 0 })]);
  });

  it('reads the parts of verdicts', () => {
    const task = { id: 't', prompt: '' };
    const samples = [0, 1, 2, 3].map((i) => ({
      ...textSample(task, '', String(i)),
      verdict: verdict(a[i]! + b[i]!, 'sum', { parts: { a: verdict(a[i]!), b: verdict(b[i]!) } }),
    }));
    const credit = perReward({ parts: { a: 1, b: 1 } }).estimate({ groups: [{ task, samples }] }, context);
    close(credit.terms.policy!.values, [0.783268, -0.261089, -1.305446, 0.783268]);
    expect(credit.metrics['reward.b']).toBe(0.75);
  });
});

describe('pairwise preferences (think-rm, vectors 4 to 8)', () => {
  const matrix = (g: number, d: (i: number, j: number) => number) =>
    Float64Array.from({ length: g * g }, (_, k) => d(Math.floor(k / g), k % g));
  const upper = (g: number, entries: Record<string, number>) =>
    matrix(g, (i, j) => -(entries[`${i}${j}`] ?? 0) + (entries[`${j}${i}`] ?? 0));
  it('equals GRPO where preferences are differences', () => {
    const r = [1, 0, 0, 3];
    close(
      pairwiseAdvantages(
        matrix(4, (i, j) => r[i]! - r[j]!),
        [1, 1, 1, 1],
      ),
      [0, -0.707107, -0.707107, 1.414213],
    );
  });
  it('handles scores, cycles, silence and weak preferences', () => {
    close(
      pairwiseAdvantages(upper(3, { '01': -2, '02': 1, '12': 3 }), [1, 1, 1]),
      [0.218218, -1.091089, 0.872871],
    );
    close(pairwiseAdvantages(upper(3, { '01': -1, '02': 1, '12': -1 }), [1, 1, 1]), [0, 0, 0]);
    close(pairwiseAdvantages(f(Number.NaN, Number.NaN, Number.NaN, Number.NaN), [1, 1]), [0, 0]);
    close(pairwiseAdvantages(upper(2, { '01': -0.0025 }), [1, 1]), [0.615457, -0.615457]);
  });
  it('a member without a verdict leaves the others as they are without it', () => {
    const r = [1, 9, 0, 3];
    const with_ = pairwiseAdvantages(
      matrix(4, (i, j) => r[i]! - r[j]!),
      [1, 0, 1, 1],
    );
    const rest = [1, 0, 3];
    const without = pairwiseAdvantages(
      matrix(3, (i, j) => rest[i]! - rest[j]!),
      [1, 1, 1],
    );
    close(with_, [without[0]!, 0, without[1]!, without[2]!], 12);
  });
});

describe('noisy verifiers', () => {
  const rates = (falsePositive: number, falseNegative: number) => ({ falsePositive, falseNegative });
  it.each([
    [0.1, 0.2, -0.142857, 1.285714],
    [0, 0.2, 0, 1.25],
    [0.1, 0, -0.111111, 1],
    [0, 0, 0, 1],
  ])('vectors 1 to 3 and 9: backward at %d, %d', (p, n, rejected, accepted) => {
    expect(correctNoise(false, rates(p, n), 'backward')).toBeCloseTo(rejected, 6);
    expect(correctNoise(true, rates(p, n), 'backward')).toBeCloseTo(accepted, 6);
  });

  it('vectors 4 to 6: unbiased backward, forward up to its scale', () => {
    const [r0, r1] = [
      correctNoise(false, rates(0.1, 0.2), 'backward'),
      correctNoise(true, rates(0.1, 0.2), 'backward'),
    ];
    expect(0.8 * r1 + 0.2 * r0).toBeCloseTo(1, 12);
    expect(0.1 * r1 + 0.9 * r0).toBeCloseTo(0, 12);
    const [w0, w1] = [
      correctNoise(false, rates(0.1, 0.2), 'forward'),
      correctNoise(true, rates(0.1, 0.2), 'forward'),
    ];
    expect([w0, w1]).toEqual([-0.8, expect.closeTo(0.2, 12)]);
    expect(0.8 * w1 + 0.2 * w0).toBeCloseTo(0, 12);
    expect(0.1 * w1 + 0.9 * w0).toBeCloseTo(-0.7, 12);
    expect(correctNoise(false, rates(0, 0), 'forward')).toBe(-1);
  });

  it('estimator and function have one default form', () => {
    const { values } = noiseCorrection(rates(0.1, 0.2)).estimate(batchOf([[1, 0]]), context).terms.policy!;
    expect([...values]).toEqual([correctNoise(true, rates(0.1, 0.2)), correctNoise(false, rates(0.1, 0.2))]);
  });

  it('vector 7: behind mean and deviation constant rates change nothing, and it says so', () => {
    const batch = batchOf([[1, 0, 0, 1]]);
    const corrected = (inner: ReturnType<typeof grpo>) =>
      noiseCorrection({ ...rates(0.1, 0.2), form: 'backward', inner }).estimate(batch, context);
    const all = corrected(grpo({ epsilon: 0 }));
    close(all.terms.policy!.values, [0.866025, -0.866025, -0.866025, 0.866025]);
    expect(all.metrics.noiseCorrectionUndone).toBe(1);
    const centred = corrected(grpo({ std: 'none' }));
    close(centred.terms.policy!.values, [0.714286, -0.714286, -0.714286, 0.714286]);
    expect(centred.metrics.noiseCorrectionUndone).toBe(0);
  });

  it('sees it behind any estimator, and tells who uses it', () => {
    const of = (inner: Estimator, over = {}) =>
      noiseCorrection({ ...rates(0.1, 0.2), form: 'forward', inner, ...over });
    for (const inner of [
      grpo(),
      rloo(),
      reinforcePlusPlus(),
      truncationMask(grpo()),
      outlierFilter(grpo({ std: 'none' })),
      klInReward(grpo(), { to: 'start', beta: 0 }),
    ])
      expect(of(inner).notes?.[0], inner.name).toContain('changes nothing here');
    for (const estimator of [
      of(reinforce()),
      of(rloo(), { form: 'backward' }),
      of(reinforcePlusPlus(), { form: 'backward', domains: { easy: rates(0, 0.4) } }),
      noiseCorrection(rates(0.1, 0.2)),
    ])
      expect(estimator.notes).toBeUndefined();
  });

  it('as the advantage itself, with rates by domain, and nothing without a verdict', () => {
    const estimator = noiseCorrection({ ...rates(0, 0.2), domains: { A: rates(0, 0.4) } });
    const { values } = estimator.estimate(
      batchOf([
        [1, 0, null],
        [1, 0],
      ]),
      context,
    ).terms.policy!;
    close(values, [0.4, -0.6, 0, 0.2, -0.8]);
  });

  it('vector 8: rates that sum to 1 are an error', () => {
    expect(() => noiseCorrection(rates(0.5, 0.5))).toThrow(InputError);
    expect(() => correctNoise(true, rates(0.6, 0.5))).toThrow(InputError);
  });

  it('vector 10: rates from appeals, and from an audit', () => {
    const appeals = { positives: 60, negatives: 40, sampled: 40, overturned: 6 };
    expect(falseNegativeRate(appeals)).toBeCloseTo(0.090909, 6);
    expect(falseNegativeRate({ ...appeals, sampled: 20, overturned: 3 })).toBeCloseTo(0.090909, 6);
    expect(falseNegativeRate({ ...appeals, appealFalsePositive: 0.15 })).toBe(0);
    expect(falseNegativeRate({ positives: 0, negatives: 0, sampled: 0, overturned: 0 })).toBe(0);
    const interval = { value: 0.1, low: 0.05, high: 0.2 };
    const audit = { falsePositiveRate: { ...interval, value: Number.NaN }, falseNegativeRate: interval };
    expect(auditedRates(audit)).toEqual({ falsePositive: 0, falseNegative: 0.1 });
    expect(auditedRates(audit, 'high').falseNegative).toBe(0.2);
  });
});

describe('masks', () => {
  it('kdrl vector 7: distil where the student failed', () => {
    close(rewardMaskTerm(...flat([1, 0, 1, 0])), [0, 1, 0, 1]);
    close(
      rewardMaskTerm(...flat([1, 0, 0, 0], [0, 0, 0, Number.NaN]), { level: 'group' }),
      [0, 0, 0, 0, 1, 1, 1, 0],
    );
  });

  it('terms stand side by side', () => {
    const credit = terms({ policy: grpo({ std: 'none' }), distil: rewardMask() }).estimate(
      batchOf([[1, 0]]),
      context,
    );
    expect(credit.terms.policy!.values).toEqual(f(0.5, -0.5));
    expect(credit.terms.distil!.values).toEqual(f(0, 1));
  });

  it('what is made of several keeps their masks, roles and needs', () => {
    const batch = batchOf([[1, 0, 1]]);
    const [one] = batch.groups[0]!.samples;
    const [turn] = one!.turns;
    batch.groups[0]!.samples[0] = {
      ...one!,
      turns: [{ ...turn!, completion: { ...turn!.completion, finish: 'length' } }],
    };
    const paired = preferencePairs(truncationMask(grpo()), { by: 'split' });
    expect([...terms({ policy: paired, distil: rewardMask() }).estimate(batch, context).mask!]).toEqual([
      0, 1, 1,
    ]);
    for (const joined of [terms({ policy: paired }), entropyBlend({ local: paired })]) {
      const credit = joined.estimate(batch, context);
      expect([...credit.mask!]).toEqual([0, 1, 1]);
      expect(credit.roles).toEqual(['chosen', 'rejected', 'chosen']);
      expect(credit.metrics.truncated).toBeCloseTo(1 / 3, 9);
    }
    const penalised = klInReward(grpo(), { to: 'start', beta: 0.1 });
    expect(entropyBlend({ local: penalised }).needs).toEqual({ values: false, references: ['start'] });
  });

  it('truncated samples leave the gradient, not the statistics', () => {
    const batch = batchOf([[1, 0, 1]]);
    const [one] = batch.groups[0]!.samples;
    const cut = {
      ...one!,
      turns: [{ ...one!.turns[0]!, completion: { ...one!.turns[0]!.completion, finish: 'length' as const } }],
    };
    batch.groups[0]!.samples[0] = cut;
    const credit = truncationMask(asIs()).estimate(batch, context);
    expect([...credit.mask!]).toEqual([0, 1, 1]);
    expect(credit.terms.policy!.values).toEqual(f(1, 0, 1));
    expect(credit.metrics.truncated).toBeCloseTo(1 / 3, 9);
  });
});
