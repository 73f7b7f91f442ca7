import { isNoVerdict, mean, standardDeviation } from '../../core/index.ts';
import type { Store, StoredSample } from '../../store/index.ts';
import type { GroupsAnswer } from '../api.ts';
import { finite } from '../metrics.ts';
import type { RunTable } from '../run-table.ts';
import { lowerBound } from '../series.ts';
import { presentSample, presentTask } from './present.ts';

interface Query {
  readonly step: number;
  readonly split: string;
  readonly offset: number;
  readonly limit: number;
  readonly chars: number;
}

/** The groups of a step side by side, and the nearest steps that have some. */
export function groupsOf(store: Store, run: string, table: RunTable, query: Query): GroupsAnswer {
  const { step, split, offset, limit, chars } = query;
  const groups = new Map<number, StoredSample[]>();
  for (const sample of store.samples(run, step, { split })) {
    const own = groups.get(sample.group);
    if (own) own.push(sample);
    else groups.set(sample.group, [sample]);
  }
  const steps = stepsOf(table, split);
  const place = lowerBound(steps, step);
  return {
    run,
    step,
    split,
    stage: table.stages.find(({ from, to }) => from <= step && step <= to)?.name ?? null,
    total: groups.size,
    previous: steps[place - 1] ?? null,
    next: steps[steps[place] === step ? place + 1 : place] ?? null,
    groups: [...groups].slice(offset, offset + limit).map(([group, samples]) => {
      const values = samples.flatMap(({ verdict }) => (isNoVerdict(verdict) ? [] : [verdict!.value!]));
      return {
        group,
        task: presentTask(samples[0]!.task, chars),
        mean: finite(mean(values)),
        std: values.length > 0 ? finite(standardDeviation(values, 'population')) : null,
        zeroVariance: values.every((value) => value === values[0]),
        noVerdict: samples.length - values.length,
        samples: samples.map((sample) => presentSample(sample, chars)),
      };
    }),
  };
}

/** The steps of a split that have samples, in order. */
export function stepsOf(table: RunTable, split: string): number[] {
  const steps: number[] = [];
  for (const { step } of table.blocks(split)) if (steps.at(-1) !== step) steps.push(step);
  return steps;
}
