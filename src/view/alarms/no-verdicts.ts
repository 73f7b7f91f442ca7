import { percent, type Rule, stretches, trailingMeans } from './rule.ts';

const options = { share: 0.05, times: 5, window: 3, before: 30 };

/** The verifier, the judge or the sandbox began to fail. */
export const noVerdicts: Rule<'no-verdicts', typeof options> = {
  rule: 'no-verdicts',
  options,
  says: ({ share, times, window, before }) =>
    `Over ${window} steps at least ${percent(share)} of the samples have no verdict, and ${times} times as many as over the ${before} steps before them.`,
  look: ({ steps, names, metric }, { share, times, window, before }) => {
    const rate = metric('noVerdict');
    if (!rate || steps.length < window)
      return { cannot: `fewer than ${window} steps with a no-verdict rate` };
    const now = trailingMeans(rate, window);
    const usual = trailingMeans(rate, before);
    // Once it speaks, what was usual stays what it was before.
    let held: number | undefined;
    const holds = Array.from(now, (value, i) => {
      const place = i - window;
      const base = held ?? (place >= before - 1 ? usual[place]! : place >= 0 ? meanUntil(rate, place) : 0);
      const speaks = value >= share && value >= times * base;
      held = speaks ? base : undefined;
      return speaks;
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

function meanUntil(values: ArrayLike<number>, last: number): number {
  let sum = 0;
  for (let i = 0; i <= last; i++) sum += Number.isFinite(values[i]!) ? values[i]! : 0;
  return sum / (last + 1);
}
