import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  logRatio,
  parseOptions,
  type RewardState,
  type ScheduleLike,
  scheduleAt,
  scheduleLike,
} from '../core/index.ts';
import { requireEstimator, termsOf } from './inner.ts';
import { groupedRewards, revalued } from './rewards.ts';
import { type BatchTokens, batchTokens, gatherTokens } from './tokens.ts';

/** A KL penalty inside the reward: to which named reference, and how strong. */
export interface KlPenalty {
  readonly to: string;
  readonly beta: ScheduleLike;
  /**
   * After each batch, `adaptiveKlCoefficient` moves β towards where the KL is `target`; it starts as `beta`, a number.
   * `horizon` is counted in samples.
   */
  readonly adaptive?: { readonly target: number; readonly horizon: number };
}

/** Checks a KL penalty among an estimator's options. */
export const klPenaltySchema = z
  .object({
    to: z.string().min(1),
    beta: scheduleLike.refine((beta) => typeof beta !== 'number' || beta >= 0, 'must not be negative'),
    adaptive: z.object({ target: z.number().positive(), horizon: z.number().positive() }).strict().optional(),
  })
  .strict()
  .refine(({ beta, adaptive }) => adaptive === undefined || typeof beta === 'number', {
    path: ['beta'],
    message: 'an adaptive coefficient starts as a number, not as a schedule',
  });

/**
 * −β (ℓ_old − ℓ_ref) per trained token: the k1 estimate of KL(policy ‖ reference), whose place is the reward; as a loss its
 * expected gradient is zero. The difference is held within ±1e6: a reference may give a token no chance at all.
 */
export function klPenalties(
  old: Float64Array,
  reference: Float64Array,
  mask: Uint8Array,
  beta: number,
): Float64Array {
  return old.map((logprob, t) => (mask[t] ? -beta * logRatio(logprob, reference[t]!) : 0));
}

export interface BatchPenalties {
  /** Per token of the batch, 0 where it is not trained on. */
  readonly penalties: Float64Array;
  readonly metrics: { readonly [name: string]: number };
}

/** The penalties of batches whose turns carry the reference's log-probabilities, and the coefficient's memory if it adapts. */
export interface Penalising {
  readonly state?: RewardState;
  of(batch: Batch<unknown>, tokens: BatchTokens, context: LearningContext): BatchPenalties;
}

export function penalising({ to, beta, adaptive }: KlPenalty): Penalising {
  const penalties = (batch: Batch<unknown>, { mask }: BatchTokens, coefficient: number) => {
    const old = gatherTokens(batch, (turn) => turn.completion.logprobs, 'log-probabilities');
    const reference = gatherTokens(batch, (turn) => turn.references?.[to], `log-probabilities under '${to}'`);
    return klPenalties(old, reference, mask, coefficient);
  };
  if (adaptive === undefined)
    return {
      of: (batch, tokens, { step, totalSteps }) => ({
        penalties: penalties(batch, tokens, scheduleAt(beta, step, totalSteps)),
        metrics: {},
      }),
    };
  const first = scheduleAt(beta, 0, 1);
  let coefficient = first;
  return {
    of: (batch, tokens) => {
      const used = coefficient;
      const unit = penalties(batch, tokens, 1);
      const { kl, samples } = meanKl(unit, tokens, groupedRewards(batch).rewards);
      if (samples > 0) coefficient = adaptiveKlCoefficient(used, { kl, samples, ...adaptive });
      return {
        penalties: unit.map((penalty) => used * penalty),
        metrics: { [`klReward.${to}.beta`]: used, [`klReward.${to}.kl`]: kl },
      };
    },
    state: {
      save: () => coefficient,
      load: (saved) => {
        coefficient = saved as number;
      },
      reset: () => {
        coefficient = first;
      },
    },
  };
}

/** The mean over samples with a verdict of their mean k1 per trained token, as verl's controller is given it. */
function meanKl(unit: Float64Array, { starts, mask }: BatchTokens, rewards: Float64Array) {
  let kl = 0;
  let samples = 0;
  rewards.forEach((reward, i) => {
    let sum = 0;
    let trained = 0;
    for (let t = starts[i]!; t < starts[i + 1]!; t++)
      if (mask[t]) {
        sum -= unit[t]!;
        trained++;
      }
    if (trained === 0 || Number.isNaN(reward)) return;
    kl += sum / trained;
    samples++;
  });
  return { kl: samples > 0 ? kl / samples : 0, samples };
}

/**
 * A sample-level estimator (grpo, rloo, …) on rewards less β Σ_t (ℓ_old − ℓ_ref): where TRL's RLOO has its KL. Estimators of
 * tokens take `kl` themselves, so that each token carries its own.
 */
export function klInReward(inner: Estimator, options: KlPenalty): Estimator {
  requireEstimator(inner, "estimator 'klInReward'");
  const kl = parseOptions(klPenaltySchema, options, "estimator 'klInReward'");
  const penalty = penalising(kl);
  return described(
    'klInReward',
    '1',
    { inner, ...kl },
    {
      ...termsOf(inner),
      needs: { ...inner.needs, references: [...new Set([...(inner.needs?.references ?? []), kl.to])] },
      ...(penalty.state && { state: penalty.state }),
      children: { inner },
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const tokens = batchTokens(batch);
        const { penalties, metrics: own } = penalty.of(batch, tokens, context);
        let sum = 0;
        let scored = 0;
        const rewards = groupedRewards(batch).rewards.map((reward, i) => {
          if (Number.isNaN(reward)) return reward;
          let total = 0;
          for (let t = tokens.starts[i]!; t < tokens.starts[i + 1]!; t++) total += penalties[t]!;
          sum += total;
          scored++;
          return reward + total;
        });
        const credit = inner.estimate(revalued(batch, rewards), context);
        const metrics = {
          ...credit.metrics,
          ...own,
          [`klReward.${kl.to}`]: sum / Math.max(1, scored),
        };
        return { ...credit, metrics };
      },
    },
  );
}

/**
 * The next coefficient of an adaptive KL penalty: β (1 + clip(KL/target − 1, ±0.2) · samples/horizon) (Ziegler et al. 2019;
 * verl `AdaptiveKLController`).
 */
export function adaptiveKlCoefficient(
  beta: number,
  { kl, target, samples, horizon }: { kl: number; target: number; samples: number; horizon: number },
): number {
  const error = Math.min(Math.max(kl / target - 1, -0.2), 0.2);
  return beta * (1 + (error * samples) / horizon);
}
