import type { BatchTokens } from './tokens.ts';

/**
 * Discounted sums of what is still to come, R_t = r_t + γ R_{t+1}, within each sample. Masked tokens (observations) are
 * passed over: their rewards count, they take no discount. `masked: 'reset'` forgets the future at every masked token, as
 * verl's REINFORCE++ does: right for padding, and wrong for the observations of a tool. Returns 0 under the mask.
 */
export function returnsToGo(
  rewards: Float64Array,
  { starts, mask }: BatchTokens,
  { gamma = 1, masked = 'carry' }: { readonly gamma?: number; readonly masked?: 'carry' | 'reset' } = {},
): Float64Array {
  const out = new Float64Array(rewards.length);
  for (let i = 0; i + 1 < starts.length; i++) {
    let ahead = 0;
    for (let t = starts[i + 1]! - 1; t >= starts[i]!; t--) {
      if (mask[t]) {
        ahead = rewards[t]! + gamma * ahead;
        out[t] = ahead;
      } else ahead = masked === 'reset' ? 0 : ahead + rewards[t]!;
    }
  }
  return out;
}
