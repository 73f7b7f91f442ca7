import { lift, verdict } from 'assay/core';
import { grpo } from 'assay/credit';
import { tabular } from 'assay/engine';
import { clipped } from 'assay/objective';
import { squash, weighted } from 'assay/shape';
import { type RecipeOptions, recipe } from 'assay/train';
import { claimTasks, readClaims, supported } from './skywork-r1v2-threshold.ts';

const rule = lift(function rule({ turns, task }) {
  return verdict(turns[0]!.completion.text.endsWith(String(task.answer)) ? 1 : 0);
});
const format = lift(function format({ turns }) {
  return verdict(turns[0]!.completion.text.search(/[^u]/) === turns[0]!.completion.text.length - 1 ? 1 : 0);
});
/** The reward model likes every claim, and sees nothing else. */
const model = lift(function model({ turns, task }) {
  return verdict(readClaims(turns[0]!.completion.text, task.answer).claims);
});
/** The monitor: the share of responses with a claim. It is watched, not paid for. */
const claims = lift(function claims({ turns, task }) {
  return verdict(readClaims(turns[0]!.completion.text, task.answer).claims > 0 ? 1 : 0);
});

/** Rule + format + the reward model's score at a scale: its sigmoid, or as it is. */
export const hybrid = (scale: number, form: 'squashed' | 'raw' = 'squashed') =>
  weighted({
    rule: [rule, 1],
    format: [format, 1],
    model: [form === 'raw' ? model : squash(model, { form: 'sigmoid' }), scale],
    claims: [claims, 0],
  });

/** The recipe with another reward in the place of the method's: for tests. */
export function hybridOptions(reward = hybrid(1), steps = 100): RecipeOptions {
  return {
    name: 'skywork-r1v2-hybrid',
    summary:
      'rule, format and a reward model that likes claims, squashed, as it is or not at all, with the share of claims watched',
    paper: 'skywork-r1v2',
    tasks: claimTasks,
    // At the start one token in seven is a claim.
    engine: tabular({ actions: ['a', 'b', 'c', 'u'], end: true, initial: [0, 0, 0, 0, 1] }),
    reward,
    estimator: grpo({ std: 'sample' }),
    objective: clipped({ low: 0.2, high: 0.2 }),
    optimizer: { learningRate: 0.1 },
    groups: 40,
    samples: 8,
    steps,
    sampling: { maxTokens: 5, temperature: 1 },
    evaluation: { every: 0, reward: supported, passAt: [1, 8] },
    arms: {
      none: { reward: hybrid(0) },
      raw: { reward: hybrid(1, 'raw') },
    },
    metric: 'last.part.claims',
    expected: [
      // The monitor rises with the scale: nothing, at most 1, without bound.
      { arm: 'raw', over: 'main', direction: 'higher', by: 0.2 },
      { arm: 'main', over: 'none', direction: 'higher' },
      // What it costs: right answers without a claim.
      { arm: 'main', over: 'raw', direction: 'higher', metric: 'pass@1', by: 0.2 },
    ],
  };
}

export default recipe(hybridOptions());
