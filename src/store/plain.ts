import type { Json } from '../core/json.ts';

/**
 * A prompt, task or context as JSON that is worth keeping: long arrays of numbers and pictures become a note of their size,
 * since they are in the task file already. Strings are as they are.
 */
export function plainJson(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === undefined || value === null || typeof value === 'function' || typeof value === 'symbol')
    return null;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return { bytes: value.length };
  if (ArrayBuffer.isView(value)) {
    const numbers = value as unknown as ArrayLike<number>;
    return numbers.length > 4096 ? { numbers: numbers.length } : Array.from(numbers);
  }
  if (Array.isArray(value)) return value.map(plainJson);
  const out: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) out[key] = plainJson(field);
  }
  return out;
}
