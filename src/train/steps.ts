import {
  countNoVerdict,
  type Estimator,
  type Group,
  InputError,
  type OptimizerParams,
  scheduleAt,
  scoreBatch,
  stream,
  type Task,
  unknownPart,
} from '../core/index.ts';
import { learn } from './learn.ts';
import { rolloutMetrics, sampledTokens } from './monitor.ts';
import type { OptimizerOptions, ResolvedStage, Update } from './recipe.ts';
import { singleTurn } from './rollout.ts';
import { learningContext, note, type Run, referenceOf, rewardContext, updatesOf } from './run.ts';
import { demonstrationSet, demonstrationsOf } from './supervised.ts';
import { type LearningSet, learningSet, logprobsUnder } from './tokens.ts';

export async function supervisedStep(run: Run, stage: ResolvedStage): Promise<Record<string, number>> {
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
  return demonstrationSet(
    run.models.get(model)!,
    demonstrationsOf(demonstrations, stage.batch, run.position.stageStep, random),
  );
}

export async function reinforceStep(run: Run, stage: ResolvedStage): Promise<Record<string, number>> {
  const { position, options } = run;
  const context = learningContext(run, stage);
  const clock: Record<string, number> = {};
  const began = performance.now();
  const { kept, all } = await gather(run, stage, clock);
  const sampled = sampledTokens(all);
  position.tokens += sampled;
  if (position.stageStep === 0) noteUnknownParts(run, stage, all);
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
  let rollouts = learningSet(kept, credit);
  if (run.replay) {
    const mixed = run.replay.mix(rollouts, position.step, stream(options.seed, 'replay', position.step));
    rollouts = mixed.set;
    Object.assign(metrics, mixed.metrics);
  }
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

/** Says once a stage which parts that something reads no verdict of its first step has: a wrong name, most likely. */
function noteUnknownParts(run: Run, stage: ResolvedStage, groups: readonly Group[]): void {
  const samples = groups.flatMap((group) => group.samples);
  const asked = [
    ...readsOf(stage.estimator),
    ...(stage.curriculum.reads ?? []).map((part) => [part, `curriculum '${stage.curriculum.name}'`] as const),
    ...[run.recipe.recipe.success?.part ?? []].flat().map((part) => [part, "'success'"] as const),
  ];
  for (const text of new Set(asked.flatMap(([part, by]) => unknownPart(part, by, samples) ?? [])))
    note(run, text);
}

function readsOf({ name, reads = [], children = {} }: Estimator): (readonly [part: string, by: string])[] {
  return [
    ...reads.map((part) => [part, `estimator '${name}'`] as const),
    ...Object.values(children).flatMap(readsOf),
  ];
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
  let old = set.old;
  if (update.from === 'rollouts' && stage.old === 'recomputed') {
    const now = await logprobsUnder(engine, set.sequences, temperature);
    old = now.map((row, s) => (set.fresh?.[s] === false ? set.old[s]! : row));
  }
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
