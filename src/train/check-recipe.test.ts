import { expect, it, test } from 'vitest';
import { lift, type TaskSource } from '../core/index.ts';
import { grpo } from '../credit/index.ts';
import { dynamicSampling } from '../curriculum/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped } from '../objective/index.ts';
import { armFields, recipeFields, stageFields, studyFields } from './check-recipe.ts';
import { type Arm, armOf, type RecipeOptions, recipe, type Stage } from './recipe.ts';
import { type StudyOptions, study } from './study.ts';

const tasks: TaskSource = {
  name: 'none',
  version: '1',
  options: {},
  load: async () => ({ train: [], evaluate: [], demonstrations: [] }),
};
const base: RecipeOptions = {
  name: 'r',
  tasks,
  engine: tabular({ actions: ['a', 'b'] }),
  reward: lift(() => 1, 'one'),
  estimator: grpo(),
  objective: clipped(),
  optimizer: { learningRate: 0.1 },
  sampling: { maxTokens: 1 },
  steps: 2,
};
const stage = { name: 'warm', kind: 'supervised', steps: 1 } as const;
const inStage = (over: object) => ({ stages: [{ name: 'first' }, { ...stage, ...over }] });
const inArm = (over: object) => ({ arms: { control: over } });

/** What is changed, the field that is named, and what is said of it. */
const wrong: readonly (readonly [over: object, field: string, message: string])[] = [
  [{ sampels: 2 }, 'sampels', "there is no such field; did you mean 'samples'?"],
  [{ entirelyElse: 2 }, 'entirelyElse', 'there is no such field'],
  [{ tasks: undefined }, 'tasks', 'is missing'],
  [{ tasks: 'train.jsonl' }, 'tasks', 'expected a source of tasks, not train.jsonl'],
  [{ engine: tabular }, 'engine', "expected an engine, not the function 'tabular'"],
  [{ reward: 'math' }, 'reward', 'expected a reward or a function of a sample, not math'],
  [{ estimator: 5 }, 'estimator', 'expected an estimator, not 5'],
  [{ estimator: grpo }, 'estimator', "expected an estimator, not the function 'grpo'"],
  [{ objective: {} }, 'objective', 'expected an objective, not an object'],
  [{ curriculum: 5 }, 'curriculum', 'expected a curriculum, not 5'],
  [{ rollout: {} }, 'rollout', 'expected a function of tasks'],
  [
    { optimizer: { learningRate: Number.NaN } },
    'optimizer.learningRate',
    'expected a number or a schedule, not NaN',
  ],
  [{ optimizer: { learningRate: -1 } }, 'optimizer.learningRate', 'must not be negative, as -1 is'],
  [
    { optimizer: { lerningRate: 0.1 } },
    'optimizer.lerningRate',
    "there is no such field; did you mean 'learningRate'?",
  ],
  [{ optimizer: { learningRate: 1, beta1: 1 } }, 'optimizer.beta1', 'Too big: expected number to be <1'],
  [{ optimizer: { learningRate: 1, clipNorm: 0 } }, 'optimizer.clipNorm', 'must be above 0'],
  [
    { sampling: { maxTokens: 1, temperature: -1 } },
    'sampling.temperature',
    'Too small: expected number to be >=0',
  ],
  [{ sampling: { maxTokens: 0 } }, 'sampling.maxTokens', 'must be a whole number of 1 or more, not 0'],
  [
    { sampling: { maxTokens: 1, temprature: 1 } },
    'sampling.temprature',
    "there is no such field; did you mean 'temperature'?",
  ],
  [{ sampling: { maxTokens: 1, stop: '\n' } }, 'sampling.stop', 'expected array, received string'],
  [{ groups: 0 }, 'groups', 'must be a whole number of 1 or more, not 0'],
  [{ steps: 1.5 }, 'steps', 'must be a whole number of 0 or more, not 1.5'],
  [{ refills: -1 }, 'refills', 'must be a whole number of 0 or more, not -1'],
  [{ noVerdict: 'x' }, 'noVerdict', "expected 'exclude' or a number, not x"],
  [{ noVerdict: Number.NaN }, 'noVerdict', "expected 'exclude' or a number, not NaN"],
  [{ replay: { capacity: 10 } }, 'replay.target', 'expected number, received undefined'],
  [{ replay: { capacity: 10, target: 2 } }, 'replay.target', 'Too big: expected number to be <=1'],
  [{ replay: { capacity: 10, target: 1, keep: 'all' } }, 'replay.keep', "'all' needs draw 'uniform'"],
  [
    { references: { reference: 'star' } },
    'references.reference',
    "expected 'start', 'stage' or { model }, not star; did you mean 'start'?",
  ],
  [{ old: 'sample' }, 'old', 'expected one of "sampled"|"recomputed"'],
  [{ until: { rewrd: 1 } }, 'until.rewrd', "there is no such field; did you mean 'reward'?"],
  [
    { until: { plateau: { evaluations: 0 } } },
    'until.plateau.evaluations',
    'must be a whole number of 1 or more, not 0',
  ],
  [{ evaluation: { evry: 1 } }, 'evaluation.evry', "there is no such field; did you mean 'every'?"],
  [{ evaluation: { passAt: [0] } }, 'evaluation.passAt.0', 'must be a whole number of 1 or more, not 0'],
  [{ success: { part: 'x' } }, 'success.atLeast', 'expected a number'],
  [{ checkpoint: { every: 0 } }, 'checkpoint.every', 'must be a whole number of 1 or more, not 0'],
  [{ models: { policy: tabular({ actions: ['a'] }) } }, 'models', "'policy' is the engine of the recipe"],
  [{ models: { judge: 5 } }, 'models.judge', 'expected an engine or { frozen }, not 5'],
  [
    { warmStart: { steps: 1, batch: 1, optimizer: { learningRate: -1 } } },
    'warmStart.optimizer.learningRate',
    'must not be negative, as -1 is',
  ],
  [
    { updates: [{ model: 'policy', from: 'rollout', objective: clipped(), optimizer: { learningRate: 1 } }] },
    'updates.0.from',
    'expected one of "rollouts"|"demonstrations"',
  ],
  [
    inStage({ optimizer: { learningRate: Number.NaN } }),
    'stages.warm.optimizer.learningRate',
    'expected a number or a schedule, not NaN',
  ],
  [inStage({ sampels: 2 }), 'stages.warm.sampels', "there is no such field; did you mean 'samples'?"],
  [inStage({ kind: 'sft' }), 'stages.warm.kind', 'expected one of "reinforce"|"supervised"'],
  [inStage({ name: undefined }), 'stages.1.name', 'expected string, received undefined'],
  [inStage({ name: 'first' }), 'stages', 'two stages have the same name'],
  [{ stages: 5 }, 'stages', 'expected a list of stages'],
  [{ stages: [5] }, 'stages.0', 'expected object, received number'],
  [inArm({ estimator: 5 }), 'arms.control.estimator', 'expected an estimator, not 5'],
  [inArm({ sampels: 5 }), 'arms.control.sampels', "there is no such field; did you mean 'samples'?"],
  [
    inArm(inStage({ optimizer: { lerningRate: 1 } })),
    'arms.control.stages.warm.optimizer.lerningRate',
    "there is no such field; did you mean 'learningRate'?",
  ],
  [
    inArm({ sameTimeAs: 'contrl' }),
    'arms.control.sameTimeAs',
    "there is no arm 'contrl' (arms: main, control); did you mean 'control'?",
  ],
  [{ arms: { main: {} } }, 'arms.main', "'main' is the recipe itself"],
  [{ arms: { a: 5 } }, 'arms.a', 'expected the fields that it changes, not 5'],
  [
    { expected: { arm: 'main', over: 'control', direction: 'higher' } },
    'expected.over',
    'there is no arm "control"; the arms are main, or 0',
  ],
  [
    { expected: [{ arm: 'main', over: 0, direction: 'up' }] },
    'expected.0.direction',
    'is one of higher, lower, notHigher, not "up"',
  ],
];
test.each(wrong)('%j: field %s: %s', (over, field, message) => {
  expect(() => recipe({ ...base, ...over } as RecipeOptions)).toThrow(
    expect.objectContaining({ name: 'InputError', message: `recipe 'r', field '${field}': ${message}` }),
  );
});

