import { z } from 'zod';
import { parseOptions, type Reward, type RewardLike, verdict } from '../core/index.ts';
import { compose, kept, missing, shown, valued } from './compose.ts';

export const gateSchema = z
  .strictObject({
    atLeast: z.number().optional().describe('the condition holds from this value on (1)'),
    above: z.number().optional().describe('the condition holds above this value, in place of atLeast'),
    otherwise: z.number().default(0).describe('what a sample gets where it does not hold'),
  })
  .refine(({ atLeast, above }) => atLeast === undefined || above === undefined, {
    path: ['above'],
    message: "either 'atLeast' or 'above'",
  });

export type GateOptions = z.input<typeof gateSchema>;

/**
 * A reward that counts only where a condition holds; elsewhere a stated value. Where the gate is closed nobody asks whether
 * the reward behind it had a verdict; where the condition has none, there is none.
 */
export function gate(when: RewardLike, inner: RewardLike, options: GateOptions = {}): Reward {
  const parsed = parseOptions(gateSchema, options, "shape 'gate'");
  const { above, otherwise } = parsed;
  const atLeast = parsed.atLeast ?? (above === undefined ? 1 : undefined);
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
