import { z } from 'zod';
import {
  bounded,
  described,
  type Loss,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';
import { bySample } from './by-sample.ts';

const schema = z.object({
  /** The softmax within a sample is multiplied by this … */
  scale: z.number().positive().default(10),
  /** … and cut at this. */
  limit: z.number().positive().default(5),
  aggregate: z.enum(aggregations).default('token'),
  /** Which advantage term. */
  term: z.string().default('policy'),
});

export type CovarianceEntropyOptions = z.input<typeof schema>;

/**
 * The weights of TEA-RL's entropy bonus (Light-IF 2025): with batch means over trained tokens, cov = (A − Ā)(ℓ − ℓ̄), and
 * w = clip(scale · softmax of cov within the sample, 0, limit). Tokens that drive entropy down get the most. Ā is the mean of
 * the batch: within one sample all advantages are equal, and its own mean would make every weight the same.
 */
export function covarianceWeights(batch: TokenBatch, options: CovarianceEntropyOptions = {}): Float64Array {
  const { scale, limit, term } = schema.parse(options);
  const { starts, mask, logprobs } = bySample(batch);
  const advantages = batch.terms[term];
  if (!advantages) throw new RangeError(`the batch has no advantage term '${term}'`);
  let n = 0;
  let a = 0;
  let l = 0;
  for (let t = 0; t < mask.length; t++)
    if (mask[t]) {
      n++;
      a += bounded(advantages[t]!);
      l += bounded(logprobs[t]!);
    }
  const out = new Float64Array(mask.length);
  for (let s = 0; s + 1 < starts.length; s++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let t = starts[s]!; t < starts[s + 1]!; t++)
      if (mask[t]) {
        out[t] = (bounded(advantages[t]!) - a / n) * (bounded(logprobs[t]!) - l / n);
        most = Math.max(most, out[t]!);
      }
    let sum = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) if (mask[t]) sum += Math.exp(out[t]! - most);
    for (let t = starts[s]!; t < starts[s + 1]!; t++)
      if (mask[t]) out[t] = Math.min((scale * Math.exp(out[t]! - most)) / sum, limit);
  }
  return out;
}

/** −w·H, aggregated, with no gradient through w. Needs `entropies`. */
export function covarianceEntropyLoss(batch: TokenBatch, options: CovarianceEntropyOptions = {}): Loss {
  const { entropies } = batch;
  if (!entropies) throw new RangeError('the batch has no entropies');
  const weights = tokenWeights(batch, schema.parse(options).aggregate);
  const w = covarianceWeights(batch, options);
  let bonus = 0;
  for (let t = 0; t < w.length; t++)
    if (weights[t] !== 0) bonus += weights[t]! * w[t]! * bounded(entropies[t]!);
  return {
    loss: -bonus,
    dEntropy: weights.map((weight, t) => -weight * w[t]!),
    metrics: { covarianceEntropy: bonus },
  };
}

/** `covarianceEntropyLoss` as an objective; combine it with a policy loss. */
export function covarianceEntropy(options: CovarianceEntropyOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'covarianceEntropy'");
  return described('covarianceEntropy', '1', parsed, {
    needs: { entropies: true, terms: [parsed.term] },
    loss: (batch: TokenBatch) => covarianceEntropyLoss(batch, parsed),
  });
}
