import { dynamicSampling, uniform } from 'assay/curriculum';
import { recipe, type Stage } from 'assay/train';
import { countdownSetting } from './countdown.ts';

/** Until so many tokens were sampled: what a filter drops was sampled too, and counts. */
const stages: readonly Stage[] = [{ name: 'reinforce', steps: 2000, until: { tokens: 400_000 } }];

/**
 * Ways to choose what an update learns from, on Countdown after a weak warm start, at equal generated tokens. Groups are small
 * (8), so that many of them are all wrong at first.
 */
export default recipe({
  name: 'curricula',
  summary: 'dynamic sampling, its soft and band-pass forms, and uniform sampling, at equal generated tokens',
  ...countdownSetting,
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
  groups: 16,
  samples: 8,
  steps: 2000,
  stages,
  curriculum: dynamicSampling(),
  arms: {
    uniform: { curriculum: uniform() },
    soft: { curriculum: dynamicSampling({ keep: 0.5 }) },
    // Groups that are nearly always right or nearly always wrong are left out as well.
    band: { curriculum: dynamicSampling({ band: [0.2, 0.8] }) },
  },
  metric: 'after',
  expected: { arm: 'main', over: 'uniform', direction: 'higher' },
});
