import type { Activation, Kernels } from './kernels.ts';
import type { Linear, Norm, Parameter } from './layout.ts';

/** A matrix on the tape: where it is, and, during the way back, where its gradient is (0: none yet). */
export interface Value {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  gradient: number;
  /** An input: nothing asks for its gradient. */
  readonly constant?: boolean;
}

/** Where a model's weights and their panels start in the kernels' memory. */
export interface Places {
  readonly weights: number;
  readonly panels: number;
}

/** Elements that an arena asks for at a time. */
const chunk = 1 << 16;

/** Blocks that are given back all at once. */
class Arena {
  readonly #kernels: Kernels;
  readonly #blocks: number[] = [];
  #next = 0;
  #left = 0;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  take(elements: number): number {
    const size = Math.max(4, (elements + 3) & ~3);
    if (size > this.#left) {
      const more = Math.max(size, chunk);
      this.#next = this.#kernels.allocate(more);
      this.#blocks.push(this.#next);
      this.#left = more;
    }
    const at = this.#next;
    this.#next += size;
    this.#left -= size;
    return at;
  }

  release(): void {
    for (const block of this.#blocks.splice(0)) this.#kernels.free(block);
    this.#left = 0;
  }
}

/**
 * Records what a forward pass did, so that it can be taken back. Operations write their result to memory that lives until
 * `release`. A gradient is stored by the first operation that sends one back, and added to by the next.
 */
export class Tape {
  readonly kernels: Kernels;
  readonly #places: Places;
  readonly #arena: Arena;
  readonly #gradients: Arena;
  readonly #back: ((gradients: number) => void)[] = [];
  readonly #recording: boolean;

  /** Without `recording` there is no way back. */
  constructor(kernels: Kernels, places: Places, recording: boolean) {
    this.kernels = kernels;
    this.#places = places;
    this.#arena = new Arena(kernels);
    this.#gradients = new Arena(kernels);
    this.#recording = recording;
  }

  /** Memory that lives as long as the tape. */
  take(elements: number): number {
    return this.#arena.take(elements);
  }

  /** Integers in memory that lives as long as the tape. */
  integers(values: ArrayLike<number>): number {
    const at = this.take(values.length);
    this.kernels.ints.set(values, at);
    return at;
  }

  value(rows: number, columns: number): Value {
    return { at: this.take(rows * columns), rows, columns, gradient: 0 };
  }

  /** A matrix that the caller fills and nothing flows back to. */
  input(rows: number, columns: number): Value {
    return { at: this.take(rows * columns), rows, columns, gradient: 0, constant: true };
  }

  /** Runs the recorded operations backwards; adds to the gradient of the weights that starts at `gradients`. */
  backward(gradients: number): void {
    for (let i = this.#back.length - 1; i >= 0; i--) this.#back[i]!(gradients);
    this.#gradients.release();
  }

  release(): void {
    this.#back.length = 0;
    this.#gradients.release();
    this.#arena.release();
  }

  #record(back: (gradients: number) => void): void {
    if (this.#recording) this.#back.push(back);
  }

  /** Makes room for the gradient of a value; true when it holds one already, to which is added. */
  #holds(value: Value): boolean {
    if (value.gradient !== 0) return true;
    value.gradient = this.#gradients.take(value.rows * value.columns);
    return false;
  }

