import { deserialize, serialize } from 'node:v8';
import { exactJson, InputError, isInexact, type Json, parseJsonExactly } from '../../core/index.ts';
import type { Row } from '../../dataset/read/index.ts';

/** Values nested deeper than this do not travel. */
const deepest = 500;

/**
 * A row as JSON that gives exactly this row again. A row that holds what JSON cannot say (NaN and infinities from Parquet,
 * or from numbers over the range of a double; minus zero) becomes a string instead: the base64 of V8's serialisation.
 * Throws InputError for a row that is nested too deep.
 */
export function encodeRow(row: Row, where: { readonly file: string; readonly line: number }): string {
  const exact = isExact(row as Json, 0);
  if (exact === undefined)
    throw new InputError(`is nested over ${deepest} deep, too deep for the queue`, where);
  if (isInexact(row)) return exactJson(row); // it came from JSON, which can say all that is in it
  return exact ? JSON.stringify(row) : JSON.stringify(serialize(row).toString('base64'));
}

/** The rows of a JSON array whose elements `encodeRow` made. */
export function decodeRows(text: string): Row[] {
  return (parseJsonExactly(text) as (Row | string)[]).map((one) =>
    typeof one === 'string' ? (deserialize(Buffer.from(one, 'base64')) as Row) : one,
  );
}

/** Whether JSON keeps a value as it is; undefined where it is nested too deep to say. */
function isExact(value: Json | undefined, depth: number): boolean | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= deepest) return undefined;
  let exact = true;
  const members = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value);
  for (const member of members) {
    const one = isExact(member, depth + 1);
    if (one === undefined) return undefined;
    exact &&= one;
  }
  return exact;
}
