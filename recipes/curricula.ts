import { grpo } from 'assay/credit';
import { dynamicSampling, uniform } from 'assay/curriculum';
import { countdownTasks } from 'assay/dataset/generate';
import { embedded } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe, type Stage } from 'assay/train';
import { countdown } from 'assay/verify';

const numbers = Array.from({ length: 41 }, (_, n) => String(n));

/** Until so many tokens were sampled: what a filter drops was sampled too, and counts. */
const stages: readonly Stage[] = [{ name: 'reinforce', steps: 2000, until: { tokens: 400_000 } }];

/**
 * Ways to choose what an update learns from, on Countdown after a weak warm start, at equal generated tokens. Groups are small
 * (8), so that many of them are all wrong at first.
 */
export default recipe({
  name: 'curricula',
  summary: 'dynamic sampling, its soft and band-pass forms, and uniform sampling, at equal generated tokens',
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
    tokenizer: { kind: 'vocabulary', entries: [...numbers, '+', '-', ',', '=', ':'] },
  }),
  warmStart: { steps: 80, batch: 64, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  reward: countdown({ operators: '+-' }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.28, aggregate: 'token' }),
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
  groups: 16,
  samples: 8,
  steps: 2000,
  stages,
  sampling: { maxTokens: 12, temperature: 1 },
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
