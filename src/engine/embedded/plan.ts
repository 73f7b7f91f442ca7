import { ceil8 } from './kernels.ts';
import type { Rows, Targets } from './model.ts';

/** Gradients are gathered in this many parts, whatever the number of threads, and added up in their order. */
export const shardCount = 8;

/** Rows of a shard where nothing flows back, so that its memory is soon free again. */
const shardRows = 4096;

/** Shards for a pass without a way back: as many as keep each small. What a sequence gets does not depend on them. */
export function forwardShards(sequences: readonly EncodedSequence[]): number {
  const rows = sequences.reduce((sum, { context, tokens }) => sum + context.length + tokens.length, 0);
  return Math.max(shardCount, Math.ceil(rows / shardRows));
}

/** Encoded. Sequences with the same context share the array, by identity. */
export interface EncodedSequence {
  readonly context: Int32Array;
  readonly tokens: Int32Array;
}

/** What one shard runs: packed rows, and which sequences its flat results belong to, in order. */
export interface ShardPlan {
  readonly shard: number;
  readonly sequences: readonly number[];
  readonly rows: Rows;
  readonly targets: Targets;
}

interface Unit {
  readonly context: Int32Array;
  readonly members: number[];
  cost: number;
}

/**
 * Deals sequences to shards, balanced by tokens. Sequences with one context stay together, so that its rows are computed
 * once for all of them, unless they are more than an eighth of the batch. Depends on the sequences alone.
 */
export function planShards(
  sequences: readonly EncodedSequence[],
  heads: number,
  shards: number = shardCount,
): ShardPlan[] {
  const most = Math.max(1, Math.ceil(sequences.length / shards));
  const open = new Map<Int32Array, Unit>();
  const units: Unit[] = [];
  for (const [i, { context, tokens }] of sequences.entries()) {
    if (tokens.length === 0) continue;
    let unit = open.get(context);
    if (!unit || unit.members.length >= most) {
      unit = { context, members: [], cost: context.length };
      units.push(unit);
      open.set(context, unit);
    }
    unit.members.push(i);
    unit.cost += tokens.length - 1;
  }
  const loads = new Array<number>(shards).fill(0);
  const dealt = Array.from({ length: shards }, (): Unit[] => []);
  for (const unit of [...units].sort((a, b) => b.cost - a.cost || a.members[0]! - b.members[0]!)) {
    const shard = loads.indexOf(Math.min(...loads));
    loads[shard]! += unit.cost;
    dealt[shard]!.push(unit);
  }
  return dealt.flatMap((some, shard) => (some.length > 0 ? [pack(shard, some, sequences, heads)] : []));
}

function pack(
  shard: number,
  units: readonly Unit[],
  sequences: readonly EncodedSequence[],
  heads: number,
): ShardPlan {
  const total = units.reduce((sum, unit) => sum + unit.cost, 0);
  const builder = rowBuilder(total, heads);
  const order: number[] = [];
  const targetRows: number[] = [];
  const targetTokens: number[] = [];
  for (const { context, members } of units) {
    const alone = members.length === 1;
    const prefix = builder.push(context, 0);
    if (!alone) builder.segment(prefix, context.length, 0, 0);
    for (const i of members) {
      const { tokens } = sequences[i]!;
      const own = builder.push(tokens.subarray(0, tokens.length - 1), context.length);
      if (alone) builder.segment(prefix, context.length + tokens.length - 1, 0, 0);
      else if (tokens.length > 1) builder.segment(own, tokens.length - 1, prefix, context.length);
      order.push(i);
      for (let t = 0; t < tokens.length; t++) {
        targetRows.push(t === 0 ? prefix + context.length - 1 : own + t - 1);
        targetTokens.push(tokens[t]!);
      }
    }
  }
  return {
    shard,
    sequences: order,
    rows: builder.build(),
    targets: { rows: Int32Array.from(targetRows), tokens: Int32Array.from(targetTokens) },
  };
}

/** Packed rows of contexts that nothing follows: what sampling starts from. */
export function packContexts(
  contexts: readonly Int32Array[],
  heads: number,
): { rows: Rows; starts: number[] } {
  const builder = rowBuilder(
    contexts.reduce((sum, context) => sum + context.length, 0),
    heads,
  );
  const starts = contexts.map((context) => {
    const start = builder.push(context, 0);
    builder.segment(start, context.length, 0, 0);
    return start;
  });
  return { rows: builder.build(), starts };
}

function rowBuilder(total: number, heads: number) {
  const tokens = new Int32Array(total);
  const positions = new Int32Array(total);
  const segments: number[] = [];
  let next = 0;
  let probabilitySize = 0;
  return {
    /** Appends rows whose first is at a position; returns the first row. */
    push(more: Int32Array, position: number): number {
      const start = next;
      tokens.set(more, start);
      for (let t = 0; t < more.length; t++) positions[start + t] = position + t;
      next += more.length;
      return start;
    },
    segment(start: number, length: number, prefixStart: number, prefixLength: number): void {
      segments.push(start, length, prefixStart, prefixLength, probabilitySize);
      probabilitySize += heads * length * ceil8(prefixLength + length);
    },
    build: (): Rows => ({ tokens, positions, segments: Int32Array.from(segments), probabilitySize }),
  };
}
