import { describe, expect, it } from 'vitest';
import {
  exponential,
  type LearningContext,
  linear,
  type Role,
  scheduleAt,
  type TokenBatch,
} from '../core/index.ts';
import {
  bco,
  bcoLoss,
  bradleyTerryPairs,
  type ClippedOptions,
  clippedLoss,
  combine,
  covarianceWeights,
  crossEntropy,
  crossEntropyLoss,
  dpo,
  dpoLoss,
  groupPreferenceLoss,
  kl,
  klEstimate,
  klLoss,
  onlyRoles,
  samplerWeights,
  selectTokens,
  tokenWeights,
  valueLossOf,
} from './index.ts';

const context: LearningContext = { step: 0, totalSteps: 1, stage: 's' };
const f = (...x: number[]) => Float64Array.from(x);

/** Sequences of these lengths, all tokens trained. */
function batchOf(lengths: number[], over: Partial<TokenBatch>): TokenBatch {
  const starts = [0];
  for (const n of lengths) starts.push(starts.at(-1)! + n);
  const total = starts.at(-1)!;
  return {
    starts: Int32Array.from(starts),
    groups: new Int32Array(lengths.length),
    mask: new Uint8Array(total).fill(1),
    logprobs: new Float64Array(total),
    old: new Float64Array(total),
    references: {},
    terms: {},
    ...over,
  };
}
const one = (ratio: number, a: number, options: ClippedOptions, logprob = -2) =>
  clippedLoss(
    batchOf([1], { logprobs: f(logprob), old: f(logprob - Math.log(ratio)), terms: { policy: f(a) } }),
    options,
  );

describe('the GRPO family', () => {
  it('vector 7: the two-sided clip', () => {
    expect(one(10, -1, { delta: 4 }).loss).toBeCloseTo(4, 9);
    expect(one(10, -1, { delta: 4 }).dLogprob![0]).toBe(0);
    expect(one(3, -1, { delta: 4 }).loss).toBeCloseTo(3, 9);
  });

  it('vector 9: verl does not divide its constant by the sequences', () => {
    const weights = tokenWeights(batchOf([4, 1], { maxTokens: 4 }), 'constantSum');
    expect([1, 1, 1, 1, 4].reduce((sum, loss, t) => sum + loss * weights[t]!, 0)).toBeCloseTo(2, 12);
  });

  it('vector 10: the ratios of tokens, of GSPO and of RLOO', () => {
    const batch = batchOf([3], { logprobs: f(0.2, -0.2, 0.3), terms: { policy: f(1, 1, 1) } });
    const loss = (ratio: ClippedOptions['ratio']) =>
      clippedLoss(batch, { ratio, form: 'none', aggregate: 'sequence' }).loss;
    expect(loss('sequence')).toBeCloseTo(-1.105171, 6);
    expect(loss('sequenceToken')).toBeCloseTo(-1.105171, 6);
    expect(loss('sequenceSum')).toBeCloseTo(-1.349859, 6);
    expect(loss('token')).toBeCloseTo(-(1.221403 + 0.818731 + 1.349859) / 3, 6);
  });

  it.each([
    [7, 'cispoUpper', 5, 5],
    [7, 'cispo', 0.28, 1.28],
    [0.5, 'cispoUpper', 5, 0.5],
    [0.5, 'cispo', 0.28, 0.8],
  ] as const)('vector 11: CISPO at ratio %d, %s', (ratio, form, high, weight) => {
    const { loss, dLogprob } = one(ratio, 1, { form, high }, -1);
    expect(loss).toBeCloseTo(weight, 9);
    expect(dLogprob![0]).toBeCloseTo(-weight, 9);
  });

  it('vector 15: the critic', () => {
    const batch = batchOf([1], { values: f(0.5), oldValues: f(0.4), returns: f(1) });
    expect(valueLossOf(batch, { clip: 0.05 }).loss).toBeCloseTo(0.15125, 9);
    expect(valueLossOf(batch).loss).toBeCloseTo(0.125, 9);
  });

  it('with uniform advantages GSPO weighs a token by A/T', () => {
    const batch = batchOf([4, 1], { terms: { policy: f(1, 1, 1, 1, 1) } });
    const { dLogprob } = clippedLoss(batch, { ratio: 'sequence', aggregate: 'sequence' });
    expect([...dLogprob!]).toEqual([-0.125, -0.125, -0.125, -0.125, -0.5]);
  });
});

