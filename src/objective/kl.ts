import { z } from 'zod';
import { described, type Loss, type Objective, parseOptions, type TokenBatch } from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';

const schema = z.object({
  /**
   * With d = ℓ − ℓ_ref: `k1` is d, `k2` is d²/2, `k3` is e^(−d) + d − 1. As a loss, k1 has an expected gradient of zero on
   * policy, so it is refused here (it belongs into the reward); k2 has the gradient of the reverse KL.
   */
  estimator: z.enum(['k1', 'k2', 'k3']).default('k3'),
  /** The named reference. */
  to: z.string().default('reference'),
  aggregate: z.enum(aggregations).default('token'),
  /** verl cuts −d to ± this inside k3. */
  limit: z.number().positive().default(20),
});

export type KlOptions = z.input<typeof schema>;

/** Value of a KL estimator and its derivative in ℓ, for d = ℓ − ℓ_ref (Schulman 2020, 'Approximating KL divergence'). */
export function klEstimate(
  d: number,
  estimator: 'k1' | 'k2' | 'k3',
  limit = 20,
): { value: number; slope: number } {
  if (estimator === 'k1') return { value: d, slope: 1 };
  if (estimator === 'k2') return { value: (d * d) / 2, slope: d };
  const cut = Math.min(Math.max(-d, -limit), limit);
  const e = Math.exp(cut);
  return { value: e - cut - 1, slope: cut === -d ? 1 - e : 0 };
}

/** The aggregated estimate of KL(policy ‖ reference) on the sampled tokens, as a loss. */
export function klLoss(batch: TokenBatch, options: KlOptions = {}): Loss {
  const { estimator, to, aggregate, limit } = schema.parse(options);
  const reference = batch.references[to];
  if (!reference) throw new RangeError(`the batch has no reference '${to}'`);
  const weights = tokenWeights(batch, aggregate);
  const dLogprob = new Float64Array(weights.length);
  let loss = 0;
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] === 0) continue;
    const { value, slope } = klEstimate(batch.logprobs[t]! - reference[t]!, estimator, limit);
    loss += weights[t]! * value;
    dLogprob[t] = weights[t]! * slope;
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
    needs: { references: [parsed.to] },
    loss: (batch: TokenBatch) => klLoss(batch, parsed),
  });
}
