import { type HeadOptions, type HeadPass, headPass } from './heads.ts';
import type { Kernels } from './kernels.ts';
import { segmentFields } from './kernels.ts';
import type { Layout } from './layout.ts';
import { type Places, Tape, type Value } from './tape.ts';

/**
 * What a forward pass runs over: rows packed without padding. A segment is a run of rows that see their prefix (rows of
 * another segment, shared by the sequences of a group) and each other.
 */
export interface Rows {
  readonly tokens: Int32Array;
  readonly positions: Int32Array;
  /** `segmentFields` integers each. */
  readonly segments: Int32Array;
  /** Elements that all segments' attention probabilities take. */
  readonly probabilitySize: number;
}

/** The rows that predict a token, in the order of the flat results, and the tokens that followed. */
export interface Targets {
  readonly rows: Int32Array;
  readonly tokens: Int32Array;
}

/**
 * A decoder-only transformer with pre-normalisation, over packed rows: the final hidden rows that `select` names
 * (before the last norm). The last layer's MLP runs only over those. `keep` sees each layer's queries, keys and values.
 */
export function hiddenRows(
  tape: Tape,
  layout: Layout,
  rows: Rows,
  select: Int32Array,
  keep?: (layer: number, qkv: Value) => void,
): Value {
  const { shape } = layout;
  const count = rows.segments.length / segmentFields;
  const segments = tape.integers(rows.segments);
  const selected = tape.integers(select);
  const positions = tape.integers(rows.positions);
  const n = rows.tokens.length;
  let x = tape.embed(layout.tokens, layout.positions, tape.integers(rows.tokens), positions, n);
  for (const [l, layer] of layout.layers.entries()) {
    const qkv = tape.linear(layer.attention, tape.norm(layer.attentionNorm, x));
    keep?.(l, qkv);
    let seen = tape.attention(qkv, shape.heads, segments, count, rows.probabilitySize);
    if (l === layout.layers.length - 1) {
      seen = tape.gather(seen, selected, select.length);
      x = tape.gather(x, selected, select.length);
    }
    x = tape.linear(layer.attentionOut, seen, x);
    const inner = tape.linear(layer.mlpIn, tape.norm(layer.mlpNorm, x));
    x = tape.linear(layer.mlpOut, tape.activation(shape.activation, inner), x);
  }
  return x;
}

/** Logits of hidden rows. */
export function logitsOf(tape: Tape, layout: Layout, normed: Value): Value {
  return layout.language ? tape.linear(layout.language, normed) : tape.similarity(layout.tokens, normed);
}

/** Log-probabilities (and entropies, and values) of targets, with the way back. */
export function modelPass(
  kernels: Kernels,
  layout: Layout,
  places: Places,
  rows: Rows,
  targets: Targets,
  options: HeadOptions,
): HeadPass {
  const tape = new Tape(kernels, places, options.tape);
  try {
    const normed = tape.norm(layout.norm, hiddenRows(tape, layout, rows, targets.rows));
    const logits = layout.shape.head === 'scalar' ? undefined : logitsOf(tape, layout, normed);
    // A scalar head that is alone is the end of the tape, whether it was asked for or not.
    const values = options.values || !logits ? tape.linear(layout.scalar!, normed) : undefined;
    return headPass(tape, targets.tokens, logits, values, options);
  } catch (thrown) {
    tape.release(); // out of memory
    throw thrown;
  }
}
