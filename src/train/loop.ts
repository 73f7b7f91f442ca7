import { asReward, describe, type Json, memoriesOf, oneLine, type RewardState } from '../core/index.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { open } from './open.ts';
import type { Recipe, ResolvedStage, Success } from './recipe.ts';
import { createReplay } from './replay.ts';
import {
  curriculumOf,
  learningMemories,
  type Run,
  rewardContext,
  type TrainOptions,
  type TrainResult,
  tell,
} from './run.ts';
import { reinforceStep, supervisedStep } from './steps.ts';
import { stopReason } from './stop.ts';

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
    const { untrained, before } = position;
    const result: TrainResult = {
      run: run.id,
      recipe: recipe.name,
      seed: options.seed,
      status,
      steps: position.step,
      seconds: position.seconds,
      tokens: position.tokens,
      eval: { untrained: untrained?.solveRate, before: before?.solveRate, after: after?.solveRate },
      evaluations: { untrained, before, after },
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
    Object.assign(position, {
      stageStep: 0,
      stageSeconds: 0,
      stageTokens: position.tokens,
      rates: [],
      rewards: [],
    });
  }
  await save(run);
  return 'finished';
}

/** A stage begins: its curriculum, and the snapshots that its references are. */
async function enter(run: Run, stage: ResolvedStage): Promise<void> {
  run.curriculum = curriculumOf(run, stage);
  run.replay = stage.replay && createReplay(stage.replay);
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
  const { noVerdict, passAt, parts, ...numbers } = result;
  const metrics = {
    ...numbers,
    noVerdict: noVerdict.n,
    ...Object.fromEntries(Object.entries(parts).map(([name, value]) => [`part.${name}`, value])),
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
    ...(run.replay && { replay: run.replay.save() }),
    rewards: saved(memoriesOf(stage.reward)),
    learning: saved(learningMemories(stage)),
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

function saved(memories: readonly [string, RewardState][]): { readonly [path: string]: Json } {
  return Object.fromEntries(memories.map(([path, state]) => [path, state.save()]));
}
