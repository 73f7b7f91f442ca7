import { z } from 'zod';
import {
  noVerdict,
  parseOptions,
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

/** From which value on an answer is right: what terms of length ask. */
export const success = z.number().default(1).describe('right from this value on');

export const overlongSchema = z
  .strictObject({
    max: z.int().min(1).describe('the longest completion in tokens'),
    buffer: z.int().min(1).describe('over so many tokens before max the penalty grows'),
    factor: z.number().positive().default(1).describe('the penalty at max'),
    beyond: z.enum(['grow', 'hold']).default('grow').describe('beyond max it goes on (verl), or stays'),
  })
  .refine(({ max, buffer }) => buffer <= max, { path: ['buffer'], message: "must not be above 'max'" });

export type OverlongOptions = z.input<typeof overlongSchema>;

/** DAPO's soft penalty: 0 up to max − buffer tokens, then linearly down to −factor at max; TRL holds it there. Per length in tokens. */
export function overlongPenalty(length: number, options: OverlongOptions): number {
  const { max, buffer, factor, beyond } = overlongSchema.parse(options);
  const penalty = Math.min(0, (-(length - (max - buffer)) / buffer) * factor);
  return (beyond === 'hold' ? Math.max(penalty, -factor) : penalty) || 0;
}

/** `overlongPenalty` as a reward, to be added to the task's. */
export function overlong(options: OverlongOptions): Reward {
  const parsed = parseOptions(overlongSchema, options, "shape 'overlong'");
  return compose({
    name: 'overlong',
    options: { ...options },
    parts: {},
    minimum: -parsed.factor,
    combine: (_, samples) =>
      samples.map((sample) => {
        const length = lengthOf(sample);
        if (typeof length !== 'number') return length;
        return verdict(overlongPenalty(length, parsed), `${length} tokens of ${parsed.max}`);
      }),
  });
}

const ends = (about: string) =>
  z.tuple([z.number(), z.number()]).describe(`what ${about} answer gets at length 0 and at max`);

export const cosineLengthSchema = z.strictObject({
  max: z.int().min(1).describe('tokens at which the half cosine ends'),
  success,
  right: ends('a right'),
  wrong: ends('a wrong'),
  scaled: z.boolean().default(false).describe('right answers: times their value (Light-IF)'),
  beyond: z.number().optional().describe('what max tokens and more get; as at max when left out'),
});

type Ends = readonly [atZero: number, atMax: number];
export type CosineLengthOptions = Omit<z.input<typeof cosineLengthSchema>, 'right' | 'wrong'> & {
  readonly right: Ends;
  readonly wrong: Ends;
};

/** A half cosine over the length, by correctness: light-if rewards long right answers, vlm-r1 short ones. */
export function cosineLengthValue(value: number, length: number, options: CosineLengthOptions): number {
  const { max, success, scaled, beyond, right, wrong } = cosineLengthSchema.parse(options);
  if (beyond !== undefined && length >= max) return beyond;
  const share = (1 - Math.cos((Math.PI * Math.min(length, max)) / max)) / 2;
  const [from, to] = value >= success ? right : wrong;
  return (from + (to - from) * share) * (scaled && value >= success ? value : 1);
}

/** `cosineLengthValue` of a reward, in its place. */
export function cosineLength(inner: RewardLike, options: CosineLengthOptions): Reward {
  const parsed = parseOptions(cosineLengthSchema, options, "shape 'cosineLength'");
  return compose({
    name: 'cosineLength',
    options: { ...options },
    parts: { inner },
    minimum: Math.min(...parsed.right, ...parsed.wrong, parsed.beyond ?? Infinity),
    combine: ({ inner: column }, samples) =>
      samples.map((sample, i) => {
        const one = column[i]!;
        if (one.value === null) return missing('inner', one);
        const length = lengthOf(sample);
        if (typeof length !== 'number') return { ...length, ...kept({ inner: one }) };
        return valued(
          cosineLengthValue(one.value, length, parsed),
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