describe('r1-reward, vector 3: the ratio is cut before it is exponentiated', () => {
  it.each([
    [0, 1, -1],
    [0.5, 1, -1.2],
    [0.5, -1, 1.648721],
    [20, -1, 1000],
    [20, 1, -1.2],
    [-20, 1, -0.001],
    [-20, -1, 0.8],
  ])('δ %d, A %d → %d', (delta, a, expected) => {
    const batch = batchOf([1], { logprobs: f(delta), terms: { policy: f(a) } });
    const { loss, dLogprob } = clippedLoss(batch, { logRatioLimit: Math.log(1000) });
    expect(loss).toBeCloseTo(expected, 6);
    if (Math.abs(delta) === 20) expect(dLogprob![0]).toBeCloseTo(0, 15);
  });
});

describe('kdrl', () => {
  it('vectors 1 to 5 and 9: estimators and their multipliers', () => {
    const d = Math.log(0.5 / 0.8);
    const at = (estimator: 'k1' | 'k2' | 'k3') => klEstimate(d, estimator);
    expect([at('k1').value, at('k2').value, at('k3').value]).toEqual([
      expect.closeTo(-0.470004, 6),
      expect.closeTo(0.110452, 6),
      expect.closeTo(0.129996, 6),
    ]);
    expect([at('k1').slope, at('k2').slope, at('k3').slope]).toEqual([
      1,
      expect.closeTo(-0.470004, 6),
      expect.closeTo(-0.6, 6),
    ]);
    for (const estimator of ['k1', 'abs', 'k2', 'k3'] as const)
      expect(klEstimate(0, estimator).value).toBe(0);
  });

  it('vector 6: the coefficient falls linearly, then stays', () => {
    const beta = linear({ from: 5e-3, to: 1e-3, steps: 80 });
    for (const [step, value] of [
      [0, 0.005],
      [40, 0.003],
      [80, 0.001],
      [200, 0.001],
    ] as const)
      expect(scheduleAt(beta, step, 280)).toBeCloseTo(value, 12);
  });

  it('vector 8: with β = 0 it is GRPO, with constant rewards it is β·k2', () => {
    const teacher = { teacher: f(-0.5, -1, -2) };
    const batch = batchOf([2, 1], {
      logprobs: f(-1, -1, -1),
      old: f(-1.1, -1, -1),
      references: teacher,
      terms: { policy: f(1, 1, -1) },
    });
    const kdrl = (beta: number) =>
      combine([
        [
          {
            name: 'x',
            version: '1',
            options: {},
            loss: (b) => clippedLoss(b, { form: 'none', aggregate: 'group' }),
          },
          1,
        ],
        [kl({ to: 'teacher', estimator: 'k2', aggregate: 'group' }), beta],
      ]);
    expect(kdrl(0).loss(batch, context).loss).toBe(
      clippedLoss(batch, { form: 'none', aggregate: 'group' }).loss,
    );
    const idle = { ...batch, terms: { policy: f(0, 0, 0) } };
    expect(kdrl(0.3).loss(idle, context).loss).toBeCloseTo((0.3 * (0.125 + 0 + 0.5)) / 3, 12);
  });

  it('vector 10: k1 as a loss has no mean gradient, k2 that of the reverse KL, k3 that of the forward KL', () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.2, 0.6],
    ];
    const mean = (estimator: 'k1' | 'k2' | 'k3') =>
      p.map((_, k) =>
        p.reduce((sum, pa, a) => {
          const { slope } = klEstimate(Math.log(pa / q[a]!), estimator);
          return sum + pa * slope * ((a === k ? 1 : 0) - p[k]!); // ∇ of log p(a) in the k-th logit
        }, 0),
      );
    const gradient = (objective: (p: number[]) => number) =>
      p.map((_, k) => {
        const at = (h: number) => {
          const logits = p.map((x, i) => Math.log(x) + (i === k ? h : 0));
          const z = logits.reduce((sum, x) => sum + Math.exp(x), 0);
          return objective(logits.map((x) => Math.exp(x) / z));
        };
        return (at(1e-6) - at(-1e-6)) / 2e-6;
      });
    const reverse = gradient((x) => x.reduce((sum, xa, a) => sum + xa * Math.log(xa / q[a]!), 0));
    const forward = gradient((x) => x.reduce((sum, xa, a) => sum + q[a]! * Math.log(q[a]! / xa), 0));
    for (let k = 0; k < 3; k++) {
      expect(mean('k1')[k]).toBeCloseTo(0, 12);
      expect(mean('k2')[k]).toBeCloseTo(reverse[k]!, 6);
      expect(mean('k3')[k]).toBeCloseTo(forward[k]!, 6);
    }
  });

  it('a mask from the estimator weighs the distillation', () => {
    const batch = batchOf([2, 1], { references: { teacher: f(-1, -1, -1) }, terms: { distil: f(0, 0, 1) } });
    expect(klLoss(batch, { to: 'teacher', estimator: 'k2', by: 'distil' }).loss).toBeCloseTo(0.5 / 3, 12);
  });
});

