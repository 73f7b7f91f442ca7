import { allocator } from '../allocator.ts';
import type { Kernels } from '../kernels.ts';
import { attention, attentionBackward, cachedAttention, cacheWrite } from './attention.ts';
import { activate, derivative } from './elementwise.ts';
import { norm, normBackward } from './norm.ts';
import { logSoftmax, logSoftmaxBackward, softmax } from './softmax.ts';

/**
 * The kernels in plain TypeScript over Float64Array: the oracle that finite differences check and the WASM kernels are
 * checked against. Written for being read, not for speed; panels are the plain matrix.
 */
export function float64Kernels(): Kernels {
  let floats = new Float64Array(1 << 12);
  let ints = new Int32Array(1 << 12);
  let used = 4; // place 0 is no place
  const blocks = allocator((elements) => {
    const at = used;
    used += elements;
    if (used > floats.length) {
      const size = Math.max(used, 2 * floats.length);
      const more = new Float64Array(size);
      more.set(floats);
      floats = more;
      const moreInts = new Int32Array(size);
      moreInts.set(ints);
      ints = moreInts;
    }
    return at;
  });

  return {
    precision: 'float64',
    get floats() {
      return floats;
    },
    get ints() {
      return ints;
    },
    allocate: blocks.allocate,
    free: blocks.free,

    fill: (at, value, n) => void floats.fill(value, at, at + n),
    copy: (to, from, n) => void floats.copyWithin(to, from, from + n),
    add(out, a, b, n) {
      for (let i = 0; i < n; i++) floats[out + i] = floats[a + i]! + floats[b + i]!;
    },

    panelSize: (inner, columns) => inner * columns,
    pack: (panels, matrix, inner, columns) =>
      void floats.copyWithin(panels, matrix, matrix + inner * columns),
    packTransposed(panels, matrix, inner, columns) {
      for (let c = 0; c < columns; c++)
        for (let k = 0; k < inner; k++) floats[panels + k * columns + c] = floats[matrix + c * inner + k]!;
    },
    matmul(c, a, panels, rows, inner, columns, bias, accumulate) {
      const f = floats;
      for (let i = 0; i < rows; i++) {
        const to = c + i * columns;
        if (!accumulate) f.fill(0, to, to + columns);
        if (bias !== 0) for (let j = 0; j < columns; j++) f[to + j]! += f[bias + j]!;
        for (let k = 0; k < inner; k++) {
          const x = f[a + i * inner + k]!;
          const from = panels + k * columns;
          for (let j = 0; j < columns; j++) f[to + j]! += x * f[from + j]!;
        }
      }
    },
    matmulTransposed(c, a, b, rows, m, n) {
      const f = floats;
      for (let r = 0; r < rows; r++)
        for (let i = 0; i < m; i++) {
          const x = f[a + r * m + i]!;
          for (let j = 0; j < n; j++) f[c + i * n + j]! += x * f[b + r * n + j]!;
        }
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

    layerNorm: (y, x, gain, bias, stats, rows, width) =>
      norm(floats, true, y, x, gain, bias, stats, rows, width),
    layerNormBackward: (dx, dgain, dbias, dy, x, gain, stats, rows, width, accumulate) =>
      normBackward(floats, true, dx, dgain, dbias, dy, x, gain, stats, rows, width, accumulate),
    rmsNorm: (y, x, gain, stats, rows, width) => norm(floats, false, y, x, gain, 0, stats, rows, width),
    rmsNormBackward: (dx, dgain, dy, x, gain, stats, rows, width, accumulate) =>
      normBackward(floats, false, dx, dgain, 0, dy, x, gain, stats, rows, width, accumulate),

    activation(kind, y, x, n) {
      const f = activate[kind];
      for (let i = 0; i < n; i++) floats[y + i] = f(floats[x + i]!);
    },
    activationBackward(kind, dx, dy, x, n) {
      const f = derivative[kind];
      for (let i = 0; i < n; i++) floats[dx + i] = floats[dy + i]! * f(floats[x + i]!);
    },

    attention: (...places) => attention({ floats, ints }, ...places),
    attentionBackward: (...places) => attentionBackward({ floats, ints }, ...places),
    cacheWrite: (...places) => cacheWrite({ floats, ints }, ...places),
    cachedAttention: (...places) => cachedAttention({ floats, ints }, ...places),

    softmax: (...places) => softmax(floats, ...places),
    logSoftmax: (...places) => logSoftmax(floats, ints, ...places),
    logSoftmaxBackward: (...places) => logSoftmaxBackward(floats, ints, ...places),

    sumSquares(x, n) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += floats[x + i]! * floats[x + i]!;
      return sum;
    },
    adamw(w, g, m, v, n, rate, beta1, beta2, epsilon, decay, correction1, correction2, scale) {
      const f = floats;
      for (let i = 0; i < n; i++) {
        const gradient = f[g + i]! * scale;
        const first = beta1 * f[m + i]! + (1 - beta1) * gradient;
        const second = beta2 * f[v + i]! + (1 - beta2) * gradient * gradient;
        f[m + i] = first;
        f[v + i] = second;
        const update = first / correction1 / (Math.sqrt(second / correction2) + epsilon);
        f[w + i] = f[w + i]! - rate * (update + decay * f[w + i]!);
      }
    },
  };
}
