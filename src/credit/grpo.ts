import { z } from 'zod';
import { type Estimator, parseOptions } from '../core/index.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

const schema = z.object({
  /** What the centred reward is divided by: the group's sample or population deviation, or nothing (Dr.GRPO). */
  std: z.enum(['sample', 'population', 'none']).default('sample'),
  /** Whose deviation: the group's, or that of the whole batch (TRL `scale_rewards: "batch"`). */
  scale: z.enum(['group', 'batch']).default('group'),
  /** Added to the deviation: 1e-6 in verl, 1e-4 in TRL. */
  epsilon: z.number().min(0).default(1e-6),
  /** Subtract the group's mean, or nothing. */
  centre: z.enum(['mean', 'none']).default('mean'),
  /** The advantage of a sample that is alone in its group: 0 (TRL) or its reward (verl). */
  single: z.enum(['zero', 'reward']).default('zero'),
});

export type GrpoOptions = z.input<typeof schema>;

/**
 * Group-relative advantages (Shao et al. 2024, DeepSeekMath, section 4.1): A_i = (r_i − mean) / (std + ε) within each
 * group. `rewards` is flat, NaN where there is no verdict; group g has samples starts[g] to starts[g + 1]. A member without
 * a verdict is left out of mean, deviation and count, and gets 0; so does every member of a group without variance (of a batch
 * without, where the deviation is the batch's and nothing is subtracted). TRL computes in 32 bits, where equal rewards leave up
 * to 6e-4 of one sign (three times 0.9). Returns one advantage a sample.
 */
export function grpoAdvantages(
  rewards: Float64Array,
  starts: Int32Array,
  options: GrpoOptions = {},
): Float64Array {
  const { std, scale, epsilon, centre, single } = schema.parse(options);
  const out = new Float64Array(rewards.length);
  const kind = std === 'population' ? 'population' : 'sample';
  const whole = scale === 'batch' ? groupMoments(rewards, 0, rewards.length, kind) : undefined;
  const byGroup = centre === 'mean' || (std !== 'none' && !whole);
  const flat = whole !== undefined && std !== 'none' && isUniform(rewards, 0, rewards.length);
  for (let g = 0; g + 1 < starts.length; g++) {
    const from = starts[g]!;
    const to = starts[g + 1]!;
    const { n, mean, variance } = groupMoments(rewards, from, to, kind);
    // A uniform group is exactly 0, whatever rounding left in its mean and deviation.
    const uniform = byGroup && isUniform(rewards, from, to);
    const spread = std === 'none' ? 1 : Math.sqrt(whole ? whole.variance : variance) + epsilon;
    for (let i = from; i < to; i++) {
      const r = rewards[i]!;
      if (Number.isNaN(r)) continue;
      if (n === 1) out[i] = single === 'reward' ? r : 0;
      else {
        const centred = centre === 'mean' ? r - mean : r;
        if (!uniform && !flat) out[i] = std === 'none' ? centred : spread > 0 ? centred / spread : 0;
      }
    }
  }
  return out;
}

/** Whether all members with a verdict have the same reward. */
export function isUniform(rewards: Float64Array, from: number, to: number): boolean {
  let first = Number.NaN;
  for (let i = from; i < to; i++) {
    const r = rewards[i]!;
    if (Number.isNaN(r)) continue;
    if (Number.isNaN(first)) first = r;
    else if (r !== first) return false;
  }
  return true;
}

/** `grpoAdvantages` as a recipe's estimator. */
export function grpo(options: GrpoOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'grpo'");
  return sampleEstimator('grpo', '1', parsed, (rewards, starts) => grpoAdvantages(rewards, starts, parsed));
}
