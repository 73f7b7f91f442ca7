// AssemblyScript. Matrix products in tiles of 4 rows by 8 columns, which is what 16 vector registers hold.
// Each element is summed over the inner dimension in its order, whatever tile it falls in, so that a row's result does
// not depend on the rows around it.
import { madd } from './vector.as';

/** Room for one tile (4 × 8 floats), and then for packing. Set from outside, per instance. */
export let scratch: usize = 0;
export function setScratch(at: usize): void {
  scratch = at;
}

/** c (4 × 8) = [c +] a (4 × k, rows `lda` bytes apart) · b (k × 8) [+ bias]. */
export function tile4(
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  k: i32,
  bias: usize,
  add: bool,
): void {
  let x00 = f32x4.splat(0);
  let x01 = f32x4.splat(0);
  if (bias != 0) {
    x00 = v128.load(bias);
    x01 = v128.load(bias, 16);
  }
  let x10 = x00;
  let x11 = x01;
  let x20 = x00;
  let x21 = x01;
  let x30 = x00;
  let x31 = x01;
  let a1 = a + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  const pairs = a + (<usize>(k & ~1) << 2);
  while (a < pairs) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    x00 = madd(s, b0, x00);
    x01 = madd(s, b1, x01);
    s = v128.load32_splat(a1);
    x10 = madd(s, b0, x10);
    x11 = madd(s, b1, x11);
    s = v128.load32_splat(a2);
    x20 = madd(s, b0, x20);
    x21 = madd(s, b1, x21);
    s = v128.load32_splat(a3);
    x30 = madd(s, b0, x30);
    x31 = madd(s, b1, x31);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    s = v128.load32_splat(a, 4);
    x00 = madd(s, b0, x00);
    x01 = madd(s, b1, x01);
    s = v128.load32_splat(a1, 4);
    x10 = madd(s, b0, x10);
    x11 = madd(s, b1, x11);
    s = v128.load32_splat(a2, 4);
    x20 = madd(s, b0, x20);
    x21 = madd(s, b1, x21);
    s = v128.load32_splat(a3, 4);
    x30 = madd(s, b0, x30);
    x31 = madd(s, b1, x31);
    a += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    b += 64;
  }
  if (k & 1) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    x00 = madd(s, b0, x00);
    x01 = madd(s, b1, x01);
    s = v128.load32_splat(a1);
    x10 = madd(s, b0, x10);
    x11 = madd(s, b1, x11);
    s = v128.load32_splat(a2);
    x20 = madd(s, b0, x20);
    x21 = madd(s, b1, x21);
    s = v128.load32_splat(a3);
    x30 = madd(s, b0, x30);
    x31 = madd(s, b1, x31);
  }
  finish(c, ldc, add, x00, x01, x10, x11, x20, x21, x30, x31);
}

/** c (4 × 8) += aᵀ · b, with a (k × 4, rows `lda` bytes apart) and b (k × 8); `add` false stores. */
export function tileT(a: usize, lda: usize, b: usize, c: usize, ldc: usize, k: i32, add: bool): void {
  let x00 = f32x4.splat(0);
  let x01 = x00;
  let x10 = x00;
  let x11 = x00;
  let x20 = x00;
  let x21 = x00;
  let x30 = x00;
  let x31 = x00;
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    x00 = madd(s, b0, x00);
    x01 = madd(s, b1, x01);
    s = v128.load32_splat(a, 4);
    x10 = madd(s, b0, x10);
    x11 = madd(s, b1, x11);
    s = v128.load32_splat(a, 8);
    x20 = madd(s, b0, x20);
    x21 = madd(s, b1, x21);
    s = v128.load32_splat(a, 12);
    x30 = madd(s, b0, x30);
    x31 = madd(s, b1, x31);
    a += lda;
    b += 32;
  }
  finish(c, ldc, add, x00, x01, x10, x11, x20, x21, x30, x31);
}

