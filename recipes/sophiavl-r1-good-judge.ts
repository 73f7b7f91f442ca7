import { exponential } from 'assay/core';
import { all } from 'assay/shape';
import { recipe } from 'assay/train';
import { base, choiceTasks, format, joined, judge } from './sophiavl-r1.ts';

/** It reads well-formed responses only: no length of praise for a thought without an answer. */
const careful = all({ format, judge });

/** A judge that nothing fools, where the outcome is sparse: two things asked at once, each known a third of the time. */
export default recipe({
  ...base,
  name: 'sophiavl-r1-good-judge',
  summary: 'a sound judge of the steps where right answers are rare: sooner right than with outcomes alone',
  tasks: choiceTasks({
    poisoned: 0,
    asked: 2,
    open: { sound: 1, poisoned: 1 },
    informed: { sound: 0.3, poisoned: 1 },
    showy: { sound: 0.05, poisoned: 0 },
    train: 2000,
    evaluate: 300,
    demonstrations: 2000,
  }),
  reward: joined({ alpha: exponential({ from: 0.3, constant: base.steps }) }, careful),
  sampling: { maxTokens: 10, temperature: 1 },
  evaluation: { every: 0 },
  arms: {
    thinking: { reward: joined({ alpha: 0.3, trusted: false }, careful) },
    outcome: { reward: joined({ alpha: 0 }, careful) },
  },
  metric: 'mean.solveRate',
  expected: [
    { arm: 'main', over: 'outcome', direction: 'higher' },
    { arm: 'thinking', over: 'outcome', direction: 'higher' },
  ],
});
