import { z } from 'zod';
import {
  didYouMean,
  InputError,
  noVerdict,
  parseOptions,
  type Reward,
  type RewardLike,
  shownValue,
  type Verdict,
  verdict,
} from '../core/index.ts';
import { compose, kept, missing, shown } from './compose.ts';
import { requireParts } from './parts.ts';

export const payoffSchema = z.strictObject({
  rows: z
    .array(z.strictObject({ when: z.record(z.string(), z.number()), value: z.number() }))
    .min(1)
    .describe('in order: { when: { part: value }, value }; a part that is not named may be anything'),
  otherwise: z.number().optional().describe('where no row fits; no verdict when left out'),
});

/** A row of a payoff table: what the parts must be, and the value. A part that is not named may be anything. */
export interface PayoffRow {
  readonly when: { readonly [part: string]: number };
  readonly value: number;
}

/**
 * A table over discrete outcomes: the first row whose parts are as it says gives the value; `otherwise`, when no row fits, or
 * else no verdict (`unsupported`). A part without a verdict leaves none, unless a row that does not name it fits first.
 */
export function payoff(
  parts: { readonly [name: string]: RewardLike },
  rows: readonly PayoffRow[],
  otherwise?: number,
): Reward {
  requireParts('payoff', parts);
  parseOptions(payoffSchema, { rows, otherwise }, "shape 'payoff'");
  const names = Object.keys(parts);
  for (const [i, { when }] of rows.entries())
    for (const name of Object.keys(when))
      if (!names.includes(name))
        throw new InputError(
          `shape 'payoff': option 'rows.${i}.when': there is no part '${shownValue(name)}' (parts: ${names.join(', ')})${didYouMean(name, names)}`,
        );
  return compose({
    name: 'payoff',
    options: { rows, ...(otherwise !== undefined && { otherwise }) },
    parts,
    minimum: Math.min(...rows.map(({ value }) => value), otherwise ?? Infinity),
    combine: (columns, samples) =>
      samples.map((_, i): Verdict => {
        const own = Object.fromEntries(names.map((name) => [name, columns[name]![i]!]));
        for (const { when, value } of rows) {
          const entries = Object.entries(when);
          const none = entries.find(([name]) => own[name]!.value === null);
          if (none) return missing(none[0], own[none[0]]!);
          if (entries.every(([name, x]) => own[name]!.value === x)) {
            const reason = entries.map(([name, x]) => `${name} ${x}`).join(', ') || 'otherwise';
            return verdict(value, `${reason}: ${shown(value)}`, kept(own));
          }
        }
        if (otherwise !== undefined) return verdict(otherwise, `no row fits: ${shown(otherwise)}`, kept(own));
        return noVerdict('unsupported', 'no row of the table fits', kept(own));
      }),
  });
}
