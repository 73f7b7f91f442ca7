import { z } from 'zod';
import { noVerdict, parseOptions, type Reward, type RewardLike, stream, verdict } from '../core/index.ts';
import { kept, mapValues, shown } from './compose.ts';

const rate = z.number().min(0).max(1);
/** P(1 | truly 0) and P(0 | truly 1). */
const rates = { falsePositive: rate, falseNegative: rate };
const schema = z.strictObject({
  ...rates,
  /** Rates for the tasks of these domains. */
  domains: z.record(z.string(), z.strictObject(rates)).default({}),
  seed: z.int().default(0),
});

export type NoiseOptions = z.input<typeof schema>;

/**
 * A binary reward seen through a noisy channel, on purpose: to learn what a checker's errors do to training. A flip depends
 * on the seed, the step and the sample, and nothing else; while `phase` is 'evaluate' nothing is flipped. A value that is
 * neither 0 nor 1 is no verdict (`unsupported`).
 */
export function noise(inner: RewardLike, options: NoiseOptions): Reward {
  const parsed = parseOptions(schema, options, "shape 'noise'");
  const { domains, seed, falsePositive, falseNegative } = parsed;
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
      const rates = domain !== undefined && Object.hasOwn(domains, domain) ? domains[domain]! : parsed;
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
