import {
  asReward,
  type Curriculum,
  type CurriculumRun,
  countNoVerdict,
  describe,
  type Engine,
  type Group,
  InputError,
  type Json,
  type NoVerdictCount,
  type OptimizerParams,
  oneLine,
  type RewardContext,
  requireCapabilities,
  type Sampler,
  scheduleAt,
  scoreBatch,
  statefulRewards,
  stream,
  type Task,
  type TaskSet,
} from '../core/index.ts';
import { uniform } from '../curriculum/index.ts';
import { crossEntropy } from '../objective/index.ts';
import type { Store } from '../store/index.ts';
import { type Checkpoint, type Restored, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { learn } from './learn.ts';
import { rolloutMetrics, sampledTokens } from './monitor.ts';
import { newPosition, type Position } from './position.ts';
import {
  type OptimizerOptions,
  type Recipe,
  type ReferenceSource,
  type ResolvedStage,
  recipeJson,
  resolveStages,
  type Success,
  type Update,
} from './recipe.ts';
import { singleTurn } from './rollout.ts';
import { stopReason } from './stop.ts';
import { demonstrationBatch, demonstrationSet } from './supervised.ts';
import { type LearningSet, learningSet, logprobsUnder } from './tokens.ts';

/** What a run tells whoever watches it. */
export interface Progress {
  readonly kind: 'start' | 'step' | 'evaluation' | 'checkpoint' | 'stage' | 'end';
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

export interface TrainResult {
  readonly run: string;
  readonly recipe: string;
  readonly seed: number;
  readonly status: 'finished' | 'stopped';
  readonly steps: number;
  readonly seconds: number;
  /** Sampled and demonstration tokens learnt from. */
  readonly tokens: number;
  readonly eval: {
    readonly untrained?: Evaluation;
    readonly before?: Evaluation;
    readonly after?: Evaluation;
  };
  readonly noVerdict: NoVerdictCount;
  /** Wall-clock seconds of the last stage: what a control of equal time is given. */
  readonly stageSeconds: number;
}

interface Run {
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
  readonly position: Position;
  readonly totalSteps: number;
}

/**
 * Trains: sample, score, estimate, objective, backward, step; with stages, evaluation, checkpoints and the store around it.
 * It holds no algorithm. All randomness of a step derives from the seed and the step, so that a resumed run equals the
 * uninterrupted one bit for bit. Throws InputError and UnsupportedError before step 0, StoreError when a step cannot be
 * stored; finished steps are never lost.
 */
export async function train(recipe: Recipe, options: TrainOptions): Promise<TrainResult> {
  const run = await open(recipe, options);
  const { store } = options;
  try {
    const status = await stagesOf(run);
    const after = status === 'finished' ? await evaluateHeldOut(run, 'after') : undefined;
    const { position } = run;
    const result: TrainResult = {
      run: run.id,
      recipe: recipe.name,
      seed: options.seed,
      status,
      steps: position.step,
      seconds: position.seconds,
      tokens: position.tokens,
      eval: { untrained: position.untrained, before: position.before, after },
      noVerdict: position.noVerdict,
      stageSeconds: position.stageSeconds,
    };
    store.finishRun(run.id, status, describe(result));
    tell(run, 'end', {});
    return result;
  } catch (thrown) {
    try {
      store.finishRun(run.id, 'failed', { error: oneLine(thrown) });
    } catch {
      // The store itself may be what failed; the first error is the one to show.
    }
    throw thrown;
  } finally {
    for (const engine of [...run.models.values(), ...run.references.values()]) await engine.close();
  }
}

async function open(recipe: Recipe, options: TrainOptions): Promise<Run> {
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
      position: restored?.position ?? newPosition(),
      totalSteps: stages.reduce((sum, stage) => sum + stage.steps, 0),
    };
    for (const stage of stages) for (const [, state] of statefulRewards(stage.reward)) state.reset();
    if (options.resume) {
      if (restored) await restore(run, restored);
      options.store.resumeRun(options.resume, run.position.step - 1 - (restored ? 0 : 1));
    }
    tell(run, 'start', {});
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

function updatesOf(stage: ResolvedStage): readonly Update[] {
  return (
    stage.updates ?? [
      stage.kind === 'supervised'
        ? { model: 'policy', from: 'demonstrations', objective: crossEntropy(), optimizer: stage.optimizer }
        : { model: 'policy', from: 'rollouts', objective: stage.objective, optimizer: stage.optimizer },
    ]
  );
}

function checkCapabilities(stages: readonly ResolvedStage[], models: ReadonlyMap<string, Engine>): void {
  for (const stage of stages) {
    for (const { model, objective } of updatesOf(stage)) {
      const engine = models.get(model);
      if (!engine)
        throw new InputError(`there is no model '${model}' to update`, {
          field: `stages.${stage.name}.updates`,
        });
      const { entropies, values } = objective.needs ?? {};
      requireCapabilities(engine, { train: true, entropies, values }, `objective '${objective.name}'`);
      requireReferences(stage, objective.needs?.references, `objective '${objective.name}'`);
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

/** Runs the stages from where the run stands. */
async function stagesOf(run: Run): Promise<'finished' | 'stopped'> {
  const { position, options } = run;
  if (position.untrained === undefined && position.step === 0)
    position.untrained = await evaluateHeldOut(run, 'untrained');
  for (; position.stage < run.stages.length; position.stage++) {
    const stage = run.stages[position.stage]!;
    if (stage.kind === 'reinforce' && position.before === undefined)
      position.before = position.step === 0 ? position.untrained : await evaluateHeldOut(run, 'before');
    if (position.stageStep === 0) await enter(run, stage);
    const ended = await stepsOf(run, stage);
    if (ended === 'stopped') return 'stopped';
    if (position.stage + 1 < run.stages.length)
      options.store.event({
        run: run.id,
        step: position.step - 1,
        kind: 'stage',
        body: { ended: stage.name, why: ended },
      });
    if (position.stage + 1 === run.stages.length) break;
    Object.assign(position, { stageStep: 0, stageSeconds: 0, rates: [], rewards: [] });
  }
  await save(run);
  return 'finished';
}

/** A stage begins: its curriculum, and the snapshots that its references are. */
async function enter(run: Run, stage: ResolvedStage): Promise<void> {
  run.curriculum = curriculumOf(run, stage);
  const policy = run.models.get('policy')!;
  const wanted = run.stages.flatMap(({ references }) => Object.values(references));
  if (run.position.step === 0 && wanted.includes('start'))
    run.references.set('start', await policy.snapshot());
  if (Object.values(stage.references).includes('stage')) {
    await run.references.get('stage')?.close();
    run.references.set('stage', await policy.snapshot());
  }
  tell(run, 'stage', {});
}

function curriculumOf(run: Run, stage: ResolvedStage): CurriculumRun {
  const random = stream(run.options.seed, 'curriculum', stage.name);
  const curriculum: Curriculum = stage.curriculum;
  return curriculum.create({ tasks: run.tasks.train, groups: stage.groups, random });
}

async function stepsOf(run: Run, stage: ResolvedStage): Promise<string> {
  const { position, options, recipe } = run;
  const every = recipe.recipe.evaluation?.every ?? 0;
  const checkpointEvery = recipe.recipe.checkpoint?.every ?? 50;
  for (;;) {
    const reason = stopReason(stage, position);
    if (reason) return reason;
    if (options.signal?.aborted) {
      await save(run);
      return 'stopped';
    }
    const began = performance.now();
    const metrics =
      stage.kind === 'supervised' ? await supervisedStep(run, stage) : await reinforceStep(run, stage);
    position.step++;
    position.stageStep++;
    if (every > 0 && position.stageStep % every === 0 && position.stageStep < stage.steps) {
      const { solveRate } = await evaluateHeldOut(run, 'during');
      position.rates.push(solveRate);
    }
    const seconds = (performance.now() - began) / 1000;
    position.seconds += seconds;
    position.stageSeconds += seconds;
    tell(run, 'step', { ...metrics, seconds });
    if (position.step % checkpointEvery === 0) await save(run);
  }
}

async function supervisedStep(run: Run, stage: ResolvedStage): Promise<Record<string, number>> {
  const { position, options } = run;
  const demonstrations = stage.demonstrations ?? run.tasks.demonstrations;
  if (demonstrations.length === 0)
    throw new InputError(`stage '${stage.name}' is supervised and there are no demonstrations`, {
      field: 'tasks',
    });
  const began = performance.now();
  const sums: Record<string, number> = {};
  for (const update of updatesOf(stage)) {
    if (position.stageStep % (update.every ?? 1) !== 0) continue;
    const set = await demonstrationsFor(run, stage, update.model);
    position.tokens += set.sequences.reduce((sum, { tokens }) => sum + tokens.length, 0);
    Object.assign(sums, await apply(run, stage, update, set, 1, 1));
  }
  options.store.writeStep({
    run: run.id,
    step: position.step,
    stage: stage.name,
    metrics: sums,
    clock: { seconds: (performance.now() - began) / 1000 },
  });
  return sums;
}

async function demonstrationsFor(run: Run, stage: ResolvedStage, model: string): Promise<LearningSet> {
  const demonstrations = stage.demonstrations ?? run.tasks.demonstrations;
  const random = stream(run.options.seed, 'demonstrations', stage.name);
  const picked = demonstrationBatch(demonstrations.length, stage.batch, run.position.stageStep, random);
  return demonstrationSet(
    run.models.get(model)!,
    picked.map((i) => demonstrations[i]!),
  );
}

async function reinforceStep(run: Run, stage: ResolvedStage): Promise<Record<string, number>> {
  const { position, options } = run;
  const context = learningContext(run, stage);
  const clock: Record<string, number> = {};
  const began = performance.now();
  const { kept, all } = await gather(run, stage, clock);
  const sampled = sampledTokens(all);
  position.tokens += sampled;
  const metrics = rolloutMetrics(all, run.recipe.recipe.success ?? { atLeast: 1 });
  if (metrics.reward !== undefined) position.rewards.push(metrics.reward);
  if (position.rewards.length > 100) position.rewards.shift();
  if (run.curriculum?.metrics) Object.assign(metrics, run.curriculum.metrics);
  if (kept.length < all.length) metrics.kept = kept.length / all.length;

  const learning = performance.now();
  if (stage.estimator.needs?.values) await addValues(run, kept, stage.sampling.temperature || 1);
  if (stage.estimator.needs?.references) await addReferences(run, stage, kept);
  const credit = stage.estimator.estimate({ groups: [...kept] }, context);
  Object.assign(metrics, credit.metrics);
  const rollouts = learningSet(kept, credit);
  for (const update of updatesOf(stage)) {
    if (position.stageStep % (update.every ?? 1) !== 0) continue;
    const set = update.from === 'rollouts' ? rollouts : await demonstrationsFor(run, stage, update.model);
    const report = await apply(run, stage, update, set, stage.epochs, stage.minibatches);
    for (const [name, value] of Object.entries(report))
      metrics[update.model === 'policy' ? name : `${update.model}.${name}`] = value;
  }
  const end = performance.now();
  clock['seconds.learn'] = (end - learning) / 1000;
  clock.seconds = (end - began) / 1000;
  clock.tokensPerSecond = sampled / clock.seconds;
  options.store.writeStep({
    run: run.id,
    step: position.step,
    stage: stage.name,
    metrics,
    clock,
    groups: kept,
    advantages: credit.terms,
  });
  return { ...metrics, tokensPerSecond: clock.tokensPerSecond };
}

/** Samples and scores until the curriculum has the groups it wants. */
async function gather(
  run: Run,
  stage: ResolvedStage,
  clock: Record<string, number>,
): Promise<{ kept: readonly Group[]; all: Group[] }> {
  const { position, options } = run;
  const curriculum = run.curriculum!;
  const rollout = stage.rollout ?? singleTurn;
  const all: Group[] = [];
  const kept: Group[] = [];
  clock['seconds.sample'] = 0;
  clock['seconds.score'] = 0;
  for (let refill = 0; refill <= stage.refills; refill++) {
    const wanted = refill === 0 ? stage.groups : curriculum.wants(kept.length);
    if (wanted <= 0) break;
    const tasks: readonly Task[] = curriculum.next(wanted);
    const began = performance.now();
    const groups = await rollout({
      policy: run.models.get('policy')!,
      tasks,
      samples: stage.samples,
      sampling: { ...stage.sampling, signal: options.signal },
      seed: options.seed,
      path: ['rollout', position.step, refill],
    });
    const sampled = performance.now();
    await scoreBatch(stage.reward, { groups }, rewardContext(run, stage, 'train'));
    for (const { samples } of groups)
      for (const sample of samples) {
        countNoVerdict(position.noVerdict, sample.verdict!);
        if (sample.verdict!.value === null && stage.noVerdict !== 'exclude')
          sample.verdict = { ...sample.verdict!, value: stage.noVerdict };
      }
    clock['seconds.sample'] += (sampled - began) / 1000;
    clock['seconds.score'] += (performance.now() - sampled) / 1000;
    all.push(...groups);
    kept.push(...(curriculum.observe(groups) as readonly Group[]));
  }
  return { kept: kept.slice(0, Math.max(stage.groups, 0)), all };
}

/** Attaches the critic's values to every turn. */
async function addValues(run: Run, groups: readonly Group[], temperature: number): Promise<void> {
  const turns = groups.flatMap(({ samples }) => samples.flatMap((sample) => sample.turns));
  const sequences = turns.map(({ context, completion }) => ({ context, tokens: completion.tokens }));
  const pass = await run.models.get('policy')!.forward(sequences, { temperature, values: true, tape: false });
  turns.forEach((turn, i) => {
    turn.values = pass.values!.slice(pass.starts[i]!, pass.starts[i + 1]!);
  });
  pass.release();
}

/** Attaches log-probabilities under the references that the estimator needs to every turn. */
async function addReferences(run: Run, stage: ResolvedStage, groups: readonly Group[]): Promise<void> {
  const turns = groups.flatMap(({ samples }) => samples.flatMap((sample) => sample.turns));
  const sequences = turns.map(({ context, completion }) => ({ context, tokens: completion.tokens }));
  for (const name of stage.estimator.needs?.references ?? []) {
    const engine = referenceOf(run, stage.references[name]!);
    const rows = await logprobsUnder(engine, sequences, stage.sampling.temperature || 1);
    turns.forEach((turn, i) => {
      turn.references = { ...turn.references, [name]: rows[i]! };
    });
  }
}

async function apply(
  run: Run,
  stage: ResolvedStage,
  update: Update,
  set: LearningSet,
  epochs: number,
  minibatches: number,
): Promise<Record<string, number>> {
  const { position, options } = run;
  const engine = run.models.get(update.model)!;
  // Demonstrations are learnt at temperature 1; rollouts at the one they were sampled with (greedy has none: 1).
  const temperature = update.from === 'rollouts' ? stage.sampling.temperature || 1 : 1;
  if (set.sequences.length === 0) return { updates: 0 };
  const references: Record<string, Float64Array[]> = {};
  for (const name of update.objective.needs?.references ?? [])
    references[name] = await logprobsUnder(
      referenceOf(run, stage.references[name]!),
      set.sequences,
      temperature,
    );
  const old =
    update.from === 'rollouts' && stage.old === 'recomputed'
      ? await logprobsUnder(engine, set.sequences, temperature)
      : set.old;
  const learningRate = scheduleAt(update.optimizer.learningRate, position.stageStep, stage.steps);
  const report = await learn({
    engine,
    set: { ...set, old, ...(old !== set.old && { sampled: set.old }) },
    objective: update.objective,
    optimizer: optimizerParams(update.optimizer, learningRate),
    epochs,
    minibatches,
    temperature,
    maxTokens: stage.sampling.maxTokens,
    references,
    context: learningContext(run, stage),
    random: stream(options.seed, 'learn', position.step, update.model),
  });
  return { ...report, learningRate };
}

function optimizerParams(
  { learningRate: _, ...rest }: OptimizerOptions,
  learningRate: number,
): OptimizerParams {
  return { ...rest, learningRate };
}

function referenceOf(run: Run, source: ReferenceSource): Engine {
  return typeof source === 'string' ? run.references.get(source)! : run.models.get(source.model)!;
}

function learningContext({ position }: Run, stage: ResolvedStage) {
  return { step: position.stageStep, totalSteps: stage.steps, stage: stage.name };
}

function rewardContext(run: Run, stage: ResolvedStage, phase: 'train' | 'evaluate'): RewardContext {
  return {
    ...learningContext(run, stage),
    phase,
    models: { policy: run.models.get('policy')!, ...Object.fromEntries(run.models), ...run.samplers },
    signal: run.options.signal ?? new AbortController().signal,
    fuel: 1_000_000,
  };
}

async function evaluateHeldOut(
  run: Run,
  when: 'untrained' | 'before' | 'during' | 'after',
): Promise<Evaluation> {
  const { position, options, recipe } = run;
  const { evaluation = {}, success = { atLeast: 1 } as Success } = recipe.recipe;
  const stage = run.stages[Math.min(position.stage, run.stages.length - 1)]!;
  const last = run.stages.at(-1)!;
  const tasks = run.tasks.evaluate.slice(0, when === 'during' ? evaluation.tasks : undefined);
  const began = performance.now();
  const { result, groups } = await evaluate({
    policy: run.models.get('policy')!,
    tasks,
    reward: evaluation.reward ? asReward(evaluation.reward) : last.reward,
    context: rewardContext(run, stage, 'evaluate'),
    sampling: last.sampling,
    success,
    rollout: last.rollout,
    seed: options.seed,
    passAt: when === 'during' ? undefined : evaluation.passAt,
  });
  const { noVerdict, passAt, ...numbers } = result;
  const metrics = {
    ...numbers,
    noVerdict: noVerdict.n,
    ...Object.fromEntries(Object.entries(passAt ?? {}).map(([k, value]) => [`pass@${k}`, value])),
  };
  options.store.evaluation({
    run: run.id,
    step: position.step - 1,
    name: when === 'during' ? 'heldout' : `heldout.${when}`,
    metrics,
    clock: { seconds: (performance.now() - began) / 1000 },
    groups,
  });
  tell(run, 'evaluation', metrics, when);
  return result;
}

/** Writes a checkpoint; everything stored before it is on the disk first, so that it is never ahead of its rows. */
async function save(run: Run): Promise<void> {
  const { options, position } = run;
  options.store.sync(run.id);
  const stage = run.stages[Math.min(position.stage, run.stages.length - 1)]!;
  const checkpoint: Checkpoint = {
    recipe: run.config,
    seed: options.seed,
    position,
    curriculum: run.curriculum?.save() ?? null,
    rewards: Object.fromEntries(statefulRewards(stage.reward).map(([name, state]) => [name, state.save()])),
  };
  const path = await writeCheckpoint(
    options.folder,
    run.id,
    checkpoint,
    run.models,
    run.references,
    run.recipe.recipe.checkpoint?.keep ?? 2,
  );
  options.store.event({ run: run.id, step: position.step - 1, kind: 'checkpoint', body: { path } });
  tell(run, 'checkpoint', {});
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
  for (const [name, state] of statefulRewards(stage.reward)) {
    const saved = restored.rewards[name];
    if (saved !== undefined) state.load(saved);
  }
}

function tell(run: Run, kind: Progress['kind'], metrics: Record<string, number>, message?: string): void {
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
