import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  parseOptions,
} from '../core/index.ts';
import { klPenaltySchema, penalising } from './kl-in-reward.ts';
import { added } from './reinforce-plus-plus.ts';
import { groupedRewards } from './rewards.ts';
import { type BatchTokens, batchTokens, gatherTokens, rewardsAtEnd } from './tokens.ts';
import { whiten } from './whiten.ts';

const schema = z.object({
  gamma: z.number().min(0).max(1).default(1),
  lambda: z.number().min(0).max(1).default(0.95),
  /** Whiten the advantages over the trained tokens of the batch. */
  whiten: z.boolean().default(true),
  /** −β (ℓ_old − ℓ_ref) per token, in the reward. */
  kl: klPenaltySchema.optional(),
});

export type GaeOptions = z.input<typeof schema>;

/**
 * Generalised advantages (Schulman et al. 2016): δ_t = r_t + γ V_{t+1} − V_t, A_t = δ_t + γλ A_{t+1}; after the last token V is
 * 0. Masked tokens are passed over: value and advantage are carried across them, and a reward that stands on one counts for
 * the trained token before it. Returns advantages before any whitening, and returns A + V, both 0 under the mask.
 */
export function gaeAdvantages(
  rewards: Float64Array,
  values: Float64Array,
  { starts, mask }: BatchTokens,
  { gamma = 1, lambda = 0.95 }: { readonly gamma?: number; readonly lambda?: number } = {},
): { advantages: Float64Array; returns: Float64Array } {
  const advantages = new Float64Array(rewards.length);
  const returns = new Float64Array(rewards.length);
  for (let i = 0; i + 1 < starts.length; i++) {
    let nextValue = 0;
    let ahead = 0;
    let carried = 0;
    for (let t = starts[i + 1]! - 1; t >= starts[i]!; t--) {
      if (!mask[t]) {
        carried += rewards[t]!;
        continue;
      }
      const delta = rewards[t]! + carried + gamma * nextValue - values[t]!;
      carried = 0;
      ahead = delta + gamma * lambda * ahead;
      nextValue = values[t]!;
      advantages[t] = ahead;
      returns[t] = ahead + values[t]!;
    }
  }
  return { advantages, returns };
}

/** `gaeAdvantages` as a recipe's estimator: the reward at the end, the critic's values from the engine's scalar head. */
export function gae(options: GaeOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'gae'");
  const { kl } = parsed;
  const penalty = kl && penalising(kl);
  return described('gae', '1', parsed, {
    terms: ['policy'],
    needs: { values: true, ...(kl && { references: [kl.to] }) },
    ...(penalty?.state && { state: penalty.state }),
    estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
      const tokens = batchTokens(batch);
      const values = gatherTokens(batch, (turn) => turn.values, 'values');
      const { penalties, metrics = {} } = penalty?.of(batch, tokens, context) ?? {};
      const rewards = added(rewardsAtEnd(groupedRewards(batch).rewards, tokens), penalties);
      const { advantages, returns } = gaeAdvantages(rewards, values, tokens, parsed);
      return {
        terms: {
          policy: { of: 'token', values: parsed.whiten ? whiten(advantages, tokens.mask) : advantages },
        },
        returns: { of: 'token', values: returns },
        metrics,
      };
    },
  });
}
