import { cosine, type Demonstration, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { arithmeticTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped, combine, entropyBonus, kl } from 'assay/objective';
import { recipe } from 'assay/train';
import { number } from 'assay/verify';

const digits = (largest: number, train: number, demonstrations: number) =>
  arithmeticTasks({ operators: ['+'], largest, train, evaluate: 30, demonstrations });

/** Sums of numbers with one, two and four digits; one-digit sums are only a hundred. */
const levels = {
  easy: digits(9, 70, 70),
  medium: digits(99, 1500, 1500),
  hard: digits(9999, 1500, 300),
};

/** Tasks of one level; the base is shown demonstrations of all three, which are therefore the same in every arm. */
function level(name: keyof typeof levels): TaskSource {
  return {
    name: 'level',
    version: '1',
    options: { name, levels },
    load: async () => {
      const { train, evaluate } = await levels[name].load();
      const demonstrations: Demonstration[] = [];
      for (const each of Object.values(levels)) demonstrations.push(...(await each.load()).demonstrations);
      return { train, evaluate, demonstrations };
    },
  };
}

/**
 * Experiment 2: the same base and the same tokens on three levels of difficulty. `zeroVariance` is the share of groups without a
 * gradient. At a learning rate of 1e-3 the medium level loses what it could do.
 */
export default recipe({
  name: 'simplerl-zoo-difficulty',
  summary: 'one base, trained on sums that it sometimes solves or on sums that it never solves',
  paper: 'simplerl-zoo',
  tasks: level('easy'),
  engine: embedded({
    layers: 2,
    width: 48,
    heads: 4,
    context: 16,
    tokenizer: { kind: 'character', alphabet: '0123456789+=' },
  }),
  warmStart: {
    steps: 400,
    batch: 64,
    optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
  },
  reward: number({ from: 'whole' }),
  estimator: grpo({ std: 'sample' }),
  objective: combine([
    [clipped({ low: 0.2, high: 0.2, aggregate: 'token' }), 1],
    [kl({ estimator: 'k3', to: 'base' }), 1e-4],
    [entropyBonus(), 1e-3],
  ]),
  references: { base: 'stage' },
  optimizer: { learningRate: 3e-4, clipNorm: 1 },
  groups: 16,
  samples: 8,
  steps: 150,
  sampling: { maxTokens: 6, temperature: 1 },
  evaluation: { every: 0, passAt: [1] },
  checkpoint: { every: 1000 },
  arms: {
    medium: { tasks: level('medium') },
    hard: { tasks: level('hard') },
    // The base itself: what one step sees of it, on every task.
    easyBase: { steps: 1, groups: 70, samples: 16 },
  },
  metric: 'last.solveRate',
  expected: [
    { arm: 'main', over: 'easyBase', direction: 'higher' },
    { arm: 'main', over: 'hard', direction: 'higher', by: 0.2 },
    { arm: 'hard', over: 0, direction: 'lower', by: -0.02 },
    // Of the groups of hard tasks more than nine in ten are of no use.
    { arm: 'hard', over: 0, direction: 'higher', by: 0.9, metric: 'mean.zeroVariance' },
  ],
});
