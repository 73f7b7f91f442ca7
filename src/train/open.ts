import {
  type Engine,
  InputError,
  type Json,
  memoriesOf,
  requireCapabilities,
  type Sampler,
} from '../core/index.ts';
import { uniform } from '../curriculum/index.ts';
import { type Restored, readCheckpoint } from './checkpoint.ts';
import { newPosition } from './position.ts';
import { type Recipe, type ResolvedStage, recipeJson, resolveStages, type Update } from './recipe.ts';
import { createReplay } from './replay.ts';
import {
  curriculumOf,
  learningMemories,
  note,
  notesOf,
  type Run,
  type TrainOptions,
  tell,
  updatesOf,
} from './run.ts';

export async function open(recipe: Recipe, options: TrainOptions): Promise<Run> {
  const { recipe: what } = recipe;
  const stages = resolveStages(recipe, uniform());
  const tasks = await what.tasks.load();
  if (tasks.train.length === 0) throw new InputError('there are no training tasks', { field: 'tasks' });
  for (const { reward, name } of stages)
    if (reward.trainable === false)
      throw new InputError(`reward '${reward.name}' is a measure, not to be trained on (stage '${name}')`);
  const config = recipeJson(recipe);
  const models = new Map<string, Engine>();
  const samplers: Record<string, Sampler> = {};
  const create = { seed: options.seed, threads: options.threads };
  try {
    models.set('policy', await what.engine.create(create));
    for (const [name, spec] of Object.entries(what.models ?? {}))
      if ('frozen' in spec) samplers[name] = spec.frozen;
      else models.set(name, await spec.create(create));
    checkCapabilities(stages, models);
    const restored = options.resume
      ? readCheckpoint(options.folder, options.resume, config, options.seed)
      : undefined;
    const run: Run = {
      id: options.resume ?? startRun(recipe, config, options, stages),
      recipe,
      config,
      options,
      stages,
      tasks,
      models,
      samplers,
      references: new Map(),
      curriculum: undefined,
      replay: undefined,
      position: restored?.position ?? newPosition(),
      totalSteps: stages.reduce((sum, stage) => sum + stage.steps, 0),
    };
    for (const stage of stages)
      for (const [, state] of [...memoriesOf(stage.reward), ...learningMemories(stage)]) state.reset();
    if (options.resume) {
      if (restored) await restore(run, restored);
      options.store.resumeRun(options.resume, run.position.step - 1 - (restored ? 0 : 1));
    }
    tell(run, 'start', {});
    for (const text of new Set(stages.flatMap(({ estimator }) => notesOf(estimator)))) {
      if (options.resume) tell(run, 'note', {}, text);
      else note(run, text);
    }
    return run;
  } catch (thrown) {
    for (const engine of models.values()) await engine.close();
    throw thrown;
  }
}

function startRun(
  recipe: Recipe,
  config: Json,
  options: TrainOptions,
  stages: readonly ResolvedStage[],
): string {
  return options.store.createRun({
    recipe: recipe.name,
    config,
    seed: options.seed,
    steps: stages.reduce((sum, stage) => sum + stage.steps, 0),
    paper: recipe.recipe.paper,
    arm: options.arm,
  });
}

/** Refuses a loss that reads a term which the estimator is known not to give; demonstrations have the term `policy`. */
function requireTerms(stage: ResolvedStage, { from, objective }: Update): void {
  const demonstrated = stage.kind === 'supervised' || from === 'demonstrations';
  const given = demonstrated ? ['policy'] : stage.estimator.terms;
  const lacking = objective.needs?.terms?.find((term) => given && !given.includes(term));
  if (lacking !== undefined)
    throw new InputError(
      `objective '${objective.name}' reads the advantage term '${lacking}', and ${demonstrated ? 'demonstrations give' : `estimator '${stage.estimator.name}' gives`} ${given!.map((term) => `'${term}'`).join(', ')} (stage '${stage.name}')`,
      { field: 'objective' },
    );
}

function checkCapabilities(stages: readonly ResolvedStage[], models: ReadonlyMap<string, Engine>): void {
  for (const stage of stages) {
    for (const update of updatesOf(stage)) {
      const { model, from, objective } = update;
      const engine = models.get(model);
      if (!engine)
        throw new InputError(`there is no model '${model}' to update`, {
          field: `stages.${stage.name}.updates`,
        });
      const { entropies, values } = objective.needs ?? {};
      requireCapabilities(engine, { train: true, entropies, values }, `objective '${objective.name}'`);
      requireReferences(stage, objective.needs?.references, `objective '${objective.name}'`);
      requireTerms(stage, update);
      if (objective.needs?.sampled) requireSampled(stage, from, objective.name);
    }
    for (const [name, source] of Object.entries(stage.references))
      if (typeof source === 'object' && !models.has(source.model))
        throw new InputError(
          `reference '${name}' is model '${source.model}', which the recipe does not have`,
        );
    if (stage.kind !== 'reinforce') continue;
    requireReferences(stage, stage.estimator.needs?.references, `estimator '${stage.estimator.name}'`);
    const policy = models.get('policy')!;
    requireCapabilities(
      policy,
      { logprobs: true, values: stage.estimator.needs?.values },
      `estimator '${stage.estimator.name}'`,
    );
  }
}

function requireReferences(stage: ResolvedStage, names: readonly string[] = [], why: string): void {
  for (const name of names)
    if (!stage.references[name])
      throw new InputError(`${why} needs a reference '${name}'`, { field: 'references' });
}

/** An objective that weighs the sampler's log-probabilities against the trainer's needs both, or it does nothing. */
function requireSampled(stage: ResolvedStage, from: Update['from'], name: string): void {
  if (stage.kind === 'supervised' || from === 'demonstrations')
    throw new InputError(`objective '${name}' corrects for the sampler, and demonstrations have none`, {
      field: `stages.${stage.name}`,
    });
  if (stage.old !== 'recomputed')
    throw new InputError(
      `objective '${name}' corrects the sampler's log-probabilities by the trainer's own: set old: 'recomputed' (stage '${stage.name}')`,
      { field: 'old' },
    );
}

async function restore(run: Run, restored: Restored): Promise<void> {
  const { position } = run;
  for (const [name, engine] of run.models) await engine.load(restored.model(name));
  for (const name of restored.references) {
    const copy = await run.models.get('policy')!.snapshot();
    await copy.load(restored.reference(name));
    run.references.set(name, copy);
  }
  const stage = run.stages[Math.min(position.stage, run.stages.length - 1)]!;
  run.curriculum = curriculumOf(run, stage);
  if (restored.curriculum !== null) run.curriculum.load(restored.curriculum);
  if (stage.replay) run.replay = createReplay(stage.replay);
  if (restored.replay) run.replay?.load(restored.replay);
  for (const [name, state] of memoriesOf(stage.reward)) {
    const saved = restored.rewards[name];
    if (saved !== undefined) state.load(saved);
  }
  for (const [name, state] of learningMemories(stage)) {
    const saved = (restored.learning ?? restored.objectives)?.[name];
    if (saved !== undefined) state.load(saved);
  }
}
