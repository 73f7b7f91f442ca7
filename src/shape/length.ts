import {
  noVerdict,
  type Reward,
  type RewardLike,
  type Sample,
  sampleLength,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { compose, kept, missing, shown, valued } from './compose.ts';
import { byTask } from './scoped.ts';

/** The length of a sample in tokens, or no verdict where its completions came as text alone. */
function lengthOf(sample: Sample<unknown>): number | Verdict {
  return sampleLength(sample) ?? noVerdict('unsupported', 'the completion came without a count of tokens');
}

export interface OverlongOptions {
  /** The longest completion, and the tokens before it over which the penalty grows. */
  readonly max: number;
  readonly buffer: number;
  readonly factor?: number;
  /** Beyond max: the penalty goes on growing (verl), or stays at −factor (TRL). Default verl. */
  readonly beyond?: 'grow' | 'hold';
}

/** DAPO's soft penalty: 0 up to max − buffer tokens, then linearly down to −factor at max. Per length in tokens. */
export function overlongPenalty(length: number, options: OverlongOptions): number {
  const { max, buffer, factor = 1, beyond = 'grow' } = options;
  const penalty = Math.min(0, (-(length - (max - buffer)) / buffer) * factor);
  return (beyond === 'hold' ? Math.max(penalty, -factor) : penalty) || 0;
}

/** `overlongPenalty` as a reward, to be added to the task's. */
export function overlong(options: OverlongOptions): Reward {
  return compose({
    name: 'overlong',
    options: { ...options },
    parts: {},
    minimum: -(options.factor ?? 1),
    combine: (_, samples) =>
      samples.map((sample) => {
        const length = lengthOf(sample);
        if (typeof length !== 'number') return length;
        return verdict(overlongPenalty(length, options), `${length} tokens of ${options.max}`);
      }),
  });
}

export interface CosineLengthOptions {
  /** Tokens at which the half cosine ends. */
  readonly max: number;
  /** Right from this value on. Default 1. */
  readonly success?: number;
  /** Reward of a right and of a wrong answer at length 0 and at max. */
  readonly right: readonly [atZero: number, atMax: number];
  readonly wrong: readonly [atZero: number, atMax: number];
  /** Multiply what right answers get by their value (light-if). Default false. */
  readonly scaled?: boolean;
  /** What anything of max tokens or more gets; held at the values of max when left out. */
  readonly beyond?: number;
}

/** A half cosine over the length, by correctness: light-if rewards long right answers, vlm-r1 short ones. */
export function cosineLengthValue(value: number, length: number, options: CosineLengthOptions): number {
  const { max, success = 1, scaled = false, beyond } = options;
  if (beyond !== undefined && length >= max) return beyond;
  const share = (1 - Math.cos((Math.PI * Math.min(length, max)) / max)) / 2;
  const [from, to] = value >= success ? options.right : options.wrong;
  return (from + (to - from) * share) * (scaled && value >= success ? value : 1);
}

/** `cosineLengthValue` of a reward, in its place. */
export function cosineLength(inner: RewardLike, options: CosineLengthOptions): Reward {
  return compose({
    name: 'cosineLength',
    options: { ...options },
    parts: { inner },
    minimum: Math.min(...options.right, ...options.wrong, options.beyond ?? Infinity),
    combine: ({ inner: column }, samples) =>
      samples.map((sample, i) => {
        const one = column[i]!;
        if (one.value === null) return missing('inner', one);
        const length = lengthOf(sample);
        if (typeof length !== 'number') return { ...length, ...kept({ inner: one }) };
        return valued(
          cosineLengthValue(one.value, length, options),
          `${shown(one.value)} at ${length} tokens`,
          {
            inner: one,
          },
        );
      }),
  });
}

/**
 * A reward from values and lengths of each group; members without a verdict or a length are left out of it and have none.
 */
export function byGroupLength(
  name: string,
  options: { readonly [option: string]: unknown },
  inner: RewardLike,
  minimum: number,
  of: (values: readonly number[], lengths: readonly number[]) => readonly number[],
): Reward {
  return compose({
    name,
    options,
    parts: { inner },
    scope: 'group',
    minimum,
    combine: ({ inner: column }, samples) => {
      const out = new Array<Verdict>(samples.length);
      for (const places of byTask(samples)) {
        const scored: { place: number; value: number; length: number }[] = [];
        for (const place of places) {
          const { value } = column[place]!;
          const length = lengthOf(samples[place]!);
          if (value === null) out[place] = missing('inner', column[place]!);
          else if (typeof length !== 'number') out[place] = { ...length, ...kept({ inner: column[place]! }) };
          else scored.push({ place, value, length });
        }
        const values = of(
          scored.map(({ value }) => value),
          scored.map(({ length }) => length),
        );
        scored.forEach(({ place, value, length }, k) => {
          out[place] = valued(values[k]!, `${shown(value)} at ${length} tokens`, { inner: column[place]! });
        });
      }
      return out;
    },
  });
}
