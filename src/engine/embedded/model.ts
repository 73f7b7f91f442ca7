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

export interface ModelPassOptions {
  readonly temperature: number;
  readonly entropies: boolean;
  readonly values: boolean;
  readonly tape: boolean;
}

export interface ModelPass {
  readonly logprobs: Float64Array;
  readonly entropies?: Float64Array;
  readonly values?: Float64Array;
  /** Adds to the gradient at a place; the tape is then released. */
  backward(
    gradients: number,
    given: { dLogprob?: Float64Array; dEntropy?: Float64Array; dValue?: Float64Array },
  ): void;
  release(): void;
}

/** Log-probabilities (and entropies, and values) of targets, with the way back. */
export function modelPass(
  kernels: Kernels,
  layout: Layout,
  places: Places,
  rows: Rows,
  targets: Targets,
  options: ModelPassOptions,
): ModelPass {
  const tape = new Tape(kernels, places, options.tape);
  const n = targets.rows.length;
  const { vocabulary, head } = layout.shape;
  const normed = tape.norm(layout.norm, hiddenRows(tape, layout, rows, targets.rows));

  // A scalar-only model has no log-probabilities to give; they are zeros.
  const logits = head === 'scalar' ? undefined : logitsOf(tape, layout, normed);
  const wanted = tape.integers(targets.tokens);
  const lse = tape.take(n);
  const logprobs = tape.take(n);
  const entropies = options.entropies ? tape.take(n) : 0;
  if (logits)
    kernels.logSoftmax(logprobs, entropies, lse, logits.at, wanted, n, vocabulary, options.temperature);
  else kernels.fill(logprobs, 0, n);
  const values = options.values || !logits ? tape.linear(layout.scalar!, normed) : undefined;

  const read = (at: number) => Float64Array.from(kernels.floats.subarray(at, at + n));
  const result = {
    logprobs: read(logprobs),
    entropies: options.entropies ? read(entropies) : undefined,
    values: options.values ? read(values!.at) : undefined,
  };
  if (!options.tape) tape.release();
  return {
    ...result,
    backward(gradients, given) {
      const write = (at: number, data: Float64Array | undefined) => {
        if (data) kernels.floats.set(data, at);
        else kernels.fill(at, 0, n);
      };
      // Both heads are on the tape, so both need a gradient, be it zero.
      if (logits) {
        const dLogprob = tape.take(n);
        write(dLogprob, given.dLogprob);
        const dEntropy = given.dEntropy ? tape.take(n) : 0;
        if (given.dEntropy) write(dEntropy, given.dEntropy);
        logits.gradient = logits.at; // in place
        kernels.logSoftmaxBackward(
          logits.at,
          lse,
          wanted,
          dLogprob,
          entropies,
          dEntropy,
          n,
          vocabulary,
          options.temperature,
        );
      }
      if (values) {
        const at = tape.seed(values);
        write(at, given.dValue);
      }
      tape.backward(gradients);
      tape.release();
    },
    release: () => tape.release(),
  };
}
