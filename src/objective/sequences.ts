import type { Role, TokenBatch } from '../core/index.ts';
import { logRatio } from '../core/index.ts';
import { bySample } from './by-sample.ts';

const better: readonly (Role | undefined)[] = ['chosen', 'winner'];
const worse: readonly (Role | undefined)[] = ['rejected', 'loser'];

/** The sequences (`bySample`) of one group that are preferred, and those that they are preferred to. */
export interface Preference {
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** The groups of a batch that have both sides, by the roles of their sequences; sequences without a trained token are out. */
export function preferencesOf(given: TokenBatch): Preference[] {
  const batch = bySample(given);
  const groups = new Map<number, { chosen: number[]; rejected: number[] }>();
  for (const [s, side] of sides(batch).entries()) {
    if (side === 0) continue;
    const group = batch.groups[s]!;
    if (!groups.has(group)) groups.set(group, { chosen: [], rejected: [] });
    groups.get(group)![side > 0 ? 'chosen' : 'rejected'].push(s);
  }
  return [...groups.values()].filter(({ chosen, rejected }) => chosen.length > 0 && rejected.length > 0);
}

/** Per sample: 1 preferred (chosen, winner), −1 not (rejected, loser), 0 neither or nothing to train on. */
export function sides(batch: TokenBatch): Int8Array {
  const { roles, starts, mask } = bySample(batch);
  if (!roles) throw new RangeError('the batch has no roles: chosen and rejected, or winner and loser');
  return Int8Array.from({ length: starts.length - 1 }, (_, s) => {
    const side = better.includes(roles[s]) ? 1 : worse.includes(roles[s]) ? -1 : 0;
    return side !== 0 && mask.subarray(starts[s]!, starts[s + 1]!).some((m) => m) ? side : 0;
  });
}

/**
 * Per sample, Σ (ℓ − ℓ_ref) over its trained tokens: the implicit reward of preference losses. Without a reference, Σ ℓ.
 * With `average`, divided by the number of those tokens.
 */
export function sequenceScores(
  batch: TokenBatch,
  { reference, average = false }: { readonly reference?: string; readonly average?: boolean },
): Float64Array {
  const { starts, mask, logprobs } = bySample(batch);
  const other = reference === undefined ? undefined : batch.references[reference];
  if (reference !== undefined && !other) throw new RangeError(`the batch has no reference '${reference}'`);
  return Float64Array.from({ length: starts.length - 1 }, (_, s) => {
    let sum = 0;
    let n = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++)
      if (mask[t]) {
        sum += logRatio(logprobs[t]!, other ? other[t]! : 0);
        n++;
      }
    return average && n > 0 ? sum / n : sum;
  });
}

/** The derivative per token of something whose derivative per sample's score is given. */
export function tokenSlopes(batch: TokenBatch, slopes: Float64Array, average = false): Float64Array {
  const { starts, mask } = bySample(batch);
  const out = new Float64Array(mask.length);
  for (let s = 0; s < slopes.length; s++) {
    if (slopes[s] === 0) continue;
    let n = 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) n += mask[t] ? 1 : 0;
    for (let t = starts[s]!; t < starts[s + 1]!; t++) if (mask[t]) out[t] = slopes[s]! / (average ? n : 1);
  }
  return out;
}
