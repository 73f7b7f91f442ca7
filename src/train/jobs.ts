import { InputError } from '../core/index.ts';
import type { Store } from '../store/index.ts';
import { train } from './loop.ts';
import { armOf, type Recipe, type Stage } from './recipe.ts';
import type { TrainOptions, TrainResult } from './run.ts';
import type { Study } from './study.ts';
import { type Variation, variationName, vary } from './vary.ts';

/** Metrics of one arm under one seed. */
export type Row = { readonly [metric: string]: number };

/**
 * One arm under one seed; with `seconds`, its last stage goes on for so long: a control of equal time; with `variation`, one field
 * is changed first.
 */
export interface Job {
  readonly arm: string;
  readonly seed: number;
  readonly seconds?: number;
  readonly variation?: Variation;
}

export interface JobOutcome {
  readonly metrics: Row;
  /** Wall-clock seconds of the last stage. */
  readonly stageSeconds: number;
  /** The training run, where the job was one. */
  readonly run?: string;
}

export type JobOptions = Omit<TrainOptions, 'seed' | 'arm' | 'resume'>;

/** Runs one job here, in this process. Throws InputError when it was stopped. */
export async function runJob(from: Recipe | Study, job: Job, options: JobOptions): Promise<JobOutcome> {
  options.signal?.throwIfAborted();
  const what = job.variation ? vary(from, job.variation) : from;
  const began = performance.now();
  if (what.kind === 'study') {
    const run = what.study.arms[job.arm];
    if (!run) throw new InputError(`study '${what.name}' has no arm '${job.arm}'`);
    const metrics: unknown = await run(job.seed, {
      signal: options.signal ?? new AbortController().signal,
      progress: () => {},
      settings: what.study.settings ?? {},
    });
    checkRow(metrics, job.arm);
    return { metrics, stageSeconds: (performance.now() - began) / 1000 };
  }
  const arm = armOf(what, job.arm);
  const recipe = job.seconds === undefined ? arm : limitLastStage(arm, job.seconds);
  // Runs of a sweep are arms of their own in the store: they must not be averaged with those of the recipe as it stands.
  const name = job.variation ? `${job.arm} · ${variationName(job.variation)}` : job.arm;
  const result = await train(recipe, { ...options, seed: job.seed, arm: name });
  if (result.status === 'stopped') throw new InputError('stopped before all arms were run');
  return { metrics: metricsOf(result, options.store), stageSeconds: result.stageSeconds, run: result.run };
}

/** Throws InputError where an arm of a study gave something else than numbers by name. */
function checkRow(metrics: unknown, arm: string): asserts metrics is Row {
  const named = typeof metrics === 'object' && metrics !== null ? Object.entries(metrics) : undefined;
  if (!named || Array.isArray(metrics))
    throw new InputError(`arm '${arm}' gave no metrics: expected numbers by name`);
  const wrong = named.find(([, value]) => typeof value !== 'number');
  if (wrong) throw new InputError(`arm '${arm}': metric '${wrong[0]}' is no number but ${typeof wrong[1]}`);
}

function limitLastStage(from: Recipe, seconds: number): Recipe {
  const stages = [...(from.recipe.stages ?? [])];
  const last = stages.pop();
  if (!last) throw new InputError("an arm with 'sameTimeAs' needs its own stages");
  const limited: Stage = { ...last, until: { ...last.until, seconds } };
  return { ...from, recipe: { ...from.recipe, stages: [...stages, limited] } };
}

/**
 * What a training run is compared by: held-out figures before, after and their difference, and of every metric of its
 * reinforcement steps the mean over all (`mean.NAME`) and over the last tenth of them (`last.NAME`).
 */
export function metricsOf(result: TrainResult, store: Pick<Store, 'steps'>): Row {
  const { untrained, before, after } = result.evaluations;
  const row: Record<string, number> = { tokens: result.tokens, seconds: result.seconds, steps: result.steps };
  if (untrained) row.untrained = untrained.solveRate;
  if (before) row.before = before.solveRate;
  if (after) {
    row.after = after.solveRate;
    row.reward = after.reward;
    row.length = after.length;
    if (before) row.gain = after.solveRate - before.solveRate;
    for (const [k, value] of Object.entries(after.passAt ?? {})) row[`pass@${k}`] = value;
    for (const [part, value] of Object.entries(after.parts)) row[`part.${part}`] = value;
  }
  return { ...row, ...stepMeans(result.run, store) };
}

function stepMeans(run: string, store: Pick<Store, 'steps'>): Row {
  const steps = [...store.steps(run)].filter(
    ({ metrics }) => 'reward' in metrics || 'zeroVariance' in metrics,
  );
  const out: Record<string, number> = {};
  const means = (prefix: string, of: typeof steps) => {
    const sums = new Map<string, { sum: number; n: number }>();
    for (const { metrics } of of)
      for (const [name, value] of Object.entries(metrics)) {
        if (!Number.isFinite(value)) continue;
        const entry = sums.get(name) ?? { sum: 0, n: 0 };
        entry.sum += value;
        entry.n++;
        sums.set(name, entry);
      }
    for (const [name, { sum, n }] of sums) out[`${prefix}.${name}`] = sum / n;
  };
  means('mean', steps);
  means('last', steps.slice(-Math.max(1, Math.round(steps.length / 10))));
  return out;
}

/** Jobs that are done already: what a reproduction that was interrupted goes on from. */
export interface JobLog {
  get(job: Job): JobOutcome | undefined;
  add(job: Job, outcome: JobOutcome): void;
}

/** What tells the jobs of a reproduction apart. */
export function jobKey({ arm, seed }: Pick<Job, 'arm' | 'seed'>): string {
  return `${seed} ${arm}`;
}
