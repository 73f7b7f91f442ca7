// AssemblyScript. Kernels over rows and over flat arrays.
import { exp4, ln, loadTail, madd, max4, storeTail, sum4 } from './vector.as';

export function fill(at: usize, value: f32, n: i32): void {
  const end = at + (<usize>n << 2);
  const x = f32x4.splat(value);
  for (; at + 16 <= end; at += 16) v128.store(at, x);
  for (; at < end; at += 4) store<f32>(at, value);
}

export function add(out: usize, a: usize, b: usize, n: i32): void {
  const end = out + (<usize>n << 2);
  for (; out < end; out += 16) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
}

export function gather(
  out: usize,
  table: usize,
  index: usize,
  rows: i32,
  width: i32,
  accumulate: bool,
): void {
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const from = table + <usize>load<i32>(index + (<usize>r << 2)) * bytes;
    if (accumulate)
      for (let c: usize = 0; c < bytes; c += 16)
        v128.store(out + c, f32x4.add(v128.load(out + c), v128.load(from + c)));
    else for (let c: usize = 0; c < bytes; c += 16) v128.store(out + c, v128.load(from + c));
    out += bytes;
  }
}

export function scatter(table: usize, x: usize, index: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const to = table + <usize>load<i32>(index + (<usize>r << 2)) * bytes;
    for (let c: usize = 0; c < bytes; c += 16)
      v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(x + c)));
    x += bytes;
  }
}

const epsilon: f32 = 1e-5;

export function norm(
  centred: bool,
  y: usize,
  x: usize,
  gain: usize,
  bias: usize,
  stats: usize,
  rows: i32,
  width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    let mean: f32 = 0;
    if (centred) {
      let sum = f32x4.splat(0);
      for (let c: usize = 0; c < bytes; c += 16) sum = f32x4.add(sum, v128.load(x + c));
      mean = sum4(sum) / <f32>width;
    }
    const m = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let c: usize = 0; c < bytes; c += 16) {
      const d = f32x4.sub(v128.load(x + c), m);
      squares = madd(d, d, squares);
    }
    const inverse: f32 = 1 / sqrt<f32>(sum4(squares) / <f32>width + epsilon);
    store<f32>(stats, mean);
    store<f32>(stats, inverse, 4);
    const s = f32x4.splat(inverse);
    for (let c: usize = 0; c < bytes; c += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(x + c), m), s);
      const scaled = f32x4.mul(unit, v128.load(gain + c));
      v128.store(y + c, centred ? f32x4.add(scaled, v128.load(bias + c)) : scaled);
    }
    x += bytes;
    y += bytes;
    stats += 8;
  }
}

export function normBackward(
  centred: bool,
  dx: usize,
  dgain: usize,
  dbias: usize,
  dy: usize,
  x: usize,
  gain: usize,
  stats: usize,
  rows: i32,
  width: i32,
  accumulate: bool,
): void {
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    const m = v128.load32_splat(stats);
    const s = v128.load32_splat(stats, 4);
    let sumD = f32x4.splat(0);
    let sumDX = f32x4.splat(0);
    for (let c: usize = 0; c < bytes; c += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(x + c), m), s);
      const g = v128.load(dy + c);
      const d = f32x4.mul(g, v128.load(gain + c));
      sumD = f32x4.add(sumD, d);
      sumDX = madd(d, unit, sumDX);
      v128.store(dgain + c, madd(g, unit, v128.load(dgain + c)));
      if (centred) v128.store(dbias + c, f32x4.add(v128.load(dbias + c), g));
    }
    const meanD = f32x4.splat(centred ? sum4(sumD) / <f32>width : 0);
    const meanDX = f32x4.splat(sum4(sumDX) / <f32>width);
    for (let c: usize = 0; c < bytes; c += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(x + c), m), s);
      const d = f32x4.sub(f32x4.mul(v128.load(dy + c), v128.load(gain + c)), meanD);
      let g = f32x4.mul(f32x4.sub(d, f32x4.mul(unit, meanDX)), s);
      if (accumulate) g = f32x4.add(v128.load(dx + c), g);
      v128.store(dx + c, g);
    }
    x += bytes;
    dx += bytes;
    dy += bytes;
    stats += 8;
  }
}