describe('skywork-r1v2: MPO', () => {
  const mpo = (chosen: number, rejected: number, reference: number) => {
    const roles: Role[] = ['chosen', 'rejected'];
    const spread = (sum: number) => new Array(10).fill(sum / 10);
    return batchOf([10, 1], {
      logprobs: f(...spread(chosen), rejected),
      references: { reference: f(...spread(reference), reference) },
      roles,
    });
  };
  const parts = (batch: TokenBatch) => {
    const generation = onlyRoles(crossEntropy({ aggregate: 'sequence' }), ['chosen']);
    const all = combine([
      [dpo(), 0.8],
      [bco({ shift: 0 }), 0.2],
      [generation, 1],
    ]);
    return [
      dpoLoss(batch).loss,
      bcoLoss(batch, { shift: 0 }).loss,
      generation.loss(batch, context).loss,
      all.loss(batch, context).loss,
    ].map((x) => Number(x.toFixed(6)));
  };
  it('vectors 1 and 2', () => {
    expect(parts(mpo(-10, -12, -11))).toEqual([0.598139, 1.288793, 1, 1.73627]);
    expect(parts(mpo(-10, -10, -10))).toEqual([0.693147, 1.386294, 1, 1.831777]);
  });
});

describe('oorl-gepo', () => {
  const gepo = (winners: number[], losers: number[], beta = 1) => {
    const scores = [...winners, ...losers];
    const roles: Role[] = scores.map((_, i) => (i < winners.length ? 'winner' : 'loser'));
    const zero = { reference: new Float64Array(scores.length) };
    return groupPreferenceLoss(
      batchOf(new Array(scores.length).fill(1), {
        logprobs: Float64Array.from(scores),
        references: zero,
        roles,
      }),
      { beta },
    );
  };
  it.each([
    [[0.5, 0.5], [0, 0], 1, 0.474077, 0, 0.474077],
    [[1, 0], [0, 0], 1, 0.474077, 0.25, 0.724077],
    [[0.2, 0.4, 0.6], [-0.2, 0], 1, 0.474077, 0.026667, 0.500744],
    [[0], [0], 1, 0.693147, 0, 0.693147],
    [[1, 0], [0, 0], 0.1, 0.66846, 0.25, 0.91846],
  ])('vectors 1 to 5: %j | %j, β %d', (winners, losers, beta, preference, variance, total) => {
    const { loss, metrics } = gepo(winners as number[], losers as number[], beta as number);
    expect(metrics.groupPreference).toBeCloseTo(preference as number, 6);
    expect(metrics.winnerVariance).toBeCloseTo(variance as number, 6);
    expect(loss).toBeCloseTo(total as number, 6);
  });

  it('vectors 6, 7 and 9: the gradient lowers an over-preferred winner, constants cancel, losses mix', () => {
    const { dLogprob, loss } = gepo([1, 0], [0, 0]);
    [0.3112, -0.6888, 0.1888, 0.1888].forEach((x, i) => {
      expect(dLogprob![i]).toBeCloseTo(x, 4);
    });
    expect(gepo([4, 3], [3, 3]).loss).toBeCloseTo(loss, 12);
    expect(-0.3 + 0.01 * loss).toBeCloseTo(-0.29276, 5);
  });
});

