import { z } from 'zod';
import {
  type Curriculum,
  complaint,
  didYouMean,
  type EngineSpec,
  type Estimator,
  functionOf,
  InputError,
  isRewardLike,
  numberOrInfinity,
  type Objective,
  type RewardLike,
  scheduleLike,
  shownValue,
  type TaskSource,
  withMethod,
} from '../core/index.ts';
import { drawsAll, priorityBufferSchema } from '../curriculum/index.ts';

const whole = (least: number, orAll = false) =>
  z.custom<number>(
    (value) =>
      (Number.isInteger(value) && (value as number) >= least) ||
      (orAll && value === Number.POSITIVE_INFINITY),
    {
      error: ({ input }) => `must be a whole number of ${least} or more, not ${shownValue(input)}`,
    },
  );
/** The same, or Infinity: never, or all. */
const wholeOrAll = (least: number) => whole(least, true);
const list = (of: string) => z.custom<readonly unknown[]>(Array.isArray, `expected a list of ${of}`);
const reward = z.custom<RewardLike>(isRewardLike, {
  error: ({ input }) => `expected a reward or a function of a sample, not ${shownValue(input)}`,
});
const objective = withMethod<Objective>('loss', 'an objective');
const notNegative = numberOrInfinity.refine((x) => x >= 0, 'must not be negative');
const share = z.number().min(0).max(1);
const decay = z.number().min(0).lt(1);

const optimizer = z.strictObject({
  learningRate: scheduleLike.refine((rate) => typeof rate !== 'number' || rate >= 0, {
    error: ({ input }) => `must not be negative, as ${shownValue(input)} is`,
  }),
  beta1: decay.optional(),
  beta2: decay.optional(),
  epsilon: z.number().min(0).optional(),
  weightDecay: z.number().min(0).optional(),
  clipNorm: numberOrInfinity.refine((norm) => norm > 0, 'must be above 0').optional(),
});

const sampling = z.strictObject({
  maxTokens: whole(1),
  temperature: z.number().min(0).optional(),
  topK: whole(1).optional(),
  topP: z.number().gt(0).max(1).optional(),
  stop: z.array(z.string()).optional(),
  prefill: z.string().optional(),
  trie: z.custom<object>((value) => typeof value === 'object', 'expected a tree of tokens').optional(),
  beams: whole(1).optional(),
  // biome-ignore lint/suspicious/noThenProperty: sampling parameters call it so
  budget: z.strictObject({ tokens: whole(0), then: z.string() }).optional(),
  candidates: z.array(z.string()).optional(),
  signal: z.unknown().optional(),
});

const reference = z.union([z.enum(['start', 'stage']), z.strictObject({ model: z.string() })], {
  error: ({ input }) =>
    `expected 'start', 'stage' or { model }, not ${shownValue(input)}${typeof input === 'string' ? didYouMean(input, ['start', 'stage']) : ''}`,
});

const update = z.strictObject({
  model: z.string(),
  from: z.enum(['rollouts', 'demonstrations']),
  objective,
  optimizer,
  every: whole(1).optional(),
});

const until = z.strictObject({
  reward: numberOrInfinity.optional(),
  plateau: z.strictObject({ evaluations: whole(1), by: z.number().optional() }).optional(),
  window: whole(1).optional(),
  seconds: notNegative.optional(),
  tokens: notNegative.optional(),
});

/** What a stage, a recipe and an arm may set alike. */
const shared = {
  reward: reward.optional(),
  estimator: withMethod<Estimator>('estimate', 'an estimator').optional(),
  objective: objective.optional(),
  optimizer: optimizer.optional(),
  curriculum: withMethod<Curriculum>('create', 'a curriculum').optional(),
  groups: whole(1).optional(),
  samples: whole(1).optional(),
  steps: whole(0).optional(),
  sampling: sampling.optional(),
  epochs: whole(1).optional(),
  minibatches: whole(1).optional(),
  old: z.enum(['sampled', 'recomputed']).optional(),
  references: z.record(z.string(), reference).optional(),
  updates: z.array(update).optional(),
  until: until.optional(),
  noVerdict: z
    .union([z.literal('exclude'), z.number()], {
      error: ({ input }) => `expected 'exclude' or a number, not ${shownValue(input)}`,
    })
    .optional(),
  replay: priorityBufferSchema
    .extend({ target: share })
    .strict()
    .refine(drawsAll.holds, drawsAll.otherwise)
    .optional(),
  rollout: functionOf('tasks').optional(),
  refills: whole(0).optional(),
};

export const stageFields = {
  ...shared,
  name: z.string().min(1),
  kind: z.enum(['reinforce', 'supervised']).optional(),
  batch: whole(1).optional(),
  demonstrations: list('demonstrations').optional(),
};

