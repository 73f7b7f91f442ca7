import { z } from 'zod';
import { described, type Loss, type Objective, parseOptions, type TokenBatch } from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';

const schema = z.object({ aggregate: z.enum(aggregations).default('token') });

export type CrossEntropyOptions = z.input<typeof schema>;

/** −ℓ, aggregated: the supervised loss on demonstrations. */
export function crossEntropyLoss(batch: TokenBatch, options: CrossEntropyOptions = {}): Loss {
  const weights = tokenWeights(batch, schema.parse(options).aggregate);
  let loss = 0;
  for (let t = 0; t < weights.length; t++) if (weights[t] !== 0) loss -= weights[t]! * batch.logprobs[t]!;
  return { loss, dLogprob: weights.map((weight) => -weight), metrics: { crossEntropy: loss } };
}

/** `crossEntropyLoss` as an objective. */
export function crossEntropy(options: CrossEntropyOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'crossEntropy'");
  return described('crossEntropy', '1', parsed, {
    loss: (batch: TokenBatch) => crossEntropyLoss(batch, parsed),
  });
}
