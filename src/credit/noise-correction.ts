import { z } from 'zod';
import {
  type Batch,
  type Credit,
  described,
  type Estimator,
  InputError,
  type LearningContext,
  memoriesOf,
  parseOptions,
  type Sample,
  type Task,
  type Turn,
  textSample,
  verdict,
} from '../core/index.ts';
import { estimatorOption, termsOf } from './inner.ts';
import { groupedRewards, revalued } from './rewards.ts';

/** How often a checker errs: P(accepted | wrong) and P(rejected | right). */
export interface NoiseRates {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

const rate = z.number().min(0).lt(1);
const rates = z.strictObject({ falsePositive: rate, falseNegative: rate });
const schema = z.object({
  ...rates.shape,
  /** Rates that differ by the task's domain; the others have the rates above. */
  domains: z.record(z.string(), rates).optional(),
  form: z.enum(['backward', 'forward']).default('forward'),
  /** Rewards at or above this were accepted. */
  accepted: z.number().default(0.5),
});

const withInner = schema.extend({ inner: estimatorOption.optional() });

export type NoiseCorrectionOptions = Partial<z.input<typeof schema>> &
  NoiseRates & {
    /** The estimator that gets the corrected values as rewards; left out, they are the advantages themselves. */
    readonly inner?: Estimator;
  };

/**
 * A reward seen through a noisy checker, corrected (Cai et al. 2025): `backward` (r̃ − ρ0)/(1 − ρ0 − ρ1), whose mean given the
 * truth is the truth, not clipped; `forward` ρ1 − 1 for rejected and ρ1 for accepted samples, whose expected gradient is
 * (1 − ρ0 − ρ1) times the clean one (the default, as of the estimator). ρ0 is the false-positive and ρ1 the false-negative rate. Throws InputError for ρ0 + ρ1 ≥ 1.
 */
export function correctNoise(
  accepted: boolean,
  { falsePositive, falseNegative }: NoiseRates,
  form: 'backward' | 'forward' = 'forward',
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
 * The correction as an estimator. Without `inner` the corrected values are the advantages, uncentred: the place where the
 * correction acts. With `inner` they are its rewards; both forms are affine in the reward, so that behind a mean and a
 * deviation of samples with the same rates (those of a group always have) they change nothing; `metrics.noiseCorrectionUndone` is
 * 1 then, and `notes` says it.
 */
export function noiseCorrection(options: NoiseCorrectionOptions): Estimator {
  const { inner, ...parsed } = parseOptions(withInner, options, "estimator 'noiseCorrection'");
  const { domains = {}, form } = parsed;
  for (const one of [parsed, ...Object.values(domains)]) correctNoise(true, one, form);
  const corrected = (batch: Batch<unknown>): Float64Array => {
    const tasks = batch.groups.flatMap(({ samples }) => samples.map(({ task }) => task));
    return groupedRewards(batch).rewards.map((reward, i) => {
      if (Number.isNaN(reward)) return reward;
      const domain = tasks[i]!.domain;
      const own = domain !== undefined && Object.hasOwn(domains, domain) ? domains[domain]! : parsed;
      return correctNoise(reward >= parsed.accepted, own, form);
    });
  };
  const undone = inner && isUndone(inner, corrected, Object.keys(domains));
  return described(
    'noiseCorrection',
    '1',
    { ...parsed, ...(inner && { inner }) },
    {
      ...(inner ? termsOf(inner) : { terms: ['policy'] }),
      ...(inner?.needs && { needs: inner.needs }),
      ...(inner && { children: { inner } }),
      ...(undone && { notes: [undoneNote] }),
      estimate: (batch: Batch<unknown>, context: LearningContext): Credit => {
        const rewards = corrected(batch);
        if (!inner)
          return {
            terms: { policy: { of: 'sample', values: rewards.map((r) => (Number.isNaN(r) ? 0 : r)) } },
            metrics: {},
          };
        const credit = inner.estimate(revalued(batch, rewards), context);
        return { ...credit, metrics: { ...credit.metrics, noiseCorrectionUndone: undone ? 1 : 0 } };
      },
    },
  );
}

const undoneNote =
  "noiseCorrection changes nothing here: the estimator behind it gives the same advantages for corrected and uncorrected rewards. Leave 'inner' out, or take one that neither centres nor divides";

/**
 * Whether the estimator gives the same advantages with and without the correction, tried on a made-up batch of 0/1 rewards with tasks
 * of every domain. One that cannot do with such a batch (it wants more of its samples) is taken for one that does not.
 */
function isUndone(
  inner: Estimator,
  corrected: (batch: Batch<unknown>) => Float64Array,
  domains: readonly string[],
): boolean {
  const batch = probe([undefined, ...domains], inner.needs?.references ?? []);
  const context = { step: 0, totalSteps: 1, stage: '' };
  const fresh = () => {
    for (const [, state] of memoriesOf(inner)) state.reset();
  };
  try {
    const advantages = [batch, revalued(batch, corrected(batch))].map((of) => {
      fresh();
      return Object.values(inner.estimate(of, context).terms).flatMap(({ values }) => [...values]);
    });
    const [plain, other] = advantages as [number[], number[]];
    return plain.every((a, i) => Math.abs(a - other[i]!) <= 1e-5 * (1 + Math.abs(a)));
  } catch {
    return false;
  } finally {
    fresh();
  }
}

/** Three groups a domain, from hard to easy, of four samples with three tokens each. */
function probe(domains: readonly (string | undefined)[], references: readonly string[]): Batch<unknown> {
  const logprobs = new Float64Array(3).fill(-1);
  return {
    groups: domains.flatMap((domain, d) =>
      [1, 2, 3].map((right) => {
        const task: Task = { id: `${d}/${right}`, prompt: '', ...(domain !== undefined && { domain }) };
        const samples = [0, 1, 2, 3].map((i): Sample<unknown> => {
          const sample = textSample(task, String(i), `${d}/${right}/${i}`, 3);
          const [turn] = sample.turns;
          const completion = { ...turn!.completion, tokens: Int32Array.of(0, 1, 2), logprobs };
          const own: Turn<unknown> = {
            ...turn!,
            completion,
            values: new Float64Array(3),
            references: Object.fromEntries(references.map((name) => [name, logprobs])),
          };
          return { ...sample, turns: [own], verdict: verdict(i < right ? 1 : 0) };
        });
        return { task, samples };
      }),
    ),
  };
}
