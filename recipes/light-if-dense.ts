import { finalText, lift, type Task, type TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped } from 'assay/objective';
import { weighted } from 'assay/shape';
import { recipe } from 'assay/train';

/** Six requirements, each met by one action of the answer: `1` meets it, `0` does not. */
const requirements = 6;
const task: Task = { id: 'six', prompt: 'six requirements:' };
const tasks: TaskSource = {
  name: 'six-requirements',
  version: '1',
  options: { requirements },
  load: async () => ({ train: [task], evaluate: [task], demonstrations: [] }),
};

/** What Light-IF credits a requirement with that has one bound. */
const credit = 0.05;
const met = (text: string) => [...text].filter((action) => action === '1').length;
const point = lift(function point(sample) {
  return credit * met(finalText(sample));
});
const acc = lift(function acc(sample) {
  return met(finalText(sample)) === requirements;
});

/**
 * At the start a requirement is met one time in ten, all of them one time in a million. Learning rates 0.01, 0.015, 0.03, 0.1 and 0.3
 * were tried: from 0.03 on, the dense arm often settles on four or five requirements; the other never moves.
 */
export default recipe({
  name: 'light-if-dense',
  summary: 'six requirements at once: credits for each and all-or-nothing, or all-or-nothing alone',
  paper: 'light-if',
  tasks,
  engine: tabular({ actions: ['0', '1'], length: requirements, initial: [Math.log(9), 0] }),
  reward: weighted({ point: [point, 1], acc: [acc, 1] }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 1, high: 1, dual: 10 }),
  optimizer: { learningRate: 0.01 },
  groups: 1,
  samples: 64,
  steps: 500,
  sampling: { maxTokens: requirements, temperature: 1 },
  success: { part: 'acc', atLeast: 1 },
  evaluation: { every: 0 },
  arms: { allOrNothing: { reward: weighted({ point: [point, 0], acc: [acc, 1] }) } },
  metric: 'last.part.acc',
  expected: [
    { arm: 'main', over: 'allOrNothing', direction: 'higher', by: 0.5 },
    { arm: 'allOrNothing', over: 0, direction: 'notHigher', by: 0.05 },
  ],
});
