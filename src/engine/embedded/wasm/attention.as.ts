// AssemblyScript. Attention by segments (see Kernels.attention), and over the cache of sampling.
import { scratch, tile, tileTAdd } from './matmul.as';
import { exp4, loadTail, madd, max4, sum4 } from './vector.as';

/** Bytes of a segment's description: start, length, prefixStart, prefixLength, probabilitiesAt. */
const segmentBytes: usize = 20;

@inline
function ceil8(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Packing scratch lies behind the scratch tile. */
@inline
function room(): usize {
  return scratch + 128;
}

/** Lays `count` rows of `size` floats, `stride` bytes apart, into panels of 8 columns from row `first` of `total`. */
function packRows(
  panels: usize,
  rows: usize,
  stride: usize,
  count: i32,
  size: i32,
  first: i32,
  total: i32,
): void {
  for (let t = 0; t < count; t++) {
    let to = panels + (<usize>(first + t) << 5);
    let from = rows + <usize>t * stride;
    for (let d = 0; d < size; d += 8) {
      v128.store(to, v128.load(from));
      v128.store(to, d + 4 < size ? v128.load(from, 16) : f32x4.splat(0), 16);
      from += 32;
      to += <usize>total << 5;
    }
  }
}

/** The transpose of the same: row t becomes column t of panels of `size` × 8. */
function packColumns(
  panels: usize,
  rows: usize,
  stride: usize,
  count: i32,
  size: i32,
  first: i32,
): void {
  for (let t = 0; t < count; t++) {
    const column = first + t;
    let to = panels + ((<usize>(column >> 3) * size) << 5) + (<usize>(column & 7) << 2);
    let from = rows + <usize>t * stride;
    for (let d = 0; d < size; d += 4) {
      const x = v128.load(from);
      store<f32>(to, f32x4.extract_lane(x, 0));
      store<f32>(to, f32x4.extract_lane(x, 1), 32);
      store<f32>(to, f32x4.extract_lane(x, 2), 64);
      store<f32>(to, f32x4.extract_lane(x, 3), 96);
      from += 16;
      to += 128;
    }
  }
}

/** softmax(x · scale) of n numbers in place, zeros after them up to `stride`. */
function softmaxRow(x: usize, n: i32, stride: i32, scale: f32): void {
  for (let t = n; t < stride; t++) store<f32>(x + (<usize>t << 2), -1e30);
  let top = f32x4.splat(-1e30);
  const end = x + (<usize>n << 2);
  for (let p = x; p < end; p += 16) top = f32x4.max(top, v128.load(p));
  const m = f32x4.splat(max4(top));
  const s = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  let p = x;
  for (; p < end; p += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(p), m), s));
    v128.store(p, e);
    sum = f32x4.add(sum, e);
  }
  const inverse = f32x4.splat(1 / sum4(sum));
  for (let q = x; q < end; q += 16) v128.store(q, f32x4.mul(v128.load(q), inverse));
  const stop = x + (<usize>stride << 2);
  for (; p < stop; p += 16) v128.store(p, f32x4.splat(0));
}

export function attention(
  out: usize,
  probabilities: usize,
  qkv: usize,
  segments: usize,
  count: i32,
  heads: i32,
  width: i32,
): void {
  const size = width / heads;
  const scale: f32 = 1 / sqrt<f32>(<f32>size);
  const row = (<usize>width * 3) << 2;
  const outRow = <usize>width << 2;
  for (let s = 0; s < count; s++) {
    const start = load<i32>(segments);
    const length = load<i32>(segments, 4);
    const prefixStart = load<i32>(segments, 8);
    const prefix = load<i32>(segments, 12);
    const place = load<i32>(segments, 16);
    segments += segmentBytes;
    const total = prefix + length;
    const stride = ceil8(total);
    const lds = <usize>stride << 2;
    const keys = room();
    const values = keys + ((<usize>stride * size) << 2);
    for (let h = 0; h < heads; h++) {
      const q = qkv + <usize>start * row + ((<usize>h * size) << 2);
      const k = (<usize>width + <usize>h * size) << 2;
      const v = k + outRow;
      const prefixRows = qkv + <usize>prefixStart * row;
      const ownRows = qkv + <usize>start * row;
      packColumns(keys, prefixRows + k, row, prefix, size, 0);
      packColumns(keys, ownRows + k, row, length, size, prefix);
      packRows(values, prefixRows + v, row, prefix, size, 0, total);
      packRows(values, ownRows + v, row, length, size, prefix, total);
      const p = probabilities + ((<usize>place + <usize>h * length * stride) << 2);
      const o = out + <usize>start * outRow + ((<usize>h * size) << 2);
      for (let i = 0; i < length; i += 4) {
        const rows = min(4, length - i);
        const seen = prefix + i + rows;
        const pi = p + <usize>i * lds;
        for (let t = 0; t < seen; t += 8)
          tile(
            q + <usize>i * row,
            row,
            keys + ((<usize>t * size) << 2),
            pi + (<usize>t << 2),
            lds,
            size,
            rows,
            8,
            0,
            false,
          );
        for (let r = 0; r < rows; r++) softmaxRow(pi + <usize>r * lds, prefix + i + r + 1, stride, scale);
        let panel = values;
        for (let d = 0; d < size; d += 8) {
          tile(
            pi,
            lds,
            panel,
            o + <usize>i * outRow + (<usize>d << 2),
            outRow,
            seen,
            rows,
            min(8, size - d),
            0,
            false,
          );
          panel += <usize>total << 5;
        }
      }
    }
  }
}

