import type { Described } from '../core/index.ts';
import { checkStudy } from './check-recipe.ts';
import { checkExpectations, checkName, type Expectation } from './expectation.ts';

export interface StudyContext {
  readonly signal: AbortSignal;
  /** Says how far it is: 0 to 1. */
  readonly progress: (share: number) => void;
  /** The study's settings, with what `reproduce --vary` changed. */
  readonly settings: { readonly [name: string]: Scalar };
}

/** What a setting may be. */
export type Scalar = number | string | boolean;

/** Metrics by name. */
export type Metrics = { readonly [name: string]: number };

export interface StudyOptions {
  readonly name: string;
  readonly summary?: string;
  readonly paper?: string;
  /** Each arm is a function of the seed: an audit, a simulator, a closed form. */
  readonly arms: {
    readonly [arm: string]: (seed: number, context: StudyContext) => Metrics | Promise<Metrics>;
  };
  /** What `reproduce --vary` may change, with the values they have otherwise; every arm must go by them. */
  readonly settings?: { readonly [name: string]: Scalar };
  readonly metric: string;
  /** Written before it is run. */
  readonly expected: Expectation | readonly Expectation[];
}

/** Arms that are not training runs; `reproduce` runs it as it runs recipes. */
export interface Study extends Described {
  readonly kind: 'study';
  readonly study: StudyOptions;
}

/** Makes a study, checked: the first field that cannot be is an InputError naming it. */
export function study(options: StudyOptions): Study {
  checkName('study', options?.name);
  checkStudy({ ...options });
  checkExpectations(`study '${options.name}'`, Object.keys(options.arms), options.expected);
  return { kind: 'study', name: options.name, version: '1', options, study: options };
}

export function isStudy(value: unknown): value is Study {
  return typeof value === 'object' && value !== null && (value as Study).kind === 'study';
}
