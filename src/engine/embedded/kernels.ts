/**
 * Memory that kernels work on: one array of numbers and one of integers under the same index. A place in it ("at") is an
 * element index; 0 is no place. Blocks start at multiples of 4 and may be written up to the next multiple of 4.
 */
export interface Memory {
  /** Every float. Read it anew after `allocate`, which may move it. */
  readonly floats: Float32Array | Float64Array;
  /** Every integer. A block holds floats or integers, not both. */
  readonly ints: Int32Array;
  /** A block of so many elements, with undefined contents. */
  allocate(elements: number): number;
  free(at: number): void;
}

export const activations = ['gelu', 'silu', 'relu'] as const;
/** `gelu` is the tanh form (Hendrycks and Gimpel 2016, as in GPT-2); `silu` is x·sigmoid(x). */
export type Activation = (typeof activations)[number];

/** How many integers describe a segment of attention: start, length, prefixStart, prefixLength, probabilitiesAt. */
export const segmentFields = 5;

/**
 * The arithmetic of the embedded engine. Matrices are row-major and dense; every argument that names data is a place in
 * the kernels' memory. Each output element is computed in one fixed order of operations, which depends neither on its
 * row's index nor on how many rows there are.
 */
export interface Kernels extends Memory {
  readonly precision: 'float32' | 'float64';

  fill(at: number, value: number, n: number): void;
  copy(to: number, from: number, n: number): void;
  /** out = a + b; `out` may be either. */
  add(out: number, a: number, b: number, n: number): void;

  /** Elements that `pack` needs for a matrix of `inner` × `columns`. */
  panelSize(inner: number, columns: number): number;
  /** Lays out a matrix (inner × columns) as the right-hand side of `matmul`. */
  pack(panels: number, matrix: number, inner: number, columns: number): void;
  /** Lays out the transpose of a matrix (columns × inner) as the right-hand side of `matmul`. */
  packTransposed(panels: number, matrix: number, inner: number, columns: number): void;
  /** c (rows × columns) = [c +] a (rows × inner) · panels [+ bias]. `bias` 0 is none; c may not be a. */
  matmul(
    c: number,
    a: number,
    panels: number,
    rows: number,
    inner: number,
    columns: number,
    bias: number,
    accumulate: boolean,
  ): void;
  /** c (m × n) += aᵀ · b, with a (rows × m) and b (rows × n): the gradient of a weight. */
  matmulTransposed(c: number, a: number, b: number, rows: number, m: number, n: number): void;
  /** out (columns) += the sum of the rows of x: the gradient of a bias. */
  columnSums(out: number, x: number, rows: number, columns: number): void;

  /** out row i = [out row i +] table row index[i]. */
  gather(out: number, table: number, index: number, rows: number, width: number, accumulate: boolean): void;
  /** table row index[i] += x row i, in order. */
  scatter(table: number, x: number, index: number, rows: number, width: number): void;

  /** y = (x - mean) / sqrt(variance + 1e-5) · gain + bias; `stats` gets mean and 1/sqrt(…) of each row. */
  layerNorm(
    y: number,
    x: number,
    gain: number,
    bias: number,
    stats: number,
    rows: number,
    width: number,
  ): void;
  /** dx = [dx +] …; dgain and dbias are added to. */
  layerNormBackward(
    dx: number,
    dgain: number,
    dbias: number,
    dy: number,
    x: number,
    gain: number,
    stats: number,
    rows: number,
    width: number,
    accumulate: boolean,
  ): void;
  /** y = x / sqrt(mean of x² + 1e-5) · gain; `stats` gets two numbers a row, as layerNorm's. */
  rmsNorm(y: number, x: number, gain: number, stats: number, rows: number, width: number): void;
  rmsNormBackward(
    dx: number,
    dgain: number,
    dy: number,
    x: number,
    gain: number,
    stats: number,
    rows: number,
    width: number,
    accumulate: boolean,
  ): void;

  activation(kind: Activation, y: number, x: number, n: number): void;
  /** dx = dy · f'(x); dx may be dy. */
  activationBackward(kind: Activation, dx: number, dy: number, x: number, n: number): void;

  /**
   * Causal attention of `heads` heads over rows of qkv (3·width numbers: queries, keys, values), by segments: a
   * segment's rows see its prefix's rows and those of the segment up to their own. Writes the segments' rows of `out`,
   * and for each segment heads × length × ceil8(prefixLength + length) probabilities at probabilities +
   * probabilitiesAt, zero beyond the diagonal.
   */
  attention(
    out: number,
    probabilities: number,
    qkv: number,
    segments: number,
    count: number,
    heads: number,
    width: number,
  ): void;
  /** dqkv is added to: a prefix collects from every segment that saw it. */
  attentionBackward(
    dqkv: number,
    dout: number,
    probabilities: number,
    qkv: number,
    segments: number,
    count: number,
    heads: number,
    width: number,
  ): void;

  /** Writes keys and values of qkv rows rows[i] to the cache of slot slots[i] at position positions[i]. */
  cacheWrite(
    cache: number,
    qkv: number,
    rows: number,
    slots: number,
    positions: number,
    n: number,
    heads: number,
    width: number,
    capacity: number,
  ): void;
  /** Attention of query row i over positions 0 to positions[i] of slot slots[i]. A slot has 2·width·capacity elements. */
  cachedAttention(
    out: number,
    cache: number,
    qkv: number,
    slots: number,
    positions: number,
    n: number,
    heads: number,
    width: number,
    capacity: number,
  ): void;

  /** p = softmax(x / temperature) by rows; p may be x. */
  softmax(p: number, x: number, rows: number, columns: number, temperature: number): void;
  /**
   * With z = logits / temperature by rows: logprobs[i] = z[i][targets[i]] - lse(z[i]), entropies[i] (none where 0) =
   * -Σ p log p, and lse.
   */
  logSoftmax(
    logprobs: number,
    entropies: number,
    lse: number,
    logits: number,
    targets: number,
    rows: number,
    columns: number,
    temperature: number,
  ): void;
  /** Replaces logits by their gradient, given dLogprob and dEntropy per row (`dEntropy` and `entropies` 0: none). */
  logSoftmaxBackward(
    logits: number,
    lse: number,
    targets: number,
    dLogprob: number,
    entropies: number,
    dEntropy: number,
    rows: number,
    columns: number,
    temperature: number,
  ): void;

  /** Σ x², summed in float64. */
  sumSquares(x: number, n: number): number;
  /**
   * AdamW (Loshchilov and Hutter 2019) with the gradient g scaled by `scale`. `correction1` is 1 - beta1^t,
   * `correction2` 1 - beta2^t.
   */
  adamw(
    w: number,
    g: number,
    m: number,
    v: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    correction1: number,
    correction2: number,
    scale: number,
  ): void;
}

/** Row stride of attention probabilities, and of panels. */
export function ceil8(n: number): number {
  return (n + 7) & ~7;
}
