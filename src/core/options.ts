import { z } from 'zod';
import { InputError } from './errors.ts';

/**
 * Parses options by their schema; unknown names and wrong values are an InputError in one line naming the option. `of` says whose
 * options they are: "shape 'gate'".
 */
export function parseOptions<S extends z.ZodObject>(schema: S, options: unknown, of: string): z.output<S> {
  const result = schema.strict().safeParse(options ?? {});
  if (result.success) return result.data as z.output<S>;
  const { path, message, unknown, known } = complaint(result.error, schema);
  if (unknown === undefined)
    throw new InputError(path === '' ? `${of}: ${message}` : `${of}: option '${path}': ${message}`);
  const where = path === '' ? `${of} has no option` : `${of}: option '${path}' has no field`;
  const there = known.length > 0 ? `options: ${known.join(', ')}` : 'it has none';
  throw new InputError(`${where} '${shownValue(unknown)}' (${there})${didYouMean(unknown, known)}`);
}

/** What is wrong with a value: where, as a dotted path, and what; or a name that is not known there, and those that are. */
export interface Complaint {
  readonly path: string;
  readonly message: string;
  readonly unknown?: string;
  readonly known: readonly string[];
}

/** The first complaint of a schema. An unknown name goes before all else: it is why another one is missing. */
export function complaint(error: z.ZodError, schema: z.ZodType): Complaint {
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0]!;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return { path, message: 'is not known', unknown: issue.keys[0]!, known: namesAt(schema, issue.path) };
  return { path, message: issue.message.replace(/^Invalid (input|option): /, ''), known: [] };
}

/** The names of an object's fields at a path of a schema. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.unwrap();
    if (key === undefined) break;
    if (at instanceof z.ZodObject) at = at.shape[String(key)];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** "; did you mean 'x'?" where a known name is near, else nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

/** Any value in a message: a short word for what it is. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return value.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 80);
  if (typeof value === 'function') return value.name ? `the function '${value.name}'` : 'a function';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A number, or plus or minus infinity where there is no bound; not NaN. */
export const numberOrInfinity = z
  .custom<number>((value) => typeof value === 'number' && !Number.isNaN(value), 'expected a number')
  .meta({ type: 'number' });

/** A function. */
export function functionOf<F extends (...args: never[]) => unknown>(of: string): z.ZodType<F, F> {
  return z.custom<F>((value) => typeof value === 'function', `expected a function of ${of}`);
}

/** A value with this method: an estimator has `estimate`, a curriculum `create`. `what` says it in messages: 'a curriculum'. */
export function withMethod<T extends object>(method: keyof T & string, what: string): z.ZodType<T, T> {
  return z.custom<T>((value) => hasMethod(value, method), {
    error: ({ input }) => `expected ${what}, not ${shownValue(input)}`,
  });
}

export function hasMethod(value: unknown, method: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { [name: string]: unknown })[method] === 'function'
  );
}

/** The name at the smallest edit distance, if it is near enough to be meant. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (name.length > 80) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
