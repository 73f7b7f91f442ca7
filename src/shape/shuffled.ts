import {
  callReward,
  described,
  type Reward,
  type RewardContext,
  type Sample,
  stream,
  type Verdict,
} from '../core/index.ts';

/**
 * A control: the inner reward's verdicts, dealt out anew among the samples of each group, so that a group keeps its values
 * and loses which sample earned which. What still rises under it was not learnt from the reward. While `phase` is
 * 'evaluate' the verdicts stay where they are.
 */
export function shuffled(inner: Reward, options: { readonly seed?: number } = {}): Reward {
  const { seed = 0 } = options;
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
        if (inner.scope === 'batch')
          throw new Error('a batch-scoped reward cannot be shuffled within groups');
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
