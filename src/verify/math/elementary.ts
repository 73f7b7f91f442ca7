import {
  type Ball,
  divideBalls,
  multiplyBalls,
  negateBall,
  signOf,
  subtractBalls,
  toFixed,
  trim,
  zeroBall,
} from './ball.ts';
import { bits } from './rational.ts';

/**
 * Elementary functions of balls by fixed-point series. The series run with guard bits beyond the precision p, and the
 * error that they claim is larger than what rounding can add up to.
 */

const guard = 24;

/** Constants are computed once per 64 bits of precision: they are no results of anyone's input. */
const pis = new Map<number, bigint>();
const logTwos = new Map<number, bigint>();

/** atan(1/n)·2^f by its series, for Machin's formula. */
function arctanInverse(n: bigint, f: number): bigint {
  const square = n * n;
  let power = (1n << BigInt(f)) / n;
  let total = power;
  for (let k = 3n, negative = true; power !== 0n; k += 2n, negative = !negative) {
    power /= square;
    total += negative ? -(power / k) : power / k;
  }
  return total;
}

/** π·2^f, at most one unit off. */
function piFixed(f: number): bigint {
  const grid = Math.ceil(f / 64) * 64;
  let value = pis.get(grid);
  if (value === undefined) {
    const more = grid + 32;
    value = (16n * arctanInverse(5n, more) - 4n * arctanInverse(239n, more)) >> 32n;
    pis.set(grid, value);
  }
  return value >> BigInt(grid - f);
}

/** ln 2·2^f, at most one unit off: 18 atanh(1/26) − 2 atanh(1/4801) + 8 atanh(1/8749). */
function logTwoFixed(f: number): bigint {
  const grid = Math.ceil(f / 64) * 64;
  let value = logTwos.get(grid);
  if (value === undefined) {
    const more = grid + 32;
    const arc = (n: bigint) => {
      const square = n * n;
      let power = (1n << BigInt(more)) / n;
      let total = power;
      for (let k = 3n; power !== 0n; k += 2n) {
        power /= square;
        total += power / k;
      }
      return total;
    };
    value = (18n * arc(26n) - 2n * arc(4801n) + 8n * arc(8749n)) >> 32n;
    logTwos.set(grid, value);
  }
  return value >> BigInt(grid - f);
}

export function piBall(p: number): Ball {
  return { m: piFixed(p), e: -p, r: 2n };
}

/** e^r·2^f for |r| < 1 given in fixed point; at most 2^(guard/2) units off. */
function expSeries(r: bigint, f: number): bigint {
  const halvings = 8;
  const wide = BigInt(f);
  const x = r >> BigInt(halvings);
  let term = 1n << wide;
  let total = term;
  for (let k = 1n; ; k++) {
    term = ((term * x) >> wide) / k;
    if (term === 0n || term === -1n) break;
    total += term;
  }
  for (let i = 0; i < halvings; i++) total = (total * total) >> wide;
  return total;
}

/** e^a; undefined when a is so large or so uncertain that the result has no use. */
export function exp(a: Ball, p: number): Ball | undefined {
  if (a.m === 0n && a.r === 0n) return { m: 1n, e: 0, r: 0n };
  const top = bits(a.m) + a.e;
  if (top > 40) return undefined;
  const f = p + guard + Math.max(0, top);
  const fixed = toFixed(a, f);
  if (!fixed || fixed.error >= 1n << BigInt(f)) return undefined;
  const two = logTwoFixed(f);
  const k = fixed.value / two;
  const value = expSeries(fixed.value - k * two, f);
  const shift = Number(k);
  const uncertain = fixed.error + (k < 0n ? -k : k) + 1n;
  return trim(value, shift - f, 4096n + ((value * uncertain * 2n) >> BigInt(f)), p);
}

/** ln a for a ball above 0. */
export function log(a: Ball, p: number): Ball | undefined {
  if (signOf(a) !== 1) return undefined;
  const length = bits(a.m);
  const exponent = length + a.e;
  // y = a/2^exponent lies in [1/2, 1).
  const f = p + guard;
  const y = f >= length ? a.m << BigInt(f - length) : a.m >> BigInt(length - f);
  const lead = Number(y >> BigInt(f - 53)) / 2 ** 53;
  const start = Math.log(lead);
  const z = BigInt(Math.round(start * 2 ** 52)) << BigInt(f - 52);
  // ln y = z + ln(y/e^z), and y/e^z is 1 up to 2^-50: the series of atanh ends soon.
  const unit = 1n << BigInt(f);
  const power = expSeries(z, f);
  const u = ((y - power) << BigInt(f)) / (y + power);
  const square = (u * u) >> BigInt(f);
  let term = u;
  let total = u;
  for (let k = 3n; term !== 0n && term !== -1n; k += 2n) {
    term = (term * square) >> BigInt(f);
    total += term / k;
  }
  const value = z + 2n * total + BigInt(exponent) * logTwoFixed(f);
  const relative = (a.r * unit * 2n) / a.m + 1n;
  return trim(value, -f, (1n << 14n) + relative + BigInt(Math.abs(exponent)), p);
}

