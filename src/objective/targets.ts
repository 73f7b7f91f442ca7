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
import { sigmoid, softplus } from './bounded.ts';
import { bySample } from './by-sample.ts';

const schema = z.object({
  aggregate: z.enum(aggregations).default('token'),
  /** Every trained token has a target, or only the last one of each sample; the mean is then over samples. */
  at: z.enum(['each', 'last']).default('each'),
});

export type TargetOptions = z.input<typeof schema>;

/** Σ weight · loss(value, target) over the batch's `values` and `returns`, with its derivative. */
function onTargets(
  batch: TokenBatch,
  options: TargetOptions,
  name: string,
  of: (value: number, target: number) => readonly [loss: number, slope: number],
): Loss {
  const { aggregate, at } = schema.parse(options);
  const { values, returns } = batch;
  if (!values || !returns) throw new RangeError('the batch has no values or no targets (returns)');
  const weights = at === 'last' ? lastWeights(batch) : tokenWeights(batch, aggregate);
  const dValue = new Float64Array(weights.length);
  let loss = 0;
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] === 0) continue;
    const [value, slope] = of(bounded(values[t]!), bounded(returns[t]!));
    loss += weights[t]! * value;
    dValue[t] = weights[t]! * slope;
  }
  return { loss, dValue, metrics: { [name]: loss } };
}

/** The place of each sample's last trained token, −1 where it has none. */
export function lastTrained(batch: Pick<TokenBatch, 'starts' | 'mask' | 'samples'>): Int32Array {
  const { starts, mask } = bySample(batch);
  return Int32Array.from({ length: starts.length - 1 }, (_, s) => {
    let t = starts[s + 1]! - 1;
    while (t >= starts[s]! && !mask[t]) t--;
    return t >= starts[s]! ? t : -1;
  });
}

function lastWeights(batch: TokenBatch): Float64Array {
  const weights = new Float64Array(batch.mask.length);
  const last = lastTrained(batch).filter((t) => t >= 0);
  const sequences = batch.totals?.sequences ?? last.length;
  for (const t of last) weights[t] = 1 / sequences;
  return weights;
}

/** (v − y)² with the batch's `returns` as targets y: a critic, or prefix values (ReST-MCTS*). */
export function squaredErrorLoss(batch: TokenBatch, options: TargetOptions = {}): Loss {
  return onTargets(batch, options, 'squaredError', (v, y) => [(v - y) ** 2, 2 * (v - y)]);
}

/** −y log σ(v) − (1 − y) log(1 − σ(v)) with `values` as logits v and `returns` as labels y, hard or soft in [0, 1]. */
export function binaryCrossEntropyLoss(batch: TokenBatch, options: TargetOptions = {}): Loss {
  return onTargets(batch, options, 'binaryCrossEntropy', (v, y) => [
    y * softplus(-v) + (1 - y) * softplus(v),
    sigmoid(v) - y,
  ]);
}

/** `squaredErrorLoss` as an objective. */
export function squaredError(options: TargetOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'squaredError'");
  return described('squaredError', '1', parsed, {
    needs: { values: true },
    loss: (batch: TokenBatch) => squaredErrorLoss(batch, parsed),
  });
}

/** `binaryCrossEntropyLoss` as an objective. */
export function binaryCrossEntropy(options: TargetOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'binaryCrossEntropy'");
  return described('binaryCrossEntropy', '1', parsed, {
    needs: { values: true },
    loss: (batch: TokenBatch) => binaryCrossEntropyLoss(batch, parsed),
  });
}
