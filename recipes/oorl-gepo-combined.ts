import { dpo } from 'assay/objective';
import { recipe } from 'assay/train';
import { base, beta, gepo, withPreferences } from './oorl-gepo.ts';

/** Unit tests alone, with DPO, and with group preference. See docs/reproductions/oorl-gepo-combined.md: it does not hold here. */
export default recipe({
  ...base,
  name: 'oorl-gepo-combined',
  summary:
    'unit tests on policy, and with DPO or group preference beside them: fewer silent errors of translation',
  ...withPreferences(gepo),
  arms: {
    dpo: withPreferences(dpo({ to: 'start', beta })),
    onPolicy: withPreferences(gepo, 0),
  },
  metric: 'mean.part.silent',
  expected: [
    { arm: 'main', over: 'onPolicy', direction: 'lower' },
    { arm: 'main', over: 'dpo', direction: 'lower' },
  ],
});
