import { z } from 'zod';
import { type Estimator, logGamma, parseOptions } from '../core/index.ts';
import { groupMoments, sampleEstimator } from './rewards.ts';

const schema = z
  .object({
    /** Rewards lie between these; they are mapped to [0, 1] first. */
    low: z.number().default(0),
    high: z.number().default(1),
    /** The largest weight. */
    limit: z.number().positive().default(1e6),
    /** A lone sample's success rate: its reward, so advantage 0, or 0 (the paper's code). */
    single: z.enum(['own', 'zero']).default('own'),
    /** In place of the fit to the batch: (1, 1) is REINFORCE with the group's mean, (1.5, 1.5) GRPO up to π/8. */
    fixed: z.tuple([z.number().positive(), z.number().positive()]).optional(),
  })
  .refine(({ low, high }) => low < high, { path: ['low'], message: "must be below 'high'" });

export type BetaNormalizedOptions = z.input<typeof schema>;

/** The Beta density that a batch's success rates are normalised by. */
export interface BetaFit {
  readonly alpha: number;
  readonly beta: number;
}

/**
 * The density whose reciprocal minimises the gradient's variance when success rates p are Beta(a, b): moments of the rates
 * give k = m(1 − m)/v − 1, a = km, b = k(1 − m) (v with n − 1); then α = max(1, 1 + a/3), β = max(1, 1 + b/3). Where the moments
 * say nothing (fewer than two rates, v = 0, all 0 or all 1) it is (1, 1), the uniform density; the paper's code divides by 0.
 */
export function fitBeta(rates: ArrayLike<number>): BetaFit {
  const n = rates.length;
  let m = 0;
  for (let j = 0; j < n; j++) m += rates[j]! / n;
  let v = 0;
  for (let j = 0; j < n; j++) v += (rates[j]! - m) ** 2 / (n - 1);
  const k = (m * (1 - m)) / v - 1;
  if (n < 2 || !(v > 1e-12) || !(m > 0 && m < 1)) return { alpha: 1, beta: 1 };
  return { alpha: Math.max(1, 1 + (k * m) / 3), beta: Math.max(1, 1 + (k * (1 - m)) / 3) };
}

/** The density of Beta(α, β) at p in [0, 1]; 0 and infinity at the ends are what the formula gives. */
export function betaDensity(p: number, { alpha, beta }: BetaFit): number {
  const log = (exponent: number, x: number) => (exponent === 0 ? 0 : exponent * Math.log(x));
  return Math.exp(
    log(alpha - 1, p) + log(beta - 1, 1 - p) + logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta),
  );
}

/**
 * BNPO (Xiao et al. 2025): A_i = w (x_i − p) with p the group's success rate and w = 1 / Beta(p; α, β) of the batch's fit,
 * at most `limit`. `rewards` is flat, NaN where there is no verdict (0, and in no rate). Throws RangeError when a reward is
 * outside of [low, high].
 */
export function betaNormalizedAdvantages(
  rewards: Float64Array,
  starts: Int32Array,
  options: BetaNormalizedOptions = {},
): Float64Array {
  return betaNormalization(rewards, starts, options).advantages;
}

/** The same with the density that was fitted: what to log. */
export function betaNormalization(
  rewards: Float64Array,
  starts: Int32Array,
  options: BetaNormalizedOptions = {},
): { advantages: Float64Array; fit: BetaFit } {
  const { low, high, limit, single, fixed } = schema.parse(options);
  const mapped = rewards.map((r) => (r - low) / (high - low));
  if (mapped.some((x) => x < -1e-9 || x > 1 + 1e-9))
    throw new RangeError(`betaNormalized: a reward is outside of [${low}, ${high}]`);
  const groups = Array.from({ length: starts.length - 1 }, (_, g) => {
    const { n, mean } = groupMoments(mapped, starts[g]!, starts[g + 1]!);
    return { n, p: n === 1 && single === 'zero' ? 0 : Math.min(Math.max(mean, 0), 1) };
  });
  const rates = groups.filter(({ n }) => n > 0).map(({ p }) => p);
  const fit = fixed ? { alpha: fixed[0], beta: fixed[1] } : fitBeta(rates);
  const advantages = new Float64Array(rewards.length);
  groups.forEach(({ n, p }, g) => {
    if (n === 0) return;
    const weight = Math.min(1 / betaDensity(p, fit), limit);
    for (let i = starts[g]!; i < starts[g + 1]!; i++) {
      const centred = mapped[i]! - p;
      // All right or all wrong: exactly 0, though the weight is at its limit there.
      if (!Number.isNaN(centred) && Math.abs(centred) > 1e-12) advantages[i] = weight * centred;
    }
  });
  return { advantages, fit };
}

/** `betaNormalizedAdvantages` as a recipe's estimator; logs α and β. */
export function betaNormalized(options: BetaNormalizedOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'betaNormalized'");
  return sampleEstimator('betaNormalized', '1', parsed, (rewards, starts) => {
    const { advantages, fit } = betaNormalization(rewards, starts, parsed);
    return { values: advantages, metrics: { 'beta.alpha': fit.alpha, 'beta.beta': fit.beta } };
  });
}