@inline
function finish(
  c: usize,
  ldc: usize,
  add: bool,
  x00: v128,
  x01: v128,
  x10: v128,
  x11: v128,
  x20: v128,
  x21: v128,
  x30: v128,
  x31: v128,
): void {
  const c1 = c + ldc;
  const c2 = c1 + ldc;
  const c3 = c2 + ldc;
  if (add) {
    v128.store(c, f32x4.add(v128.load(c), x00));
    v128.store(c, f32x4.add(v128.load(c, 16), x01), 16);
    v128.store(c1, f32x4.add(v128.load(c1), x10));
    v128.store(c1, f32x4.add(v128.load(c1, 16), x11), 16);
    v128.store(c2, f32x4.add(v128.load(c2), x20));
    v128.store(c2, f32x4.add(v128.load(c2, 16), x21), 16);
    v128.store(c3, f32x4.add(v128.load(c3), x30));
    v128.store(c3, f32x4.add(v128.load(c3, 16), x31), 16);
  } else {
    v128.store(c, x00);
    v128.store(c, x01, 16);
    v128.store(c1, x10);
    v128.store(c1, x11, 16);
    v128.store(c2, x20);
    v128.store(c2, x21, 16);
    v128.store(c3, x30);
    v128.store(c3, x31, 16);
  }
}

/** c (1 × 8) = [c +] a (1 × k) · b (k × 8) [+ bias]: the same sums as tile4's. */
export function tile1(a: usize, b: usize, c: usize, k: i32, bias: usize, add: bool): void {
  let x0 = f32x4.splat(0);
  let x1 = f32x4.splat(0);
  if (bias != 0) {
    x0 = v128.load(bias);
    x1 = v128.load(bias, 16);
  }
  const end = a + (<usize>k << 2);
  while (a < end) {
    const s = v128.load32_splat(a);
    x0 = madd(s, v128.load(b), x0);
    x1 = madd(s, v128.load(b, 16), x1);
    a += 4;
    b += 32;
  }
  if (add) {
    x0 = f32x4.add(v128.load(c), x0);
    x1 = f32x4.add(v128.load(c, 16), x1);
  }
  v128.store(c, x0);
  v128.store(c, x1, 16);
}

/** A tile of `rows` (1 to 4) by n (1 to 8) of the product. */
export function tile(
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  k: i32,
  rows: i32,
  n: i32,
  bias: usize,
  add: bool,
): void {
  if (n == 8) {
    if (rows == 4) tile4(a, lda, b, c, ldc, k, bias, add);
    else
      for (let i = 0; i < rows; i++) tile1(a + <usize>i * lda, b, c + <usize>i * ldc, k, bias, add);
    return;
  }
  if (rows == 4) tile4(a, lda, b, scratch, 32, k, 0, false);
  else
    for (let i = 0; i < rows; i++)
      tile1(a + <usize>i * lda, b, scratch + (<usize>i << 5), k, 0, false);
  edge(c, ldc, rows, n, bias, add);
}

/** Copies or adds the part of the scratch tile that counts, with the bias. */
function edge(c: usize, ldc: usize, rows: i32, n: i32, bias: usize, add: bool): void {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < n; j++) {
      const at = c + <usize>i * ldc + (<usize>j << 2);
      let x = load<f32>(scratch + (<usize>i << 5) + (<usize>j << 2));
      if (bias != 0) x += load<f32>(bias + (<usize>j << 2));
      if (add) x += load<f32>(at);
      store<f32>(at, x);
    }
}

/** A tile of aᵀ · b, added (`rows` 1 to 4, n 1 to 8). */
export function tileTAdd(
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  k: i32,
  rows: i32,
  n: i32,
): void {
  if (rows == 4 && n == 8) tileT(a, lda, b, c, ldc, k, true);
  else {
    tileT(a, lda, b, scratch, 32, k, false);
    edge(c, ldc, rows, n, 0, true);
  }
}

/** Panels of 8 columns, inner × 8 each, the last filled with zeros. */
export function pack(panels: usize, matrix: usize, inner: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 8) {
    const n = min(8, columns - j);
    for (let k = 0; k < inner; k++) {
      const from = matrix + ((<usize>k * columns + j) << 2);
      if (n == 8) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      } else
        for (let i = 0; i < 8; i++)
          store<f32>(panels + (<usize>i << 2), i < n ? load<f32>(from + (<usize>i << 2)) : 0);
      panels += 32;
    }
  }
}

