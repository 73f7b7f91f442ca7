import { z } from 'zod';
import { type Batch, type Credit, described, type Estimator, parseOptions } from '../core/index.ts';

const schema = z.object({
  /** Added under the root. */
  epsilon: z.number().min(0).default(1e-6),
});

export type PairwiseAdvantageOptions = z.input<typeof schema>;

/**
 * Think-RM: A_i = mean_j d_ij / √(Σ_ij d_ij² / 2G(G − 1) + ε) from the G × G preferences of a group, row-major; equal to GRPO with
 * the sample deviation for d_ij = r_i − r_j. Pairs that are NaN (no verdict) are left out of mean and sum; G counts members
 * with any verdict about them. `present` (0: no verdict on the sample itself) leaves whole members out.
 */
export function pairwiseAdvantages(
  preferences: Float64Array,
  present: ArrayLike<number>,
  options: PairwiseAdvantageOptions = {},
): Float64Array {
  const { epsilon } = schema.parse(options);
  const size = present.length;
  if (preferences.length !== size * size)
    throw new RangeError(`${preferences.length} preferences for ${size} samples`);
  const out = new Float64Array(size);
  const counts = new Int32Array(size);
  let squares = 0;
  let pairs = 0;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const d = preferences[i * size + j]!;
      if (i === j || !present[i] || !present[j] || Number.isNaN(d)) continue;
      counts[i] = counts[i]! + 1;
      out[i] = out[i]! + d;
      squares += d * d;
      pairs++;
    }
  const spread = Math.sqrt((pairs > 0 ? squares / (2 * pairs) : 0) + epsilon);
  // A member is compared with itself too, as a draw: the row mean is over the other members plus one.
  for (let i = 0; i < size; i++) out[i] = counts[i] && squares > 0 ? out[i]! / (counts[i]! + 1) / spread : 0;
  return out;
}

/** `pairwiseAdvantages` of the preferences that a pairwise reward left in the groups, as a recipe's estimator. */
export function pairwiseAdvantage(options: PairwiseAdvantageOptions = {}): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'pairwiseAdvantage'");
  return described('pairwiseAdvantage', '1', parsed, {
    terms: ['policy'],
    estimate: (batch: Batch<unknown>): Credit => {
      const rows = batch.groups.map(({ samples, preferences }) => {
        if (!preferences)
          throw new RangeError('a group has no preferences: the reward must be a pairwise one');
        const present = samples.map(({ verdict }) => (verdict?.value == null ? 0 : 1));
        return pairwiseAdvantages(preferences, present, parsed);
      });
      const values = Float64Array.from(rows.flatMap((row) => [...row]));
      return { terms: { policy: { of: 'sample', values } }, metrics: {} };
    },
  });
}