  #weights(parameter: Parameter): number {
    return this.#places.weights + parameter.at;
  }

  /** Token embedding plus position embedding, by rows. `index` and `positions` are integers in memory. */
  embed(table: Parameter, positionTable: Parameter, index: number, positions: number, rows: number): Value {
    const k = this.kernels;
    const width = table.shape[1]!;
    const y = this.value(rows, width);
    k.gather(y.at, this.#weights(table), index, rows, width, false);
    k.gather(y.at, this.#weights(positionTable), positions, rows, width, true);
    this.#record((gradients) => {
      k.scatter(gradients + table.at, y.gradient, index, rows, width);
      k.scatter(gradients + positionTable.at, y.gradient, positions, rows, width);
    });
    return y;
  }

  /** Rows of x by an index in memory; a row may be taken more than once. */
  gather(x: Value, index: number, rows: number): Value {
    const k = this.kernels;
    const y = this.value(rows, x.columns);
    k.gather(y.at, x.at, index, rows, x.columns, false);
    this.#record(() => {
      if (!this.#holds(x)) k.fill(x.gradient, 0, x.rows * x.columns);
      k.scatter(x.gradient, y.gradient, index, rows, x.columns);
    });
    return y;
  }

  norm({ gain, bias }: Norm, x: Value): Value {
    const k = this.kernels;
    const { rows, columns } = x;
    const y = this.value(rows, columns);
    const stats = this.take(2 * rows);
    const g = this.#weights(gain);
    if (bias) k.layerNorm(y.at, x.at, g, this.#weights(bias), stats, rows, columns);
    else k.rmsNorm(y.at, x.at, g, stats, rows, columns);
    this.#record((gradients) => {
      const holds = this.#holds(x);
      const dgain = gradients + gain.at;
      if (bias) {
        const dbias = gradients + bias.at;
        k.layerNormBackward(x.gradient, dgain, dbias, y.gradient, x.at, g, stats, rows, columns, holds);
      } else k.rmsNormBackward(x.gradient, dgain, y.gradient, x.at, g, stats, rows, columns, holds);
    });
    return y;
  }

  /** x · weight + bias, plus `residual` when there is one. */
  linear({ weight, bias }: Linear, x: Value, residual?: Value): Value {
    const [inner, columns] = weight.shape as [number, number];
    const forth = this.#places.panels + weight.panels!.plain;
    const back = this.#places.panels + weight.panels!.transposed;
    const y = this.#product(x, forth, inner, columns, this.#weights(bias), residual);
    this.#record((gradients) => {
      this.kernels.columnSums(gradients + bias.at, y.gradient, x.rows, columns);
      this.kernels.matmulTransposed(gradients + weight.at, x.at, y.gradient, x.rows, inner, columns);
      this.#productBack(x, y, back, residual);
    });
    return y;
  }

  /** x · tableᵀ: the tied head. */
  similarity(table: Parameter, x: Value): Value {
    const [columns, inner] = table.shape as [number, number];
    const forth = this.#places.panels + table.panels!.transposed;
    const back = this.#places.panels + table.panels!.plain;
    const y = this.#product(x, forth, inner, columns, 0);
    this.#record((gradients) => {
      this.kernels.matmulTransposed(gradients + table.at, y.gradient, x.at, x.rows, columns, inner);
      this.#productBack(x, y, back);
    });
    return y;
  }

  #product(x: Value, panels: number, inner: number, columns: number, bias: number, residual?: Value): Value {
    const y = this.value(x.rows, columns);
    if (residual) this.kernels.copy(y.at, residual.at, x.rows * columns);
    this.kernels.matmul(y.at, x.at, panels, x.rows, inner, columns, bias, residual !== undefined);
    return y;
  }

  #productBack(x: Value, y: Value, panels: number, residual?: Value): void {
    if (x.constant) return;
    const holds = this.#holds(x);
    this.kernels.matmul(x.gradient, y.gradient, panels, x.rows, y.columns, x.columns, 0, holds);
    if (!residual) return;
    // Nothing reads y's gradient after this, so the residual may go on with its memory.
    if (residual.gradient === 0) residual.gradient = y.gradient;
    else this.kernels.add(residual.gradient, residual.gradient, y.gradient, y.rows * y.columns);
  }

  /** Causal attention over segments that lie in memory as the kernel wants them. */
  attention(qkv: Value, heads: number, segments: number, count: number, probabilitySize: number): Value {
    const k = this.kernels;
    const width = qkv.columns / 3;
    const y = this.value(qkv.rows, width);
    const probabilities = this.take(probabilitySize);
    k.attention(y.at, probabilities, qkv.at, segments, count, heads, width);
    this.#record(() => {
      if (!this.#holds(qkv)) k.fill(qkv.gradient, 0, qkv.rows * qkv.columns);
      k.attentionBackward(qkv.gradient, y.gradient, probabilities, qkv.at, segments, count, heads, width);
    });
    return y;
  }

  activation(kind: Activation, x: Value): Value {
    const k = this.kernels;
    const n = x.rows * x.columns;
    const y = this.value(x.rows, x.columns);
    k.activation(kind, y.at, x.at, n);
    this.#record(() => {
      // y's gradient is not read again, so x's may replace it in place.
      if (x.gradient !== 0) throw new Error('an activation must be the only reader of its input');
      x.gradient = y.gradient;
      k.activationBackward(kind, x.gradient, y.gradient, x.at, n);
    });
    return y;
  }

  /** Where the gradient of an end of the tape is to be written before `backward`. */
  seed(value: Value): number {
    this.#holds(value);
    return value.gradient;
  }
}
