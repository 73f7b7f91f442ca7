import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { complaint, numberOrInfinity, parseOptions, shownValue } from './options.ts';
import { unknownPart } from './parts.ts';
import { asReward } from './reward.ts';
import { type Sample, textSample } from './sample.ts';
import { cosine, exponential, linear, piecewise, scheduleLike, warmup } from './schedule.ts';
import { noVerdict, type Verdict, verdict } from './verdict.ts';

const schema = z.object({
  buffer: z.int().min(1).default(1),
  form: z.enum(['grow', 'hold']).optional(),
  by: scheduleLike.optional(),
  inner: z.strictObject({ deep: z.number() }).optional(),
});
const wrong: readonly (readonly [options: unknown, message: string])[] = [
  [{ bufer: 2 }, "x has no option 'bufer' (options: buffer, form, by, inner); did you mean 'buffer'?"],
  [{ zzzzzzzz: 2 }, "x has no option 'zzzzzzzz' (options: buffer, form, by, inner)"],
  [{ buffer: 0.5 }, "x: option 'buffer': expected int, received number"],
  [{ buffer: Number.NaN }, "x: option 'buffer': expected number, received NaN"],
  [{ form: 'hald' }, 'x: option \'form\': expected one of "grow"|"hold"'],
  [{ by: '1' }, "x: option 'by': expected a number or a schedule, not 1"],
  [{ by: { at: 3 } }, "x: option 'by': expected a number or a schedule, not an object"],
  [{ inner: { depth: 3, deep: 1 } }, "x: option 'inner' has no field 'depth' (options: deep)"],
  [5, 'x: expected object, received number'],
];
test.each(wrong)('options %j are refused in one line', (options, message) => {
  expect(() => parseOptions(schema, options, 'x')).toThrow(
    expect.objectContaining({ name: 'InputError', message }),
  );
});

const schedules: readonly (readonly [make: () => unknown, message: string])[] = [
  [
    () => linear({ from: 1, to: 0, steps: 0 }),
    "schedule 'linear': option 'steps': Too small: expected number to be >0",
  ],
  [
    () => linear({ from: 1, too: 0 } as never),
    "schedule 'linear' has no option 'too' (options: from, to, steps); did you mean 'to'?",
  ],
  [
    () => exponential({ from: 1, constant: -3 }),
    "schedule 'exponential': option 'constant': Too small: expected number to be >0",
  ],
  [
    () => cosine({ from: Number.NaN, to: 1 }),
    "schedule 'cosine': option 'from': expected number, received NaN",
  ],
  [
    () =>
      piecewise([
        [0, 1],
        [0, 2],
      ]),
    "schedule 'piecewise': entry 1: the steps must rise, not be 0",
  ],
  [
    () => piecewise([[0, Number.NaN]]),
    "schedule 'piecewise': entry 0: expected a number or a schedule, not NaN",
  ],
  [() => warmup(-1, 1), "schedule 'warmup': expected a number of steps, not -1"],
  [() => warmup(1, undefined as never), "schedule 'warmup': expected a number or a schedule, not undefined"],
  [() => asReward(5 as never), 'a reward must be a reward or a function of a sample, not 5'],
  [() => asReward({} as never), 'a reward must be a reward or a function of a sample, not an object'],
];
test.each(schedules.map(([make, message]) => [message, make] as const))('%s', (message, make) => {
  expect(make).toThrow(expect.objectContaining({ name: 'InputError', message }));
});

it('a bound may be infinite, and is no text and not NaN', () => {
  for (const value of [0, -1.5, Infinity, -Infinity])
    expect(numberOrInfinity.safeParse(value).success).toBe(true);
  for (const value of [Number.NaN, '1', null, undefined])
    expect(numberOrInfinity.safeParse(value).success).toBe(false);
});

it('values in messages are short words, and a complaint of one field says where', () => {
  expect([shownValue([1]), shownValue(null), shownValue(() => 1), shownValue('a\nb')]).toEqual([
    'a list',
    'null',
    'a function',
    'a b',
  ]);
  const { error } = schema.safeParse({ inner: { deep: 'x' } });
  expect(complaint(error!, schema)).toEqual({
    path: 'inner.deep',
    message: 'expected number, received string',
    known: [],
  });
});

describe('a part that no verdict has', () => {
  const samples = (...verdicts: (Verdict | undefined)[]): Sample[] =>
    verdicts.map((one, i) => ({ ...textSample({ id: String(i), prompt: '' }, ''), verdict: one }));
  const having = (...names: string[]) =>
    verdict(1, '', { parts: Object.fromEntries(names.map((name) => [name, verdict(1)])) });

  it('is named with those that there are', () => {
    expect(unknownPart('acuracy', 'it', samples(having('format', 'accuracy'), having('length')))).toBe(
      "it reads the part 'acuracy', which no verdict of the first step has (parts: accuracy, format, length); did you mean 'accuracy'?",
    );
    expect(unknownPart('a', 'it', samples(verdict(1)))).toContain('(they have no parts)');
  });

  it('is not said where nothing was judged, or where some have it', () => {
    expect(unknownPart('a', 'it', samples())).toBeUndefined();
    const silent = noVerdict('judge', 'silent', { parts: { other: verdict(1) } });
    // A number that the recipe put in place of no verdict is no judgement either.
    expect(unknownPart('a', 'it', samples(undefined, silent, { ...silent, value: -1 }))).toBeUndefined();
    expect(unknownPart('a', 'it', samples(having('b'), having('b', 'a')))).toBeUndefined();
  });
});
