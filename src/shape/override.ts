import { InputError, type Reward, type RewardLike, shownValue, verdict } from '../core/index.ts';
import { compose, kept, missing, shown, valued } from './compose.ts';
import { requireParts } from './parts.ts';

/** Cases in order: a condition, which holds above 0, and the value that then decides. */
export interface OverrideCases {
  readonly [name: string]: readonly [condition: RewardLike, value: number];
}

/**
 * The first case that holds decides the total; where none does, the reward. `override(math(), { malformed: [isMalformed, -1] })`.
 * A condition without a verdict that is reached leaves none.
 */
export function override(inner: RewardLike, cases: OverrideCases): Reward {
  requireParts('override', cases);
  const named = Object.entries(cases);
  if (Object.hasOwn(cases, 'inner'))
    throw new InputError("shape 'override': a case cannot be called 'inner'");
  const parts: Record<string, RewardLike> = { inner };
  for (const [name, given] of named) {
    if (!Array.isArray(given) || given.length !== 2 || !Number.isFinite(given[1]))
      throw new InputError(
        `shape 'override': case '${shownValue(name)}': expected [condition, value] with a finite value`,
      );
    parts[name] = given[0];
  }
  const values = Object.fromEntries(named.map(([name, [, value]]) => [name, value]));
  return compose({
    name: 'override',
    options: { values },
    parts,
    minimum: Math.min(0, ...Object.values(values)),
    combine: (columns, samples) =>
      samples.map((_, i) => {
        const own = Object.fromEntries(Object.keys(parts).map((name) => [name, columns[name]![i]!]));
        for (const [name, [, value]] of named) {
          if (own[name]!.value === null) return missing(name, own[name]!);
          if (own[name]!.value! > 0) return verdict(value, `${name}: ${shown(value)}`, kept(own));
        }
        const rest = own.inner!;
        return rest.value === null
          ? missing('inner', rest)
          : valued(rest.value, rest.reason ?? 'no case holds', own);
      }),
  });
}
