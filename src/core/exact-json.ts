import type { Json } from './json.ts';

/** Of objects and lists that were read: the digits of numbers in them that a double cannot hold, by key. */
const read = new WeakMap<object, Map<string, string>>();

/**
 * `JSON.parse`, which beside its value remembers the digits of numbers that a double cannot hold: integers whose digits are
 * not those of the double, and what is past its range. `exactField` gives them where one such number is a reference, and
 * `exactJson` writes them again; whatever else looks at the value sees what `JSON.parse` gives, so that it can be compared
 * with other JSON. Callers that know whether the text may hold such a number say so. Throws SyntaxError.
 */
export function parseJsonExactly(text: string, mayBeInexact = inexact.test(text)): unknown {
  return mayBeInexact ? JSON.parse(text, remember) : JSON.parse(text);
}

/** Where text may hold such a number: 16 digits before any point, or an exponent of three. */
const inexact = /(?<![\d.])\d{16}|\de\+?\d{3}/i;

/** A reviver for `JSON.parse` that changes nothing. An object with such a number somewhere below is known as well. */
function remember(this: object, key: string, value: unknown, from?: { readonly source?: string }): unknown {
  if (typeof value === 'object') {
    if (value !== null && read.has(value)) digitsIn(this);
    return value;
  }
  const source = from?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  if (!Number.isFinite(value) || (/^-?\d+$/.test(source) && String(value) !== source))
    digitsIn(this).set(key, source);
  return value;
}

function digitsIn(holder: object): Map<string, string> {
  const known = read.get(holder) ?? new Map<string, string>();
  read.set(holder, known);
  return known;
}

/** The digits of a number that was read into this place and is still there. */
function digitsAt(holder: object, key: string): string | undefined {
  const digits = read.get(holder)?.get(key);
  return digits !== undefined && Number(digits) === (holder as Record<string, unknown>)[key]
    ? digits
    : undefined;
}

/**
 * An own field of an object or list as a reference answer, a label or an id: a number that a double cannot hold is its
 * text, since another number in its place would make a wrong reference of a right one; so are those of a flat list.
 * Objects, and lists with objects or lists in them, are as they are.
 */
export function exactField(holder: object, key: string | number): Json | undefined {
  if (!Object.hasOwn(holder, key)) return undefined;
  const value = (holder as { readonly [key: string]: Json | undefined })[key];
  if (typeof value === 'number') return digitsAt(holder, String(key)) ?? value;
  if (!Array.isArray(value) || !read.has(value)) return value;
  const list = value as readonly Json[];
  if (list.some((one) => typeof one === 'object' && one !== null)) return value;
  return list.map((one, i) => digitsAt(list, String(i)) ?? one);
}

/** A shallow copy of an object with these of its fields as `exactField` gives them; anything else is returned as it is. */
export function exactFields<T>(value: T, keys: readonly string[]): T {
  if (typeof value !== 'object' || value === null || !read.has(value)) return value;
  const copy = { ...value } as Record<string, unknown>;
  for (const key of keys) if (Object.hasOwn(value, key)) copy[key] = exactField(value, key);
  return copy as T;
}

/** Whether somewhere in a value stands a number that was read and that a double cannot hold. */
export function isInexact(value: object): boolean {
  return read.has(value);
}

/**
 * `JSON.stringify` with each number as it was read, also in objects that `copied` shares its fields with; -0 is kept. It
 * is slower: ask `isInexact` first.
 */
export function exactJson(value: object, copied: object = value): string {
  return JSON.stringify(value, function replace(this: object, key: string, one: unknown): unknown {
    if (typeof one !== 'number') return one;
    if (Object.is(one, -0)) return rawJson('-0');
    const digits = digitsAt(this, key) ?? (this === value ? sharedDigits(value, copied, key) : undefined);
    return digits === undefined ? one : rawJson(digits);
  });
}

function sharedDigits(value: object, copied: object, key: string): string | undefined {
  const [mine, theirs] = [value, copied] as Record<string, unknown>[];
  return mine![key] === theirs![key] ? digitsAt(copied, key) : undefined;
}

/** JSON text that `JSON.stringify` writes as it stands; TypeScript does not know it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): object };
