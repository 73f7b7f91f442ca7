import { stream, type Task, type TaskSource } from 'assay/core';
import { betaNormalized } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe } from 'assay/train';
import { exact } from 'assay/verify';

const letters = [...'abcd'];

/** Questions without a rule, so they are their own test. */
const tasks: readonly Task[] = Array.from({ length: 64 }, (_, q) => ({
  id: `q${q}`,
  prompt: `q${q}`,
  answer: letters[q % letters.length]!,
}));

const questions: TaskSource = {
  name: 'questions',
  version: '1',
  options: { tasks },
  load: async () => ({ train: tasks, evaluate: tasks, demonstrations: [] }),
};

/** A table that starts with every chance of success between rarely and mostly. */
function startingRows(): Record<string, number[]> {
  const random = stream(0, 'bnpo-training');
  return Object.fromEntries(
    tasks.map(({ id, answer }) => {
      const skill = 1.5 * random.normal();
      return [id, letters.map((letter) => (letter === answer ? skill : 0))];
    }),
  );
}

/**
 * Experiment 2: the density that BNPO fits follows the policy. As success rates rise, their mean goes to 1, so β shrinks to 1
 * while α stays above it. Which estimator learns fastest is not judged here: in a table every question has logits of its own,
 * so the score is not independent of the reward and the claim about variance need not hold.
 */
export default recipe({
  name: 'bnpo-training',
  summary: 'α and β of the fitted density while the policy learns',
  paper: 'bnpo',
  tasks: questions,
  engine: tabular({ actions: letters, rows: startingRows() }),
  reward: exact(),
  estimator: betaNormalized(),
  objective: clipped({ low: 0.2, high: 0.28, dual: 10, aggregate: 'sequenceSum' }),
  optimizer: { learningRate: 0.1 },
  groups: 32,
  samples: 16,
  steps: 150,
  sampling: { maxTokens: 1, temperature: 1 },
  evaluation: { every: 0, passAt: [1] },
  checkpoint: { every: 1000 },
  arms: {
    // A density that does not move: BNPO's form of GRPO.
    grpo: { estimator: betaNormalized({ fixed: [1.5, 1.5] }) },
    reinforce: { estimator: betaNormalized({ fixed: [1, 1] }) },
  },
  metric: 'last.beta.beta',
  expected: [
    { arm: 'main', over: 0, direction: 'lower', by: -1.15 },
    { arm: 'main', over: 0, direction: 'higher', by: 1.05, metric: 'mean.beta.beta' },
    { arm: 'main', over: 0, direction: 'higher', by: 2, metric: 'last.beta.alpha' },
  ],
});
