import { lift, stream, type Task, type TaskSource, verdict } from 'assay/core';
import { grpo } from 'assay/credit';
import { balanced, domainWeights, dynamicSampling, uniform } from 'assay/curriculum';
import { tabular } from 'assay/engine';
import { clipped } from 'assay/objective';
import { weighted } from 'assay/shape';
import { type RecipeOptions, recipe } from 'assay/train';

const conclusions = [...'abcdefgh'];
/** What a policy may say instead of a conclusion: an answer in no format. */
const malformed = '?';

/**
 * Rules to learn of each domain, and problems that ask for them. A sampled problem teaches one rule, so that the domains are learnt
 * at speeds of 20 : 5 : 1 a problem; and the easy problems are the plentiful ones, as in collections.
 */
const domains = {
  few: { rules: 20, problems: 1600 },
  some: { rules: 80, problems: 800 },
  many: { rules: 400, problems: 400 },
} as const;

const problemsOf = (domain: keyof typeof domains, count: number, split: string): Task[] => {
  const { rules } = domains[domain];
  const random = stream(0, 'rules', domain);
  const answers = Array.from({ length: rules }, () => random.pick(conclusions));
  return Array.from({ length: count }, (_, i) => ({
    id: `${split} ${domain} ${i}`,
    prompt: `${domain} ${i % rules}:`,
    answer: answers[i % rules]!,
    domain,
  }));
};

const names = Object.keys(domains) as (keyof typeof domains)[];

/** As many held-out problems of each domain: their mean is the mean over domains. */
export const ruleTasks: TaskSource = {
  name: 'rules',
  version: '1',
  options: { domains },
  load: async () => ({
    train: names.flatMap((domain) => problemsOf(domain, domains[domain].problems, 'train')),
    evaluate: names.flatMap((domain) => problemsOf(domain, 400, 'evaluate')),
    demonstrations: [],
  }),
};

const correct = lift(function correct({ turns, task }) {
  return verdict(turns[0]!.completion.text === task.answer ? 1 : 0);
});
const format = lift(function format({ turns }) {
  return verdict(turns[0]!.completion.text === malformed ? -1 : 0);
});
/** Accuracy alone, also as a part of the task's domain: held-out accuracies are known by domain. */
const byDomain = lift(function byDomain({ turns, task }) {
  const right = turns[0]!.completion.text === task.answer ? 1 : 0;
  return verdict(right, '', { parts: { [task.domain!]: verdict(right) } });
});

export const recipeOptions: RecipeOptions = {
  name: 'rulereasoner',
  summary:
    'three domains of rules that are learnt at different speeds: domains weighted by what they lack, at equal rollouts',
  paper: 'rulereasoner',
  tasks: ruleTasks,
  engine: tabular({ actions: [...conclusions, malformed] }),
  reward: weighted({ correct: [correct, 1], format: [format, 1] }),
  estimator: grpo({ std: 'sample' }),
  objective: clipped({ low: 0.2, high: 0.2, dual: 3, aggregate: 'token' }),
  // The best of 0.05, 0.1, 0.2 and 0.4 for both main and balanced.
  optimizer: { learningRate: 0.2 },
  curriculum: domainWeights({ part: 'correct' }),
  groups: 48,
  samples: 8,
  steps: 50,
  sampling: { maxTokens: 1, temperature: 1 },
  evaluation: { every: 0, reward: byDomain },
  arms: {
    // The strongest plain control: the same problems a domain, which `after` is the mean over.
    balanced: { curriculum: balanced() },
    // By the sizes of the collections.
    proportional: { curriculum: uniform() },
    inverted: { curriculum: domainWeights({ part: 'correct', favour: 'best' }) },
    // Filter and regenerate: uniform groups are dropped and others sampled in their place.
    filtered: { curriculum: dynamicSampling({ inner: balanced() }) },
  },
  metric: 'part.many',
  expected: [
    { arm: 'main', over: 'balanced', direction: 'higher' },
    { arm: 'main', over: 'balanced', direction: 'higher', metric: 'after' },
    { arm: 'main', over: 'proportional', direction: 'higher' },
    { arm: 'inverted', over: 'proportional', direction: 'lower' },
    // The share of the slowest domain rises from a third once the others are learnt.
    { arm: 'main', over: 0, direction: 'higher', by: 0.4, metric: 'mean.weight.many' },
    // What is filtered out was sampled all the same.
    { arm: 'filtered', over: 'main', direction: 'higher', metric: 'tokens' },
  ],
};

export default recipe(recipeOptions);
