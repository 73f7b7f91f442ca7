/** Fields and query parameters that the routes' schemas are made of. */
import { z } from 'zod';

export const number = z.number().nullable();
export const time = z.number().describe('milliseconds since 1970');
/** Query parameters arrive as text. */
const asList = (value: unknown) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
export const list = (of: z.ZodType<string>, max: number) => z.preprocess(asList, z.array(of).max(max));
export const wholeParam = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
export const numberParam = z
  .string()
  .regex(/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/, 'expected a number')
  .transform(Number)
  .pipe(z.number());
export const flagParam = z.enum(['true', 'false']).transform((value) => value === 'true');
export const name = z.string().min(1).max(300);
export const step = wholeParam(0, Number.MAX_SAFE_INTEGER);
