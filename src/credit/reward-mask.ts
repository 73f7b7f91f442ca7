import { z } from 'zod';
import { type Estimator, parseOptions } from '../core/index.ts';
import { sampleEstimator } from './rewards.ts';

const schema = z.object({
  /** 1 for every failed response, or for every response of a group in which all failed. */
  level: z.enum(['response', 'group']).default('response'),
  /** Rewards below this are failures. */
  success: z.number().default(1),
});

export type RewardMaskOptions = z.input<typeof schema>;

/**
 * 1 where a further loss term applies, else 0: KDRL distils only where the student fails (Xu et al. 2025; the exact rule of
 * the group level is our reading). Use it as a term of its own beside the policy's, and weigh that loss by it:
 * `kl({ to: 'teacher', by: 'distil' })`. NaN (no verdict) gets 0, and is no failure of its group.
 */
export function rewardMaskTerm(
  rewards: Float64Array,
  starts: Int32Array,
  options: RewardMaskOptions = {},
): Float64Array {
  const { level, success } = schema.parse(options);
  const out = new Float64Array(rewards.length);
  for (let g = 0; g + 1 < starts.length; g++) {
    const members = rewards.subarray(starts[g]!, starts[g + 1]!);
    const solved = level === 'group' && members.some((r) => r >= success);
    for (let i = 0; i < members.length; i++) if (!solved && members[i]! < success) out[starts[g]! + i] = 1;
  }
  return out;
}

/** `rewardMaskTerm` as an estimator; give it its own term with `terms`. */
export function rewardMask(options: RewardMaskOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'rewardMask'");
  return sampleEstimator('rewardMask', '1', parsed, (rewards, starts) =>
    rewardMaskTerm(rewards, starts, parsed),
  );
}
