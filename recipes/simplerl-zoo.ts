import { cosine, finalText, type RewardFunction, stream, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { arithmeticTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped, combine, entropyBonus, kl } from 'assay/objective';
import { boxed } from 'assay/parse';
import { payoff } from 'assay/shape';
import { recipe } from 'assay/train';
import { number } from 'assay/verify';

/** Sums of three digits: 0 to 27, one token each. */
const numbers = Array.from({ length: 28 }, (_, n) => String(n));

/** The same tasks, with a share of the demonstrations in a box: as much of the format as the base model has seen. */
function seldomBoxed(tasks: TaskSource, share: number): TaskSource {
  return {
    name: 'seldomBoxed',
    version: '1',
    options: { tasks, share },
    load: async () => {
      const { demonstrations, ...splits } = await tasks.load();
      const random = stream(0, 'seldomBoxed');
      return {
        ...splits,
        demonstrations: demonstrations.map(({ prompt, completion }) => ({
          prompt,
          completion: random.next() < share ? `\\boxed{${completion}}` : completion,
        })),
      };
    },
  };
}

const isBoxed: RewardFunction = (sample) => boxed(finalText(sample)) !== undefined;
/** Correctness reads boxed and plain answers alike, as the Qwen-Math parser does; the box is watched in every arm. */
const parts = { correct: number({ from: 'ladder' }), boxed: isBoxed };

/** The first reward of the project: a right answer without a box is as bad as it gets. */
const earlier = payoff(
  parts,
  [
    { when: { boxed: 0 }, value: -1 },
    { when: { correct: 1 }, value: 1 },
  ],
  -0.5,
);

/** How fast an arm learns; every arm has the best of 1.25e-4, 2.5e-4, 5e-4 and 1e-3 by `pass@1` on seeds 0 to 2. */
const optimizer = (learningRate: number) => ({ learningRate, clipNorm: 1 });

/**
 * Experiment 1. A base model that often knows the sum of three digits and hardly ever writes a box is trained from correctness
 * alone (SimpleRL-Zoo's reward), or from the two rewards with a format in them: `v0`, −1 whenever there is no box (also at the
 * learning rate of the main arm), and `independent`, where a box is worth half a point. All arms sample as many completions from the same base.
 */
export default recipe({
  name: 'simplerl-zoo',
  summary:
    'zero RL from a base that seldom boxes its answers: correctness alone against rewards with a format',
  paper: 'simplerl-zoo',
  tasks: seldomBoxed(
    arithmeticTasks({
      operators: ['+'],
      terms: 3,
      largest: 9,
      train: 780,
      evaluate: 200,
      demonstrations: 780,
    }),
    0.05,
  ),
  engine: embedded({
    layers: 2,
    width: 48,
    heads: 4,
    context: 12,
    tokenizer: { kind: 'vocabulary', entries: [...numbers, '+', '=', '\\boxed{', '}'] },
  }),
  warmStart: {
    steps: 150,
    batch: 64,
    optimizer: { learningRate: cosine({ from: 3e-3, to: 3e-4 }), clipNorm: 1 },
  },
  reward: payoff(parts, [{ when: { correct: 1 }, value: 1 }], 0),
  estimator: grpo({ std: 'sample' }),
  // The repository's loss: clip 0.2, mean over tokens, k3 to the base, a little entropy.
  objective: combine([
    [clipped({ low: 0.2, high: 0.2, aggregate: 'token' }), 1],
    [kl({ estimator: 'k3', to: 'base' }), 1e-4],
    [entropyBonus(), 1e-3],
  ]),
  references: { base: 'stage' },
  optimizer: optimizer(1e-3),
  groups: 32,
  samples: 8,
  steps: 200,
  sampling: { maxTokens: 5, temperature: 1 },
  success: { part: 'correct', atLeast: 1 },
  evaluation: { every: 0, passAt: [1, 8] },
  checkpoint: { every: 1000 },
  arms: {
    v0: { reward: earlier, optimizer: optimizer(1.25e-4) },
    v0SameRate: { reward: earlier },
    independent: {
      reward: payoff(parts, [
        { when: { correct: 1, boxed: 1 }, value: 1 },
        { when: { correct: 1, boxed: 0 }, value: 0.5 },
        { when: { correct: 0, boxed: 1 }, value: -0.5 },
        { when: { correct: 0, boxed: 0 }, value: -1 },
      ]),
    },
  },
  metric: 'pass@1',
  expected: [
    { arm: 'main', over: 'v0', direction: 'higher' },
    // What v0 learns first is the box, while its accuracy lags.
    { arm: 'v0', over: 'main', direction: 'higher', by: 0.3, metric: 'mean.part.boxed' },
    { arm: 'main', over: 'v0', direction: 'higher', metric: 'mean.part.correct' },
    // At the same learning rate its entropy falls fast, too.
    { arm: 'main', over: 'v0SameRate', direction: 'higher' },
    { arm: 'v0SameRate', over: 'main', direction: 'lower', by: 0.2, metric: 'mean.entropy' },
  ],
});
