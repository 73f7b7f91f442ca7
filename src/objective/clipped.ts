import { z } from 'zod';
import { described, type Loss, type Objective, parseOptions, type TokenBatch } from '../core/index.ts';
import { aggregations, tokenWeights } from './aggregate.ts';

const schema = z.object({
  /** The ratio is held above 1 − low where that helps … */
  low: z.number().min(0).max(1).default(0.2),
  /** … and below 1 + high; larger than low is DAPO's clip-higher. */
  high: z.number().min(0).default(0.2),
  /** Dual clip: for negative advantages the loss is at most −c·A (Ye et al. 2020). Off when left out. */
  dual: z.number().gt(1).optional(),
  aggregate: z.enum(aggregations).default('token'),
  /** Which advantage term. */
  term: z.string().default('policy'),
  /** The log-ratio is cut to ±this before it is exponentiated, with no gradient outside (verl: 20). */
  logRatioLimit: z.number().positive().default(20),
});

export type ClippedOptions = z.input<typeof schema>;

/**
 * The clipped surrogate of PPO (Schulman et al. 2017) on any advantages: per token −min(ρA, clip(ρ, 1 − low, 1 + high)A)
 * with ρ = exp(ℓ − ℓ_old). Returns loss, ∂loss/∂ℓ per token, and metrics: clipLow (share of trained tokens clipped below,
 * among all), clipHigh, ratio (mean), approxKl (mean ℓ_old − ℓ).
 */
export function clippedLoss(batch: TokenBatch, options: ClippedOptions = {}): Loss {
  const { low, high, dual, aggregate, term, logRatioLimit } = schema.parse(options);
  const { logprobs, old, mask } = batch;
  const advantages = batch.terms[term];
  if (!advantages) throw new RangeError(`the batch has no advantage term '${term}'`);
  const weights = tokenWeights(batch, aggregate);
  const dLogprob = new Float64Array(logprobs.length);
  let loss = 0;
  let clippedLow = 0;
  let clippedHigh = 0;
  let ratios = 0;
  let kl = 0;
  let tokens = 0;
  for (let t = 0; t < logprobs.length; t++) {
    if (!mask[t]) continue;
    const a = advantages[t]!;
    const difference = logprobs[t]! - old[t]!;
    const cut = Math.min(Math.max(difference, -logRatioLimit), logRatioLimit);
    const ratio = Math.exp(cut);
    const free = -a * ratio;
    const held = -a * Math.min(Math.max(ratio, 1 - low), 1 + high);
    let value = Math.max(free, held);
    // The gradient flows where the free branch decides; on a tie both branches are the same function of ρ.
    let slope = free >= held && cut === difference ? free : 0;
    if (dual !== undefined && a < 0 && value > -dual * a) {
      value = -dual * a;
      slope = 0;
    }
    tokens++;
    ratios += ratio;
    kl -= difference;
    if (a < 0 && ratio < 1 - low) clippedLow++;
    if (a > 0 && ratio > 1 + high) clippedHigh++;
    if (weights[t] === 0) continue;
    loss += weights[t]! * value;
    dLogprob[t] = weights[t]! * slope;
  }
  const share = Math.max(1, tokens);
  return {
    loss,
    dLogprob,
    metrics: {
      clipLow: clippedLow / share,
      clipHigh: clippedHigh / share,
      ratio: ratios / share,
      approxKl: kl / share,
    },
  };
}

/** `clippedLoss` as a recipe's objective. */
export function clipped(options: ClippedOptions = {}): Objective {
  const parsed = parseOptions(schema, options, "objective 'clipped'");
  return described('clipped', '1', parsed, {
    idleAtZero: () => true,
    loss: (batch: TokenBatch) => clippedLoss(batch, parsed),
  });
}
