import { z } from 'zod';
import {
  type Advantages,
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  parseOptions,
} from '../core/index.ts';
import { requireEstimator, termsOf } from './inner.ts';
import { batchTokens } from './tokens.ts';

const schema = z.object({
  /** Kept are standardised advantages within ± this many deviations. */
  sigmas: z.number().positive().default(3),
  /** `z`: |z| ≤ sigmas (the paper). `rawMean`: z within raw mean ± sigmas, and |z| ≤ 10 (the released code). */
  rule: z.enum(['z', 'rawMean']).default('z'),
});

export type OutlierFilterOptions = z.input<typeof schema>;

/**
 * StableReinforce's advantage filter (R1-Reward, Zhang et al. 2025): z = (a − μ)/σ over the unmasked values (population σ,
 * variance at least 1e-8), then 0 where z is not finite or beyond the bounds. The released code bounds z by μ ± 3 with μ of
 * the raw advantages; it agrees with the paper's three-sigma rule only where μ is about 0.
 */
export function filterOutliers(
  values: Float64Array,
  mask: Uint8Array,
  options: OutlierFilterOptions = {},
): { values: Float64Array; dropped: number } {
  const { sigmas, rule } = schema.parse(options);
  let n = 0;
  let sum = 0;
  for (let t = 0; t < values.length; t++)
    if (mask[t]) {
      n++;
      sum += values[t]!;
    }
  const mean = sum / n;
  let squares = 0;
  for (let t = 0; t < values.length; t++) if (mask[t]) squares += (values[t]! - mean) ** 2;
  const spread = Math.sqrt(Math.max(squares / n, 1e-8));
  let dropped = 0;
  const out = values.map((value, t) => {
    if (!mask[t]) return 0;
    const z = (value - mean) / spread;
    const keep =
      rule === 'z' ? Math.abs(z) <= sigmas : Math.abs(z) <= 10 && z >= mean - sigmas && z <= mean + sigmas;
    if (keep) return z;
    dropped++;
    return 0;
  });
  return { values: out, dropped };
}

/** Standardises the advantages of an estimator over the batch and drops the outliers among them. */
export function outlierFilter(inner: Estimator, options: OutlierFilterOptions = {}): Estimator {
  requireEstimator(inner, "estimator 'outlierFilter'");
  const parsed = parseOptions(schema, options, "estimator 'outlierFilter'");
  return described(
    'outlierFilter',
    '1',
    { inner, ...parsed },
    {
      ...termsOf(inner),
      needs: inner.needs,
      children: { inner },
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const credit = inner.estimate(batch, context);
        const tokens = batchTokens(batch).mask;
        const samples = Uint8Array.from(
          batch.groups.flatMap((group) => group.samples),
          ({ verdict }) => (verdict?.value == null ? 0 : 1),
        );
        const terms: Record<string, Advantages> = {};
        const metrics: Record<string, number> = { ...credit.metrics };
        for (const [name, { of, values }] of Object.entries(credit.terms)) {
          const filtered = filterOutliers(values, of === 'token' ? tokens : samples, parsed);
          terms[name] = { of, values: filtered.values };
          metrics[`outliers.${name}`] = filtered.dropped;
        }
        return { ...credit, terms, metrics };
      },
    },
  );
}