/** 1 / (1 + e^-x) */
@inline
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** 2·sqrt(2/π), and the cubic coefficient of the tanh form of GELU. */
const geluA: f32 = 1.5957691216057308;
const geluB: f32 = 0.044715;

/** kind: 0 GELU, 1 SiLU, 2 ReLU. */
export function activation(kind: i32, y: usize, x: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x < end; x += 16) {
    const v = v128.load(x);
    let result: v128;
    if (kind == 0) {
      const cubic = madd(f32x4.mul(v, v), f32x4.splat(geluB), f32x4.splat(1));
      result = f32x4.mul(v, sigmoid(f32x4.mul(f32x4.mul(v, cubic), f32x4.splat(geluA))));
    } else if (kind == 1) result = f32x4.mul(v, sigmoid(v));
    else result = f32x4.max(v, f32x4.splat(0));
    v128.store(y, result);
    y += 16;
  }
}

export function activationBackward(kind: i32, dx: usize, dy: usize, x: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  const one = f32x4.splat(1);
  for (; x < end; x += 16) {
    const v = v128.load(x);
    let slope: v128;
    if (kind == 2) slope = v128.and(one, f32x4.gt(v, f32x4.splat(0)));
    else {
      let s: v128;
      let inner = one; // derivative of what the sigmoid is taken of
      if (kind == 0) {
        const square = f32x4.mul(v, v);
        const a = f32x4.splat(geluA);
        s = sigmoid(f32x4.mul(f32x4.mul(v, madd(square, f32x4.splat(geluB), one)), a));
        inner = f32x4.mul(madd(square, f32x4.splat(3 * geluB), one), a);
      } else s = sigmoid(v);
      slope = madd(f32x4.mul(f32x4.mul(v, s), f32x4.sub(one, s)), inner, s);
    }
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
    dx += 16;
    dy += 16;
  }
}

@inline
function rowMax(x: usize, columns: i32): f32 {
  let top = f32x4.splat(-Infinity);
  let c = 0;
  for (; c + 4 <= columns; c += 4) top = f32x4.max(top, v128.load(x + (<usize>c << 2)));
  if (c < columns) top = f32x4.max(top, loadTail(x + (<usize>c << 2), columns - c, -Infinity));
  return max4(top);
}

/** p = softmax(x · inverse temperature). */
export function softmax(p: usize, x: usize, rows: i32, columns: i32, inverse: f32): void {
  const bytes = <usize>columns << 2;
  const t = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(x, columns));
    let sum = f32x4.splat(0);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = <usize>c << 2;
      const e = exp4(f32x4.mul(f32x4.sub(v128.load(x + at), top), t));
      v128.store(p + at, e);
      sum = f32x4.add(sum, e);
    }
    if (c < columns) {
      const at = <usize>c << 2;
      const e = exp4(f32x4.mul(f32x4.sub(loadTail(x + at, columns - c, -Infinity), top), t));
      storeTail(p + at, columns - c, e);
      sum = f32x4.add(sum, e);
    }
    const scale = f32x4.splat(1 / sum4(sum));
    for (c = 0; c + 4 <= columns; c += 4) {
      const at = <usize>c << 2;
      v128.store(p + at, f32x4.mul(v128.load(p + at), scale));
    }
    for (; c < columns; c++) {
      const at = p + (<usize>c << 2);
      store<f32>(at, load<f32>(at) * f32x4.extract_lane(scale, 0));
    }
    x += bytes;
    p += bytes;
  }
}

