import { z } from 'zod';
import { type Batch, bounded, type Credit, described, type Estimator, parseOptions } from '../core/index.ts';
import { betaNormalizedAdvantages } from './beta-normalized.ts';
import { grpoAdvantages } from './grpo.ts';
import { groupedRewards, groupMoments } from './rewards.ts';

const schema = z.object({
  /** Parts of the verdict and their weights. */
  parts: z
    .record(z.string().min(1), z.number())
    .refine((parts) => Object.keys(parts).length > 0, 'needs at least one part'),
  /**
   * `sumThenNormalize` (TRL's default): GRPO on the weighted sum. `normalizeThenSum` (TRL): each part's z-score in its group,
   * their weighted sum, its z-score over the batch. `average` (BNPO): the weighted mean of the advantages of each part alone.
   */
  how: z.enum(['sumThenNormalize', 'normalizeThenSum', 'average']).default('sumThenNormalize'),
  /** The advantage of each part for `average`. */
  each: z.enum(['grpo', 'betaNormalized']).default('grpo'),
  epsilon: z.number().min(0).default(1e-4),
  /**
   * A sample that lacks one part but not all is left out, or its other parts are summed, as in TRL. The whole verdict must
   * then have a value all the same: `weighted(…, { missing: 'skip' })`.
   */
  missing: z.enum(['exclude', 'skip']).default('exclude'),
});

export type PerRewardOptions = z.input<typeof schema>;

/**
 * Advantages from several rewards. `columns` has one flat array a part, NaN where it gave no verdict, `weights` in the same
 * order; group g has samples starts[g] to starts[g + 1]. BNPO's code averages over every part, also one that is 0 everywhere.
 */
export function perRewardAdvantages(
  columns: readonly Float64Array[],
  weights: readonly number[],
  starts: Int32Array,
  options: Omit<PerRewardOptions, 'parts'> = {},
): Float64Array {
  const { how, each, epsilon, missing } = schema.omit({ parts: true }).parse(options);
  const n = columns[0]?.length ?? 0;
  const lacking = Uint8Array.from({ length: n }, (_, i) => {
    const missed = columns.filter((column) => Number.isNaN(column[i]!)).length;
    return missed === columns.length || (missed > 0 && missing === 'exclude') ? 1 : 0;
  });
  const usable = columns.map((column) => column.map((x, i) => (lacking[i] ? Number.NaN : x)));
  const summed = (of: readonly Float64Array[], scale = 1) =>
    Float64Array.from({ length: n }, (_, i) =>
      lacking[i]
        ? Number.NaN
        : of.reduce((sum, x, k) => sum + (Number.isNaN(x[i]!) ? 0 : (weights[k]! * x[i]!) / scale), 0),
    );
  if (how === 'sumThenNormalize') return grpoAdvantages(summed(usable), starts, { epsilon });
  const alone = usable.map((column) => {
    const of =
      how === 'average' && each === 'betaNormalized'
        ? betaNormalizedAdvantages(column, starts)
        : grpoAdvantages(column, starts, { epsilon });
    return of.map((a, i) => (Number.isNaN(column[i]!) ? Number.NaN : a));
  });
  if (how === 'average') {
    const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    return summed(alone, total || 1).map((a) => (Number.isNaN(a) ? 0 : a));
  }
  const sum = summed(alone);
  const { mean, variance } = groupMoments(sum, 0, n);
  const spread = Math.sqrt(variance) + epsilon;
  return sum.map((a) => (Number.isNaN(a) || !(variance > 0) ? 0 : (a - mean) / spread));
}

/** `perRewardAdvantages` of named parts of the verdicts, as a recipe's estimator. */
export function perReward(options: PerRewardOptions): Estimator {
  const parsed = parseOptions(schema, options, "estimator 'perReward'");
  const names = Object.keys(parsed.parts);
  return described('perReward', '1', parsed, {
    terms: ['policy'],
    reads: names,
    estimate: (batch: Batch<unknown>): Credit => {
      const samples = batch.groups.flatMap((group) => group.samples);
      const columns = names.map((name) =>
        Float64Array.from(samples, ({ verdict }) =>
          verdict?.value == null ? Number.NaN : bounded(verdict.parts?.[name]?.value ?? Number.NaN),
        ),
      );
      const values = perRewardAdvantages(
        columns,
        Object.values(parsed.parts),
        groupedRewards(batch).starts,
        parsed,
      );
      const metrics = Object.fromEntries(
        names.map((name, k) => [`reward.${name}`, groupMoments(columns[k]!, 0, samples.length).mean]),
      );
      return { terms: { policy: { of: 'sample', values } }, metrics };
    },
  });
}
