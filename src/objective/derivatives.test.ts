import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LearningContext, type Objective, type Role, stream, type TokenBatch } from '../core/index.ts';
import {
  bco,
  binaryCrossEntropy,
  bradleyTerry,
  clipped,
  combine,
  covarianceEntropy,
  crossEntropy,
  dpo,
  entropyBonus,
  groupPreference,
  kl,
  kto,
  onlyRoles,
  policyGradient,
  samplerCorrection,
  squaredError,
  valueLoss,
} from './index.ts';

const context: LearningContext = { step: 0, totalSteps: 10, stage: 'test' };

/** Ragged, masked, with a fully masked and an empty sequence, one-sample groups and zero-variance groups. */
function randomBatch(seed: number, size = 0.6): TokenBatch {
  const random = stream(seed, 'batch');
  const lengths = [3, 0, 5, 1, 4, 2, 6];
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  const n = starts[lengths.length]!;
  const array = (draw: () => number) => Float64Array.from({ length: n }, draw);
  const old = array(() => -0.2 - 3 * random.next());
  const roles: Role[] = ['chosen', 'rejected', 'rejected', 'winner', 'chosen', 'loser', 'rejected'];
  const shifted = (by: number) => old.map((x) => x + by * random.normal());
  return {
    starts,
    groups: Int32Array.of(0, 0, 0, 1, 2, 1, 1),
    mask: Uint8Array.from({ length: n }, (_, t) =>
      (t >= starts[4]! && t < starts[5]!) || random.next() < 0.2 ? 0 : 1,
    ),
    logprobs: shifted(size),
    old,
    sampled: shifted(0.3),
    references: { reference: shifted(0.5) },
    entropies: array(() => random.next() * 2),
    values: array(() => random.normal()),
    oldValues: array(() => random.normal()),
    returns: array(() => random.next()),
    terms: {
      policy: array(() => random.normal()),
      flat: array(() => 0),
      mask: array(() => random.integer(2)),
    },
    roles,
    maxTokens: 6,
  };
}

/** The same as turns of a random partition into samples, each with the group and role of its first sequence. */
function randomTurns(seed: number, size?: number): TokenBatch {
  const batch = randomBatch(seed, size);
  const random = stream(seed, 'turns');
  const samples = Int32Array.from(batch.groups, () => 0);
  for (let s = 1; s < samples.length; s++)
    samples[s] = samples[s - 1]! + (random.next() < 0.5 ? 0 : 1 + random.integer(3));
  const first = (s: number) => samples.indexOf(samples[s]!);
  return {
    ...batch,
    samples,
    groups: batch.groups.map((_, s) => batch.groups[first(s)]!),
    roles: batch.roles!.map((_, s) => batch.roles![first(s)]),
  };
}

/** What a trainer with one masked sequence a trajectory would have made of it. */
function concatenated(batch: TokenBatch): TokenBatch {
  const samples = [...batch.samples!];
  const heads = samples.flatMap((sample, s) => (samples.indexOf(sample) === s ? [s] : []));
  return {
    ...batch,
    samples: undefined,
    starts: Int32Array.of(...heads.map((s) => batch.starts[s]!), batch.mask.length),
    groups: Int32Array.from(heads, (s) => batch.groups[s]!),
    roles: heads.map((s) => batch.roles![s]),
  };
}

