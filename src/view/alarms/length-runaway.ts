import { percent, type Rule, short, stretches, trailingMeans, windowMean } from './rule.ts';

const options = { times: 2, truncated: 0.3, gain: 0.25, window: 20, least: 5 };

/** Completions grow and nothing is gained by it: a length bias of the reward or the objective, or loops. */
export const lengthRunaway: Rule<'length-runaway', typeof options> = {
  rule: 'length-runaway',
  options,
  says: ({ times, truncated, gain, window, least }) =>
    `For ${least} steps, the mean length over ${window} steps is at least ${times} times the shortest such mean before, and either ${percent(truncated)} of the completions hit the token limit or the reward is not ${gain} standard deviations above what it was then.`,
  look: ({ steps, metric }, { times, truncated, gain, window, least }) => {
    const length = metric('length');
    const reward = metric('reward');
    if (!length || !reward || steps.length < 2 * window)
      return { cannot: `fewer than ${2 * window} steps with a length` };
    const lengths = trailingMeans(length, window);
    const rewards = trailingMeans(reward, window);
    const cut = trailingMeans(metric('truncated') ?? [], window);
    const spread = windowMean(metric('reward.std') ?? [], 0, window);
    let shortest = -1;
    const before = Array.from(lengths, (value, i) => {
      const at = shortest;
      if (!Number.isNaN(value) && (shortest < 0 || value < lengths[shortest]!)) shortest = i;
      return at;
    });
    const holds = (i: number) => {
      const low = before[i]!;
      if (low < 0 || !(lengths[i]! >= times * lengths[low]!) || lengths[low] === 0) return false;
      return (cut[i] ?? 0) >= truncated || !(rewards[i]! - rewards[low]! >= gain * (spread || 1e-9));
    };
    return {
      findings: stretches({ steps }, holds, least, (_, to) => ({
        text: `the mean length grew from ${short(lengths[before[to]!]!)} to ${short(lengths[to]!)} tokens, the reward from ${short(rewards[before[to]!]!)} to ${short(rewards[to]!)}, ${percent(cut[to] ?? 0)} truncated`,
        metrics: ['length', 'truncated', 'reward'],
      })),
    };
  },
};
