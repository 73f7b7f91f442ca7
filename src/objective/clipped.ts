import { z } from 'zod';
import {
  bounded,
  described,
  type Loss,
  logRatio,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { aggregations, sequenceWeights } from './aggregate.ts';
import { bySample } from './by-sample.ts';

const schema = z.object({
  /** The ratio is held above 1 − low where that helps … */
  low: z.number().min(0).max(1).default(0.2),
  /** … and below 1 + high; larger than low is DAPO's clip-higher. */
  high: z.number().min(0).default(0.2),
  /** Dual clip: for negative advantages the loss is at most −c·A (Ye et al. 2020). Off when left out. */
  dual: z.number().gt(1).optional(),
  /** Two-sided clip (TRL `delta`): in the unclipped branch the ratio is at most this, with no gradient above. */
  delta: z.number().positive().optional(),
  /**
   * `clip` as above. `none`: −ρA. `cispo`: −sg(clip ρ)·A·ℓ, no token loses its gradient (verl: within [1 − low, 1 + high]);
   * `cispoUpper`: the same with ρ ≤ high as an absolute value and no lower bound (TRL; 5 is usual). No dual clip or delta there.
   */
  form: z.enum(['clip', 'none', 'cispo', 'cispoUpper']).default('clip'),
  /**
   * Whose ratio: each token's; the sequence's geometric mean over its trained tokens (GSPO as in TRL); the same in value with
   * the gradient of each token's own ℓ (GSPO-token, verl; differs where advantages differ within a sequence); or the whole
   * sequence's, not normalised (RLOO in TRL). The last three go with `aggregate: 'sequence'`. The sequence is the trajectory, one
   * ratio over the trained tokens of all its turns, as in TRL and verl; the ratio a turn of some agents' papers is not there.
   */
  ratio: z.enum(['token', 'sequence', 'sequenceToken', 'sequenceSum']).default('token'),
  aggregate: z.enum(aggregations).default('token'),
  /** Which advantage term. */
  term: z.string().default('policy'),
  /** The log-ratio is cut to ±this before it is exponentiated, with no gradient outside (verl: 20; 10 in its GSPO). */
  logRatioLimit: z.number().positive().max(500).default(20),
});

export type ClippedOptions = z.input<typeof schema>;

/**
 * The clipped surrogate of PPO (Schulman et al. 2017) on any advantages: per token −min(ρA, clip(ρ, 1 − low, 1 + high)A)
 * with ρ = exp(ℓ − ℓ_old), and the variants that its options name. Returns loss, ∂loss/∂ℓ per token, and metrics: clipLow
 * (share of trained tokens clipped below, among all), clipHigh, ratio (mean), approxKl (mean ℓ_old − ℓ).
 */
export function clippedLoss(given: TokenBatch, options: ClippedOptions = {}): Loss {
  const {
    low,
    high,
    dual,
    delta,
    form,
    ratio: whose,
    aggregate,
    term,
    logRatioLimit,
  } = schema.parse(options);
  const batch = bySample(given);
  const { logprobs, old, mask, starts } = batch;
  const advantages = batch.terms[term];
  if (!advantages) throw new RangeError(`the batch has no advantage term '${term}'`);
  const weights = sequenceWeights(batch, aggregate);
  const dLogprob = new Float64Array(logprobs.length);
  const [least, most] = [1 - low, 1 + high];
  const ceiling = delta ?? Number.POSITIVE_INFINITY;
  const worst = dual ?? Number.POSITIVE_INFINITY;
  const limited = form === 'clip';
  const detached = form === 'cispo' || form === 'cispoUpper';
  const [floor, cap] = form === 'cispoUpper' ? [0, high] : [least, most];
  const perToken = whose === 'token';
  let loss = 0;
  let clippedLow = 0;
  let clippedHigh = 0;
  let ratios = 0;
  let kl = 0;
  let tokens = 0;
  // One loop with plain locals for every variant: two million tokens go through it in a step.
  for (let s = 0; s + 1 < starts.length; s++) {
    const weight = weights[s]!;
    const end = starts[s + 1]!;
    let d = 0;
    let n = 0;
    if (!perToken) {
      for (let t = starts[s]!; t < end; t++)
        if (mask[t]) {
          d += logRatio(logprobs[t]!, old[t]!);
          n++;
        }
      kl -= d;
      if (whose !== 'sequenceSum' && n > 0) d /= n;
    }
    let cut = Math.min(Math.max(d, -logRatioLimit), logRatioLimit);
    let ratio = Math.exp(cut);
    let slopes = 0;
    for (let t = starts[s]!; t < end; t++) {
      if (!mask[t]) continue;
      if (perToken) {
        d = logRatio(logprobs[t]!, old[t]!);
        kl -= d;
        cut = Math.min(Math.max(d, -logRatioLimit), logRatioLimit);
        ratio = Math.exp(cut);
      }
      const a = bounded(advantages[t]!);
      tokens++;
      ratios += ratio;
      if (a < 0 && ratio < least) clippedLow++;
      if (a > 0 && ratio > most) clippedHigh++;
      let value: number;
      let slope = 0; // in log ρ; for CISPO in its own ℓ
      if (limited) {
        const free = -a * Math.min(ratio, ceiling);
        const held = -a * Math.min(Math.max(ratio, least), most);
        value = Math.max(free, held);
        // The gradient flows where the free branch decides; on a tie both branches are the same function of ρ.
        if (free >= held && cut === d && ratio <= ceiling) slope = free;
        if (a < 0 && value > -worst * a) {
          value = -worst * a;
          slope = 0;
        }
      } else if (detached) {
        slope = -Math.min(Math.max(ratio, floor), cap) * a;
        value = slope * bounded(logprobs[t]!);
      } else {
        value = -a * ratio;
        slope = cut === d ? value : 0;
      }
      loss += weight * value;
      dLogprob[t] = weight * slope;
      slopes += weight * slope;
    }
    if (perToken || detached || whose === 'sequenceToken' || n === 0) continue;
    // Every token of the sequence moves the ratio of all of them.
    const share = whose === 'sequenceSum' ? slopes : slopes / n;
    for (let t = starts[s]!; t < end; t++) if (mask[t]) dLogprob[t] = share;
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
    needs: { terms: [parsed.term] },
    idleAtZero: () => true,
    loss: (batch: TokenBatch) => clippedLoss(batch, parsed),
  });
}
