import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  type LearningContext,
  parseOptions,
  type Role,
} from '../core/index.ts';
import { requireEstimator, termsOf } from './inner.ts';

const schema = z.object({
  /**
   * `extremes`: the best against the worst of a group (RLMT). `split`: all above against all below the group's mean (winners
   * and losers, as GEPO wants them).
   */
  by: z.enum(['extremes', 'split']).default('extremes'),
  /** The best must lead the worst by at least this (Skywork-R1V2's threshold τ); never less than strictly. */
  margin: z.number().min(0).default(0),
  /** Score by this part of the verdict; its value when left out. */
  part: z.string().min(1).optional(),
});

export type PreferencePairsOptions = z.input<typeof schema>;

/**
 * The roles of a group's members by their scores (NaN has none): chosen and rejected. A group whose best does not lead its
 * worst by the margin has no roles, and neither has one with ties alone.
 */
export function pairRoles(
  scores: ArrayLike<number>,
  options: PreferencePairsOptions = {},
): (Role | undefined)[] {
  const { by, margin } = schema.parse(options);
  const roles = Array.from(scores, (): Role | undefined => undefined);
  let best = -1;
  let worst = -1;
  let sum = 0;
  let n = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) continue;
    if (best < 0 || score > scores[best]!) best = i;
    if (worst < 0 || score < scores[worst]!) worst = i;
    sum += score;
    n++;
  }
  if (n < 2 || !(scores[best]! > scores[worst]!) || scores[best]! - scores[worst]! < margin) return roles;
  if (by === 'extremes') {
    roles[best] = 'chosen';
    roles[worst] = 'rejected';
    return roles;
  }
  const middle = sum / n;
  for (let i = 0; i < scores.length; i++)
    if (scores[i]! > middle) roles[i] = 'chosen';
    else if (scores[i]! < middle) roles[i] = 'rejected';
  return roles;
}

/** Gives the sequences of every group their side in a preference loss (`dpo`, `unpaired`, `groupPreference`), beside the advantages of `inner`. */
export function preferencePairs(inner: Estimator, options: PreferencePairsOptions = {}): Estimator {
  requireEstimator(inner, "estimator 'preferencePairs'");
  const parsed = parseOptions(schema, options, "estimator 'preferencePairs'");
  return described(
    'preferencePairs',
    '1',
    { inner, ...parsed },
    {
      ...termsOf(inner),
      needs: inner.needs,
      children: { inner },
      ...(parsed.part !== undefined && { reads: [parsed.part] }),
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const credit = inner.estimate(batch, context);
        let paired = 0;
        const roles = batch.groups.flatMap(({ samples }) => {
          const own = pairRoles(
            samples.map(({ verdict }) =>
              verdict?.value == null
                ? Number.NaN
                : parsed.part === undefined
                  ? verdict.value
                  : (verdict.parts?.[parsed.part]?.value ?? Number.NaN),
            ),
            parsed,
          );
          if (own.some((role) => role)) paired++;
          return own;
        });
        const share = paired / Math.max(1, batch.groups.length);
        return { ...credit, roles, metrics: { ...credit.metrics, paired: share } };
      },
    },
  );
}