/** The same of the transpose of a matrix (columns × inner). */
export function packTransposed(panels: usize, matrix: usize, inner: i32, columns: i32): void {
  const stride = <usize>inner << 2;
  for (let j = 0; j < columns; j += 8) {
    const n = min(8, columns - j);
    for (let i = 0; i < 8; i++) {
      let to = panels + (<usize>i << 2);
      let from = matrix + <usize>(j + i) * stride;
      for (let k = 0; k < inner; k++) {
        store<f32>(to, i < n ? load<f32>(from) : 0);
        to += 32;
        from += 4;
      }
    }
    panels += <usize>inner << 5;
  }
}

export function matmul(
  c: usize,
  a: usize,
  panels: usize,
  rows: i32,
  inner: i32,
  columns: i32,
  bias: usize,
  add: bool,
): void {
  const lda = <usize>inner << 2;
  const ldc = <usize>columns << 2;
  // So many rows of a stay in the first cache while the panels pass.
  const block = max(4, (4096 / inner) & ~3);
  for (let start = 0; start < rows; start += block) {
    const end = min(rows, start + block);
    let panel = panels;
    for (let j = 0; j < columns; j += 8) {
      const n = min(8, columns - j);
      const offset = <usize>j << 2;
      for (let i = start; i < end; i += 4)
        tile(
          a + <usize>i * lda,
          lda,
          panel,
          c + <usize>i * ldc + offset,
          ldc,
          inner,
          min(4, end - i),
          n,
          bias != 0 ? bias + offset : 0,
          add,
        );
      panel += <usize>inner << 5;
    }
  }
}

/** Rows of a and b that are packed at a time by `matmulTransposed`. */
const chunk: i32 = 256;

/** c (m × n) += aᵀ · b. Scratch: 32 floats and chunk · (ceil4(m) + ceil8(n)). */
export function matmulTransposed(c: usize, a: usize, b: usize, rows: i32, m: i32, n: i32): void {
  const ldc = <usize>n << 2;
  const left = scratch + 128;
  const right = left + ((<usize>chunk * ((m + 3) & ~3)) << 2);
  for (let start = 0; start < rows; start += chunk) {
    const k = min(chunk, rows - start);
    // a in panels of 4 columns, b in panels of 8.
    for (let r = 0; r < k; r++) {
      let from = a + ((<usize>(start + r) * m) << 2);
      let to = left + (<usize>r << 4);
      for (let i = 0; i < m; i += 4) {
        if (m - i >= 4) v128.store(to, v128.load(from));
        else
          for (let l = 0; l < 4; l++)
            store<f32>(to + (<usize>l << 2), i + l < m ? load<f32>(from + (<usize>l << 2)) : 0);
        from += 16;
        to += <usize>k << 4;
      }
    }
    pack(right, b + ((<usize>start * n) << 2), k, n);
    let panel = right;
    for (let j = 0; j < n; j += 8) {
      let strip = left;
      for (let i = 0; i < m; i += 4) {
        tileTAdd(
          strip,
          16,
          panel,
          c + <usize>i * ldc + (<usize>j << 2),
          ldc,
          k,
          min(4, m - i),
          min(8, n - j),
        );
        strip += <usize>k << 4;
      }
      panel += <usize>k << 5;
    }
  }
}

/** out += the sum of rows. */
export function columnSums(out: usize, x: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2;
  let j = 0;
  for (; j + 16 <= columns; j += 16) {
    let p = x + (<usize>j << 2);
    const o = out + (<usize>j << 2);
    let s0 = v128.load(o);
    let s1 = v128.load(o, 16);
    let s2 = v128.load(o, 32);
    let s3 = v128.load(o, 48);
    for (let r = 0; r < rows; r++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
      p += stride;
    }
    v128.store(o, s0);
    v128.store(o, s1, 16);
    v128.store(o, s2, 32);
    v128.store(o, s3, 48);
  }
  for (; j < columns; j++) {
    let p = x + (<usize>j << 2);
    let s = load<f32>(out + (<usize>j << 2));
    for (let r = 0; r < rows; r++) {
      s += load<f32>(p);
      p += stride;
    }
    store<f32>(out + (<usize>j << 2), s);
  }
}