it('an arm is checked again with what it has from the recipe', () => {
  const made = recipe({ ...base, arms: { none: { replay: undefined } }, replay: { capacity: 2, target: 1 } });
  expect(armOf(made, 'none').recipe.replay).toBeUndefined();
  expect(() => recipe(undefined as never)).toThrow("recipe 'recipe', field 'tasks': is missing");
});

const arms = { main: () => ({ x: 1 }) };
const expected = { arm: 'main', over: 0, direction: 'higher' } as const;
const wrongStudies: readonly (readonly [over: object, field: string, message: string])[] = [
  [{ arms: {} }, 'arms', 'there is no arm'],
  [{ arms: { main: 5 } }, 'arms.main', 'expected a function of a seed'],
  [{ metrc: 'x' }, 'metrc', "there is no such field; did you mean 'metric'?"],
  [{ metric: undefined }, 'metric', 'expected string, received undefined'],
  [{ expected: undefined }, 'expected', 'is missing'],
  [{ expected: { ...expected, arm: 'man' } }, 'expected.arm', 'there is no arm "man"; the arms are main'],
  [{ settings: { rate: [1] } }, 'settings.rate', 'expected a number, text or boolean'],
];
test.each(wrongStudies)('study %j: field %s: %s', (over, field, message) => {
  expect(() => study({ name: 's', arms, metric: 'x', expected, ...over } as StudyOptions)).toThrow(
    expect.objectContaining({ name: 'InputError', message: `study 's', field '${field}': ${message}` }),
  );
});

