import { z } from 'zod';

/** Every point that others handle otherwise; the defaults are the convention (docs/verifiers/math.md). */
export const mathOptions = z.object({
  extraction: z
    .enum(['lax', 'strict', 'none'])
    .default('lax')
    .describe(
      'lax: last box, else the last stated answer; strict: a box only; none: the whole completion is the answer',
    ),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('relative difference up to which two numbers count as equal; 0 is exact'),
  precision: z
    .number()
    .int()
    .min(0)
    .max(30)
    .optional()
    .describe('decimal places to which two numbers have to agree after rounding; left out: exact'),
  statedPrecision: z
    .boolean()
    .default(true)
    .describe('a reference that states a precision (≈, "to the nearest …") accepts what rounds to it'),
  units: z
    .enum(['optional', 'required', 'ignored'])
    .default('optional')
    .describe('optional: may be missing on one side, must agree after conversion otherwise'),
  percent: z
    .enum(['loose', 'factor'])
    .default('loose')
    .describe('loose: 50 for 50% passes (above 1 only); factor: % is always 1/100'),
  degrees: z.enum(['optional', 'factor']).default('optional').describe('optional: the sign may be left out'),
  tuples: z.enum(['ordered', 'unordered']).default('ordered').describe('whether order counts in tuples'),
  lists: z.enum(['unordered', 'ordered']).default('unordered').describe('whether order counts in bare lists'),
  sets: z
    .enum(['loose', 'strict'])
    .default('loose')
    .describe('loose: a bare list is a set and {5} is 5; strict: braces on both sides or on none'),
  intervals: z
    .enum(['loose', 'strict'])
    .default('loose')
    .describe('loose: inequalities and intervals are compared as sets; strict: only in the same notation'),
  names: z
    .enum(['optional', 'required', 'ignored'])
    .default('optional')
    .describe('a prefix such as x= or f(x)= may be missing on one side'),
  chains: z
    .enum(['agree', 'last'])
    .default('agree')
    .describe('a = b = c: the value on which its parts agree, or the last part'),
  text: z
    .enum(['loose', 'exact', 'refuse'])
    .default('loose')
    .describe(
      'answers in words: loose ignores case, articles and plural s; refuse gives no verdict for them',
    ),
  log: z.enum(['either', '10', 'e']).default('either').describe('the base of a bare log'),
  constants: z.boolean().default(true).describe('+C and +c are the same arbitrary constant'),
  maxLength: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('longest answer that is read; longer ones are compared as strings'),
});

export type MathOptions = z.output<typeof mathOptions>;