/** What a recipe and an arm may set alike. */
const variable = {
  ...shared,
  summary: z.string().optional(),
  tasks: withMethod<TaskSource>('load', 'a source of tasks').optional(),
  engine: withMethod<EngineSpec>('create', 'an engine').optional(),
  models: z
    .record(
      z.string(),
      z.custom<object>(
        (value) => typeof value === 'object' && value !== null && ('create' in value || 'frozen' in value),
        { error: ({ input }) => `expected an engine or { frozen }, not ${shownValue(input)}` },
      ),
    )
    .refine((models) => !Object.hasOwn(models, 'policy'), "'policy' is the engine of the recipe")
    .optional(),
  warmStart: z
    .strictObject({
      steps: whole(0),
      batch: whole(1),
      optimizer,
      demonstrations: list('demonstrations').optional(),
    })
    .optional(),
  stages: list('stages').optional(),
  success: z.strictObject({ part: z.string().min(1).optional(), atLeast: numberOrInfinity }).optional(),
  evaluation: z
    .strictObject({
      every: wholeOrAll(0).optional(),
      tasks: wholeOrAll(0).optional(),
      reward: reward.optional(),
      passAt: z.array(whole(1)).optional(),
    })
    .optional(),
  checkpoint: z.strictObject({ every: wholeOrAll(1), keep: wholeOrAll(1).optional() }).optional(),
};

export const armFields = { ...variable, sameTimeAs: z.string().optional() };

const named = z.record(
  z.string(),
  z.custom<object>((value) => typeof value === 'object' && value !== null, {
    error: ({ input }) => `expected the fields that it changes, not ${shownValue(input)}`,
  }),
);
// What arms are judged by, and names, have checks of their own (expectation.ts).
export const recipeFields = {
  ...variable,
  name: z.unknown().optional(),
  paper: z.string().optional(),
  arms: named.optional(),
  metric: z.string().min(1).optional(),
  expected: z.unknown().optional(),
};

export const studyFields = {
  name: z.unknown(),
  summary: z.string().optional(),
  paper: z.string().optional(),
  arms: z
    .record(z.string(), functionOf('a seed'))
    .refine((arms) => Object.keys(arms).length > 0, 'there is no arm'),
  settings: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean()], 'expected a number, text or boolean'))
    .optional(),
  metric: z.string().min(1),
  expected: z.unknown().optional(),
};

const schemas = {
  recipe: z.strictObject(recipeFields),
  arm: z.strictObject(armFields),
  stage: z.strictObject(stageFields),
  study: z.strictObject(studyFields),
};

type Fail = (field: string, message: string) => never;

function failing(what: string): Fail {
  return (field, message) => {
    throw new InputError(message, { file: what, field });
  };
}

/** The fields of one object, those in it included; `at` is where it stands. */
function checkFields(schema: z.ZodObject, value: unknown, at: string, fail: Fail): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  const { path, message, unknown, known } = complaint(result.error, schema);
  const field = [at, path, unknown].filter((part) => part !== undefined && part !== '').join('.');
  fail(field, unknown === undefined ? message : `there is no such field${didYouMean(unknown, known)}`);
}

/** The stages of a recipe or arm; each is called by its name. */
function checkStages(stages: readonly unknown[] | undefined, at: string, fail: Fail): void {
  const names = new Set<unknown>();
  for (const [i, stage] of (stages ?? []).entries()) {
    const { name } = (stage ?? {}) as { readonly name?: unknown };
    checkFields(schemas.stage, stage, `${at}stages.${typeof name === 'string' && name ? name : i}`, fail);
    if (names.has(name)) fail(`${at}stages`, 'two stages have the same name');
    names.add(name);
  }
}

function noArm(name: string, arms: readonly string[]): string {
  return `there is no arm '${shownValue(name)}' (arms: ${arms.join(', ')})${didYouMean(name, arms)}`;
}

const required = ['tasks', 'engine', 'reward', 'estimator', 'objective', 'optimizer', 'sampling', 'steps'];

/** Throws InputError naming the first field of a recipe, of its stages and of its arms that cannot be. */
export function checkRecipe(options: { readonly [field: string]: unknown }): void {
  const { name, stages, arms } = options;
  const fail = failing(`recipe '${typeof name === 'string' ? name : 'recipe'}'`);
  checkFields(schemas.recipe, options, '', fail);
  for (const field of required) if (options[field] === undefined) fail(field, 'is missing');
  checkStages(stages as readonly unknown[] | undefined, '', fail);
  const variants = (arms ?? {}) as { readonly [arm: string]: { readonly [field: string]: unknown } };
  if (Object.hasOwn(variants, 'main')) fail('arms.main', "'main' is the recipe itself");
  const known = ['main', ...Object.keys(variants)];
  for (const [arm, fields] of Object.entries(variants)) {
    checkFields(schemas.arm, fields, `arms.${arm}`, fail);
    checkStages(fields.stages as readonly unknown[] | undefined, `arms.${arm}.`, fail);
    const { sameTimeAs } = fields;
    if (typeof sameTimeAs === 'string' && !known.includes(sameTimeAs))
      fail(`arms.${arm}.sameTimeAs`, noArm(sameTimeAs, known));
  }
}

/** The same of a study. */
export function checkStudy(options: { readonly [field: string]: unknown }): void {
  const fail = failing(`study '${String(options.name)}'`);
  checkFields(schemas.study, options, '', fail);
  if (options.expected === undefined) fail('expected', 'is missing');
}
