import { type Random, stream } from 'assay/core';
import { type BetaNormalizedOptions, betaNormalizedAdvantages } from 'assay/credit';
import { type Metrics, type Study, study } from 'assay/train';

/** Distributions of the prompts' success rates: Beta(a, b). At (1.5, 1.5) the fitted density is GRPO's. */
export const rateDistributions = [
  [1.5, 1.5],
  [3, 3],
  [2, 5],
  [6, 1.2],
  [0.5, 4],
] as const;

/** Groups a batch, and samples a group: many, so that the share of right ones is near the success rate of the closed form. */
interface BatchSize {
  readonly prompts: number;
  readonly samples: number;
}

/** Gamma(shape) by Marsaglia and Tsang (2000); below 1 from the one above it. */
function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}

function drawBeta(a: number, b: number, random: Random): number {
  const x = drawGamma(a, random);
  return x / (x + drawGamma(b, random));
}

/**
 * Monte Carlo of the variance of g = A·z where the score z is standard normal and independent of the reward: prompts with rates
 * from Beta(a, b), binary rewards, advantages from `betaNormalized`. The same batch for every arm of a seed.
 */
function gradientVariance(
  [a, b]: readonly [number, number],
  seed: number,
  options: BetaNormalizedOptions,
  { prompts, samples }: BatchSize,
): number {
  const random = stream(seed, 'bnpo', a, b);
  const scores = random.fork('scores');
  const starts = Int32Array.from({ length: prompts + 1 }, (_, g) => g * samples);
  const rewards = new Float64Array(prompts * samples);
  for (let g = 0; g < prompts; g++) {
    const p = drawBeta(a, b, random);
    for (let i = starts[g]!; i < starts[g + 1]!; i++) rewards[i] = random.next() < p ? 1 : 0;
  }
  const advantages = betaNormalizedAdvantages(rewards, starts, options);
  return advantages.reduce((sum, A) => sum + (A * scores.normal()) ** 2, 0) / advantages.length;
}

/** One arm: the variance under every distribution, `2,5` say, and their mean. */
function variances(options: BetaNormalizedOptions, size: BatchSize) {
  return (seed: number): Metrics => {
    const out: Record<string, number> = {};
    for (const pair of rateDistributions) out[pair.join()] = gradientVariance(pair, seed, options, size);
    out.mean = Object.values(out).reduce((sum, v) => sum + v, 0) / rateDistributions.length;
    return out;
  };
}

/**
 * Experiment 1: BNPO's density fitted to the batch against the two that never move. `method` is what the arm `fitted` does; it
 * is an argument so that a test can put a control there.
 *
 * The claim is about the weights as they are, reciprocals of densities. It is not free of scale: per unit of signal E[w p(1 − p)]
 * no weight beats a constant one, by the Cauchy–Schwarz inequality.
 */
export function varianceStudy(
  method: BetaNormalizedOptions = {},
  size: BatchSize = { prompts: 2000, samples: 512 },
): Study {
  const lower = (pair: readonly number[]) => ({ direction: 'lower' as const, metric: pair.join() });
  const [same, ...rest] = rateDistributions;
  return study({
    name: 'bnpo',
    summary: 'variance of the gradient under five distributions of success rates, by Monte Carlo',
    paper: 'bnpo',
    arms: {
      fitted: variances(method, size),
      reinforce: variances({ fixed: [1, 1] }, size),
      grpo: variances({ fixed: [1.5, 1.5] }, size),
    },
    metric: 'mean',
    expected: [
      ...rest.map((pair) => ({ arm: 'fitted', over: 'grpo', ...lower(pair) })),
      // There GRPO's density is the best one: the fit may miss it by its own error only.
      { arm: 'fitted', over: 'grpo', by: -0.005, ...lower(same) },
      ...rateDistributions.map((pair) => ({ arm: 'fitted', over: 'reinforce', ...lower(pair) })),
    ],
  });
}

export default varianceStudy();
