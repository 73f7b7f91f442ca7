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

const schema = z.object({ aggregate: z.enum(aggregations).default('token') });

export type EntropyBonusOptions = z.input<typeof schema>;

/** −H, aggregated over trained tokens: combined with a coefficient, it rewards entropy. Needs `entropies`. */
export function entropyBonusLoss(batch: TokenBatch, options: EntropyBonusOptions = {}): Loss {
  const { entropies } = batch;
  if (!entropies) throw new RangeError('the batch has no entropies');
  const weights = tokenWeights(batch, schema.parse(options).aggregate);
  let bonus = 0;
  for (let t = 0; t < weights.length; t++)
    if (weights[t] !== 0) bonus += weights[t]! * bounded(entropies[t]!);
  return { loss: -bonus, dEntropy: weights.map((weight) => -weight), metrics: { entropyBonus: bonus } };
}

/** `entropyBonusLoss` as an objective. */
export function entropyBonus(options: EntropyBonusOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'entropyBonus'");
  return described('entropyBonus', '1', parsed, {
    needs: { entropies: true },
    loss: (batch: TokenBatch) => entropyBonusLoss(batch, parsed),
  });
}
