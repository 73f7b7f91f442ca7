import { z } from 'zod';
import { parseOptions, type Reward, type RewardLike, scheduleAt, scheduleLike } from '../core/index.ts';
import { compose, missing, shown, valued } from './compose.ts';
import { requireParts } from './parts.ts';
import { byTask } from './scoped.ts';

export const trustSchema = z.strictObject({
  /** A schedule fades it: `exponential({ from: 0.3, constant: T })`. */
  alpha: scheduleLike.default(0.3).describe('weight of the thinking'),
  success: z.number().default(0.5).describe('right from this outcome on'),
  rule: z
    .enum(['paper', 'code'])
    .default('paper')
    .describe('code: no thinking in groups whose outcomes are all ≥ 0.9 or all ≤ 0.1'),
  trusted: z.boolean().default(true).describe('false: γ is always 1'),
});

export type TrustOptions = z.input<typeof trustSchema>;

/**
 * How far a group trusts the model's scores (SophiaVL-R1): γ = min(1, exp(μ_c − μ_w)) with μ the mean score of right and of wrong
 * members; 1 where either side is empty (the paper does not say).
 */
export function trustWeight(outcomes: readonly number[], scores: readonly number[], success = 0.5): number {
  const average = (right: boolean) => {
    const side = scores.filter((_, i) => outcomes[i]! >= success === right);
    return side.reduce((sum, x) => sum + x, 0) / side.length;
  };
  const gap = average(true) - average(false);
  return Number.isNaN(gap) ? 1 : Math.min(1, Math.exp(gap));
}

/**
 * Outcome + γ·α·score: the score of a judge of the thinking counts only as far as it agrees with the outcomes of its group.
 * A member that lacks one of the two is out of γ and has no verdict (while α is 0 only the outcome counts).
 */
export function trust(
  parts: { readonly outcome: RewardLike; readonly thinking: RewardLike },
  options: TrustOptions = {},
): Reward {
  requireParts('trust', parts, ['outcome', 'thinking']);
  const { alpha, success, rule, trusted } = parseOptions(trustSchema, options, "shape 'trust'");
  return compose({
    name: 'trust',
    options: { alpha, success, rule, trusted },
    parts: { outcome: parts.outcome, thinking: parts.thinking },
    scope: 'group',
    combine: ({ outcome, thinking }, samples, context) => {
      const weight = scheduleAt(alpha, context.step, context.totalSteps);
      const gammas = new Float64Array(samples.length);
      for (const places of byTask(samples)) {
        const scored = places.filter((i) => outcome[i]!.value !== null && thinking[i]!.value !== null);
        const outcomes = scored.map((i) => outcome[i]!.value!);
        const uniform = outcomes.every((x) => x >= 0.9) || outcomes.every((x) => x <= 0.1);
        const gamma = trusted
          ? trustWeight(
              outcomes,
              scored.map((i) => thinking[i]!.value!),
              success,
            )
          : 1;
        for (const i of places) gammas[i] = rule === 'code' && uniform ? 0 : gamma;
      }
      return samples.map((_, i) => {
        const own = { outcome: outcome[i]!, thinking: thinking[i]! };
        if (own.outcome.value === null) return missing('outcome', own.outcome);
        const factor = gammas[i]! * weight;
        if (factor !== 0 && own.thinking.value === null) return missing('thinking', own.thinking);
        const value = own.outcome.value + (factor === 0 ? 0 : factor * own.thinking.value!);
        return valued(value, `trust ${shown(gammas[i]!)}, weight ${shown(weight)}`, own);
      });
    },
  });
}
