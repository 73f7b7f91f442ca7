import { type Reward, type RewardLike, verdict } from '../core/index.ts';
import { compose, kept, missing, shown, valued } from './compose.ts';

export interface GateOptions {
  /** The condition holds at this value or above it; default 1. */
  readonly atLeast?: number;
  /** The condition holds above this value; in place of `atLeast`. */
  readonly above?: number;
  /** What a sample gets where the condition does not hold. Default 0. */
  readonly otherwise?: number;
}

/**
 * A reward that counts only where a condition holds; elsewhere a stated value. Where the gate is closed nobody asks whether
 * the reward behind it had a verdict; where the condition has none, there is none.
 */
export function gate(when: RewardLike, inner: RewardLike, options: GateOptions = {}): Reward {
  const { above, otherwise = 0 } = options;
  const atLeast = options.atLeast ?? (above === undefined ? 1 : undefined);
  return compose({
    name: 'gate',
    options: { atLeast, above, otherwise },
    parts: { when, inner },
    combine: (columns, samples) =>
      samples.map((_, i) => {
        const parts = { when: columns.when[i]!, inner: columns.inner[i]! };
        const { value } = parts.when;
        if (value === null) return missing('when', parts.when);
        const open = atLeast !== undefined ? value >= atLeast : value > above!;
        if (!open) return verdict(otherwise, `the gate is closed at ${shown(value)}`, kept(parts));
        if (parts.inner.value === null) return missing('inner', parts.inner);
        return valued(parts.inner.value, parts.inner.reason ?? `the gate is open at ${shown(value)}`, parts);
      }),
  });
}
