import { cosine } from 'assay/core';
import { grpo } from 'assay/credit';
import { tinyInstructionTasks, tinyMarks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe } from 'assay/train';
import { instructions, tinyConstraints } from 'assay/verify/instructions';

const constraints = [...tinyConstraints];

/**
 * Several constraints at once on a policy that writes letters: the reward is the share that holds, or (the arm
 * `allOrNothing`) 1 only when all of them hold. Solved means all, in both arms.
 */
export default recipe({
  name: 'instructions-tiny',
  summary:
    'length, forbidden letters, start and end: the share of constraints as reward against all or nothing',
  paper: 'light-if',
  tasks: tinyInstructionTasks({ train: 1000, evaluate: 300, demonstrations: 150 }),
  engine: embedded({
    layers: 2,
    width: 64,
    heads: 4,
    context: 32,
    tokenizer: { kind: 'character', alphabet: `abcdef0123456789${tinyMarks}` },
  }),
  warmStart: { steps: 40, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: instructions({ value: 'fraction', constraints }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.28 }),
  optimizer: { learningRate: cosine({ from: 1e-3, to: 1e-4 }), clipNorm: 1 },
  groups: 32,
  samples: 8,
  steps: 300,
  sampling: { maxTokens: 12, temperature: 1 },
  evaluation: { every: 100, tasks: 200 },
  arms: { allOrNothing: { reward: instructions({ value: 'all', constraints }) } },
  metric: 'after',
  expected: { arm: 'main', over: 'allOrNothing', direction: 'higher' },
});
