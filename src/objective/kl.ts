import { z } from 'zod';
import {
  bounded,
  described,
  type Loss,
  logRatio,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';

export const klEstimators = ['k1', 'abs', 'k2', 'k3', 'k1+', 'k3+'] as const;
export type KlEstimator = (typeof klEstimators)[number];

const schema = z.object({
  /**
   * With d = ℓ − ℓ_ref: `k1` is d, `abs` |d|, `k2` d²/2, `k3` e^(−d) + d − 1; `k1+` and `k3+` have the value of k1 and k3 and the
   * gradient of k2 (verl's straight-through). Expected gradients on policy: k1's is zero, so that it is refused here (it
   * belongs into the reward); k2's is that of the reverse KL(policy ‖ reference); k3's is that of the forward
   * KL(reference ‖ policy), though its value is an unbiased estimate of the reverse one.
   */
  estimator: z.enum(klEstimators).default('k3'),
  /** The named reference. */
  to: z.string().default('reference'),
  aggregate: z.enum(aggregations).default('token'),
  /** verl cuts −d to ± this inside k3. */
  limit: z.number().positive().max(500).default(20),
  /** verl cuts k3 to ± this (10), with no gradient outside. Off when left out, as in TRL. */
  valueLimit: z.number().positive().optional(),
  /** Each token's loss is multiplied by this advantage term: a mask (KDRL) or weight from the estimator. */
  by: z.string().optional(),
  /** Multiply by ρ = exp(ℓ − ℓ_old), gradient included (TRL `use_bias_correction_kl`). */
  importance: z.boolean().default(false),
});

export type KlOptions = z.input<typeof schema>;

/** Value of a KL estimator and its derivative in ℓ, for d = ℓ − ℓ_ref (Schulman 2020, 'Approximating KL divergence'). */
export function klEstimate(
  d: number,
  estimator: KlEstimator,
  limit = 20,
  valueLimit = Number.POSITIVE_INFINITY,
): { value: number; slope: number } {
  if (estimator === 'k1') return { value: d, slope: 1 };
  if (estimator === 'abs') return { value: Math.abs(d), slope: Math.sign(d) };
  if (estimator === 'k2') return { value: (d * d) / 2, slope: d };
  if (estimator === 'k1+') return { value: d, slope: d };
  const cut = Math.min(Math.max(-d, -limit), limit);
  const e = Math.exp(cut);
  const value = e - cut - 1;
  if (estimator === 'k3+') return { value: Math.min(value, valueLimit), slope: d };
  return { value: Math.min(value, valueLimit), slope: cut === -d && value <= valueLimit ? 1 - e : 0 };
}

/** The aggregated estimate of KL(policy ‖ reference) on the sampled tokens, as a loss. */
export function klLoss(batch: TokenBatch, options: KlOptions = {}): Loss {
  const { estimator, to, aggregate, limit, valueLimit, by, importance } = schema.parse(options);
  const reference = batch.references[to];
  if (!reference) throw new RangeError(`the batch has no reference '${to}'`);
  const scale = by === undefined ? undefined : batch.terms[by];
  if (by !== undefined && !scale) throw new RangeError(`the batch has no advantage term '${by}'`);
  const weights = tokenWeights(batch, aggregate);
  const dLogprob = new Float64Array(weights.length);
  let loss = 0;
  for (let t = 0; t < weights.length; t++) {
    const weight = scale ? weights[t]! * bounded(scale[t]!) : weights[t]!;
    if (weight === 0) continue;
    const { value, slope } = klEstimate(
      logRatio(batch.logprobs[t]!, reference[t]!),
      estimator,
      limit,
      valueLimit,
    );
    if (!importance) {
      loss += weight * value;
      dLogprob[t] = weight * slope;
      continue;
    }
    const d = logRatio(batch.logprobs[t]!, batch.old[t]!);
    const cut = Math.min(Math.max(d, -20), 20);
    const ratio = Math.exp(cut);
    loss += weight * ratio * value;
    dLogprob[t] = weight * ratio * (slope + (cut === d ? value : 0));
  }
  return { loss, dLogprob, metrics: { [`kl.${to}`]: loss } };
}

/** `klLoss` as an objective; combine it with a policy loss. Refuses k1, see there. */
export function kl(options: KlOptions = {}): Objective {
  const parsed = parseOptions(
    schema.refine(({ estimator }) => estimator !== 'k1', {
      path: ['estimator'],
      message: "k1 as a loss has zero mean gradient on policy; use 'k2' or 'k3', or put k1 into the reward",
    }),
    options,
    "objective 'kl'",
  );
  return described('kl', '1', parsed, {
    needs: { references: [parsed.to], ...(parsed.by !== undefined && { terms: [parsed.by] }) },
    loss: (batch: TokenBatch) => klLoss(batch, parsed),
  });
}