it('every field that may be written is known to the check', () => {
  // Each line does not compile when a field is missing; too many would be found here.
  const known = {
    recipe: recipeFields satisfies Record<keyof RecipeOptions, unknown>,
    stage: stageFields satisfies Record<keyof Stage, unknown>,
    arm: armFields satisfies Record<keyof Arm, unknown>,
    study: studyFields satisfies Record<keyof StudyOptions, unknown>,
  };
  const full: Required<Stage> = {
    ...(base as Required<RecipeOptions>),
    name: 'all',
    kind: 'reinforce',
    batch: 1,
    demonstrations: [],
    curriculum: dynamicSampling(),
    groups: 1,
    samples: 1,
    epochs: 1,
    minibatches: 1,
    old: 'sampled',
    references: { base: 'start', teacher: { model: 'teacher' } },
    updates: [],
    until: { reward: 1, plateau: { evaluations: 1, by: 0 }, window: 1, seconds: 1, tokens: 1 },
    noVerdict: -1,
    replay: { capacity: 1, target: 0.5, maxAge: Infinity },
    rollout: async () => [],
    refills: 0,
  };
  const { tasks: _, engine: __, ...own } = full as Required<Stage> & Partial<RecipeOptions>;
  expect(() => recipe({ ...base, stages: [own as Stage] })).not.toThrow();
  expect(Object.keys(own).sort()).toEqual(Object.keys(known.stage).sort());
});

test('Infinity is never, or all', () => {
  const never = Number.POSITIVE_INFINITY;
  for (const fields of [
    { until: { tokens: never, seconds: never, reward: never } },
    { evaluation: { every: never, tasks: never } },
    { checkpoint: { every: never, keep: never } },
    { success: { atLeast: -never } },
  ] satisfies Partial<RecipeOptions>[])
    expect(() => recipe({ ...base, ...fields })).not.toThrow();
  expect(() => recipe({ ...base, steps: never })).toThrow(
    "field 'steps': must be a whole number of 0 or more",
  );
  expect(() => recipe({ ...base, evaluation: { every: -1 } })).toThrow("field 'evaluation.every'");
});
