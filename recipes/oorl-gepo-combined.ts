import {
  type Demonstration,
  type Objective,
  type Random,
  stream,
  type Task,
  type TaskSource,
} from 'assay/core';
import { reinforcePlusPlus } from 'assay/credit';
import { clipped, combine, dpo, groupPreference } from 'assay/objective';
import { type Arm, recipe, type Update } from 'assay/train';
import { ruleReward } from './oorl-gepo.rule-reward.ts';
import {
  draw,
  engine,
  type Program,
  preferences,
  programs,
  run,
  translations,
  written,
} from './oorl-gepo.ts';

/** As who mistakes what is subtracted from what, mostly, would write it: it compiles, and is wrong. */
function mistaken({ outer, inner, side, leaves: [a, b, c] }: Program, random: Random): string {
  const write = (operation: string, first: string, second: string) =>
    operation === '-' && random.next() < 0.75 ? `${second}${first}-` : `${first}${second}${operation}`;
  return side === 'left' ? write(outer, write(inner, a, b), c) : write(outer, a, write(inner, b, c));
}

function make() {
  const random = stream(0, 'programs');
  const all = programs(random);
  const asTask = (program: Program): Task => ({
    id: written(program),
    prompt: `${written(program)}:`,
    answer: translations(program)[0]!,
  });
  const [held, rest] = [all.slice(0, 132), all.slice(132)];
  const winners = (program: Program): string[] => {
    const [plain, ...others] = translations(program);
    return [plain!, ...random.shuffle(others).slice(0, 2)];
  };
  return {
    evaluate: held.map(asTask),
    train: rest.map(asTask),
    demonstrations: rest.slice(0, 150).map(
      (program): Demonstration => ({
        prompt: `${written(program)}:`,
        completion: mistaken(program, random),
      }),
    ),
    preferences: rest.flatMap((program, i) => preferences(program, winners(program), String(i), random)),
  };
}

const made = make();
const tasks: TaskSource = { name: 'stack-programs', version: '1', options: {}, load: async () => made };

const inputs = Array.from({ length: 20 }, (_, i) => draw(stream(0, 'tests', i)));

/** The policy speaks the target language alone, so that the whole completion is the program. */
const passes = ruleReward({
  run,
  tests: ({ answer }) => inputs.map((input) => ({ input, output: run(String(answer), input) })),
  fenced: false,
});

const onPolicy: Update = {
  model: 'policy',
  from: 'rollouts',
  objective: clipped({ aggregate: 'sequence' }),
  optimizer: { learningRate: 1e-3, clipNorm: 1 },
};
/**
 * The same rollouts, and at every step a batch of preferences: the off-policy part with the given loss and the paper's weight.
 * With weight 0 its optimiser step goes on with the momentum of the rollouts, so that all arms make as many steps.
 */
const withPreferences = (objective: Objective, weight = 0.01) =>
  ({
    stages: [
      {
        name: 'oorl',
        batch: 8,
        demonstrations: made.preferences,
        references: { start: 'stage' },
        updates: [
          onPolicy,
          {
            model: 'policy',
            from: 'demonstrations',
            objective: combine([[objective, weight]]),
            optimizer: onPolicy.optimizer,
          } satisfies Update,
        ],
      },
    ],
  }) satisfies Arm;
const beta = 1;
const gepo = groupPreference({ to: 'start', beta });

/** Experiment 2: unit tests alone, with DPO, and with group preference. */
export default recipe({
  name: 'oorl-gepo-combined',
  summary:
    'unit tests on policy, and with DPO or group preference beside them: fewer silent errors of translation',
  paper: 'oorl-gepo',
  tasks,
  engine,
  reward: passes,
  estimator: reinforcePlusPlus(),
  objective: onPolicy.objective,
  optimizer: onPolicy.optimizer,
  groups: 8,
  samples: 8,
  steps: 100,
  sampling: { maxTokens: 8, temperature: 1 },
  evaluation: { every: 0 },
  warmStart: { steps: 80, batch: 50, optimizer: { learningRate: 3e-3, clipNorm: 1 } },
  ...withPreferences(gepo),
  arms: {
    averaged: withPreferences(groupPreference({ to: 'start', beta, variance: 0 })),
    dpo: withPreferences(dpo({ to: 'start', beta })),
    onPolicy: withPreferences(gepo, 0),
  },
  metric: 'mean.part.silent',
  expected: [
    { arm: 'main', over: 'onPolicy', direction: 'lower' },
    { arm: 'main', over: 'dpo', direction: 'lower' },
    // Equivalent programs rise together, beside unit tests too.
    { arm: 'main', over: 'averaged', direction: 'lower', metric: 'last.winnerVariance' },
  ],
});