const objectives: readonly Objective[] = [
  ...(['token', 'sequence', 'sequenceSum', 'group', 'constantSum', 'localToken'] as const).flatMap(
    (aggregate) => [
      clipped({ aggregate, high: 0.28 }),
      clipped({ aggregate, dual: 1.5, delta: 1.4 }),
      clipped({ aggregate, form: 'none' }),
      clipped({ aggregate, ratio: 'sequence', dual: 1.5 }),
      clipped({ aggregate, ratio: 'sequence', low: 0.0003, high: 0.0004 }),
      clipped({ aggregate, ratio: 'sequenceSum', form: 'none' }),
      clipped({ aggregate, ratio: 'sequenceSum' }),
      kl({ aggregate, estimator: 'abs' }),
      kl({ aggregate, estimator: 'k2', by: 'mask' }),
      kl({ aggregate, importance: true, valueLimit: 0.5 }),
      policyGradient({ aggregate }),
      valueLoss({ aggregate }),
      valueLoss({ aggregate, clip: 0.3 }),
      squaredError({ aggregate }),
      binaryCrossEntropy({ aggregate }),
      covarianceEntropy({ aggregate }),
    ],
  ),
  clipped({ term: 'flat' }),
  clipped({ logRatioLimit: 0.3, form: 'none' }),
  squaredError({ at: 'last' }),
  binaryCrossEntropy({ at: 'last' }),
  crossEntropy({ select: { share: 0.6 } }),
  onlyRoles(crossEntropy({ aggregate: 'sequence' }), ['chosen']),
  dpo(),
  dpo({ form: 'hinge', beta: 0.3, margin: 0.1 }),
  dpo({ form: 'ipo', average: true }),
  dpo({ smoothing: 0.2, beta: 1 }),
  dpo({ to: null, average: true, margin: 0.5, beta: 2 }),
  bco({ shift: 0.07, beta: 0.5 }),
  kto({ shift: 0.2, beta: 0.5, chosen: 1.3 }),
  groupPreference({ beta: 1 }),
  bradleyTerry({ margin: 0.2 }),
  samplerCorrection(clipped()),
  samplerCorrection(clipped(), { form: 'mask', level: 'sequenceMean' }),
  samplerCorrection(clipped({ ratio: 'sequence' }), { level: 'sequence', staleness: 0.5 }),
  combine([
    [dpo(), 0.8],
    [bco({ shift: 0 }), 0.2],
    [onlyRoles(crossEntropy({ aggregate: 'sequence' }), ['chosen']), 1],
  ]),
];
/** With those whose derivative is not that of their value, and those that take a constant from the batch. */
const all: readonly Objective[] = [
  ...objectives,
  clipped({ form: 'cispo' }),
  clipped({ form: 'cispoUpper', high: 5 }),
  clipped({ ratio: 'sequenceToken', aggregate: 'sequence' }),
  clipped({ aggregate: 'constant' }),
  clipped({ logRatioLimit: 500, form: 'none' }),
  kl({ limit: 500 }),
  kl({ estimator: 'k3+' }),
  entropyBonus(),
  crossEntropy(),
  bco(),
  kto(),
  samplerCorrection(clipped(), { level: 'sequence', staleness: 0.1 }),
];
const named = objectives.map((o, i) => [`${i} ${o.name} ${JSON.stringify(o.options)}`, o] as const);

/** Entropy weights and selections are constants to the gradient. */
const detached = (objective: Objective) => objective.name === 'covarianceEntropy';

