import type {
  Curriculum,
  CurriculumRun,
  Engine,
  Estimator,
  Json,
  NoVerdictCount,
  RewardContext,
  RewardState,
  Sampler,
  TaskSet,
} from '../core/index.ts';
import { memoriesOf, stream } from '../core/index.ts';
import { crossEntropy } from '../objective/index.ts';
import type { Store } from '../store/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { Position } from './position.ts';
import type { Recipe, ReferenceSource, ResolvedStage, Update } from './recipe.ts';
import type { Replay } from './replay.ts';

/** What a run tells whoever watches it. */
export interface Progress {
  readonly kind: 'start' | 'note' | 'step' | 'evaluation' | 'checkpoint' | 'stage' | 'end';
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  readonly stage: string;
  readonly metrics: { readonly [name: string]: number };
  readonly message?: string;
}

export interface TrainOptions {
  readonly seed: number;
  readonly store: Store;
  /** Where run folders go; each run has one, named by its id. */
  readonly folder: string;
  /** Continue this run from its newest checkpoint. */
  readonly resume?: string;
  readonly arm?: string;
  readonly threads?: number;
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export type EvaluationTime = 'untrained' | 'before' | 'after';

export interface TrainResult {
  readonly run: string;
  readonly recipe: string;
  readonly seed: number;
  readonly status: 'finished' | 'stopped';
  readonly steps: number;
  readonly seconds: number;
  /** Sampled and demonstration tokens learnt from. */
  readonly tokens: number;
  /** Greedy solve rate on held-out tasks: before any training, after the warm start, at the end. */
  readonly eval: { readonly [when in EvaluationTime]?: number };
  /** The same in full. */
  readonly evaluations: { readonly [when in EvaluationTime]?: Evaluation };
  readonly noVerdict: NoVerdictCount;
  /** Wall-clock seconds of the last stage: what a control of equal time is given. */
  readonly stageSeconds: number;
}

export interface Run {
  readonly id: string;
  readonly recipe: Recipe;
  readonly config: Json;
  readonly options: TrainOptions;
  readonly stages: readonly ResolvedStage[];
  readonly tasks: TaskSet;
  readonly models: Map<string, Engine>;
  readonly samplers: { readonly [name: string]: Sampler };
  /** Snapshots by name: of the run's start and of the stage's. */
  readonly references: Map<string, Engine>;
  curriculum: CurriculumRun | undefined;
  /** The stage's stored samples, where it replays any. */
  replay: Replay | undefined;
  readonly position: Position;
  readonly totalSteps: number;
}

export function updatesOf(stage: ResolvedStage): readonly Update[] {
  return (
    stage.updates ?? [
      stage.kind === 'supervised'
        ? { model: 'policy', from: 'demonstrations', objective: crossEntropy(), optimizer: stage.optimizer }
        : { model: 'policy', from: 'rollouts', objective: stage.objective, optimizer: stage.optimizer },
    ]
  );
}

/** What the estimator and the objectives of a stage remember; objectives by update and path. */
export function learningMemories(stage: ResolvedStage): [string, RewardState][] {
  return [
    ...memoriesOf(stage.estimator, 'estimator'),
    ...updatesOf(stage).flatMap(({ objective }, i) => memoriesOf(objective, String(i))),
  ];
}

/** Something that whoever runs it should know: told now, and kept with the run. */
export function note(run: Run, text: string): void {
  run.options.store.event({ run: run.id, step: run.position.step, kind: 'note', body: { text } });
  tell(run, 'note', {}, text);
}

/** What its estimator says once about itself and its parts. */
export function notesOf({ notes = [], children = {} }: Pick<Estimator, 'notes' | 'children'>): string[] {
  return [...notes, ...Object.values(children).flatMap(notesOf)];
}

export function referenceOf(run: Run, source: ReferenceSource): Engine {
  return typeof source === 'string' ? run.references.get(source)! : run.models.get(source.model)!;
}

export function learningContext({ position }: Run, stage: ResolvedStage) {
  return { step: position.stageStep, totalSteps: stage.steps, stage: stage.name };
}

export function rewardContext(run: Run, stage: ResolvedStage, phase: 'train' | 'evaluate'): RewardContext {
  return {
    ...learningContext(run, stage),
    phase,
    models: { policy: run.models.get('policy')!, ...Object.fromEntries(run.models), ...run.samplers },
    signal: run.options.signal ?? new AbortController().signal,
    fuel: 1_000_000,
  };
}

export function curriculumOf(run: Run, stage: ResolvedStage): CurriculumRun {
  const random = stream(run.options.seed, 'curriculum', stage.name);
  const curriculum: Curriculum = stage.curriculum;
  return curriculum.create({ tasks: run.tasks.train, groups: stage.groups, random });
}

export function tell(
  run: Run,
  kind: Progress['kind'],
  metrics: Record<string, number>,
  message?: string,
): void {
  const { position } = run;
  run.options.onProgress?.({
    kind,
    run: run.id,
    step: position.step,
    steps: run.totalSteps,
    stage: run.stages[Math.min(position.stage, run.stages.length - 1)]?.name ?? '',
    metrics,
    message,
  });
}
