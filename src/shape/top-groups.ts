import { z } from 'zod';
import { parseOptions, type Reward, type RewardLike, type Verdict, verdict } from '../core/index.ts';
import { compose, kept, missing } from './compose.ts';
import { requireParts } from './parts.ts';
import { byTask } from './scoped.ts';

const schema = z.strictObject({
  /** Of the groups; at least one is at the top. */
  share: z.number().gt(0).max(1).default(0.2),
});

export type TopGroupsOptions = z.input<typeof schema>;

/** The max(1, ⌈share · n⌉) highest of n accuracies, by index; the earlier wins a tie, NaN neither counts nor is chosen. */
export function topShare(accuracies: readonly number[], share: number): number[] {
  const scored = accuracies.map((_, i) => i).filter((i) => !Number.isNaN(accuracies[i]!));
  const n = Math.min(scored.length, Math.max(1, Math.ceil(share * scored.length - 1e-9)));
  return scored
    .sort((a, b) => accuracies[b]! - accuracies[a]! || a - b)
    .slice(0, n)
    .sort((a, b) => a - b);
}

/**
 * The groups of the batch with the highest mean of `by` get the reward `top`, the others `rest` (GRPO-λ: a length-penalised
 * reward and the plain one). Groups without any verdict of `by` are never at the top.
 */
export function topGroups(
  parts: { readonly by: RewardLike; readonly top: RewardLike; readonly rest: RewardLike },
  options: TopGroupsOptions = {},
): Reward {
  requireParts('topGroups', parts, ['by', 'top', 'rest']);
  const { share } = parseOptions(schema, options, "shape 'topGroups'");
  return compose({
    name: 'topGroups',
    options: { share },
    parts: { by: parts.by, top: parts.top, rest: parts.rest },
    scope: 'batch',
    combine: (columns, samples) => {
      const groups = byTask(samples);
      const accuracies = groups.map((places) => {
        const scored = places.map((i) => columns.by[i]!.value).filter((value) => value !== null);
        return scored.reduce((sum, value) => sum + value, 0) / scored.length;
      });
      const top = new Set(topShare(accuracies, share));
      const out = new Array<Verdict>(samples.length);
      groups.forEach((places, g) => {
        const name = top.has(g) ? 'top' : 'rest';
        for (const i of places) {
          const own = columns[name][i]!;
          const parts = { [name]: own, by: columns.by[i]! };
          out[i] =
            own.value === null
              ? missing(name, own)
              : verdict(own.value, `${name === 'top' ? 'among' : 'not among'} the top groups`, kept(parts));
        }
      });
      return out;
    },
  });
}
