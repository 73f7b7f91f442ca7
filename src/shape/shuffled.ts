import { z } from 'zod';
import {
  asReward,
  callReward,
  described,
  InputError,
  parseOptions,
  type Reward,
  type RewardContext,
  type RewardLike,
  type Sample,
  stream,
  type Verdict,
} from '../core/index.ts';
import { partOf } from './parts.ts';

const schema = z.strictObject({ seed: z.int().default(0) });

export type ShuffledOptions = z.input<typeof schema>;

/**
 * A control: the inner reward's verdicts, dealt out anew among the samples of each group, so that a group keeps its values
 * and loses which sample earned which. What still rises under it was not learnt from the reward. While `phase` is
 * 'evaluate' the verdicts stay where they are.
 */
export function shuffled(of: RewardLike, options: ShuffledOptions = {}): Reward {
  const { seed } = parseOptions(schema, options, "shape 'shuffled'");
  const inner = asReward(of, partOf('shuffled', 'inner'));
  if (inner.scope === 'batch')
    throw new InputError("shape 'shuffled': a batch-scoped reward cannot be shuffled within groups");
  const deal = (verdicts: readonly Verdict[], samples: readonly Sample<unknown>[], context: RewardContext) =>
    context.phase === 'evaluate'
      ? verdicts
      : stream(seed, 'shuffled', context.step, samples[0]?.task.id ?? '').shuffle([...verdicts]);
  return described(
    'shuffled',
    '1',
    { inner, seed },
    {
      scope: 'group' as const,
      trainable: inner.trainable,
      minimum: inner.minimum,
      children: { inner },
      score: (samples: readonly Sample<unknown>[], context: RewardContext) => {
        if (inner.scope === 'group') {
          const result = callReward(inner, samples, context);
          return result instanceof Promise
            ? result.then((verdicts) => deal(verdicts, samples, context))
            : deal(result, samples, context);
        }
        const results = samples.map((sample) => callReward(inner, [sample], context));
        if (!results.some((result) => result instanceof Promise))
          return deal((results as (readonly Verdict[])[]).flat(), samples, context);
        return Promise.all(results).then((all) => deal(all.flat(), samples, context));
      },
    },
  );
}
