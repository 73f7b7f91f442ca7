import { type Finding, percent, type Rule, short, windowMean } from './rule.ts';

const options = { rise: 0.5, flat: 0.02, window: 10, evaluations: 2 };

/**
 * The reward of the rollouts rises and held-out tasks (another set, or judged by another verifier: `evaluation.reward`) do not
 * follow: what is learnt is the reward, or the training tasks.
 */
export const rewardWithoutHeldOut: Rule<'reward-without-heldout', typeof options> = {
  rule: 'reward-without-heldout',
  options,
  says: ({ rise, flat, window, evaluations }) =>
    `At ${evaluations} held-out evaluations after another, the mean reward of ${window} steps is at least ${rise} standard deviations of the first ${window} steps' rewards above these, and the held-out solve rate never more than ${percent(flat)} above its value before them.`,
  look: ({ steps, metric, heldOut }, { rise, flat, window, evaluations }) => {
    const reward = metric('reward');
    if (!reward || steps.length < 2 * window)
      return { cannot: `fewer than ${2 * window} steps with a reward` };
    const begin = steps[0]!;
    const before = heldOut.filter(({ step }) => step <= begin).at(-1) ?? heldOut[0];
    const after = heldOut.filter(({ step }) => step > Math.max(begin, before?.step ?? 0));
    if (!before || after.length < evaluations)
      return { cannot: `fewer than ${evaluations} held-out evaluations during the run` };
    if (before.solveRate + flat >= 1)
      return { cannot: `the held-out solve rate was at its ceiling before (${percent(before.solveRate)})` };
    const first = windowMean(reward, 0, window);
    const spread = windowMean(metric('reward.std') ?? [], 0, window);
    const scale = spread > 0 ? spread : Math.max(Math.abs(first), 1e-9);
    const findings: Finding[] = [];
    let alike: number[] = [];
    let best = Number.NEGATIVE_INFINITY;
    after.forEach(({ step, solveRate }, k) => {
      let end = steps.length;
      while (end > 0 && steps[end - 1]! > step) end--;
      const now = windowMean(reward, end - window, end);
      best = Math.max(best, solveRate);
      const holds = (now - first) / scale >= rise && best <= before.solveRate + flat;
      alike = holds ? [...alike, step] : [];
      if (alike.length < evaluations) return;
      const finding = {
        from: alike[0]!,
        to: step,
        open: k === after.length - 1,
        text: `the reward rose from ${short(first)} to ${short(now)}, the held-out solve rate went from ${percent(before.solveRate)} to ${percent(solveRate)}`,
        metrics: ['reward', 'heldout/solveRate'],
      };
      if (alike.length > evaluations) findings.pop();
      findings.push(finding);
    });
    return { findings };
  },
};
