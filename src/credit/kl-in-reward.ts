import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  type ScheduleLike,
  scheduleAt,
} from '../core/index.ts';
import { groupedRewards, revalued } from './rewards.ts';
import { type BatchTokens, batchTokens, gatherTokens } from './tokens.ts';

/** A KL penalty inside the reward: to which named reference, and how strong. */
export interface KlPenalty {
  readonly to: string;
  readonly beta: ScheduleLike;
}

/** Checks a KL penalty among an estimator's options. */
export const klPenaltySchema = z.custom<KlPenalty>(
  (from) =>
    typeof from === 'object' &&
    from !== null &&
    typeof (from as KlPenalty).to === 'string' &&
    ['number', 'object'].includes(typeof (from as KlPenalty).beta),
  'expected { to, beta }',
);

/**
 * −β (ℓ_old − ℓ_ref) per trained token: the k1 estimate of KL(policy ‖ reference), whose place is the reward; as a loss its
 * expected gradient is zero.
 */
export function klPenalties(
  old: Float64Array,
  reference: Float64Array,
  mask: Uint8Array,
  beta: number,
): Float64Array {
  return old.map((logprob, t) => (mask[t] ? -beta * (logprob - reference[t]!) : 0));
}

/** The penalties of a batch whose turns carry the reference's log-probabilities. */
export function batchPenalties(
  batch: Batch<unknown>,
  tokens: BatchTokens,
  { to, beta }: KlPenalty,
  context: LearningContext,
): Float64Array {
  const old = gatherTokens(batch, (turn) => turn.completion.logprobs, 'log-probabilities');
  const reference = gatherTokens(batch, (turn) => turn.references?.[to], `log-probabilities under '${to}'`);
  return klPenalties(old, reference, tokens.mask, scheduleAt(beta, context.step, context.totalSteps));
}

/**
 * A sample-level estimator (grpo, rloo, …) on rewards less β Σ_t (ℓ_old − ℓ_ref): where TRL's RLOO has its KL. Estimators of
 * tokens take `kl` themselves, so that each token carries its own.
 */
export function klInReward(inner: Estimator, kl: KlPenalty): Estimator {
  return described(
    'klInReward',
    '1',
    { inner, ...kl },
    {
      needs: { ...inner.needs, references: [...new Set([...(inner.needs?.references ?? []), kl.to])] },
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const tokens = batchTokens(batch);
        const penalties = batchPenalties(batch, tokens, kl, context);
        let sum = 0;
        const rewards = groupedRewards(batch).rewards.map((reward, i) => {
          let penalty = 0;
          for (let t = tokens.starts[i]!; t < tokens.starts[i + 1]!; t++) penalty += penalties[t]!;
          sum += penalty;
          return reward + penalty;
        });
        const credit = inner.estimate(revalued(batch, rewards), context);
        const metrics = { ...credit.metrics, [`klReward.${kl.to}`]: sum / Math.max(1, rewards.length) };
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