describe('derivatives', () => {
  it.each(named)('%s agrees with finite differences', (_, objective) => {
    const batches = [1, 2, 3, 4].map((seed) => randomBatch(seed));
    for (const batch of [...batches, ...[1, 2, 3].map((seed) => randomTurns(seed))]) {
      const { dLogprob, dEntropy, dValue } = objective.loss(batch, context);
      for (const [field, gradient] of [
        ['logprobs', dLogprob],
        ['entropies', dEntropy],
        ['values', dValue],
      ] as const) {
        if (!gradient) continue;
        for (let t = 0; t < batch.mask.length; t++) {
          const step = 1e-6;
          const at = (shift: number) => {
            const moved = batch[field]!.slice();
            moved[t] = moved[t]! + shift;
            return objective.loss({ ...batch, [field]: moved }, context).loss;
          };
          expect(gradient[t]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 6);
          if (!batch.mask[t]) expect(gradient[t]).toBeCloseTo(0, 15);
        }
      }
      if (!dLogprob && !detached(objective)) expect(dEntropy ?? dValue).toBeDefined();
    }
  });

  it.each(named)('%s reads nothing under the mask', (_, objective) => {
    const batch = randomBatch(9);
    const random = stream(1, 'noise');
    const hide = (x: Float64Array) => x.map((value, t) => (batch.mask[t] ? value : -5 * random.next()));
    const hidden: TokenBatch = {
      ...batch,
      logprobs: hide(batch.logprobs),
      old: hide(batch.old),
      sampled: hide(batch.sampled!),
      references: { reference: hide(batch.references.reference!) },
      entropies: hide(batch.entropies!),
      values: hide(batch.values!),
      oldValues: hide(batch.oldValues!),
      returns: hide(batch.returns!),
      terms: Object.fromEntries(Object.entries(batch.terms).map(([name, x]) => [name, hide(x)])),
    };
    expect(objective.loss(hidden, context)).toEqual(objective.loss(batch, context));
  });

  it.each(all.map((o, i) => [`${i} ${o.name} ${JSON.stringify(o.options)}`, o] as const))(
    '%s takes the turns of a sample as the one sequence of their tokens',
    (_, objective) => {
      for (let seed = 1; seed <= 8; seed++) {
        const batch = randomTurns(seed);
        expect(objective.loss(batch, context)).toEqual(objective.loss(concatenated(batch), context));
      }
    },
  );

  it('CISPO moves through its own log-probability alone: the ratio is held while ℓ moves', () => {
    for (const objective of [
      clipped({ form: 'cispo', high: 0.28 }),
      clipped({ form: 'cispoUpper', high: 5, aggregate: 'sequence' }),
      clipped({ form: 'cispo', ratio: 'sequence', aggregate: 'sequence' }),
    ]) {
      const batch = randomBatch(3);
      const { dLogprob } = objective.loss(batch, context);
      for (let t = 0; t < batch.mask.length; t++) {
        const at = (shift: number) => {
          const [logprobs, old] = [batch.logprobs.slice(), batch.old.slice()];
          logprobs[t] = logprobs[t]! + shift;
          old[t] = old[t]! + shift;
          return objective.loss({ ...batch, logprobs, old }, context).loss;
        };
        expect(dLogprob![t]).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6);
      }
    }
  });

  it('where advantages are equal within sequences, GSPO-token has the gradient of GSPO', () => {
    const batch = randomBatch(5);
    const policy = batch.terms.policy!.slice();
    for (let s = 0; s < 7; s++) policy.fill(s - 3, batch.starts[s], batch.starts[s + 1]);
    const equal = { ...batch, terms: { policy } };
    const [a, b] = (['sequence', 'sequenceToken'] as const).map((ratio) =>
      clipped({ ratio, aggregate: 'sequence' }).loss(equal, context),
    );
    expect(a!.loss).toBeCloseTo(b!.loss, 12);
    a!.dLogprob!.forEach((x, t) => {
      expect(x).toBeCloseTo(b!.dLogprob![t]!, 12);
    });
  });

  it('straight-through estimators have the gradient of k2, and shifts from the batch are constants', () => {
    const batch = randomBatch(6);
    const k2 = kl({ estimator: 'k2' }).loss(batch, context).dLogprob;
    for (const estimator of ['k1+', 'k3+'] as const)
      expect(kl({ estimator }).loss(batch, context).dLogprob).toEqual(k2);
    const own = bco().loss(batch, context);
    expect(own).toEqual(bco({ shift: own.metrics.qualityShift! }).loss(batch, context));
    const point = kto().loss(batch, context);
    expect(point).toEqual(kto({ shift: point.metrics.ktoPoint! }).loss(batch, context));
  });
});

