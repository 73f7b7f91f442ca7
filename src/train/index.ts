export { type Behaviour, behaviourCues, showsBehaviour } from './behaviours.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export { demandOf, directions, type Expectation, type Judged, judgeValues } from './expectation.ts';
export {
  type Job,
  type JobLog,
  type JobOptions,
  type JobOutcome,
  jobKey,
  metricsOf,
  runJob,
} from './jobs.ts';
export { type LearnOptions, learn } from './learn.ts';
export { train } from './loop.ts';
export { isSolved, rolloutMetrics, sampledTokens } from './monitor.ts';
export { type Preview, preview } from './preview.ts';
export {
  type Arm,
  armOf,
  type EvaluationOptions,
  isRecipe,
  type ModelSpec,
  type Recipe,
  type RecipeOptions,
  recipe,
  recipeJson,
  type Stage,
  type StageOptions,
  type Success,
  type Until,
  type Update,
} from './recipe.ts';
export {
  type ArmResult,
  armsOf,
  type ExpectationResult,
  judgement,
  type ReproduceOptions,
  type Reproduction,
  reproduce,
} from './reproduce.ts';
export { type Rollout, type RolloutContext, singleTurn } from './rollout.ts';
export type { Progress, TrainOptions, TrainResult } from './run.ts';
export {
  isStudy,
  type Metrics,
  type Scalar,
  type Study,
  type StudyContext,
  type StudyOptions,
  study,
} from './study.ts';
export { demonstrationSet, demonstrationsOf } from './supervised.ts';
export {
  type Sweep,
  type SweepOptions,
  type SweptArm,
  type SweptExpectation,
  sweep,
} from './sweep.ts';
export { type LearningSet, learningSet } from './tokens.ts';
export { factorOf, inOrder, type Variation, variationName, vary } from './vary.ts';
