import { InputError, meanInterval } from '../core/index.ts';
import { type Expectation, type Judged, judgeValues } from './expectation.ts';
import { type Job, type JobLog, type JobOptions, type JobOutcome, jobKey, type Row, runJob } from './jobs.ts';
import type { Recipe } from './recipe.ts';
import type { Study } from './study.ts';

export interface ArmResult {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly metric: {
    readonly mean: number;
    readonly low: number;
    readonly high: number;
    readonly values: readonly number[];
  };
  /** Every metric of every seed, in the order of seeds; of the means over steps only those that an expectation names. */
  readonly all: { readonly [metric: string]: readonly number[] };
}

export interface ExpectationResult extends Expectation, Judged {}

export interface Reproduction {
  readonly recipe: string;
  readonly paper?: string;
  readonly metric: string;
  readonly arms: readonly ArmResult[];
  readonly expected: readonly ExpectationResult[];
  /** Of the first expectation. */
  readonly difference?: { readonly mean: number; readonly low: number; readonly high: number };
  readonly holds: boolean;
  readonly seconds: number;
}

interface Judging {
  readonly seeds: readonly number[];
  /** Jobs at once. Default 1. */
  readonly atOnce?: number;
  /** Jobs that are done already, and where to write those to come. */
  readonly log?: JobLog;
  readonly onArm?: (arm: string, seed: number, metrics: Row) => void;
}

/** Where the jobs run: here, one after the other, or elsewhere (each in a process of its own, say). */
export type Where = JobOptions | { readonly run: (job: Job) => Promise<JobOutcome> };

export type ReproduceOptions = Judging & Where;

/** Runs arms × seeds of a recipe or study and judges each expectation by the interval of the difference over seeds. */
export async function reproduce(what: Recipe | Study, options: ReproduceOptions): Promise<Reproduction> {
  const began = performance.now();
  const { seeds } = options;
  if (seeds.length === 0) throw new InputError('reproduce needs at least one seed');
  const { metric, expectations } = judgement(what);
  const rows = await runAll(what, options);
  const arms = [...rows].map(([name, own]): ArmResult => {
    const values = own.map((row) => metricIn(row, metric, name));
    const { value, low, high } = meanInterval(values);
    const named = new Set([metric, ...expectations.flatMap((each) => each.metric ?? [])]);
    const names = [...new Set(own.flatMap((row) => Object.keys(row)))].filter(
      (each) => named.has(each) || !/^(mean|last)\./.test(each),
    );
    return {
      name,
      seeds,
      metric: { mean: value, low, high, values },
      all: Object.fromEntries(names.map((each) => [each, own.map((row) => row[each] ?? Number.NaN)])),
    };
  });
  const expected = judge(what, (arm, named) => rows.get(arm)?.map((row) => metricIn(row, named, arm)));
  return {
    recipe: what.name,
    paper: what.kind === 'recipe' ? what.recipe.paper : what.study.paper,
    metric,
    arms,
    expected,
    difference: expected[0]?.difference,
    holds: expected.length > 0 && expected.every(({ holds }) => holds),
    seconds: (performance.now() - began) / 1000,
  };
}

/** What the arms of a recipe or study are judged by. */
export function judgement(what: Recipe | Study): {
  metric: string;
  expectations: readonly Expectation[];
} {
  const { metric = 'after', expected = [] } = what.kind === 'recipe' ? what.recipe : what.study;
  return { metric, expectations: Array.isArray(expected) ? expected : [expected as Expectation] };
}

function metricIn(row: Row, metric: string, arm: string): number {
  const value = row[metric];
  if (value === undefined) throw noMetric(arm, metric, Object.keys(row));
  return value;
}

/** What is read of an arm's metrics: its own, and what expectations ask of it. */
function metricsAskedOf(what: Recipe | Study, arm: string): string[] {
  const { metric, expectations } = judgement(what);
  const asked = expectations.filter((each) => each.arm === arm || each.over === arm);
  return [...new Set([metric, ...asked.map((each) => each.metric ?? metric)])];
}

