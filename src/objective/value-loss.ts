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
  /** The value is held within ± this of the old one, where that makes the loss larger. Off when left out. */
  clip: z.number().positive().optional(),
  aggregate: z.enum(aggregations).default('token'),
});

export type ValueLossOptions = z.input<typeof schema>;

/**
 * PPO's critic loss: ½ max((v − R)², (clip(v, v_old ± c) − R)²), aggregated (verl `compute_value_loss`; squaredError is the
 * unclipped one without the half). Reads values, oldValues and returns; gives ∂loss/∂v and the share of clipped tokens.
 */
export function valueLossOf(batch: TokenBatch, options: ValueLossOptions = {}): Loss {
  const { clip, aggregate } = schema.parse(options);
  const { values, oldValues, returns } = batch;
  if (!values || !returns || (clip !== undefined && !oldValues))
    throw new RangeError('the batch has no values or returns: the estimator must be one with a critic');
  const weights = tokenWeights(batch, aggregate);
  const dValue = new Float64Array(weights.length);
  let loss = 0;
  let clipped = 0;
  let tokens = 0;
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] === 0) continue;
    tokens++;
    const [v, target] = [bounded(values[t]!), bounded(returns[t]!)];
    let value = (v - target) ** 2;
    let slope = v - target;
    if (clip !== undefined) {
      const old = bounded(oldValues![t]!);
      const held = Math.min(Math.max(v, old - clip), old + clip);
      const other = (held - target) ** 2;
      if (other > value) {
        value = other;
        slope = held === v ? held - target : 0;
        clipped++;
      }
    }
    loss += (weights[t]! * value) / 2;
    dValue[t] = weights[t]! * slope;
  }
  return { loss, dValue, metrics: { valueLoss: loss, valueClip: clipped / Math.max(1, tokens) } };
}

/** `valueLossOf` as an objective; combine it with a policy loss. */
export function valueLoss(options: ValueLossOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'valueLoss'");
  return described('valueLoss', '1', parsed, {
    needs: { values: true },
    loss: (batch: TokenBatch) => valueLossOf(batch, parsed),
  });
}
