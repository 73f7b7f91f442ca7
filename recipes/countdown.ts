import { grpo } from 'assay/credit';
import { countdownTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { shuffled } from 'assay/shape';
import { recipe } from 'assay/train';
import { countdown } from 'assay/verify';

/** The main job: a small transformer learns to reach a target number; only the verifier knows what is right. */
export default recipe({
  name: 'countdown',
  summary:
    'three numbers from 1 to 15, + and −, targets 1 to 40: from a weak warm start to most held-out problems',
  tasks: countdownTasks({ numbers: 3, largest: 15, operators: ['+', '-'], train: 1500, evaluate: 600 }),
  engine: embedded({
    layers: 2,
    width: 64,
    heads: 4,
    context: 32,
    tokenizer: { kind: 'character', alphabet: '0123456789+-,=:' },
  }),
  warmStart: { steps: 100, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: countdown(),
  estimator: grpo({ std: 'none' }),
  objective: clipped({ low: 0.2, high: 0.28 }),
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
  groups: 32,
  samples: 8,
  steps: 600,
  sampling: { maxTokens: 12, temperature: 1 },
  evaluation: { every: 50, tasks: 200 },
  checkpoint: { every: 50 },
  arms: {
    supervised: {
      stages: [{ name: 'continue', kind: 'supervised', steps: 1_000_000 }],
      sameTimeAs: 'main',
    },
    shuffled: { reward: shuffled(countdown()) },
  },
  metric: 'after',
  expected: [
    { arm: 'main', over: 'supervised', direction: 'higher', by: 0.15 },
    { arm: 'shuffled', over: 0, direction: 'notHigher', metric: 'gain' },
  ],
});
