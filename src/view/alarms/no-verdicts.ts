import { percent, type Rule, stretches, trailingMeans, windowMean } from './rule.ts';

const options = { share: 0.05, times: 5, window: 3, before: 30, least: 10, begin: 0.5 };

/** The verifier, the judge or the sandbox began to fail. */
export const noVerdicts: Rule<'no-verdicts', typeof options> = {
  rule: 'no-verdicts',
  options,
  says: ({ share, times, window, before, least, begin }) =>
    `Over ${window} steps at least ${percent(share)} of the samples have no verdict, and ${times} times as many as over the ${before} steps before them (or as many as there are, at least ${least}); or at least ${percent(begin)}, from the first step on.`,
  look: ({ steps, names, metric }, { share, times, window, before, least, begin }) => {
    const rate = metric('noVerdict');
    if (!rate || steps.length < window)
      return { cannot: `fewer than ${window} steps with a no-verdict rate` };
    const now = trailingMeans(rate, window);
    const usual = trailingMeans(rate, before);
    // Once it speaks, what was usual stays what it was before: only a usual share that was seen can stay.
    let held: number | undefined;
    let always = true;
    const holds = Array.from(now, (value, i) => {
      const seen = i + 1 - window; // steps before these
      const base = held ?? (seen >= before ? usual[seen - 1]! : windowMean(rate, 0, seen));
      const rose = seen >= least && value >= share && value >= times * base;
      held = rose ? base : undefined;
      always &&= seen < 0 || value >= begin;
      return rose || (always && seen >= 0);
    });
    return {
      findings: stretches(
        { steps },
        (i) => holds[i]!,
        1,
        (from, to) => {
          let most = from;
          for (let i = from; i <= to; i++) if (now[i]! > now[most]!) most = i;
          const causes = names.filter((name) => name.startsWith('noVerdict.') && metric(name)![most]! > 0);
          return {
            text: `${percent(now[most]!)} of the samples have no verdict${causes.length > 0 ? ` (${causes.map((name) => name.slice(10)).join(', ')})` : ''}`,
            metrics: ['noVerdict', ...causes],
          };
        },
      ),
    };
  },
};