export function attentionBackward(
  dqkv: usize,
  dout: usize,
  probabilities: usize,
  qkv: usize,
  segments: usize,
  count: i32,
  heads: i32,
  width: i32,
): void {
  const size = width / heads;
  const scale: f32 = 1 / sqrt<f32>(<f32>size);
  const row = (<usize>width * 3) << 2;
  const outRow = <usize>width << 2;
  const size8 = ceil8(size);
  for (let s = 0; s < count; s++) {
    const start = load<i32>(segments);
    const length = load<i32>(segments, 4);
    const prefixStart = load<i32>(segments, 8);
    const prefix = load<i32>(segments, 12);
    const place = load<i32>(segments, 16);
    segments += segmentBytes;
    const total = prefix + length;
    const stride = ceil8(total);
    const lds = <usize>stride << 2;
    const values = room(); // as columns
    const keys = values + ((<usize>stride * size) << 2); // as rows
    const queries = keys + ((<usize>stride * size8) << 2);
    const outs = queries + ((<usize>stride * size8) << 2);
    const ds = outs + ((<usize>stride * size8) << 2);
    for (let h = 0; h < heads; h++) {
      const head = (<usize>h * size) << 2;
      const own = <usize>start * row + head;
      const before = <usize>prefixStart * row + head;
      const p = probabilities + ((<usize>place + <usize>h * length * stride) << 2);
      const o = dout + <usize>start * outRow + head;
      packColumns(values, qkv + before + 2 * outRow, row, prefix, size, 0);
      packColumns(values, qkv + own + 2 * outRow, row, length, size, prefix);
      packRows(keys, qkv + before + outRow, row, prefix, size, 0, total);
      packRows(keys, qkv + own + outRow, row, length, size, prefix, total);
      packRows(queries, qkv + own, row, length, size, 0, length);
      packRows(outs, o, outRow, length, size, 0, length);
      for (let i = 0; i < length; i += 4) {
        const rows = min(4, length - i);
        const seen = prefix + i + rows;
        const di = ds + <usize>i * lds;
        for (let t = 0; t < seen; t += 8)
          tile(
            o + <usize>i * outRow,
            outRow,
            values + ((<usize>t * size) << 2),
            di + (<usize>t << 2),
            lds,
            size,
            rows,
            8,
            0,
            false,
          );
        for (let r = 0; r < rows; r++)
          softmaxRowBackward(
            di + <usize>r * lds,
            p + <usize>(i + r) * lds,
            prefix + i + r + 1,
            stride,
            scale,
          );
        let panel = keys;
        for (let d = 0; d < size; d += 8) {
          tile(
            di,
            lds,
            panel,
            dqkv + own + <usize>i * row + (<usize>d << 2),
            row,
            seen,
            rows,
            min(8, size - d),
            0,
            true,
          );
          panel += <usize>total << 5;
        }
      }
      keyGradients(dqkv + before + outRow, row, ds, queries, 0, prefix, prefix, length, stride, size);
      keyGradients(dqkv + own + outRow, row, ds, queries, prefix, length, prefix, length, stride, size);
      keyGradients(dqkv + before + 2 * outRow, row, p, outs, 0, prefix, prefix, length, stride, size);
      keyGradients(dqkv + own + 2 * outRow, row, p, outs, prefix, length, prefix, length, stride, size);
    }
  }
}