/** Sine and cosine together; undefined for arguments so large or uncertain that nothing is known. */
export function sineCosine(a: Ball, p: number): { sin: Ball; cos: Ball } | undefined {
  if (a.m === 0n && a.r === 0n) return { sin: zeroBall, cos: { m: 1n, e: 0, r: 0n } };
  const top = bits(a.m) + a.e;
  if (top > 1200) return undefined;
  const f = p + guard + Math.max(0, top);
  const fixed = toFixed(a, f);
  if (!fixed || fixed.error >= 1n << BigInt(f)) return undefined;
  const half = piFixed(f + 1) >> 2n; // π/2 with f bits
  const quarter = half >> 1n;
  const turns = (fixed.value + (fixed.value < 0n ? -quarter : quarter)) / half;
  const x = fixed.value - turns * half;
  const { sin, cos } = sineSeries(x, f);
  const r = 4096n + fixed.error + (turns < 0n ? -turns : turns) * 2n;
  const quadrant = Number(((turns % 4n) + 4n) % 4n);
  const ball = (value: bigint) => trim(value, -f, r, p);
  switch (quadrant) {
    case 0:
      return { sin: ball(sin), cos: ball(cos) };
    case 1:
      return { sin: ball(cos), cos: ball(-sin) };
    case 2:
      return { sin: ball(-sin), cos: ball(-cos) };
    default:
      return { sin: ball(-cos), cos: ball(sin) };
  }
}

/** Sine and cosine of |x| < 1 in fixed point, by the series of x/32 and five doublings. */
function sineSeries(x: bigint, f: number): { sin: bigint; cos: bigint } {
  const halvings = 5;
  const wide = BigInt(f);
  const t = x >> BigInt(halvings);
  const square = (t * t) >> wide;
  let term = t;
  let sin = t;
  for (let k = 2n; term !== 0n && term !== -1n; k += 2n) {
    term = -((term * square) >> wide) / (k * (k + 1n));
    sin += term;
  }
  // 1 − cos is kept, which doubles without loss.
  let versine = square >> 1n;
  term = versine;
  for (let k = 3n; term !== 0n && term !== -1n; k += 2n) {
    term = -((term * square) >> wide) / (k * (k + 1n));
    versine += term;
  }
  const unit = 1n << wide;
  for (let i = 0; i < halvings; i++) {
    const cos = unit - versine;
    sin = (2n * sin * cos) >> wide;
    versine = (2n * versine * (2n * unit - versine)) >> wide;
  }
  return { sin, cos: unit - versine };
}

/** The arc tangent. */
export function arctan(a: Ball, p: number): Ball | undefined {
  if (a.m === 0n && a.r === 0n) return zeroBall;
  const top = bits(a.m) + a.e;
  if (top > 0) {
    // atan x = ±π/2 − atan(1/x) for |x| ≥ 1/2
    const sign = signOf(a);
    if (sign === undefined || sign === 0) return undefined;
    if (top > 1) {
      const inverse = divideBalls({ m: 1n, e: 0, r: 0n }, a, p + 4);
      const rest = inverse && arctan(inverse, p + 4);
      if (!rest) return undefined;
      const half = piBall(p + 4);
      return subtractBalls({ ...half, m: sign < 0 ? -half.m : half.m, e: half.e - 1 }, rest, p);
    }
  }
  const f = p + guard;
  const fixed = toFixed(a, f);
  if (!fixed) return undefined;
  const lead = Number(fixed.value >> BigInt(f - 53)) / 2 ** 53;
  const z = BigInt(Math.round(Math.atan(lead) * 2 ** 52)) << BigInt(f - 52);
  const { sin, cos } = sineSeries(z, f);
  // tan(θ − z) = (x cos z − sin z)/(cos z + x sin z)
  const wide = BigInt(f);
  const above = ((fixed.value * cos) >> wide) - sin;
  const below = cos + ((fixed.value * sin) >> wide);
  const d = (above << wide) / below;
  const square = (d * d) >> wide;
  let term = d;
  let total = d;
  for (let k = 3n; term !== 0n && term !== -1n; k += 2n) {
    term = -((term * square) >> wide);
    total += term / k;
  }
  return trim(z + total, -f, 8192n + fixed.error, p);
}

/** The angle of the point (x, y), in (−π, π]; undefined at and too near to the origin or the cut. */
export function angle(y: Ball, x: Ball, p: number): Ball | undefined {
  const right = signOf(x);
  if (right === 1) {
    const slope = divideBalls(y, x, p + 4);
    return slope && arctan(slope, p);
  }
  const up = signOf(y);
  const pi = piBall(p + 4);
  if (up === 1 || up === -1) {
    const slope = divideBalls(x, y, p + 4);
    const part = slope && arctan(slope, p + 4);
    if (!part) return undefined;
    const half: Ball = { ...pi, e: pi.e - 1 };
    return subtractBalls(up === 1 ? half : negateBall(half), part, p);
  }
  if (right === -1 && up === 0) return pi;
  return undefined;
}

/** base^exponent for a base above 0. */
export function powerOf(base: Ball, exponent: Ball, p: number): Ball | undefined {
  // e^x takes exponents up to 2^40; what lies beyond has no value here.
  if (bits(exponent.m) + exponent.e > 64) return undefined;
  const ln = log(base, p + 16 + Math.max(0, bits(exponent.m) + exponent.e));
  const product = ln && multiplyBalls(ln, exponent, p + 16 + Math.max(0, bits(exponent.m) + exponent.e));
  return product && exp(product, p);
}

/** base^k for an integer k ≥ 0 by squaring. */
export function integerPower(base: Ball, k: number, p: number): Ball | undefined {
  let result: Ball | undefined = { m: 1n, e: 0, r: 0n };
  let square: Ball | undefined = base;
  const wide = p + 16 + Math.ceil(Math.log2(k + 1));
  for (let rest = k; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result && square && multiplyBalls(result, square, wide);
    if (rest > 1) square = square && multiplyBalls(square, square, wide);
  }
  return result && trim(result.m, result.e, result.r, p);
}
