import { z } from 'zod';
import {
  type Curriculum,
  described,
  type Group,
  type Json,
  parseOptions,
  type Random,
  withMethod,
} from '../core/index.ts';
import { groupValues } from './group-values.ts';
import { uniform } from './uniform.ts';

const schema = z.object({
  /** Judge by this part of the verdict; by its value when left out. */
  part: z.string().min(1).optional(),
  /** `value`: members differ in value. `sign`: their values have both signs (writing-zero). */
  differ: z.enum(['value', 'sign']).default('value'),
  /** Band-pass: only groups whose mean is within these bounds, in place of the variance test. */
  band: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low <= high, 'its first bound must not be above its second')
    .optional(),
  /** Soft filter: a group that fails is kept all the same with this probability. */
  keep: z.number().min(0).max(1).default(0),
});

const withInner = schema.extend({
  /** Which tasks are drawn; uniform epochs when left out. */
  inner: withMethod<Curriculum>('create', 'a curriculum').optional(),
});

export type DynamicSamplingOptions = z.input<typeof withInner>;

/** Whether a group teaches: its members with a verdict differ, or its mean is within the band. */
export function isInformative(group: Group<unknown>, options: DynamicSamplingOptions = {}): boolean {
  const { part, differ = 'value', band } = options;
  const values = groupValues(group, part);
  if (values.length === 0) return false;
  if (band) {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    return mean >= band[0] && mean <= band[1];
  }
  if (differ === 'sign') return values.some((x) => x > 0) && values.some((x) => x < 0);
  return values.some((x) => x !== values[0]);
}

/**
 * DAPO's dynamic sampling (Yu et al. 2025): groups whose verdicts do not differ are dropped, and more are sampled until the
 * step has its groups or the recipe's `refills` are used up (the paper's code then stops with an error; the loop goes on with
 * what it has). Compare at equal tokens: what is dropped was sampled too.
 */
export function dynamicSampling(options: DynamicSamplingOptions = {}): Curriculum {
  const { inner = uniform(), ...parsed } = parseOptions(withInner, options, "curriculum 'dynamicSampling'");
  return described(
    'dynamicSampling',
    '1',
    { ...parsed, inner },
    {
      reads: [...(parsed.part === undefined ? [] : [parsed.part]), ...(inner.reads ?? [])],
      create: (context: Parameters<Curriculum['create']>[0]) => {
        const run = inner.create(context);
        let random: Random = context.random.fork('soft');
        let seen = 0;
        let kept = 0;
        return {
          next: (n: number) => run.next(n),
          observe: (groups: readonly Group<unknown>[]) => {
            const informative = run
              .observe(groups)
              .filter(
                (group) => isInformative(group, parsed) || (parsed.keep > 0 && random.next() < parsed.keep),
              );
            seen += groups.length;
            kept += informative.length;
            return informative;
          },
          wants: (n: number) => Math.max(0, context.groups - n),
          get metrics() {
            return { ...run.metrics, keptGroups: seen > 0 ? kept / seen : 1 };
          },
          save: (): Json => ({ inner: run.save(), random: random.save(), seen, kept }),
          load: (saved: Json) => {
            const from = saved as unknown as {
              inner: Json;
              random: ReturnType<Random['save']>;
              seen: number;
              kept: number;
            };
            run.load(from.inner);
            random = context.random.fork('soft');
            random.load(from.random);
            ({ seen, kept } = from);
          },
        };
      },
    },
  );
}
