/** `letters` with a control and something expected: for tests of sweeps. */
import { lift } from 'assay/core';
import { recipe } from 'assay/train';
import letters from './letters.ts';

export default recipe({
  ...letters.recipe,
  name: 'two-rates',
  steps: 60,
  evaluation: { every: 0 },
  checkpoint: undefined,
  arms: {
    unrewarded: { reward: lift(() => 0), optimizer: { learningRate: 0.01 } },
  },
  metric: 'last.reward',
  expected: { arm: 'main', over: 'unrewarded', direction: 'higher', by: 0.5 },
});
