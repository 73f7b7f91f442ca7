import { canonicalJson, describe, InputError, meanInterval } from '../core/index.ts';
import type { Expectation } from './expectation.ts';
import { type Job, type JobLog, type Row, runJob } from './jobs.ts';
import type { Recipe } from './recipe.ts';
import {
  type ArmResult,
  armsOf,
  type ExpectationResult,
  judge,
  judgement,
  noMetric,
  type Reproduction,
  reproduce,
  type Where,
} from './reproduce.ts';
import type { Scalar, Study } from './study.ts';
import { sizeOf, vary } from './vary.ts';

/** Every arm of a recipe or study at several values of one field. */
export interface Sweep {
  /** Tells the document from that of a reproduction. */
  readonly kind: 'sweep';
  readonly recipe: string;
  readonly paper?: string;
  readonly field: string;
  /** As they were given: `x0.5` is half of what stands in the recipe. */
  readonly values: readonly Scalar[];
  readonly metric: string;
  /** Which mean of the metric is the best one. */
  readonly best: 'highest' | 'lowest';
  readonly seeds: readonly number[];
  readonly arms: readonly SweptArm[];
  /** With each arm at its own best value. */
  readonly expected: readonly SweptExpectation[];
  /** Whether all that was expected holds with each arm at its own best value. */
  readonly holds: boolean;
  readonly seconds: number;
}

export interface SweptArm {
  readonly name: string;
  /** The value with the best mean of the metric; of equal ones the first that was given. */
  readonly best: Scalar;
  /** Whether no value between the others is as good, so that there may be a better one outside; words have no outside. */
  readonly edge: boolean;
  /** In the order of the values. */
  readonly values: readonly ({ readonly value: Scalar } & Pick<ArmResult, 'metric' | 'all'>)[];
}

export interface SweptExpectation extends ExpectationResult {
  /** The best value of the arm, and of the one it is compared with. */
  readonly at: Scalar;
  readonly overAt?: Scalar;
  /**
   * Of an expectation with a metric of its own: the same with each arm at the value that is best for that. Not of one that looks the
   * other way (`lower` where the highest is best): the shortest answers are those of a broken policy.
   */
  readonly byOwnMetric?: { readonly at: Scalar; readonly overAt?: Scalar } & Verdict;
  /** The same with both arms at one value. */
  readonly equal: readonly ({ readonly value: Scalar } & Verdict)[];
}

type Verdict = Pick<ExpectationResult, 'difference' | 'holds'>;

export type SweepOptions = Where & {
  readonly field: string;
  readonly values: readonly Scalar[];
  readonly seeds: readonly number[];
  /** Jobs at once. Default 1. */
  readonly atOnce?: number;
  /** Default 'highest'. */
  readonly best?: Sweep['best'];
  /** Jobs that are done already at the value of this place in `values`. */
  readonly logOf?: (index: number) => JobLog;
  readonly onArm?: (value: Scalar, arm: string, seed: number, metrics: Row) => void;
};

/**
 * Runs arms × seeds at each value of a field and judges each expectation with every arm at its own best value, which is the one
 * with the best mean of the metric over the same seeds. All arms have the same values and seeds: equal tuning effort.
 */
