import type { EvaluationRecord, Store, StoredSample } from '../../store/index.ts';
import { isHeldOut } from '../metrics.ts';
import type { RunTable } from '../run-table.ts';
import { stepsOf } from '../samples/groups.ts';
import type { RunSigns } from './rule.ts';

/** Of so many steps at most the completions are read. */
const mostSteps = 64;

export interface RunSignsOf {
  readonly store: Store;
  readonly run: string;
  readonly table: RunTable;
  readonly evaluations: readonly EvaluationRecord[];
  /** Shares of duplicates that are known already, by step; what is read is added. */
  readonly known?: Map<number, number>;
}

/** Gathers what the rules look at. Texts are read of evenly spaced steps only. */
export function signsOf({ store, run, table, evaluations, known = new Map() }: RunSignsOf): RunSigns {
  const places: number[] = [];
  const [reward, noVerdict] = [table.column('reward'), table.column('noVerdict')];
  table.steps.forEach((_, i) => {
    if (!Number.isNaN(reward?.[i] ?? Number.NaN) || !Number.isNaN(noVerdict?.[i] ?? Number.NaN))
      places.push(i);
  });
  const columns = new Map<string, Float64Array>();
  return {
    steps: places.map((i) => table.steps[i]!),
    names: table.names,
    metric: (name) => {
      const known = columns.get(name);
      if (known) return known;
      const column = table.column(name);
      if (!column) return undefined;
      const own = Float64Array.from(places, (i) => column[i]!);
      columns.set(name, own);
      return own;
    },
    heldOut: evaluations
      .filter(({ name, metrics }) => isHeldOut(name) && Number.isFinite(metrics.solveRate ?? Number.NaN))
      .map(({ step, metrics }) => ({ step, solveRate: metrics.solveRate! })),
    duplicates: spread(stepsOf(table, 'train')).flatMap((step) => {
      let share = known.get(step);
      if (share === undefined) {
        share = duplicateShare(store.samples(run, step));
        known.set(step, share);
      }
      return Number.isNaN(share) ? [] : [{ step, share }];
    }),
  };
}

/** At most `mostSteps` of them, at places that stay the same while the run grows. */
function spread(steps: readonly number[]): number[] {
  let every = 1;
  while (Math.ceil(steps.length / every) > mostSteps) every *= 2;
  return steps.filter((_, i) => i % every === 0);
}

/**
 * The share of the commonest text, letter by letter, among the completions of a step; 0 where it was given for one task alone, NaN
 * where there is one task only. Texts that are right for several tasks of a kind are alike too, but many of them; a policy that
 * collapsed, or found what the reward always takes, has one.
 */
export function duplicateShare(samples: readonly StoredSample[]): number {
  if (new Set(samples.map(({ task }) => task.id)).size < 2) return Number.NaN;
  const texts = new Map<string, { n: number; readonly tasks: Set<string> }>();
  for (const { turns, task } of samples) {
    const said = turns.map(({ text }) => text).join('\u0000');
    const entry = texts.get(said) ?? { n: 0, tasks: new Set<string>() };
    entry.n++;
    entry.tasks.add(task.id);
    texts.set(said, entry);
  }
  const most = Math.max(0, ...[...texts.values()].filter(({ tasks }) => tasks.size > 1).map(({ n }) => n));
  return most / samples.length;
}
