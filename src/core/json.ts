import { contentHash } from './hash.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/**
 * Every factory of the catalogue returns a value with these three fields, so that a recipe prints as JSON, is stored
 * with its run, and can be compared.
 */
export interface Described {
  readonly name: string;
  readonly version: string;
  readonly options: unknown;
}

export function isDescribed(value: unknown): value is Described {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Described).name === 'string' &&
    typeof (value as Described).version === 'string' &&
    'options' in value
  );
}

/**
 * The JSON of any value made of plain data, described values and functions. A function of the user's own is known by
 * the hash of its source text (with the hash of its module where `identify` was told it).
 */
export function describe(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value); // JSON has no infinity; the word keeps it visible
  if (typeof value === 'bigint') return value.toString();
  if (value === undefined) return null;
  if (typeof value === 'function') {
    const identity = identities.get(value);
    return { function: value.name || 'anonymous', hash: identity ?? contentHash(String(value)) };
  }
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(describe);
  if (value instanceof Map || value instanceof Set) return Array.from(value as Iterable<unknown>, describe);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (isDescribed(value))
    return { name: value.name, version: value.version, options: describe(value.options) };
  const out: Record<string, Json> = {};
  for (const key of Object.keys(value as object)) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) out[key] = describe(field);
  }
  return out;
}

const identities = new WeakMap<object, string>();

/** Says that a function comes from a module with this content hash; `describe` then reports that hash. */
export function identify(value: object, moduleHash: string): void {
  identities.set(value, moduleHash);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  const keys = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`).join(',')}}`;
}

/** The dotted path of the first difference between two JSON values, or undefined when they are equal. */
export function firstDifference(a: Json | undefined, b: Json | undefined, path = ''): string | undefined {
  if (a === b) return undefined;
  const bothObjects = typeof a === 'object' && typeof b === 'object' && a !== null && b !== null;
  if (!bothObjects || Array.isArray(a) !== Array.isArray(b)) return path || '(whole)';
  const left = a as Record<string, Json>;
  const right = b as Record<string, Json>;
  for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
    const found = firstDifference(left[key], right[key], path ? `${path}.${key}` : key);
    if (found !== undefined) return found;
  }
  return undefined;
}
