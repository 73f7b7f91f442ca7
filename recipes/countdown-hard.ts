import { cosine } from 'assay/core';
import { grpo } from 'assay/credit';
import { countdownTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe } from 'assay/train';
import { countdown } from 'assay/verify';

const numbers = Array.from({ length: 101 }, (_, n) => String(n));

/** Countdown with four numbers and four operations. Its figure is reported, not promised. */
export default recipe({
  name: 'countdown-hard',
  summary: 'four numbers from 1 to 15, + − × ÷, targets 1 to 100',
  tasks: countdownTasks({
    numbers: 4,
    largest: 15,
    operators: ['+', '-', '*', '/'],
    lowestTarget: 1,
    highestTarget: 100,
    heldOut: 0.15,
    train: 12_000,
    evaluate: 600,
    demonstrations: 2000,
  }),
  engine: embedded({
    layers: 3,
    width: 96,
    heads: 4,
    context: 32,
    tokenizer: { kind: 'vocabulary', entries: [...numbers, '+', '-', '*', '/', '(', ')', ',', '=', ':'] },
  }),
  warmStart: { steps: 200, batch: 64, optimizer: { learningRate: 2e-3, clipNorm: 1 } },
  reward: countdown(),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.28, aggregate: 'token' }),
  optimizer: { learningRate: cosine({ from: 1e-3, to: 1e-4 }), clipNorm: 1 },
  groups: 32,
  samples: 16,
  steps: 1000,
  sampling: { maxTokens: 20, temperature: 1 },
  evaluation: { every: 100, tasks: 300 },
  checkpoint: { every: 50 },
});