/** ds = p · (dp - Σ p dp) · scale in place of dp, zeros after the n that count. */
function softmaxRowBackward(d: usize, p: usize, n: i32, stride: i32, scale: f32): void {
  for (let t = n; t < stride; t++) store<f32>(d + (<usize>t << 2), 0);
  const bytes = (<usize>n << 2);
  let sum = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) sum = madd(v128.load(d + c), v128.load(p + c), sum);
  const dot = f32x4.splat(sum4(sum));
  const s = f32x4.splat(scale);
  for (let c: usize = 0; c < bytes; c += 16)
    v128.store(d + c, f32x4.mul(f32x4.mul(f32x4.sub(v128.load(d + c), dot), v128.load(p + c)), s));
}

/** Adds weightsᵀ · rows to the gradient of keys `first` … `first + n`: those that query i sees, i ≥ key - prefix. */
function keyGradients(
  to: usize,
  ldc: usize,
  weights: usize,
  panels: usize,
  first: i32,
  n: i32,
  prefix: i32,
  length: i32,
  stride: i32,
  size: i32,
): void {
  const lds = <usize>stride << 2;
  for (let t = 0; t < n; t += 4) {
    const from = max(0, first + t - prefix);
    let panel = panels + (<usize>from << 5);
    for (let d = 0; d < size; d += 8) {
      tileTAdd(
        weights + <usize>from * lds + (<usize>(first + t) << 2),
        lds,
        panel,
        to + <usize>t * ldc + (<usize>d << 2),
        ldc,
        length - from,
        min(4, n - t),
        min(8, size - d),
      );
      panel += <usize>length << 5;
    }
  }
}

export function cacheWrite(
  cache: usize,
  qkv: usize,
  rows: usize,
  slots: usize,
  positions: usize,
  n: i32,
  heads: i32,
  width: i32,
  capacity: i32,
): void {
  const size = width / heads;
  const bytes = <usize>size << 2;
  const column = <usize>capacity << 2;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 2;
    const slot = cache + ((<usize>load<i32>(slots + at) * 2 * width * capacity) << 2);
    const t = <usize>load<i32>(positions + at);
    const key = qkv + ((<usize>load<i32>(rows + at) * 3 * width + width) << 2);
    let to = slot + (t << 2);
    for (let c = 0; c < width; c++) {
      store<f32>(to, load<f32>(key + (<usize>c << 2)));
      to += column;
    }
    let value = key + (<usize>width << 2);
    to = slot + ((<usize>width * capacity) << 2) + t * bytes;
    for (let h = 0; h < heads; h++) {
      for (let d: usize = 0; d < bytes; d += 16) v128.store(to + d, v128.load(value + d));
      value += bytes;
      to += <usize>capacity * bytes;
    }
  }
}

/** Scratch: 32 floats and `capacity`. */
export function cachedAttention(
  out: usize,
  cache: usize,
  qkv: usize,
  slots: usize,
  positions: usize,
  n: i32,
  heads: i32,
  width: i32,
  capacity: i32,
): void {
  const size = width / heads;
  const scale: f32 = 1 / sqrt<f32>(<f32>size);
  const column = <usize>capacity << 2;
  const bytes = <usize>size << 2;
  const p = room();
  for (let i = 0; i < n; i++) {
    const slot = cache + ((<usize>load<i32>(slots + (<usize>i << 2)) * 2 * width * capacity) << 2);
    const seen = load<i32>(positions + (<usize>i << 2)) + 1;
    let q = qkv + ((<usize>i * 3 * width) << 2);
    let keys = slot;
    let values = slot + ((<usize>width * capacity) << 2);
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < seen; t += 4) {
        let k = keys + (<usize>t << 2);
        let dot = f32x4.splat(0);
        for (let d: usize = 0; d < bytes; d += 4) {
          dot = madd(v128.load32_splat(q + d), v128.load(k), dot);
          k += column;
        }
        v128.store(p + (<usize>t << 2), dot);
      }
      softmaxRow(p, seen, (seen + 3) & ~3, scale);
      for (let d: usize = 0; d < bytes; d += 16) {
        let v = values + d;
        let sum = f32x4.splat(0);
        for (let t = 0; t < seen; t++) {
          sum = madd(v128.load32_splat(p + (<usize>t << 2)), v128.load(v), sum);
          v += bytes;
        }
        v128.store(out, sum);
        out += 16;
      }
      q += bytes;
      keys += <usize>size * column;
      values += <usize>capacity * bytes;
    }
  }
}
