import {
  asReward,
  type Curriculum,
  type Demonstration,
  type Described,
  describe,
  type EngineSpec,
  type Estimator,
  InputError,
  type Json,
  type Objective,
  type Reward,
  type RewardLike,
  type SampleParams,
  type Sampler,
  type ScheduleLike,
  type TaskSource,
} from '../core/index.ts';
import { checkRecipe } from './check-recipe.ts';
import { checkExpectations, checkName, type Expectation } from './expectation.ts';
import type { ReplayOptions } from './replay.ts';
import type { Rollout } from './rollout.ts';

/** AdamW with a learning rate that may change over the stage. */
export interface OptimizerOptions {
  readonly learningRate: ScheduleLike;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
}

/** When a stage ends before its steps are done. Each condition that is given ends it. */
export interface Until {
  /** The mean training reward over `window` steps (default 10) is at least this. */
  readonly reward?: number;
  /** The held-out solve rate has not risen by `by` for so many evaluations. */
  readonly plateau?: { readonly evaluations: number; readonly by?: number };
  readonly window?: number;
  /** Wall-clock seconds of the stage: for controls of equal time. A run with it is not bit-repeatable in its length. */
  readonly seconds?: number;
  /** Tokens sampled (or learnt from, of demonstrations) in the stage: for arms of equal budget. */
  readonly tokens?: number;
}

/** What counts as solved: the verdict's value, or that of a part, is at least this. */
export interface Success {
  readonly part?: string;
  readonly atLeast: number;
}

export interface EvaluationOptions {
  /** Every so many steps (the first and last evaluation are always made). 0 is only those. */
  readonly every: number;
  /** How many held-out tasks the evaluations in between use; all when left out. First and last use all. */
  readonly tasks?: number;
  /** The reward that judges held-out answers; the training reward when left out. */
  readonly reward?: RewardLike;
  /** Also sample so many completions a task at the recipe's temperature, for pass@k at first and last. */
  readonly passAt?: readonly number[];
}

/** Which data an update learns from. */
export type UpdateSource = 'rollouts' | 'demonstrations';

/** One of the updates of a step: which model, from what, with which loss. */
export interface Update {
  readonly model: string;
  readonly from: UpdateSource;
  readonly objective: Objective;
  readonly optimizer: OptimizerOptions;
  /** Only on every n-th step. */
  readonly every?: number;
}

/** A further model of a run: trained by an update that names it, or frozen. A sampler (judge, actor) is always frozen. */
export type ModelSpec = EngineSpec | { readonly frozen: Sampler };

/** What a reference is: the policy as it was when the run or this stage began, or a model of the run. */
export type ReferenceSource = 'start' | 'stage' | { readonly model: string };

/** All that a stage may change. */
export interface StageOptions {
  readonly reward: RewardLike;
  readonly estimator: Estimator;
  readonly objective: Objective;
  readonly optimizer: OptimizerOptions;
  readonly curriculum: Curriculum;
  /** Groups a step, samples a group. */
  readonly groups: number;
  readonly samples: number;
  readonly steps: number;
  readonly sampling: SampleParams;
  /** Passes over a step's rollouts, and parts that each is cut into; each part is one optimiser step. */
  readonly epochs: number;
  readonly minibatches: number;
  /** Old log-probabilities: as sampled, or by a forward pass before the first update (needed with top-k or top-p). */
  readonly old: 'sampled' | 'recomputed';
  readonly references: { readonly [name: string]: ReferenceSource };
  readonly updates?: readonly Update[];
  readonly until?: Until;
  /** Value of a sample without a verdict: left out, or a number, to repeat a paper that did otherwise. */
  readonly noVerdict: 'exclude' | number;
  /** Fills a step's update up with samples of earlier steps. */
  readonly replay?: ReplayOptions;
  /** How groups come about; one turn when left out. */
  readonly rollout?: Rollout;
  /** How often the curriculum may ask for more before a step goes on with what it has. */
  readonly refills: number;
}

/** A stage of reinforcement, or of supervised learning on demonstrations. */
export interface Stage extends Partial<StageOptions> {
  readonly name: string;
  readonly kind?: 'reinforce' | 'supervised';
  /** Supervised: demonstrations a step. */
  readonly batch?: number;
  /** Supervised: these demonstrations in place of the task source's. */
  readonly demonstrations?: readonly Demonstration[];
}

/** A supervised stage before the others, in short form. */
export interface WarmStart {
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: OptimizerOptions;
  readonly demonstrations?: readonly Demonstration[];
}

