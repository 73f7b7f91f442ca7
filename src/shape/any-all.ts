import { z } from 'zod';
import {
  noVerdict,
  numberOrInfinity,
  parseOptions,
  type Reward,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { type Asked, details, inOrder } from './cascade-parts.ts';
import type { Parts } from './parts.ts';

export const anySchema = z.strictObject({
  top: numberOrInfinity.default(1).describe('parts after one that reached this are not asked'),
});
export const allSchema = z.strictObject({
  bottom: numberOrInfinity.default(0).describe('parts after one at or below this are not asked'),
});

export type AnyOptions = z.input<typeof anySchema>;
export type AllOptions = z.input<typeof allSchema>;

/**
 * The greatest value of several rewards (search-gen-v: exact match or verifier). Parts after one that reached `top` are
 * not asked. A part without a verdict leaves the whole without one, unless another reached the top: it might have.
 */
export function any(parts: Parts, options: AnyOptions = {}): Reward {
  const { top } = parseOptions(anySchema, options, "shape 'any'");
  return inOrder(
    'any',
    parts,
    { top },
    (asked) => ![...asked.values()].some(({ value }) => value !== null && value >= top),
    (asked) =>
      extreme(
        asked,
        (a, b) => a > b,
        (value) => value >= top,
      ),
  );
}

/**
 * The least value of several rewards: all must hold. Parts after one at or below `bottom` are not asked. A part without a
 * verdict leaves the whole without one, unless another is at the bottom.
 */
export function all(parts: Parts, options: AllOptions = {}): Reward {
  const { bottom } = parseOptions(allSchema, options, "shape 'all'");
  return inOrder(
    'all',
    parts,
    { bottom },
    (asked) => ![...asked.values()].some(({ value }) => value !== null && value <= bottom),
    (asked) =>
      extreme(
        asked,
        (a, b) => a < b,
        (value) => value <= bottom,
      ),
  );
}

function extreme(
  asked: Asked,
  better: (a: number, b: number) => boolean,
  settled: (value: number) => boolean,
): Verdict {
  let best: { name: string; value: number; from: Verdict } | undefined;
  let missing: { name: string; from: Verdict } | undefined;
  for (const [name, from] of asked) {
    if (from.value === null) missing ??= { name, from };
    else if (best === undefined || better(from.value, best.value)) best = { name, value: from.value, from };
  }
  if (missing !== undefined && !(best !== undefined && settled(best.value)))
    return noVerdict(
      missing.from.cause!,
      `${missing.name}: ${missing.from.reason ?? 'no verdict'}`,
      details(asked),
    );
  const { name, value, from } = best!;
  return verdict(value, `${name}: ${from.reason ?? value}`, details(asked, from));
}