describe('finite inputs', () => {
  it('never give NaN or infinity', () => {
    const extreme = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -1e308, 1e308, -800, 800, -1e-300),
    );
    fc.assert(
      fc.property(fc.infiniteStream(extreme), fc.integer({ min: 1, max: 50 }), (draws, seed) => {
        const shape = seed % 2 === 0 ? randomBatch(seed) : randomTurns(seed);
        const wild = () => shape.old.map(() => draws.next().value);
        const batch: TokenBatch = {
          ...shape,
          logprobs: wild(),
          old: wild(),
          sampled: wild(),
          references: { reference: wild() },
          entropies: wild(),
          values: wild(),
          oldValues: wild(),
          returns: wild(),
          terms: { policy: wild(), flat: wild(), mask: wild() },
        };
        for (const objective of all) {
          const { loss, dLogprob, dEntropy, dValue, metrics } = objective.loss(batch, context);
          const numbers = [
            loss,
            ...Object.values(metrics),
            ...(dLogprob ?? []),
            ...(dEntropy ?? []),
            ...(dValue ?? []),
          ];
          const bad = numbers.find((x) => !Number.isFinite(x));
          expect(bad, `${objective.name} ${JSON.stringify(objective.options)}`).toBeUndefined();
        }
      }),
      { seed: 5, numRuns: 25 },
    );
  });

  it('a batch with nothing to train on costs nothing', () => {
    const shape = randomBatch(1);
    const batch = { ...shape, mask: new Uint8Array(shape.mask.length) };
    for (const objective of objectives) {
      const { loss, dLogprob, dEntropy, dValue } = objective.loss(batch, context);
      expect(loss, objective.name).toBeCloseTo(0, 15);
      for (const gradient of [dLogprob, dEntropy, dValue])
        expect(gradient?.every((x) => x === 0) ?? true, objective.name).toBe(true);
    }
  });
});

describe('at a ratio of 1', () => {
  it('every clipped form has the gradient −A∇ℓ', () => {
    const shape = randomBatch(2);
    const batch = { ...shape, logprobs: shape.old };
    const plain = policyGradient({ aggregate: 'token' }).loss(batch, context).dLogprob!;
    for (const objective of [
      clipped(),
      clipped({ high: 0.28, dual: 3, delta: 4 }),
      clipped({ form: 'cispo' }),
      clipped({ form: 'none' }),
      clipped({ ratio: 'sequenceToken' }),
    ])
      objective.loss(batch, context).dLogprob!.forEach((x, t) => {
        expect(x).toBeCloseTo(plain[t]!, 12);
      });
  });
});

describe('micro-batches', () => {
  it('change the local token mean and no other', () => {
    const batch = randomBatch(4);
    const slice = (from: number, to: number, totals: TokenBatch['totals']): TokenBatch => {
      const [a, b] = [batch.starts[from]!, batch.starts[to]!];
      return {
        ...batch,
        starts: batch.starts.slice(from, to + 1).map((x) => x - a),
        groups: batch.groups.slice(from, to),
        mask: batch.mask.slice(a, b),
        logprobs: batch.logprobs.slice(a, b),
        old: batch.old.slice(a, b),
        terms: { policy: batch.terms.policy!.slice(a, b) },
        totals,
      };
    };
    for (const aggregate of [
      'token',
      'sequence',
      'sequenceSum',
      'group',
      'constant',
      'constantSum',
      'localToken',
    ] as const) {
      const objective = clipped({ aggregate });
      const groupTokens = new Map<number, number>();
      let [tokens, sequences] = [0, 0];
      for (let s = 0; s < 7; s++) {
        const here = batch.mask
          .slice(batch.starts[s], batch.starts[s + 1])
          .reduce((sum: number, m) => sum + m, 0);
        if (here === 0) continue;
        tokens += here;
        sequences++;
        groupTokens.set(batch.groups[s]!, (groupTokens.get(batch.groups[s]!) ?? 0) + here);
      }
      const totals = { tokens, sequences, groupTokens, parts: 2 };
      const cut = [slice(0, 3, totals), slice(3, 7, totals)].map(
        (part) => objective.loss(part, context).loss,
      );
      const whole = objective.loss(batch, context).loss;
      const same = Math.abs(cut[0]! + cut[1]! - whole) < 1e-12;
      expect(same, aggregate).toBe(aggregate !== 'localToken');
    }
  });
});