/** An arm was run and does not report a metric. */
export const noMetric = (arm: string, metric: string, given: readonly string[] = []) =>
  new InputError(
    `arm '${arm}' gave no metric '${metric}'${given.length > 0 ? ` (it gave ${given.slice(0, 20).join(', ')})` : ''}`,
  );

/** Judges each expectation; `valuesOf` gives an arm's values by seed, undefined where there is no such arm. */
export function judge(
  what: Recipe | Study,
  valuesOf: (arm: string, metric: string, expectation: Expectation) => readonly number[] | undefined,
): ExpectationResult[] {
  const { metric, expectations } = judgement(what);
  return expectations.map((expectation) => {
    const values = (arm: string): readonly number[] => {
      const own = valuesOf(arm, expectation.metric ?? metric, expectation);
      if (!own) throw new InputError(`the expectation names an arm '${arm}' that there is not`);
      return own;
    };
    const arm = values(expectation.arm);
    const over = expectation.over === 0 ? arm.map(() => 0) : values(expectation.over);
    return { ...expectation, ...judgeValues(expectation, arm, over) };
  });
}

/** Runs every job, `atOnce` at a time and seed by seed; one of equal time waits for the job whose time it takes. */
async function runAll(
  what: Recipe | Study,
  options: ReproduceOptions,
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { seeds, onArm, atOnce = 1, log } = options;
  const run = 'run' in options ? options.run : (job: Job) => runJob(what, job, options);
  const arms = armsOf(what);
  const takesTimeOf = (arm: string) =>
    what.kind === 'recipe' ? what.recipe.arms?.[arm]?.sameTimeAs : undefined;
  for (const [i, arm] of arms.entries()) {
    const other = takesTimeOf(arm);
    if (other !== undefined && !arms.slice(0, i).includes(other))
      throw new InputError(`arm '${arm}' is to take the time of '${other}', which must come before it`);
  }
  const outcomes = new Map<string, JobOutcome>();
  const waiting: Job[] = [];
  for (const seed of seeds)
    for (const arm of arms) {
      const done = log?.get({ arm, seed });
      if (done) outcomes.set(jobKey({ arm, seed }), done);
      else waiting.push({ arm, seed });
    }
  const running = new Set<Promise<void>>();
  const start = async (job: Job) => {
    const other = takesTimeOf(job.arm);
    const seconds =
      other === undefined ? undefined : outcomes.get(jobKey({ arm: other, seed: job.seed }))!.stageSeconds;
    const whole = { ...job, ...(seconds !== undefined && { seconds }) };
    const outcome = await run(whole);
    // A wrong name of a metric is said after the first job, not after the last.
    for (const metric of metricsAskedOf(what, job.arm)) metricIn(outcome.metrics, metric, job.arm);
    outcomes.set(jobKey(job), outcome);
    log?.add(job, outcome);
    onArm?.(job.arm, job.seed, outcome.metrics);
  };
  while (waiting.length > 0 || running.size > 0) {
    const ready = waiting.findIndex(({ arm, seed }) => {
      const other = takesTimeOf(arm);
      return other === undefined || outcomes.has(jobKey({ arm: other, seed }));
    });
    if (ready >= 0 && running.size < atOnce) {
      const [job] = waiting.splice(ready, 1);
      const task: Promise<void> = start(job!).finally(() => running.delete(task));
      running.add(task);
    } else {
      // The first failure ends the reproduction, once the jobs beside it are done: what they found is in the log.
      await Promise.race(running).catch(async (thrown: unknown) => {
        await Promise.allSettled(running);
        throw thrown;
      });
    }
  }
  return new Map(arms.map((arm) => [arm, seeds.map((seed) => outcomes.get(jobKey({ arm, seed }))!.metrics)]));
}

/** The arms of a recipe (itself, `main`, first) or study. */
export function armsOf(what: Recipe | Study): string[] {
  return what.kind === 'recipe'
    ? ['main', ...Object.keys(what.recipe.arms ?? {})]
    : Object.keys(what.study.arms);
}
