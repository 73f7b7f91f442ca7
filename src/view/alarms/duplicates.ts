import { percent, type Rule, windowMean } from './rule.ts';

const options = { share: 0.5, more: 0.3, window: 3, first: 5 };

/** The policy says the same whatever it is asked: it collapsed, or found a text that the reward always takes. */
export const duplicates: Rule<'duplicates', typeof options> = {
  rule: 'duplicates',
  options,
  says: ({ share, more, window, first }) =>
    `Over ${window} looked-at steps at least ${percent(share)} of the completions are one and the same text, given for several tasks, and ${percent(more)} more than over the first ${first}.`,
  look: ({ duplicates: seen }, { share, more, window, first }) => {
    if (seen.length < first + window)
      return { cannot: `fewer than ${first + window} steps with samples of several tasks` };
    const shares = seen.map((one) => one.share);
    const usual = windowMean(shares, 0, first);
    const steps = seen.map(({ step }) => step);
    const findings = [];
    let from = -1;
    for (let i = first + window - 1; i <= seen.length; i++) {
      const now = i < seen.length ? windowMean(shares, i - window + 1, i + 1) : Number.NaN;
      const holds = now >= share && now >= usual + more;
      if (holds && from < 0) from = i;
      if (holds || from < 0) continue;
      const last = windowMean(shares, i - window, i);
      findings.push({
        from: steps[from - window + 1]!,
        to: steps[i - 1]!,
        open: i === seen.length,
        text: `${percent(last)} of the completions of a step are one text, whatever the task; at first ${percent(usual)}`,
        metrics: ['entropy', 'reward'],
      });
      from = -1;
    }
    return { findings };
  },
};
