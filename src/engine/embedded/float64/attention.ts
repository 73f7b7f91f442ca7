import { ceil8, segmentFields } from '../kernels.ts';

/** The parts of memory that attention reads and writes. */
interface Arrays {
  readonly floats: Float64Array;
  readonly ints: Int32Array;
}

/** The row of qkv that position t of a segment is in: its prefix's rows come first. */
function rowOf(ints: Int32Array, segment: number, t: number): number {
  const prefixLength = ints[segment + 3]!;
  return t < prefixLength ? ints[segment + 2]! + t : ints[segment]! + t - prefixLength;
}

export function attention(
  { floats: f, ints }: Arrays,
  out: number,
  probabilities: number,
  qkv: number,
  segments: number,
  count: number,
  heads: number,
  width: number,
): void {
  const size = width / heads;
  const scale = 1 / Math.sqrt(size);
  for (let s = 0; s < count; s++) {
    const segment = segments + s * segmentFields;
    const start = ints[segment]!;
    const length = ints[segment + 1]!;
    const prefix = ints[segment + 3]!;
    const stride = ceil8(prefix + length);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const p = probabilities + ints[segment + 4]! + (h * length + i) * stride;
        const q = qkv + (start + i) * 3 * width + h * size;
        const seen = prefix + i + 1;
        let max = -Infinity;
        for (let t = 0; t < seen; t++) {
          const k = qkv + rowOf(ints, segment, t) * 3 * width + width + h * size;
          let dot = 0;
          for (let d = 0; d < size; d++) dot += f[q + d]! * f[k + d]!;
          f[p + t] = dot * scale;
          max = Math.max(max, f[p + t]!);
        }
        let sum = 0;
        for (let t = 0; t < seen; t++) sum += f[p + t] = Math.exp(f[p + t]! - max);
        for (let t = 0; t < stride; t++) f[p + t] = t < seen ? f[p + t]! / sum : 0;
        const o = out + (start + i) * width + h * size;
        f.fill(0, o, o + size);
        for (let t = 0; t < seen; t++) {
          const v = qkv + rowOf(ints, segment, t) * 3 * width + 2 * width + h * size;
          for (let d = 0; d < size; d++) f[o + d]! += f[p + t]! * f[v + d]!;
        }
      }
  }
}

export function attentionBackward(
  { floats: f, ints }: Arrays,
  dqkv: number,
  dout: number,
  probabilities: number,
  qkv: number,
  segments: number,
  count: number,
  heads: number,
  width: number,
): void {
  const size = width / heads;
  const scale = 1 / Math.sqrt(size);
  for (let s = 0; s < count; s++) {
    const segment = segments + s * segmentFields;
    const start = ints[segment]!;
    const length = ints[segment + 1]!;
    const prefix = ints[segment + 3]!;
    const stride = ceil8(prefix + length);
    const dp = new Float64Array(stride);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const p = probabilities + ints[segment + 4]! + (h * length + i) * stride;
        const q = (start + i) * 3 * width + h * size;
        const o = dout + (start + i) * width + h * size;
        const seen = prefix + i + 1;
        let sum = 0;
        for (let t = 0; t < seen; t++) {
          const v = rowOf(ints, segment, t) * 3 * width + 2 * width + h * size;
          let dot = 0;
          for (let d = 0; d < size; d++) {
            dot += f[o + d]! * f[qkv + v + d]!;
            f[dqkv + v + d]! += f[p + t]! * f[o + d]!;
          }
          dp[t] = dot;
          sum += dot * f[p + t]!;
        }
        for (let t = 0; t < seen; t++) {
          const k = rowOf(ints, segment, t) * 3 * width + width + h * size;
          const ds = f[p + t]! * (dp[t]! - sum) * scale;
          for (let d = 0; d < size; d++) {
            f[dqkv + q + d]! += ds * f[qkv + k + d]!;
            f[dqkv + k + d]! += ds * f[qkv + q + d]!;
          }
        }
      }
  }
}

/** Keys lie as heads × size × capacity and values, after them, as heads × capacity × size. */
export function cacheWrite(
  { floats: f, ints }: Arrays,
  cache: number,
  qkv: number,
  rows: number,
  slots: number,
  positions: number,
  n: number,
  heads: number,
  width: number,
  capacity: number,
): void {
  const size = width / heads;
  for (let i = 0; i < n; i++) {
    const row = qkv + ints[rows + i]! * 3 * width;
    const slot = cache + ints[slots + i]! * 2 * width * capacity;
    const t = ints[positions + i]!;
    for (let c = 0; c < width; c++) {
      const h = Math.floor(c / size);
      f[slot + c * capacity + t] = f[row + width + c]!;
      f[slot + width * capacity + (h * capacity + t) * size + (c - h * size)] = f[row + 2 * width + c]!;
    }
  }
}

export function cachedAttention(
  { floats: f, ints }: Arrays,
  out: number,
  cache: number,
  qkv: number,
  slots: number,
  positions: number,
  n: number,
  heads: number,
  width: number,
  capacity: number,
): void {
  const size = width / heads;
  const scale = 1 / Math.sqrt(size);
  const p = new Float64Array(capacity);
  for (let i = 0; i < n; i++)
    for (let h = 0; h < heads; h++) {
      const q = qkv + i * 3 * width + h * size;
      const slot = cache + ints[slots + i]! * 2 * width * capacity;
      const keys = slot + h * size * capacity;
      const values = slot + width * capacity + h * capacity * size;
      const seen = ints[positions + i]! + 1;
      let max = -Infinity;
      for (let t = 0; t < seen; t++) {
        let dot = 0;
        for (let d = 0; d < size; d++) dot += f[q + d]! * f[keys + d * capacity + t]!;
        p[t] = dot * scale;
        max = Math.max(max, p[t]!);
      }
      let sum = 0;
      for (let t = 0; t < seen; t++) sum += p[t] = Math.exp(p[t]! - max);
      const o = out + i * width + h * size;
      f.fill(0, o, o + size);
      for (let t = 0; t < seen; t++) {
        const weight = p[t]! / sum;
        for (let d = 0; d < size; d++) f[o + d]! += weight * f[values + t * size + d]!;
      }
    }
}
