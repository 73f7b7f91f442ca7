import type { Random } from '../../core/index.ts';

/** One kind of fault planted in a value; undefined where it does not apply. */
export type Fault<T> = (value: T, random: Random) => T | undefined;

export interface InjectErrorsOptions<T> {
  readonly faults: { readonly [name: string]: Fault<T> };
  /** So many faults are planted, uniformly from `least` to `most`; the same kind may come twice. Default 1 and 1. */
  readonly least?: number;
  readonly most?: number;
  /** Whether what came out is really wrong: a fault may change nothing that matters, and one may mend another. Default: it is. */
  readonly isWrong?: (value: T) => boolean;
  /** How often it begins anew before it gives up. Default 100. */
  readonly attempts?: number;
}

/** A value with its planted faults, by name, in the order in which they were planted. */
export interface WithErrors<T> {
  readonly value: T;
  readonly faults: readonly string[];
}

/**
 * Plants known faults in an answer or a program: declared falsehoods (Critic-V), mutations (OORL). The original is left as it is.
 * Undefined when no attempt gave what `isWrong` confirms.
 */
export function injectErrors<T>(
  original: T,
  { faults, least = 1, most = least, isWrong = () => true, attempts = 100 }: InjectErrorsOptions<T>,
  random: Random,
): WithErrors<T> | undefined {
  const names = Object.keys(faults);
  if (names.length === 0) throw new RangeError('injectErrors needs at least one kind of fault');
  if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least))
    throw new RangeError(`faults must be 1 or more, least to most, not ${least} to ${most}`);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const count = most > least ? least + random.integer(most - least + 1) : least;
    const planted: string[] = [];
    let value: T | undefined = original;
    while (planted.length < count && value !== undefined) {
      const name: string = names.length > 1 ? random.pick(names) : names[0]!;
      planted.push(name);
      value = faults[name]!(value, random);
    }
    if (value !== undefined && isWrong(value)) return { value, faults: planted };
  }
  return undefined;
}
