import type { Described } from '../../core/index.ts';

/** What the catalogue says of an estimator, objective, curriculum or shape besides its code. */
export interface Algorithm {
  readonly name: string;
  /** One that is made with few options: for printing, and for tests that ask something of all. */
  example(): Described;
  /** The formula in one line. */
  readonly formula: string;
  /** Names of its options. */
  readonly options: readonly string[];
  /** Pure functions beside it that its folder exports, over arrays or single values: all of it, or the part that is arithmetic. */
  readonly functions?: readonly string[];
  /** Paper or repository. */
  readonly source: string;
  /** What differs between paper and code, or between frameworks, and which option is which. */
  readonly differs?: string;
  /** Makes one from options, where all of them are plain values checked by a schema. */
  create?(options: Record<string, unknown>): Described;
}

/** A factory whose options are checked by a schema. */
export function checked(
  factory: (options: never) => Described,
  options: Record<string, unknown> = {},
): Pick<Algorithm, 'create' | 'example'> {
  const create = (given: Record<string, unknown>) => factory(given as never);
  return { create, example: () => create(options) };
}