describe('light-if', () => {
  it('vector 4: entropy weights by covariance', () => {
    const batch = (rows: number) =>
      batchOf(new Array(rows).fill(2), {
        logprobs: f(...new Array(rows).fill([-0.1, -2]).flat()),
        terms: { policy: f(1, 1, -1, -1).subarray(0, 2 * rows) },
      });
    [5, 1.3011, 1.3011, 5].forEach((w, t) => {
      expect(covarianceWeights(batch(2))[t]).toBeCloseTo(w, 4);
    });
    const alone = batchOf([4], { logprobs: f(-0.1, -1, -2, -3), terms: { policy: f(1, 1, 1, 1) } });
    expect([...covarianceWeights(alone)]).toEqual([2.5, 2.5, 2.5, 2.5]);
  });

  it('vector 5: Entropy-SFT keeps the confident and surprised', () => {
    const batch = batchOf([5], { logprobs: f(-0.1, -2, -1, -0.5, -3), entropies: f(0.1, 2.5, 0.2, 0.4, 1) });
    expect([...selectTokens(batch, { share: 0.4 })]).toEqual([0, 0, 1, 0, 1]);
    expect(crossEntropyLoss(batch, { select: { share: 0.4 } }).loss).toBeCloseTo(2, 12);
    expect([...selectTokens(batch)]).toEqual([1, 0, 1, 1, 1]);
    expect(crossEntropyLoss(batch, { select: {} }).loss).toBeCloseTo(1.15, 12);
  });
});

describe('pairs', () => {
  it('ties count half, invalid pairs nothing, and none at all is 0', () => {
    const tie = bradleyTerryPairs(f(0.3), { targets: [0.5] });
    expect(tie.loss).toBeCloseTo(0.5 * (Math.log(1 + Math.exp(-0.3)) + Math.log(1 + Math.exp(0.3))), 12);
    const masked = bradleyTerryPairs(f(1, 50), { valid: [1, 0], epsilon: 1e-6 });
    expect(masked.loss).toBeCloseTo(0.313262 / (1 + 1e-6), 6);
    expect(masked.slopes[1]).toBe(0);
    expect(bradleyTerryPairs(f(1), { valid: [0], epsilon: 1e-6 }).loss).toBe(0);
  });
});

describe('a sampler that is not quite the trainer', () => {
  const batch = batchOf([2, 2], {
    old: f(0, 0, 0, 0),
    sampled: f(-Math.log(3), 0, Math.log(4), 0),
    logprobs: f(0, 0, 9, 0),
  });
  const weights = (options: Parameters<typeof samplerWeights>[1]) =>
    [...samplerWeights(batch, options).weights].map((w) => Number(w.toFixed(6)));
  it('is weighed, or left out', () => {
    expect(weights({})).toEqual([2, 1, 0.25, 1]);
    expect(weights({ form: 'mask' })).toEqual([0, 1, 0, 1]);
    expect(weights({ level: 'sequence', high: 5 })).toEqual([3, 3, 0.25, 0.25]);
    expect(weights({ level: 'sequenceMean' })).toEqual([1.732051, 1.732051, 0.5, 0.5]);
    expect(weights({ staleness: 1 })).toEqual([2, 1, 0, 0]);
    expect(samplerWeights({ ...batch, sampled: undefined }).weights).toEqual(f(1, 1, 1, 1));
  });
});

it('sophiavl-r1: annealing is a schedule', () => {
  expect(scheduleAt(exponential({ from: 0.3, constant: 500 }), 500, 1000)).toBeCloseTo(0.3 / Math.E, 12);
});
