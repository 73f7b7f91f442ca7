import type { Numbers } from './records.ts';

/** Named numbers as JSON, which SQL can read too: NaN is null and infinities are words, since JSON has neither. */
export function writeNumbers(numbers: Numbers): string {
  const out: Record<string, number | string> = {};
  for (const name of Object.keys(numbers)) {
    const value = numbers[name]!;
    out[name] =
      value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? String(value) : value;
  }
  return JSON.stringify(out);
}

export function readNumbers(json: string): Numbers {
  const numbers = JSON.parse(json) as Record<string, number | string | null>;
  for (const name of Object.keys(numbers)) {
    const value = numbers[name];
    if (typeof value !== 'number') numbers[name] = value === null ? Number.NaN : Number(value);
  }
  return numbers as Numbers;
}