export interface RecipeOptions
  extends Partial<Omit<StageOptions, 'reward' | 'estimator' | 'objective' | 'optimizer'>> {
  readonly name?: string;
  /** One line: what it shows. */
  readonly summary?: string;
  readonly paper?: string;
  readonly tasks: TaskSource;
  readonly engine: EngineSpec;
  readonly models?: { readonly [name: string]: ModelSpec };
  readonly reward: RewardLike;
  readonly estimator: Estimator;
  readonly objective: Objective;
  readonly optimizer: OptimizerOptions;
  readonly steps: number;
  readonly sampling: SampleParams;
  readonly warmStart?: WarmStart;
  readonly stages?: readonly Stage[];
  readonly success?: Success;
  readonly evaluation?: Partial<EvaluationOptions>;
  readonly checkpoint?: { readonly every: number; readonly keep?: number };
  /** Variants of this recipe, each a partial one: the method's controls. The recipe itself is the arm `main`. */
  readonly arms?: { readonly [arm: string]: Arm };
  /** What an arm is judged by. */
  readonly metric?: MetricName;
  /** Written before it is run. */
  readonly expected?: Expectation | readonly Expectation[];
}

/** A variant of a recipe. */
export type Arm = Partial<Omit<RecipeOptions, 'arms' | 'metric' | 'expected' | 'name' | 'paper'>> & {
  /** The last stage goes on for as long as that arm's last stage took on the same seed: a control of equal time. */
  readonly sameTimeAs?: string;
};

/**
 * What an arm is judged by: `after` (held-out greedy solve rate at the end), `gain` (its rise since the warm start), `before`,
 * `untrained`, `reward`, `length`, `part.NAME` and `pass@K` (held-out, at the end), `tokens`, `seconds`; and of any metric of the
 * reinforcement steps `mean.NAME` (over all) and `last.NAME` (over the last tenth).
 */
export type MetricName = string;

/** A training recipe: a value made of values. `recipeJson` prints it. */
export interface Recipe extends Described {
  readonly kind: 'recipe';
  readonly recipe: RecipeOptions;
}

/** A stage with every default filled in. */
export interface ResolvedStage extends StageOptions {
  readonly name: string;
  readonly kind: 'reinforce' | 'supervised';
  readonly reward: Reward;
  readonly batch: number;
  readonly demonstrations?: readonly Demonstration[];
}

/** Makes a recipe, checked: the first field that cannot be is an InputError naming it. */
export function recipe(options: RecipeOptions): Recipe {
  checkRecipe({ ...options });
  const { name = 'recipe', arms, expected } = options;
  checkName('recipe', name);
  checkExpectations(`recipe '${name}'`, ['main', ...Object.keys(arms ?? {})], expected);
  return { kind: 'recipe', name: options.name ?? 'recipe', version: '1', options, recipe: options };
}

/** The recipe of one arm; `main` is the recipe itself. */
export function armOf({ recipe: options }: Recipe, arm: string): Recipe {
  const { arms, metric, expected, ...main } = options;
  if (arm === 'main') return recipe({ ...main });
  const change = arms && Object.hasOwn(arms, arm) ? arms[arm] : undefined;
  if (!change) throw new InputError(`recipe '${options.name}' has no arm '${arm}'`);
  const { sameTimeAs, ...fields } = change;
  return recipe({ ...main, ...fields });
}

/** A recipe as the JSON that is stored with its run and compared on resume. */
export function recipeJson({ recipe: options }: Recipe): Json {
  const { arms, metric, expected, ...own } = options;
  return describe(own);
}

export function isRecipe(value: unknown): value is Recipe {
  return typeof value === 'object' && value !== null && (value as Recipe).kind === 'recipe';
}

/** The stages of a recipe in order, each with every field. */
export function resolveStages({ recipe: options }: Recipe, uniform: Curriculum): ResolvedStage[] {
  const base: Omit<ResolvedStage, 'name' | 'kind'> = {
    reward: asReward(options.reward),
    estimator: options.estimator,
    objective: options.objective,
    optimizer: options.optimizer,
    curriculum: options.curriculum ?? uniform,
    groups: options.groups ?? 16,
    samples: options.samples ?? 8,
    steps: options.steps,
    sampling: options.sampling,
    epochs: options.epochs ?? 1,
    minibatches: options.minibatches ?? 1,
    old: options.old ?? (narrowed(options.sampling) ? 'recomputed' : 'sampled'),
    references: options.references ?? {},
    updates: options.updates,
    until: options.until,
    noVerdict: options.noVerdict ?? 'exclude',
    replay: options.replay,
    rollout: options.rollout,
    refills: options.refills ?? 10,
    batch: 64,
  };
  const stages: ResolvedStage[] = [];
  if (options.warmStart && options.warmStart.steps > 0)
    stages.push({ ...base, ...options.warmStart, until: undefined, name: 'warm-start', kind: 'supervised' });
  for (const stage of options.stages ?? [{ name: 'reinforce' }])
    stages.push({
      ...base,
      ...stage,
      reward: stage.reward ? asReward(stage.reward) : base.reward,
      kind: stage.kind ?? 'reinforce',
    } as ResolvedStage);
  return stages;
}

/** Whether the sampled distribution is not the policy's own at that temperature. */
function narrowed({ topK, topP }: SampleParams): boolean {
  return topK !== undefined || (topP !== undefined && topP < 1);
}
