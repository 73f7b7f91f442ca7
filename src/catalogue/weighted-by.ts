import { z } from 'zod';
import {
  type AnyRewardFactory,
  cosine,
  exponential,
  InputError,
  linear,
  parseOptions,
  type Reward,
  type RewardFactory,
  type ScheduleLike,
  scheduleOptions,
} from '../core/index.ts';
import { weighted, weightedSchema } from '../shape/index.ts';

const schedule = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('linear'), options: scheduleOptions.linear.strict() }),
  z.strictObject({ name: z.literal('exponential'), options: scheduleOptions.exponential.strict() }),
  z.strictObject({ name: z.literal('cosine'), options: scheduleOptions.cosine.strict() }),
]);

const options = z.object({
  parts: z
    .record(z.string().min(1), z.unknown())
    .describe('by name: a reward (its name, name?option=value or { name, options }), or [reward, weight]'),
  ...weightedSchema.shape,
});

/**
 * `weighted` as the catalogue has it: its parts are specs. `build` makes a reward of one; it is handed in because it
 * knows the catalogue that this factory is part of.
 */
export function weightedBy(build: (spec: unknown) => Reward): AnyRewardFactory {
  const factory = (given: unknown = {}): Reward => {
    const { parts, ...rest } = parseOptions(options, given, "reward 'weighted'");
    const built = Object.entries(parts).map(([name, part]) => {
      const [spec, weight = 1] = Array.isArray(part) ? part : [part];
      if (Array.isArray(part) && part.length !== 2) throw wrong(name, 'expected [reward, weight]');
      return [name, [build(spec), readWeight(name, weight)]] as const;
    });
    return weighted(Object.fromEntries(built), rest);
  };
  return Object.assign(factory as RewardFactory, {
    definition: {
      name: 'weighted',
      version: '1',
      summary: 'a weighted sum of rewards, with every part kept',
      source: 'the composite rewards of 31 papers; refcritic divides by the sum of the weights',
      options,
      examples: [
        {
          completion: '<think>9 * 2</think><answer>18</answer>',
          answer: '18',
          options: {
            parts: {
              correct: [{ name: 'number', options: { from: 'tag' } }, 1],
              format: ['tagFormat?between=none', 0.5],
            },
          },
          value: 1.5,
        },
        {
          completion: 'seven',
          answer: 'seven',
          options: { parts: { same: 'exact', number: ['number', 0.1] } },
          value: null,
        },
      ],
    } satisfies AnyRewardFactory['definition'],
  });
}

function readWeight(name: string, from: unknown): ScheduleLike {
  if (typeof from === 'number' && Number.isFinite(from)) return from;
  const parsed = schedule.safeParse(from);
  if (!parsed.success)
    throw wrong(name, 'a weight is a number, or a schedule { name: linear | exponential | cosine, options }');
  const { data } = parsed;
  if (data.name === 'linear') return linear(data.options);
  return data.name === 'cosine' ? cosine(data.options) : exponential(data.options);
}

function wrong(part: string, message: string): InputError {
  return new InputError(`reward 'weighted': option 'parts.${part}': ${message}`);
}
