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

const schema = z.object({
  aggregate: z.enum(aggregations).default('sequenceSum'),
  /** Which advantage term. */
  term: z.string().default('policy'),
});

export type PolicyGradientOptions = z.input<typeof schema>;

/** −A·ℓ, aggregated: the plain score-function loss (Williams 1992), with no ratio and no clip. */
export function policyGradientLoss(batch: TokenBatch, options: PolicyGradientOptions = {}): Loss {
  const { aggregate, term } = schema.parse(options);
  const advantages = batch.terms[term];
  if (!advantages) throw new RangeError(`the batch has no advantage term '${term}'`);
  const weights = tokenWeights(batch, aggregate);
  const dLogprob = new Float64Array(weights.length);
  let loss = 0;
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] === 0) continue;
    const slope = -weights[t]! * bounded(advantages[t]!);
    loss += slope * bounded(batch.logprobs[t]!);
    dLogprob[t] = slope;
  }
  return { loss, dLogprob, metrics: { policyGradient: loss } };
}

/** `policyGradientLoss` as an objective. */
export function policyGradient(options: PolicyGradientOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'policyGradient'");
  return described('policyGradient', '1', parsed, {
    needs: { terms: [parsed.term] },
    idleAtZero: () => true,
    loss: (batch: TokenBatch) => policyGradientLoss(batch, parsed),
  });
}
