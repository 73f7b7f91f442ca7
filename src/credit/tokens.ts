import { type Batch, trainedMask } from '../core/index.ts';

/** Tokens of a batch, flat: sample i has starts[i] to starts[i + 1], all its turns in order. */
export interface BatchTokens {
  readonly starts: Int32Array;
  /** 1 where a token is trained on; 0 on every token of a sample without a verdict. */
  readonly mask: Uint8Array;
}

export function batchTokens(batch: Batch<unknown>): BatchTokens {
  const samples = batch.groups.flatMap((group) => group.samples);
  const starts = new Int32Array(samples.length + 1);
  samples.forEach(({ turns }, i) => {
    starts[i + 1] = turns.reduce((sum, { completion }) => sum + completion.tokens.length, starts[i]!);
  });
  const mask = new Uint8Array(starts[samples.length]!);
  samples.forEach(({ turns, verdict }, i) => {
    if (verdict?.value == null) return;
    let at = starts[i]!;
    for (const turn of turns) {
      mask.set(trainedMask(turn), at);
      at += turn.completion.tokens.length;
    }
  });
  return { starts, mask };
}

/** One array per token of every turn, flat in the batch's order; `of` may miss where a turn has no such array. */
export function gatherTokens(
  batch: Batch<unknown>,
  of: (
    turn: Batch<unknown>['groups'][number]['samples'][number]['turns'][number],
  ) => Float64Array | undefined,
  what: string,
): Float64Array {
  const rows: Float64Array[] = [];
  let total = 0;
  for (const { samples } of batch.groups)
    for (const { turns } of samples)
      for (const turn of turns) {
        const row = of(turn);
        if (row?.length !== turn.completion.tokens.length)
          throw new RangeError(`a turn has no ${what} for its tokens`);
        rows.push(row);
        total += row.length;
      }
  const out = new Float64Array(total);
  let at = 0;
  for (const row of rows) {
    out.set(row, at);
    at += row.length;
  }
  return out;
}

/** The reward of each sample on its last trained token, 0 elsewhere; NaN (no verdict) lands nowhere. */
export function rewardsAtEnd(rewards: Float64Array, { starts, mask }: BatchTokens): Float64Array {
  const out = new Float64Array(mask.length);
  for (let i = 0; i + 1 < starts.length; i++) {
    if (Number.isNaN(rewards[i]!)) continue;
    let last = starts[i + 1]! - 1;
    while (last >= starts[i]! && !mask[last]) last--;
    if (last >= starts[i]!) out[last] = rewards[i]!;
  }
  return out;
}
