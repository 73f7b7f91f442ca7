import {
  callReward,
  type Reward,
  type RewardContext,
  type Sample,
  type Scope,
  type Verdict,
} from '../core/index.ts';

const order: readonly Scope[] = ['sample', 'group', 'batch'];

/** The widest of several scopes: that of a reward made of rewards. */
export function widest(scopes: readonly Scope[]): Scope {
  return order[Math.max(...scopes.map((scope) => order.indexOf(scope)))]!;
}

/** The verdicts of a part, called per its own scope within the samples of a wider call. */
export function scoreWithin(
  reward: Reward,
  scope: Scope,
  samples: readonly Sample<unknown>[],
  context: RewardContext,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  if (reward.scope === scope) return callReward(reward, samples, context);
  const verdicts = new Array<Verdict>(samples.length);
  const waiting: Promise<void>[] = [];
  for (const places of reward.scope === 'sample' ? samples.map((_, i) => [i]) : byTask(samples)) {
    const members = places.map((i) => samples[i]!);
    // A batch does not say which groups it is made of; samples of one task are one group.
    const group = reward.scope === 'group' ? { task: members[0]!.task, samples: members } : context.group;
    const result = callReward(reward, members, { ...context, group });
    const keep = (all: readonly Verdict[]) =>
      places.forEach((place, k) => {
        verdicts[place] = all[k]!;
      });
    if (result instanceof Promise) waiting.push(result.then(keep));
    else keep(result);
  }
  return waiting.length > 0 ? Promise.all(waiting).then(() => verdicts) : verdicts;
}

/** Places of the samples of each task, in order: what a batch knows of its groups. */
export function byTask(samples: readonly Sample<unknown>[]): number[][] {
  const groups = new Map<unknown, number[]>();
  for (const [i, { task }] of samples.entries()) {
    const places = groups.get(task);
    if (places) places.push(i);
    else groups.set(task, [i]);
  }
  return [...groups.values()];
}
