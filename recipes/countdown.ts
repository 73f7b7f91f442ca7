import { cosine } from 'assay/core';
import { grpo } from 'assay/credit';
import { countdownTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { shuffled } from 'assay/shape';
import { type RecipeOptions, recipe } from 'assay/train';
import { countdown } from 'assay/verify';

const numbers = Array.from({ length: 41 }, (_, n) => String(n));

/** Three numbers and a target, the policy that learns them, its weak warm start and what it learns by. */
export const countdownSetting = {
  tasks: countdownTasks({
    numbers: 3,
    largest: 15,
    operators: ['+', '-'],
    lowestTarget: 1,
    highestTarget: 40,
    heldOut: 0.3,
    train: 1650,
    evaluate: 600,
    demonstrations: 200,
  }),
  engine: embedded({
    layers: 2,
    width: 64,
    heads: 4,
    context: 24,
    // A number is one token: the policy has sums to learn, not digits.
    tokenizer: { kind: 'vocabulary', entries: [...numbers, '+', '-', ',', '=', ':'] },
  }),
  // Long enough to write expressions, too short to know which one: about one in ten is right.
  warmStart: { steps: 80, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: countdown({ operators: '+-' }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.28, aggregate: 'token' }),
  sampling: { maxTokens: 12, temperature: 1 },
} satisfies Partial<RecipeOptions>;

/** The main job: a small transformer learns to reach a target number; only the verifier knows what is right. */
export default recipe({
  name: 'countdown',
  summary:
    'three numbers from 1 to 15, + and −, targets 1 to 40: from a weak warm start to most held-out problems',
  ...countdownSetting,
  optimizer: { learningRate: cosine({ from: 1e-3, to: 1e-4 }), clipNorm: 1 },
  groups: 64,
  samples: 16,
  steps: 900,
  evaluation: { every: 100, tasks: 300 },
  checkpoint: { every: 50 },
  arms: {
    // Control 1: what the same wall time does for the warm start, on the same demonstrations.
    supervised: {
      stages: [
        {
          name: 'continue',
          kind: 'supervised',
          steps: 1_000_000,
          batch: 64,
          optimizer: { learningRate: 1e-3, clipNorm: 1 },
        },
      ],
      sameTimeAs: 'main',
    },
    // Control 2: the same rewards, dealt out at random within each group.
    shuffled: { reward: shuffled(countdown({ operators: '+-' })) },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'supervised', direction: 'higher', by: 0.15 },
    { arm: 'shuffled', over: 0, direction: 'notHigher', by: 0.05, metric: 'gain' },
  ],
});
