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
import { reinforceAdvantages } from './reinforce.ts';
import { returnsToGo } from './returns-to-go.ts';
import { groupedRewards } from './rewards.ts';
import { type BatchTokens, batchTokens, rewardsAtEnd } from './tokens.ts';
import { whiten, whitenSamples } from './whiten.ts';

const schema = z.object({
  /** Subtract the mean of the group before the whitening (REINFORCE++-baseline). */
  baseline: z.enum(['none', 'group']).default('none'),
  gamma: z.number().min(0).max(1).default(1),
  /** A lone sample's baseline: its reward, so 0 before the whitening, or nothing (verl). */
  single: z.enum(['zero', 'reward']).default('zero'),
  /** Pass over masked tokens, or forget the future there (verl). */
  masked: z.enum(['carry', 'reset']).default('carry'),
  /** −β (ℓ_old − ℓ_ref) per token, in the reward. */
  kl: klPenaltySchema.optional(),
});

export type ReinforcePlusPlusOptions = z.input<typeof schema>;

/**
 * REINFORCE++ (Hu et al. 2025): returns-to-go of token rewards, whitened over all trained tokens of the batch.
 */
export function reinforcePlusPlusAdvantages(
  rewards: Float64Array,
  tokens: BatchTokens,
  options: { readonly gamma?: number; readonly masked?: 'carry' | 'reset' } = {},
): Float64Array {
  const returns = returnsToGo(rewards, tokens, options);
  return whiten(returns, tokens.mask, {}, returns);
}

/**
 * REINFORCE++-baseline: the reward of each sample less its group's mean, on all its tokens, whitened over the trained
 * tokens of the batch. Long completions weigh more in the statistics, and a uniform group is not exactly 0.
 */
export function reinforcePlusPlusBaselineAdvantages(
  rewards: Float64Array,
  groups: Int32Array,
  tokens: BatchTokens,
  { single = 'zero' }: { readonly single?: 'zero' | 'reward' } = {},
): Float64Array {
  const centred = reinforceAdvantages(rewards, groups, { baseline: 'group' });
  if (single === 'reward')
    for (let g = 0; g + 1 < groups.length; g++) {
      const scored: number[] = [];
      for (let i = groups[g]!; i < groups[g + 1]!; i++) if (!Number.isNaN(rewards[i]!)) scored.push(i);
      if (scored.length === 1) centred[scored[0]!] = rewards[scored[0]!]!;
    }
  return whitenSamples(centred, tokens);
}

/** Both forms as a recipe's estimator; its term is per token. With `kl`, the baseline form penalises whole samples. */
export function reinforcePlusPlus(options: ReinforcePlusPlusOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'reinforcePlusPlus'");
  const { baseline, kl, ...rest } = parsed;
  const penalty = kl && penalising(kl);
  return described('reinforcePlusPlus', '1', parsed, {
    terms: ['policy'],
    ...(kl && { needs: { references: [kl.to] } }),
    ...(penalty?.state && { state: penalty.state }),
    estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
      const { rewards, starts } = groupedRewards(batch);
      const tokens = batchTokens(batch);
      const { penalties, metrics = {} } = penalty?.of(batch, tokens, context) ?? {};
      const values =
        baseline === 'group'
          ? reinforcePlusPlusBaselineAdvantages(
              penalties ? rewards.map((r, i) => r + sumOf(penalties, tokens.starts, i)) : rewards,
              starts,
              tokens,
              rest,
            )
          : penalties || rest.gamma !== 1 || rest.masked === 'reset'
            ? reinforcePlusPlusAdvantages(added(rewardsAtEnd(rewards, tokens), penalties), tokens, rest)
            : // Nothing is discounted and nothing added: every trained token has its sample's reward.
              whitenSamples(rewards, tokens);
      return { terms: { policy: { of: 'token', values } }, metrics };
    },
  });
}

/** The elementwise sum, where there is a second array. */
export function added(a: Float64Array, b: Float64Array | undefined): Float64Array {
  return b ? a.map((x, t) => x + b[t]!) : a;
}

function sumOf(x: Float64Array, starts: Int32Array, i: number): number {
  let sum = 0;
  for (let t = starts[i]!; t < starts[i + 1]!; t++) sum += x[t]!;
  return sum;
}
