import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  InputError,
  type LearningContext,
  parseOptions,
} from '../core/index.ts';
import { groupedRewards, revalued } from './rewards.ts';

/** How often a checker errs: P(accepted | wrong) and P(rejected | right). */
export interface NoiseRates {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

const rate = z.number().min(0).lt(1);
const rates = z.object({ falsePositive: rate, falseNegative: rate });
const schema = z.object({
  ...rates.shape,
  /** Rates that differ by the task's domain; the others have the rates above. */
  domains: z.record(z.string(), rates).optional(),
  form: z.enum(['backward', 'forward']).default('forward'),
  /** Rewards at or above this were accepted. */
  accepted: z.number().default(0.5),
});

export type NoiseCorrectionOptions = Partial<z.input<typeof schema>> &
  NoiseRates & {
    /** The estimator that gets the corrected values as rewards; left out, they are the advantages themselves. */
    readonly inner?: Estimator;
  };

/**
 * A reward seen through a noisy checker, corrected (Cai et al. 2025): `backward` (r̃ − ρ0)/(1 − ρ0 − ρ1), whose mean given the
 * truth is the truth, not clipped; `forward` ρ1 − 1 for rejected and ρ1 for accepted samples, whose expected gradient is
 * (1 − ρ0 − ρ1) times the clean one. ρ0 is the false-positive and ρ1 the false-negative rate. Throws InputError for ρ0 + ρ1 ≥ 1.
 */
export function correctNoise(
  accepted: boolean,
  { falsePositive, falseNegative }: NoiseRates,
  form: 'backward' | 'forward' = 'backward',
): number {
  const left = 1 - falsePositive - falseNegative;
  if (!(left > 1e-12))
    throw new InputError(
      `noise rates ${falsePositive} and ${falseNegative} sum to 1 or more: nothing can be told`,
    );
  const observed = accepted ? 1 : 0;
  return form === 'forward' ? observed + falseNegative - 1 : (observed - falsePositive) / left;
}

/**
 * Whether an estimator centres and divides by a deviation of samples that share their rates: then the correction changes nothing.
 * A group has one task and so one domain; only a deviation over the batch mixes domains.
 */
function undoes(inner: Estimator | undefined, byDomain: boolean): boolean {
  const { std, centre, scale } = (inner?.options ?? {}) as { std?: string; centre?: string; scale?: string };
  const mixed = byDomain && scale === 'batch';
  return inner?.name === 'grpo' && std !== 'none' && centre !== 'none' && !mixed;
}

/**
 * The correction as an estimator. Without `inner` the corrected values are the advantages, uncentred: the place where the
 * correction acts. With `inner` they are its rewards; both forms are affine in the reward, so that behind a mean and a
 * deviation of samples with the same rates (those of a group always have) they change nothing; `metrics.noiseCorrectionUndone` is
 * 1 then.
 */
export function noiseCorrection(options: NoiseCorrectionOptions): Estimator {
  const { inner, ...rest } = options;
  const parsed = parseOptions(schema, rest, "estimator 'noiseCorrection'");
  const { domains = {}, form } = parsed;
  for (const one of [parsed, ...Object.values(domains)]) correctNoise(true, one, form);
  const undone = undoes(inner, Object.keys(domains).length > 0) ? 1 : 0;
  return described(
    'noiseCorrection',
    '1',
    { ...parsed, ...(inner && { inner }) },
    {
      ...(inner?.needs && { needs: inner.needs }),
      ...(inner && { children: { inner } }),
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const tasks = batch.groups.flatMap(({ samples }) => samples.map(({ task }) => task));
        const corrected = groupedRewards(batch).rewards.map((reward, i) => {
          if (Number.isNaN(reward)) return reward;
          const domain = tasks[i]!.domain;
          const own = domain !== undefined && Object.hasOwn(domains, domain) ? domains[domain]! : parsed;
          return correctNoise(reward >= parsed.accepted, own, form);
        });
        if (!inner)
          return {
            terms: { policy: { of: 'sample', values: corrected.map((r) => (Number.isNaN(r) ? 0 : r)) } },
            metrics: {},
          };
        const credit = inner.estimate(revalued(batch, corrected), context);
        return { ...credit, metrics: { ...credit.metrics, noiseCorrectionUndone: undone } };
      },
    },
  );
}
