import { callReward, noVerdict, type Reward, type RewardContext, type Verdict } from '../core/index.ts';
import type { Case } from './cases.ts';

/** The verdicts of a reward on cases, each alone; a reward of wider scope is never scored alone: no verdict. */
export async function scoreCases(
  cases: readonly Pick<Case, 'sample'>[],
  reward: Reward,
  context: RewardContext,
): Promise<readonly Verdict[]> {
  if (reward.scope !== 'sample')
    return cases.map(() =>
      noVerdict('unsupported', `'${reward.name}' needs a whole ${reward.scope}; a case is one completion`),
    );
  return callReward(
    reward,
    cases.map(({ sample }) => sample),
    context,
  );
}
