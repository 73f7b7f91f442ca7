import type { Reward, RewardLike, Verdict } from '../core/index.ts';
import { compose, missing, shown, valued } from './compose.ts';
import { requireParts } from './parts.ts';

/**
 * The product of several rewards: a conjunction where they are 0 or 1. A part without a verdict leaves the whole without
 * one, unless another part is 0, which settles it.
 */
export function product(parts: { readonly [name: string]: RewardLike }): Reward {
  requireParts('product', parts);
  const names = Object.keys(parts);
  return compose({
    name: 'product',
    options: {},
    parts,
    combine: (columns, samples) =>
      samples.map((_, i) => {
        const own: Record<string, Verdict> = {};
        for (const name of names) own[name] = columns[name]![i]!;
        const zero = names.some((name) => own[name]!.value === 0);
        const none = names.find((name) => own[name]!.value === null);
        if (none !== undefined && !zero) return missing(none, own[none]!);
        const value = zero ? 0 : names.reduce((sum, name) => sum * own[name]!.value!, 1);
        const reason = names.map((name) => `${name} ${own[name]!.value ?? 'no verdict'}`).join(' × ');
        return valued(value, `${reason} = ${shown(value)}`, own);
      }),
  });
}
