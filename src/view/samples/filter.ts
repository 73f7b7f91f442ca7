import { causeCodes, finishCodes } from '../../store/index.ts';
import { Refusal } from '../refusal.ts';
import type { Query } from './query.ts';
import { type StepNumbers, zeroVarianceOf } from './step-numbers.ts';

/** What a query asks of a sample's numbers. */
export interface Filter {
  /** The columns that it reads. */
  readonly names: readonly string[];
  /** 1 for each sample of the step that passes. */
  keep(step: StepNumbers): Uint8Array;
}

type Test = (step: StepNumbers) => (i: number) => boolean;

/** The filter of a query; undefined where it asks nothing. Throws Refusal (400). */
export function filterOf(query: Query): Filter | undefined {
  const { column, above, below, first, second, apart = 0.5, cause, finish, zeroVariance } = query;
  if ((above !== undefined || below !== undefined) && column === undefined)
    throw new Refusal(400, "field 'column': name what is to be above or below");
  if ((first === undefined) !== (second === undefined))
    throw new Refusal(400, "field 'second': a disagreement needs both first and second");
  const names: string[] = [];
  const tests: Test[] = [];
  if (column !== undefined) {
    names.push(column);
    const [low, high] = [above ?? Number.NEGATIVE_INFINITY, below ?? Number.POSITIVE_INFINITY];
    tests.push((step) => {
      const values = step.column(column);
      return (i) => values[i]! >= low && values[i]! <= high;
    });
  }
  if (first !== undefined && second !== undefined) {
    names.push(first, second);
    tests.push((step) => {
      const [a, b] = [step.column(first), step.column(second)];
      return (i) => Math.abs(a[i]! - b[i]!) >= apart;
    });
  }
  if (cause !== undefined) {
    names.push('value', 'cause');
    tests.push((step) => {
      const [values, causes] = [step.column('value'), step.column('cause')];
      if (cause === 'none') return (i) => !Number.isNaN(values[i]!);
      if (cause === 'any') return (i) => Number.isNaN(values[i]!);
      const code = causeCodes.indexOf(cause);
      return (i) => causes[i] === code;
    });
  }
  if (finish !== undefined) {
    names.push('finish');
    const code = finishCodes.indexOf(finish);
    tests.push((step) => {
      const finishes = step.column('finish');
      return (i) => finishes[i] === code;
    });
  }
  if (zeroVariance !== undefined) {
    names.push('value', 'group');
    tests.push((step) => {
      const alike = zeroVarianceOf(step);
      return (i) => alike[i] === Number(zeroVariance);
    });
  }
  if (tests.length === 0) return undefined;
  return {
    names: [...new Set(names)],
    keep: (step) => {
      const own = tests.map((test) => test(step));
      return Uint8Array.from({ length: step.n }, (_, i) => (own.every((passes) => passes(i)) ? 1 : 0));
    },
  };
}
