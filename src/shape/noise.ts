import { InputError, noVerdict, type Reward, type RewardLike, stream, verdict } from '../core/index.ts';
import { kept, mapValues, shown } from './compose.ts';

export interface NoiseOptions {
  /** P(1 | truly 0) and P(0 | truly 1). */
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** Rates for the tasks of these domains. */
  readonly domains?: {
    readonly [domain: string]: { readonly falsePositive: number; readonly falseNegative: number };
  };
  readonly seed?: number;
}

/**
 * A binary reward seen through a noisy channel, on purpose: to learn what a checker's errors do to training. A flip depends
 * on the seed, the step and the sample, and nothing else; while `phase` is 'evaluate' nothing is flipped. A value that is
 * neither 0 nor 1 is no verdict (`unsupported`).
 */
export function noise(inner: RewardLike, options: NoiseOptions): Reward {
  const { domains = {}, seed = 0, falsePositive, falseNegative } = options;
  for (const one of [{ falsePositive, falseNegative }, ...Object.values(domains)])
    for (const rate of [one.falsePositive, one.falseNegative])
      if (!(rate >= 0 && rate <= 1)) throw new InputError(`noise: a rate of ${rate}`);
  return mapValues(
    'noise',
    { falsePositive, falseNegative, domains, seed },
    inner,
    (value, sample, context, whole) => {
      if (value !== 0 && value !== 1)
        return noVerdict(
          'unsupported',
          `noise needs rewards of 0 or 1, not ${shown(value)}`,
          kept({ inner: whole }),
        );
      const { domain } = sample.task;
      const rates = domain !== undefined && Object.hasOwn(domains, domain) ? domains[domain]! : options;
      const draw = stream(seed, 'noise', context.step, sample.task.id, sample.id).next();
      const flips =
        context.phase !== 'evaluate' && draw < (value === 1 ? rates.falseNegative : rates.falsePositive);
      return verdict(
        flips ? 1 - value : value,
        flips ? `${value} flipped by noise` : (whole.reason ?? 'not flipped'),
        kept({ inner: whole }),
      );
    },
  );
}
