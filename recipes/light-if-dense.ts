import type { Task, TaskSource } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped } from 'assay/objective';
import { recipe } from 'assay/train';
import { lightIf } from 'assay/verify/instructions';

/** Pieces of an answer: six that meet one requirement each of the record below, and twelve that meet none. */
const pieces = [
  ...['NOTE ', '*bold* ', '[name] ', 'alpha ', 'omega ', 'Done'],
  ...['and ', 'so ', 'it ', 'is ', 'we ', 'go ', 'to ', 'as ', 'at ', 'by ', 'or ', 'up '],
];

/** A record of Light-IF with six requirements: a word in capitals, a highlight, a placeholder, two keywords, the last word. */
const record: Task = {
  id: 'six',
  prompt: 'six requirements:',
  data: {
    source: 'jqzl-en',
    jqzl_prompt: {
      low_capital_cnt: 1,
      num_highlights: 1,
      num_placeholders: 1,
      keywords: ['alpha', 'omega'],
      keywords_num: [
        [1, -1],
        [1, -1],
      ],
      end_phrase: 'Done',
    },
  },
};

const tasks: TaskSource = {
  name: 'six-requirements',
  version: '1',
  options: {},
  load: async () => ({ train: [record], evaluate: [record], demonstrations: [] }),
};

/**
 * Six pieces in a row meet all requirements in 120 of 34 million cases. Credits for each requirement show the way; the
 * all-or-nothing score alone is never seen. Learning rates 0.03, 0.05 and 0.1 were tried
 * for both.
 */
export default recipe({
  name: 'light-if-dense',
  summary: 'six requirements at once: credits for each and all-or-nothing, or all-or-nothing alone',
  paper: 'light-if',
  tasks,
  engine: tabular({ actions: pieces, length: 6 }),
  reward: lightIf({ value: 'dense', after: null }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 1, high: 1, dual: 10 }),
  optimizer: { learningRate: 0.03 },
  groups: 1,
  samples: 32,
  steps: 350,
  sampling: { maxTokens: 6, temperature: 1 },
  success: { part: 'acc', atLeast: 1 },
  evaluation: { every: 0 },
  arms: { allOrNothing: { reward: lightIf({ value: 'acc', after: null }) } },
  metric: 'last.part.acc',
  expected: [
    { arm: 'main', over: 'allOrNothing', direction: 'higher', by: 0.5 },
    { arm: 'allOrNothing', over: 0, direction: 'notHigher' },
  ],
});
