import { InputError, type Interval, meanInterval, pairedTest } from '../core/index.ts';
import { train } from './loop.ts';
import { armOf, type Expectation, type Recipe, type Stage } from './recipe.ts';
import type { TrainOptions, TrainResult } from './run.ts';
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
  /** Every metric of every seed, in the order of seeds. */
  readonly all: { readonly [metric: string]: readonly number[] };
}

export interface ExpectationResult extends Expectation {
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number };
  readonly holds: boolean;
}

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

export interface ReproduceOptions extends Omit<TrainOptions, 'seed' | 'arm' | 'resume'> {
  readonly seeds: readonly number[];
  readonly onArm?: (arm: string, seed: number, metrics: { readonly [name: string]: number }) => void;
}

type Row = { readonly [metric: string]: number };

/** Runs arms × seeds of a recipe or study and judges each expectation by the interval of the difference over seeds. */
export async function reproduce(what: Recipe | Study, options: ReproduceOptions): Promise<Reproduction> {
  const began = performance.now();
  const { seeds } = options;
  if (seeds.length === 0) throw new InputError('reproduce needs at least one seed');
  const { metric, expectations } = judgement(what);
  const rows = what.kind === 'recipe' ? await runRecipe(what, options) : await runStudy(what, options);
  const arms = [...rows].map(([name, own]): ArmResult => {
    const values = own.map((row) => metricIn(row, metric, name));
    const { value, low, high } = meanInterval(values);
    const names = [...new Set(own.flatMap((row) => Object.keys(row)))];
    return {
      name,
      seeds,
      metric: { mean: value, low, high, values },
      all: Object.fromEntries(names.map((each) => [each, own.map((row) => row[each] ?? Number.NaN)])),
    };
  });
  const expected = expectations.map((expectation) => judge(expectation, expectation.metric ?? metric, rows));
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

function judgement(what: Recipe | Study): { metric: string; expectations: readonly Expectation[] } {
  const { metric = 'after', expected = [] } = what.kind === 'recipe' ? what.recipe : what.study;
  return { metric, expectations: Array.isArray(expected) ? expected : [expected as Expectation] };
}

function metricIn(row: Row, metric: string, arm: string): number {
  const value = row[metric];
  if (value === undefined) throw new InputError(`arm '${arm}' gave no metric '${metric}'`);
  return value;
}

function judge(
  expectation: Expectation,
  metric: string,
  rows: ReadonlyMap<string, readonly Row[]>,
): ExpectationResult {
  const values = (arm: string): number[] => {
    const own = rows.get(arm);
    if (!own) throw new InputError(`the expectation names an arm '${arm}' that there is not`);
    return own.map((row) => metricIn(row, metric, arm));
  };
  const a = values(expectation.arm);
  const b = expectation.over === 0 ? a.map(() => 0) : values(expectation.over);
  const { difference } = pairedTest(a, b);
  return { ...expectation, difference: asRange(difference), holds: holds(expectation, difference) };
}

function asRange({ value, low, high }: Interval) {
  return { mean: value, low, high };
}

/** A direction is judged by the interval, never by the mean; with one seed nothing holds but `notHigher`. */
export function holds(
  { direction, by = 0 }: Expectation,
  { low, high }: Pick<Interval, 'low' | 'high'>,
): boolean {
  if (direction === 'higher') return low > by;
  if (direction === 'lower') return high < -by;
  return low <= 0;
}

async function runStudy({ study }: Study, options: ReproduceOptions): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (const [arm, run] of Object.entries(study.arms)) {
    const own: Row[] = [];
    rows.set(arm, own);
    for (const seed of options.seeds) {
      options.signal?.throwIfAborted();
      const row = await run(seed, {
        signal: options.signal ?? new AbortController().signal,
        progress: () => {},
      });
      own.push(row);
      options.onArm?.(arm, seed, row);
    }
  }
  return rows;
}

async function runRecipe(what: Recipe, options: ReproduceOptions): Promise<Map<string, Row[]>> {
  const { seeds, onArm, ...rest } = options;
  const arms = ['main', ...Object.keys(what.recipe.arms ?? {})];
  const rows = new Map<string, Row[]>(arms.map((arm) => [arm, []]));
  for (const seed of seeds) {
    const seconds = new Map<string, number>();
    for (const arm of arms) {
      const sameTimeAs = what.recipe.arms?.[arm]?.sameTimeAs;
      let recipe = armOf(what, arm);
      if (sameTimeAs !== undefined) recipe = limitLastStage(recipe, secondsOf(seconds, sameTimeAs, arm));
      const result = await train(recipe, { ...rest, seed, arm });
      if (result.status === 'stopped') throw new InputError('stopped before all arms were run');
      seconds.set(arm, result.stageSeconds);
      const row = metricsOf(result);
      rows.get(arm)!.push(row);
      onArm?.(arm, seed, row);
    }
  }
  return rows;
}

function secondsOf(seconds: ReadonlyMap<string, number>, of: string, arm: string): number {
  const found = seconds.get(of);
  if (found === undefined)
    throw new InputError(`arm '${arm}' is to take the time of '${of}', which must come before it`);
  return found;
}

function limitLastStage(from: Recipe, seconds: number): Recipe {
  const stages = [...(from.recipe.stages ?? [])];
  const last = stages.pop();
  if (!last) throw new InputError("an arm with 'sameTimeAs' needs its own stages");
  const limited: Stage = { ...last, until: { ...last.until, seconds } };
  return { ...from, recipe: { ...from.recipe, stages: [...stages, limited] } };
}

/** What a training run is compared by. */
export function metricsOf({
  evaluations: { untrained, before, after },
  tokens,
  seconds,
  steps,
}: TrainResult): Row {
  const row: Record<string, number> = { tokens, seconds, steps };
  if (untrained) row.untrained = untrained.solveRate;
  if (before) row.before = before.solveRate;
  if (after) {
    row.after = after.solveRate;
    row.reward = after.reward;
    if (before) row.gain = after.solveRate - before.solveRate;
    for (const [k, value] of Object.entries(after.passAt ?? {})) row[`pass@${k}`] = value;
  }
  return row;
}
