import type { z } from 'zod';
import { InputError, oneLine } from './errors.ts';
import type { Described, Json } from './json.ts';
import { nearest, parseOptions } from './options.ts';
import type { Reward, RewardContext, Scope } from './reward.ts';
import type { Sample } from './sample.ts';
import { asVerdict, noVerdict, type Verdict, type VerdictLike } from './verdict.ts';

/** An example of a reward that runs: what `rewards NAME` prints and what a test checks. */
export interface RewardExample {
  readonly prompt?: string;
  readonly completion: string;
  readonly answer?: Json;
  /** The number of tokens of the completion. */
  readonly tokens?: number;
  readonly data?: { readonly [key: string]: Json | undefined };
  /** Options other than the defaults. */
  readonly options?: { readonly [key: string]: unknown };
  /** The value that this example gets. */
  readonly value: number | null;
}

/** What the catalogue knows of a reward besides its code. */
export interface RewardDefinition {
  readonly name: string;
  /** Raised with every change that changes verdicts. */
  readonly version: string;
  /** One line: what it computes. */
  readonly summary: string;
  /** Paper and section, or repository file. */
  readonly source?: string;
  readonly options: z.ZodObject;
  readonly scope?: Scope;
  readonly trainable?: boolean;
  readonly minimum?: number;
  readonly examples: readonly [RewardExample, ...RewardExample[]];
}

/** A definition with its code, callable: `math({ precision: 4 })` is a Reward. Throws InputError on wrong options. */
export interface RewardFactory<Options = Record<string, unknown>> {
  (options?: Options): Reward;
  readonly definition: RewardDefinition;
}

/** What the catalogue lists: a factory whose options are not known before it runs. */
export interface AnyRewardFactory {
  (options?: never): Reward;
  readonly definition: RewardDefinition;
}

type SampleCheck = (sample: Sample<unknown>, context: RewardContext) => VerdictLike | Promise<VerdictLike>;
type SamplesCheck = (
  samples: readonly Sample<unknown>[],
  context: RewardContext,
) => readonly Verdict[] | Promise<readonly Verdict[]>;

/**
 * Defines a reward of the catalogue. `create` gets the parsed options once and returns the check of one sample (or of a
 * group or batch, for those scopes).
 */
export function defineReward<S extends z.ZodObject>(
  definition: RewardDefinition & {
    options: S;
    scope?: 'sample';
    /** The minimum where it depends on the options. */
    minimumOf?(options: z.output<S>): number;
    create(options: z.output<S>): SampleCheck;
  },
): RewardFactory<z.input<S>>;
export function defineReward<S extends z.ZodObject>(
  definition: RewardDefinition & {
    options: S;
    scope: 'group' | 'batch';
    minimumOf?(options: z.output<S>): number;
    create(options: z.output<S>): SamplesCheck;
  },
): RewardFactory<z.input<S>>;
export function defineReward<S extends z.ZodObject>(
  definition: RewardDefinition & {
    options: S;
    minimumOf?(options: z.output<S>): number;
    create(options: z.output<S>): SampleCheck | SamplesCheck;
  },
): RewardFactory<z.input<S>> {
  const { create, minimumOf, ...about } = definition;
  const factory = (options: z.input<S> = {} as z.input<S>): Reward => {
    const parsed = parseOptions(definition.options, options, `reward '${definition.name}'`);
    const check = create(parsed as z.output<S>);
    const scope = definition.scope ?? 'sample';
    return {
      name: definition.name,
      version: definition.version,
      options: parsed,
      scope,
      trainable: definition.trainable,
      minimum: minimumOf?.(parsed as z.output<S>) ?? definition.minimum,
      score:
        scope === 'sample'
          ? (samples, context) => eachSample(check as SampleCheck, samples, context)
          : (check as SamplesCheck),
    };
  };
  return Object.assign(factory, { definition: about });
}

function eachSample(
  check: SampleCheck,
  samples: readonly Sample<unknown>[],
  context: RewardContext,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const results = samples.map((sample) => {
    try {
      const result = check(sample, context);
      return result instanceof Promise
        ? result.then(asVerdict, (thrown) => noVerdict('crash', oneLine(thrown)))
        : asVerdict(result);
    } catch (thrown) {
      return noVerdict('crash', oneLine(thrown));
    }
  });
  return results.some((result) => result instanceof Promise) ? Promise.all(results) : (results as Verdict[]);
}

/** `{ name, version, options }` with a function beside it: how estimators, objectives and the like are made. */
export function described<T extends object>(
  name: string,
  version: string,
  options: unknown,
  body: T,
): T & Described {
  return { name, version, options, ...body };
}

/** An explicit list under unique names. */
export class Registry<T> {
  readonly kind: string;
  readonly #entries = new Map<string, T>();

  constructor(kind: string, entries: readonly (readonly [string, T])[]) {
    this.kind = kind;
    for (const [name, entry] of entries) {
      if (this.#entries.has(name)) throw new Error(`two ${kind}s are called '${name}'`);
      this.#entries.set(name, entry);
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Throws InputError with the nearest name when there is none of this name. */
  get(name: string): T {
    const found = this.#entries.get(name);
    if (found !== undefined) return found;
    const near = nearest(name, this.names);
    throw new InputError(
      `no ${this.kind} is called '${name.slice(0, 80)}'${near ? `; did you mean '${near}'?` : ''}`,
    );
  }
}
