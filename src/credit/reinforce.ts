import { z } from 'zod';
import { type Estimator, parseOptions } from '../core/index.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

const schema = z.object({
  /** What is subtracted: nothing, a constant, the mean of the batch, or the mean of the group. */
  baseline: z.union([z.enum(['none', 'batch', 'group']), z.number()]).default('none'),
});

export type ReinforceOptions = z.input<typeof schema>;

/**
 * REINFORCE (Williams 1992): the reward less a baseline. `rewards` is flat, NaN where there is no verdict (0, and outside
 * every mean); group g has samples starts[g] to starts[g + 1]. The group baseline of a lone sample is its own reward: 0.
 */
export function reinforceAdvantages(
  rewards: Float64Array,
  starts: Int32Array,
  options: ReinforceOptions = {},
): Float64Array {
  const { baseline } = schema.parse(options);
  const out = new Float64Array(rewards.length);
  const fixed = typeof baseline === 'number' ? baseline : 0;
  const whole = baseline === 'batch' ? groupMoments(rewards, 0, rewards.length).mean : fixed;
  for (let g = 0; g + 1 < starts.length; g++) {
    const from = starts[g]!;
    const to = starts[g + 1]!;
    const base = baseline === 'group' ? groupMoments(rewards, from, to).mean : whole;
    for (let i = from; i < to; i++) if (!Number.isNaN(rewards[i]!)) out[i] = rewards[i]! - base;
  }
  return out;
}

/** `reinforceAdvantages` as a recipe's estimator. */
export function reinforce(options: ReinforceOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'reinforce'");
  return sampleEstimator('reinforce', '1', parsed, (rewards, starts) =>
    reinforceAdvantages(rewards, starts, parsed),
  );
}