export function logSoftmax(
  logprobs: usize,
  entropies: usize,
  lse: usize,
  logits: usize,
  targets: usize,
  rows: i32,
  columns: i32,
  inverse: f32,
): void {
  const bytes = <usize>columns << 2;
  const t = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    const top = rowMax(logits, columns);
    const m = f32x4.splat(top);
    let sum = f32x4.splat(0);
    let weighted = f32x4.splat(0); // Σ e^z z with z relative to the top
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const z = f32x4.mul(f32x4.sub(v128.load(logits + (<usize>c << 2)), m), t);
      const e = exp4(z);
      sum = f32x4.add(sum, e);
      weighted = madd(e, z, weighted);
    }
    if (c < columns) {
      const z = f32x4.mul(f32x4.sub(loadTail(logits + (<usize>c << 2), columns - c, -1e30), m), t);
      const e = exp4(z);
      sum = f32x4.add(sum, e);
      weighted = madd(e, z, weighted);
    }
    const s = <f64>sum4(sum);
    const logSum = ln(s);
    const target = <usize>load<i32>(targets) << 2;
    const z = <f64>(load<f32>(logits + target) - top) * <f64>inverse;
    store<f32>(logprobs, <f32>(z - logSum));
    store<f32>(lse, <f32>(<f64>top * <f64>inverse + logSum));
    if (entropies != 0) {
      store<f32>(entropies, <f32>(logSum - <f64>sum4(weighted) / s));
      entropies += 4;
    }
    logits += bytes;
    logprobs += 4;
    lse += 4;
    targets += 4;
  }
}

export function logSoftmaxBackward(
  logits: usize,
  lse: usize,
  targets: usize,
  dLogprob: usize,
  entropies: usize,
  dEntropy: usize,
  rows: i32,
  columns: i32,
  inverse: f32,
): void {
  const bytes = <usize>columns << 2;
  const t = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    const l = v128.load32_splat(lse);
    const dl = load<f32>(dLogprob) * inverse;
    const push = f32x4.splat(-dl);
    let dh = f32x4.splat(0);
    let entropy = f32x4.splat(0);
    if (dEntropy != 0) {
      dh = f32x4.splat(-load<f32>(dEntropy) * inverse);
      entropy = v128.load32_splat(entropies);
      dEntropy += 4;
      entropies += 4;
    }
    let c = 0;
    for (; c < columns; c += 4) {
      const at = logits + (<usize>c << 2);
      const left = columns - c;
      const x = left >= 4 ? v128.load(at) : loadTail(at, left, -1e30);
      const z = f32x4.sub(f32x4.mul(x, t), l);
      const slope = madd(dh, f32x4.add(z, entropy), push);
      const d = f32x4.mul(exp4(z), slope);
      if (left >= 4) v128.store(at, d);
      else storeTail(at, left, d);
    }
    const at = logits + (<usize>load<i32>(targets) << 2);
    store<f32>(at, load<f32>(at) + dl);
    logits += bytes;
    lse += 4;
    targets += 4;
    dLogprob += 4;
  }
}

export function sumSquares(x: usize, n: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; x < end; x += 4) {
    const v = <f64>load<f32>(x);
    sum += v * v;
  }
  return sum;
}

export function adamw(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  rate: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  keep: f32,
  inverse1: f32,
  inverse2: f32,
  scale: f32,
): void {
  const end = w + (<usize>n << 2);
  for (; w < end; w += 16) {
    const gradient = f32x4.mul(v128.load(g), f32x4.splat(scale));
    const first = f32x4.add(
      f32x4.mul(v128.load(m), f32x4.splat(beta1)),
      f32x4.mul(gradient, f32x4.splat(rest1)),
    );
    const second = f32x4.add(
      f32x4.mul(v128.load(v), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(rest2)),
    );
    v128.store(m, first);
    v128.store(v, second);
    const root = f32x4.add(
      f32x4.sqrt(f32x4.mul(second, f32x4.splat(inverse2))),
      f32x4.splat(epsilon),
    );
    const update = f32x4.div(f32x4.mul(first, f32x4.splat(inverse1)), root);
    v128.store(
      w,
      f32x4.sub(
        f32x4.mul(v128.load(w), f32x4.splat(keep)),
        f32x4.mul(f32x4.splat(rate), update),
      ),
    );
    g += 16;
    m += 16;
    v += 16;
  }
}
