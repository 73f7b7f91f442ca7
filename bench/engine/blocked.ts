import { allocator } from '../../src/engine/embedded/allocator.ts';
import { attention, attentionBackward } from '../../src/engine/embedded/float64/attention.ts';
import { float64Kernels } from '../../src/engine/embedded/float64/kernels.ts';
import { norm, normBackward } from '../../src/engine/embedded/float64/norm.ts';
import { logSoftmax, logSoftmaxBackward, softmax } from '../../src/engine/embedded/float64/softmax.ts';
import type { Kernels } from '../../src/engine/embedded/kernels.ts';

/**
 * The baseline that the WASM kernels are measured against: plain TypeScript over Float32Array, its matrix products in
 * tiles of 4 × 4 over packed panels, which is about the fastest that this can be written. Training kernels only.
 */
export function blockedKernels(elements: number): Kernels {
  const floats = new Float32Array(elements);
  const ints = new Int32Array(elements);
  let used = 4;
  const blocks = allocator((more) => {
    const at = used;
    used += more;
    if (used > elements) throw new RangeError('the baseline has too little memory');
    return at;
  });
  // The row kernels of the oracle run on either kind of array.
  const f = floats as unknown as Float64Array;
  const oracle = float64Kernels();
  const scratch = blocks.allocate(1 << 20);
  const ceil4 = (n: number) => (n + 3) & ~3;

  function pack(panels: number, matrix: number, inner: number, columns: number): void {
    let to = panels;
    for (let j = 0; j < columns; j += 4)
      for (let k = 0; k < inner; k++)
        for (let l = 0; l < 4; l++)
          floats[to++] = j + l < columns ? floats[matrix + k * columns + j + l]! : 0;
  }

  function product(
    c: number,
    a: number,
    panels: number,
    rows: number,
    inner: number,
    columns: number,
    bias: number,
    add: boolean,
  ): void {
    for (let j = 0; j < columns; j += 4) {
      const panel = panels + j * inner;
      const n = Math.min(4, columns - j);
      for (let i = 0; i < rows; i += 4) {
        const m = Math.min(4, rows - i);
        tile(a + i * inner, inner, Math.min(1, m - 1), Math.min(2, m - 1), Math.min(3, m - 1), panel, inner);
        for (let r = 0; r < m; r++)
          for (let l = 0; l < n; l++) {
            const at = c + (i + r) * columns + j + l;
            const x = sums[r * 4 + l]! + (bias === 0 ? 0 : floats[bias + j + l]!);
            floats[at] = add ? floats[at]! + x : x;
          }
      }
    }
  }

  const sums = new Float64Array(16);
  /** Sixteen sums at a time; rows that are not there repeat another's. */
  function tile(a: number, lda: number, r1: number, r2: number, r3: number, panel: number, k: number): void {
    const x = floats;
    let a0 = a;
    let a1 = a + r1 * lda;
    let a2 = a + r2 * lda;
    let a3 = a + r3 * lda;
    let s00 = 0,
      s01 = 0,
      s02 = 0,
      s03 = 0,
      s10 = 0,
      s11 = 0,
      s12 = 0,
      s13 = 0;
    let s20 = 0,
      s21 = 0,
      s22 = 0,
      s23 = 0,
      s30 = 0,
      s31 = 0,
      s32 = 0,
      s33 = 0;
    const end = panel + 4 * k;
    for (let p = panel; p < end; p += 4) {
      const b0 = x[p]!;
      const b1 = x[p + 1]!;
      const b2 = x[p + 2]!;
      const b3 = x[p + 3]!;
      let y = x[a0++]!;
      s00 += y * b0;
      s01 += y * b1;
      s02 += y * b2;
      s03 += y * b3;
      y = x[a1++]!;
      s10 += y * b0;
      s11 += y * b1;
      s12 += y * b2;
      s13 += y * b3;
      y = x[a2++]!;
      s20 += y * b0;
      s21 += y * b1;
      s22 += y * b2;
      s23 += y * b3;
      y = x[a3++]!;
      s30 += y * b0;
      s31 += y * b1;
      s32 += y * b2;
      s33 += y * b3;
    }
    sums[0] = s00;
    sums[1] = s01;
    sums[2] = s02;
    sums[3] = s03;
    sums[4] = s10;
    sums[5] = s11;
    sums[6] = s12;
    sums[7] = s13;
    sums[8] = s20;
    sums[9] = s21;
    sums[10] = s22;
    sums[11] = s23;
    sums[12] = s30;
    sums[13] = s31;
    sums[14] = s32;
    sums[15] = s33;
  }

  return {
    ...oracle,
    precision: 'float32',
    floats,
    ints,
    allocate: blocks.allocate,
    free: blocks.free,
    fill: (at, value, n) => void floats.fill(value, at, at + n),
    copy: (to, from, n) => void floats.copyWithin(to, from, from + n),
    add(out, a, b, n) {
      for (let i = 0; i < n; i++) floats[out + i] = floats[a + i]! + floats[b + i]!;
    },
    panelSize: (inner, columns) => inner * ceil4(columns),
    pack,
    packTransposed(panels, matrix, inner, columns) {
      for (let j = 0; j < columns; j += 4)
        for (let k = 0; k < inner; k++)
          for (let l = 0; l < 4; l++)
            floats[panels + j * inner + k * 4 + l] =
              j + l < columns ? floats[matrix + (j + l) * inner + k]! : 0;
    },
    matmul: product,
    matmulTransposed(c, a, b, rows, m, n) {
      const turned = scratch;
      const panels = scratch + rows * m;
      for (let r = 0; r < rows; r++)
        for (let i = 0; i < m; i++) floats[turned + i * rows + r] = floats[a + r * m + i]!;
      pack(panels, b, rows, n);
      product(c, turned, panels, m, rows, n, 0, true);
    },
    columnSums(out, x, rows, columns) {
      for (let r = 0; r < rows; r++)
        for (let j = 0; j < columns; j++) floats[out + j]! += floats[x + r * columns + j]!;
    },
    gather(out, table, index, rows, width, accumulate) {
      for (let r = 0; r < rows; r++) {
        const from = table + ints[index + r]! * width;
        const to = out + r * width;
        for (let c = 0; c < width; c++)
          floats[to + c] = accumulate ? floats[to + c]! + floats[from + c]! : floats[from + c]!;
      }
    },
    scatter(table, x, index, rows, width) {
      for (let r = 0; r < rows; r++) {
        const to = table + ints[index + r]! * width;
        for (let c = 0; c < width; c++) floats[to + c]! += floats[x + r * width + c]!;
      }
    },
    layerNorm: (y, x, gain, bias, stats, rows, width) => norm(f, true, y, x, gain, bias, stats, rows, width),
    layerNormBackward: (dx, dgain, dbias, dy, x, gain, stats, rows, width, accumulate) =>
      normBackward(f, true, dx, dgain, dbias, dy, x, gain, stats, rows, width, accumulate),
    activation(_, y, x, n) {
      for (let i = 0; i < n; i++) floats[y + i] = Math.max(0, floats[x + i]!);
    },
    activationBackward(_, dx, dy, x, n) {
      for (let i = 0; i < n; i++) floats[dx + i] = floats[x + i]! > 0 ? floats[dy + i]! : 0;
    },
    attention: (...places) => attention({ floats: f, ints }, ...places),
    attentionBackward: (...places) => attentionBackward({ floats: f, ints }, ...places),
    softmax: (...places) => softmax(f, ...places),
    logSoftmax: (...places) => logSoftmax(f, ints, ...places),
    logSoftmaxBackward: (...places) => logSoftmaxBackward(f, ints, ...places),
    sumSquares(x, n) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += floats[x + i]! * floats[x + i]!;
      return sum;
    },
    adamw(w, g, m, v, n, rate, beta1, beta2, epsilon, decay, correction1, correction2, scale) {
      for (let i = 0; i < n; i++) {
        const gradient = floats[g + i]! * scale;
        const first = beta1 * floats[m + i]! + (1 - beta1) * gradient;
        const second = beta2 * floats[v + i]! + (1 - beta2) * gradient * gradient;
        floats[m + i] = first;
        floats[v + i] = second;
        const update = first / correction1 / (Math.sqrt(second / correction2) + epsilon);
        floats[w + i] = floats[w + i]! - rate * (update + decay * floats[w + i]!);
      }
    },
  };
}