export async function sweep(what: Recipe | Study, options: SweepOptions): Promise<Sweep> {
  const began = performance.now();
  const { field, values, best = 'highest', logOf, onArm, seeds } = options;
  if (values.length === 0) throw new InputError('a sweep needs at least one value');
  const varied = values.map((value) => vary(what, { field, value })); // all of them before any is run
  const kinds = varied.map(({ options }) => canonicalJson(describe(options)));
  kinds.forEach((kind, i) => {
    const j = kinds.indexOf(kind);
    if (j < i) throw new InputError(`${values[j]} and ${values[i]} come to the same '${field}'`);
  });
  const run = 'run' in options ? options.run : (job: Job) => runJob(what, job, options);
  const results: Reproduction[] = [];
  for (const [i, value] of values.entries())
    results.push(
      await reproduce(varied[i]!, {
        seeds,
        atOnce: options.atOnce,
        log: logOf?.(i),
        onArm: onArm && ((...about) => onArm(value, ...about)),
        run: (job) => run({ ...job, variation: { field, value } }),
      }),
    );
  const arms = armsOf(what).map((name, i) =>
    sweptArm(
      name,
      values.map((value, v) => {
        const { metric, all } = results[v]!.arms[i]!;
        return { value, metric, all };
      }),
      best,
    ),
  );
  const expected = judgeSweep(what, { arms, values, best });
  return {
    kind: 'sweep',
    recipe: what.name,
    paper: what.kind === 'recipe' ? what.recipe.paper : what.study.paper,
    field,
    values,
    metric: judgement(what).metric,
    best,
    seeds,
    arms,
    expected,
    holds: expected.length > 0 && expected.every(({ holds }) => holds),
    seconds: (performance.now() - began) / 1000,
  };
}

function sweptArm(name: string, values: SweptArm['values'], best: Sweep['best']): SweptArm {
  const means = values.map(({ metric }) => metric.mean);
  const chosen = bestOf(means, best);
  const sizes = values.map(({ value }) => sizeOf(value));
  const inside = sizes.map((size) => size > Math.min(...sizes) && size < Math.max(...sizes));
  return {
    name,
    best: values[chosen]!.value,
    edge: !Number.isNaN(sizes[chosen]) && !inside.some((between, i) => between && means[i] === means[chosen]),
    values,
  };
}

/** The place of the best mean, of equal ones the first; NaN is never the best. */
function bestOf(means: readonly number[], best: Sweep['best']): number {
  const scores = means.map((mean) =>
    Number.isNaN(mean) ? Number.NEGATIVE_INFINITY : best === 'highest' ? mean : -mean,
  );
  return scores.indexOf(Math.max(...scores));
}

/** Each expectation with every arm at its own best value, at that of the expectation's metric, and at each value alike. */
export function judgeSweep(
  what: Recipe | Study,
  { arms, values, best }: Pick<Sweep, 'arms' | 'values' | 'best'>,
): SweptExpectation[] {
  const armOf = (name: string) => arms.find((arm) => arm.name === name);
  const metricOf = (arm: string, { all }: SweptArm['values'][number], metric: string) => {
    const found = all[metric];
    if (!found) throw noMetric(arm, metric);
    return found;
  };
  const atBest = judge(what, (name, metric) => {
    const arm = armOf(name);
    return arm && metricOf(name, arm.values.find(({ value }) => value === arm.best)!, metric);
  });
  /** The place of an arm's value that is best for the expectation's own metric. */
  const ownBest = (name: string, { metric }: Expectation) => {
    const means = armOf(name)!.values.map((each) => meanInterval(metricOf(name, each, metric!)).value);
    return bestOf(means, best);
  };
  const atOwn = judge(what, (name, metric, expectation) => {
    const values = armOf(name)!.values;
    return metricOf(name, values[expectation.metric ? ownBest(name, expectation) : 0]!, metric);
  });
  const atValue = values.map((_, v) =>
    judge(what, (name, metric) => {
      const arm = armOf(name);
      return arm && metricOf(name, arm.values[v]!, metric);
    }),
  );
  return atBest.map((expectation, e) => {
    const { arm, over, metric, direction } = expectation;
    const sameWay = best === (direction === 'lower' ? 'lowest' : 'highest');
    const places = (chosen: (name: string) => Scalar) => ({
      at: chosen(arm),
      ...(over !== 0 && { overAt: chosen(over) }),
    });
    return {
      ...expectation,
      ...places((name) => armOf(name)!.best),
      ...(metric &&
        sameWay && {
          byOwnMetric: {
            ...places((name) => armOf(name)!.values[ownBest(name, expectation)]!.value),
            ...verdictOf(atOwn[e]!),
          },
        }),
      equal: values.map((value, v) => ({ value, ...verdictOf(atValue[v]![e]!) })),
    };
  });
}

function verdictOf({ difference, holds }: Verdict): Verdict {
  return { difference, holds };
}
