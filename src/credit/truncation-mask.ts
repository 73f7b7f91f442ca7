import { type Batch, type Credit, described, type Estimator, type LearningContext } from '../core/index.ts';
import { requireEstimator, termsOf } from './inner.ts';

/**
 * Samples that were cut at the token limit leave the gradient; their rewards stay in the statistics (DAPO's overlong
 * filtering, TRL `mask_truncated_completions`, SimpleRL-Zoo `remove_clip`).
 */
export function truncationMask(inner: Estimator): Estimator {
  requireEstimator(inner, "estimator 'truncationMask'");
  return described(
    'truncationMask',
    '1',
    { inner },
    {
      ...termsOf(inner),
      needs: inner.needs,
      children: { inner },
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const credit = inner.estimate(batch, context);
        const samples = batch.groups.flatMap((group) => group.samples);
        let cut = 0;
        const mask = Uint8Array.from(samples, ({ turns }, i) => {
          const truncated = turns.at(-1)?.completion.finish === 'length';
          if (truncated) cut++;
          return truncated ? 0 : (credit.mask?.[i] ?? 1);
        });
        return {
          ...credit,
          mask,
          metrics: { ...credit.metrics, truncated: cut / Math.max(1, samples.length) },
        };
      },
    },
  );
}
