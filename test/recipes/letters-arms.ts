/** The letters with an arm that learns more slowly: a reproduction of training runs that takes a second a job. */
import { recipe } from 'assay/train';
import letters from './letters.ts';

export default recipe({
  ...letters.recipe,
  name: 'letters-arms',
  steps: 60,
  metric: 'mean.reward',
  arms: { slow: { optimizer: { learningRate: 0.0001 } } },
  expected: { arm: 'main', over: 'slow', direction: 'higher' },
});
