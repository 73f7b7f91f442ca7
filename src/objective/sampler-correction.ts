import { z } from 'zod';
import {
  bounded,
  described,
  type LearningContext,
  type Loss,
  logRatio,
  type Objective,
  parseOptions,
  type TokenBatch,
} from '../core/index.ts';
import { bySample } from './by-sample.ts';
import { requireObjective } from './inner.ts';

const fields = z.object({
  /**
   * `truncate`: w = min(ratio, high) (truncated importance sampling, Yao et al. 2025). `mask`: w = ratio within [low, high], else 0.
   */
  form: z.enum(['truncate', 'mask']).default('truncate'),
  /** Each token's ratio, the geometric mean of the sequence (a sample with all its turns), or its product. */
  level: z.enum(['token', 'sequenceMean', 'sequence']).default('token'),
  low: z.number().min(0).default(0.5),
  high: z.number().positive().default(2),
  /** Samples whose mean (ℓ_sampled − ℓ_now) is above this in size are left out: too stale. No limit when left out. */
  staleness: z.number().positive().optional(),
});
const defaultLow = fields.shape.low.parse(undefined);
// Truncation has no lower bound: `high` may go below a default that is not read, not below a bound that was set.
const schema = fields.refine(
  ({ form, low, high }) => low <= high || (form === 'truncate' && low === defaultLow),
  { path: ['low'], error: "must not be above 'high'" },
);

export type SamplerCorrectionOptions = z.input<typeof schema>;

/**
 * Weights for a sampler that is not quite the trainer: ratio = exp(ℓ_old − ℓ_sampled), where ℓ_old is the trainer's own word on
 * the weights that sampled, and ℓ_sampled what the sampler said. 0 under the mask. The batch needs `sampled`; without it the
 * sampler's word is ℓ_old itself and every ratio is 1.
 */
export function samplerWeights(
  batch: TokenBatch,
  options: SamplerCorrectionOptions = {},
): { weights: Float64Array; stale: number } {
  const { form, level, low, high, staleness } = schema.parse(options);
  const { starts, mask, logprobs, old, sampled = old } = bySample(batch);
  const weights = new Float64Array(mask.length);
  let stale = 0;
  const weigh = (log: number): number => {
    const ratio = Math.exp(Math.min(Math.max(log, -20), 20));
    return form === 'truncate' ? Math.min(ratio, high) : ratio >= low && ratio <= high ? ratio : 0;
  };
  for (let s = 0; s + 1 < starts.length; s++) {
    let sum = 0;
    let drift = 0;
    let n = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++)
      if (mask[t]) {
        sum += logRatio(old[t]!, sampled[t]!);
        drift += logRatio(sampled[t]!, logprobs[t]!);
        n++;
      }
    if (n === 0) continue;
    if (staleness !== undefined && Math.abs(drift / n) > staleness) {
      stale++;
      continue;
    }
    const whole = level === 'token' ? 0 : weigh(level === 'sequence' ? sum : sum / n);
    for (let t = starts[s]!; t < starts[s + 1]!; t++)
      if (mask[t]) weights[t] = level === 'token' ? weigh(logRatio(old[t]!, sampled[t]!)) : whole;
  }
  return { weights, stale };
}

/**
 * An objective whose advantages are weighted by `samplerWeights`: losses that are linear in a positive scale of the advantage,
 * as the clipped surrogate is, are weighted by that. No gradient through the weights. A recipe needs `old: 'recomputed'` for
 * it, or both words are the same: one without is refused before step 0.
 */
export function samplerCorrection(inner: Objective, options: SamplerCorrectionOptions = {}): Objective {
  requireObjective(inner, "objective 'samplerCorrection'");
  const parsed = parseOptions(schema, options, "objective 'samplerCorrection'");
  return described(
    'samplerCorrection',
    '1',
    { inner, ...parsed },
    {
      needs: { ...inner.needs, sampled: true },
      children: { inner },
      ...(inner.idleAtZero && { idleAtZero: (context: LearningContext) => inner.idleAtZero!(context) }),
      loss: (batch: TokenBatch, context: LearningContext): Loss => {
        const { weights, stale } = samplerWeights(batch, parsed);
        const terms = Object.fromEntries(
          Object.entries(batch.terms).map(([name, a]) => [name, a.map((x, t) => bounded(x) * weights[t]!)]),
        );
        const loss = inner.loss({ ...batch, terms }, context);
        let sum = 0;
        let n = 0;
        for (let t = 0; t < weights.length; t++)
          if (batch.mask[t]) {
            sum += weights[t]!;
            n++;
          }
        return { ...loss, metrics: { ...loss.metrics, samplerWeight: sum / Math.max(1, n), stale } };
      },
    },
  );
}
