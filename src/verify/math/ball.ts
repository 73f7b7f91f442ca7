import { bits, floorRoot, type Rational } from './rational.ts';

/** A real number known up to an error: m·2^e ± r·2^e with r ≥ 0. Every operation's result contains all true results. */
export interface Ball {
  readonly m: bigint;
  readonly e: number;
  readonly r: bigint;
}

/** Exponents beyond this are neither needed nor safe: what reaches them has no value here. */
const largestExponent = 1e12;

export const zeroBall: Ball = { m: 0n, e: 0, r: 0n };
export const oneBall: Ball = { m: 1n, e: 0, r: 0n };

function magnitude(x: bigint): bigint {
  return x < 0n ? -x : x;
}

/** Rounds to at most p bits; the radius grows by what was cut. */
export function trim(m: bigint, e: number, r: bigint, p: number): Ball {
  const cut = Math.max(bits(m) - p, bits(r) - 32);
  if (cut <= 0) return { m, e, r };
  const shift = BigInt(cut);
  return { m: m >> shift, e: e + cut, r: (r >> shift) + 2n };
}

export function fromInteger(n: bigint, p: number): Ball {
  return trim(n, 0, 0n, p);
}

export function fromRational(q: Rational, p: number): Ball {
  if (q.d === 1n) return fromInteger(q.n, p);
  const shift = Math.max(0, p + bits(q.d) - bits(q.n) + 1);
  return trim((q.n << BigInt(shift)) / q.d, -shift, 1n, p);
}

export function negateBall(a: Ball): Ball {
  return { m: -a.m, e: a.e, r: a.r };
}

export function addBalls(a: Ball, b: Ball, p: number): Ball {
  if (a.m === 0n && a.r === 0n) return b;
  if (b.m === 0n && b.r === 0n) return a;
  if (a.e > b.e) [a, b] = [b, a];
  const gap = b.e - a.e;
  if (gap === 0) return trim(a.m + b.m, a.e, a.r + b.r, p);
  // a lies below the last bit that b keeps: it is only an error of one unit there.
  if (bits(a.m) + bits(a.r) + 2 <= gap - p && (b.m !== 0n || b.r !== 0n)) {
    const lift = BigInt(p);
    return trim(b.m << lift, b.e - p, (b.r << lift) + 1n, p);
  }
  const shift = BigInt(gap);
  return trim(a.m + (b.m << shift), a.e, a.r + (b.r << shift), p);
}

export function subtractBalls(a: Ball, b: Ball, p: number): Ball {
  return addBalls(a, negateBall(b), p);
}

/** Undefined when the exponent leaves the range. */
export function multiplyBalls(a: Ball, b: Ball, p: number): Ball | undefined {
  const e = a.e + b.e;
  if (Math.abs(e) > largestExponent) return undefined;
  return trim(a.m * b.m, e, magnitude(a.m) * b.r + magnitude(b.m) * a.r + a.r * b.r, p);
}

/** Undefined when b may be 0. */
export function divideBalls(a: Ball, b: Ball, p: number): Ball | undefined {
  const below = magnitude(b.m);
  if (below <= b.r) return undefined;
  const shift = Math.max(0, p + bits(b.m) - bits(a.m) + 2);
  const lift = BigInt(shift);
  const m = (a.m << lift) / b.m;
  const r = ((a.r << lift) + (magnitude(m) + 1n) * b.r) / (below - b.r) + 2n;
  const e = a.e - b.e - shift;
  if (Math.abs(e) > largestExponent) return undefined;
  return trim(m, e, r, p);
}

/** The square root; a ball that reaches below 0 gives a ball around 0. Undefined for one that lies below 0. */
export function squareRoot(a: Ball, p: number): Ball | undefined {
  if (a.m < 0n && -a.m > a.r) return undefined;
  if (a.m <= a.r) {
    const high = a.m + a.r;
    if (high === 0n) return zeroBall;
    const odd = ((a.e % 2) + 2) % 2;
    return { m: 0n, e: (a.e - odd) / 2, r: floorRoot(high << BigInt(odd), 2) + 1n };
  }
  let shift = Math.max(0, 2 * p + 2 - bits(a.m));
  if ((a.e - shift) % 2 !== 0) shift++;
  const lift = BigInt(shift);
  const m = floorRoot(a.m << lift, 2);
  const r = a.r === 0n ? 1n : (a.r << lift) / floorRoot((a.m - a.r) << lift, 2) + 2n;
  return trim(m, (a.e - shift) / 2, r, p);
}

/** −1 or 1 for a ball that lies on one side of 0, 0 for exactly 0, undefined when it cannot be told. */
export function signOf(a: Ball): -1 | 0 | 1 | undefined {
  if (a.m > a.r) return 1;
  if (a.m < -a.r) return -1;
  return a.m === 0n && a.r === 0n ? 0 : undefined;
}

export function containsZero(a: Ball): boolean {
  return magnitude(a.m) <= a.r;
}

/** log2 of the largest magnitude in the ball; −Infinity for exactly 0. */
export function logHigh(a: Ball): number {
  const high = magnitude(a.m) + a.r;
  return high === 0n ? Number.NEGATIVE_INFINITY : bits(high) + a.e;
}

/** log2 of the radius, rounded up. */
export function logRadius(a: Ball): number {
  return a.r === 0n ? Number.NEGATIVE_INFINITY : bits(a.r) + a.e;
}

/** The nearest double to the middle. */
export function toNumber(a: Ball): number {
  const extra = Math.max(0, bits(a.m) - 60);
  return Number(a.m >> BigInt(extra)) * 2 ** Math.max(-1074, Math.min(1023, a.e + extra));
}

/** The integer n for which the whole ball lies in [n, n+1), or undefined. */
export function floorBall(a: Ball): bigint | undefined {
  if (a.e > 4096) return undefined;
  const down = (x: bigint) => (a.e >= 0 ? x << BigInt(a.e) : x >> BigInt(Math.min(-a.e, 1_000_000)));
  const low = down(a.m - a.r);
  return low === down(a.m + a.r) ? low : undefined;
}

/** Round to a fixed number f of fractional bits: x = value/2^f ± error/2^f. Undefined when it would be too long. */
export function toFixed(a: Ball, f: number): { value: bigint; error: bigint } | undefined {
  const shift = a.e + f;
  if (shift > 0) {
    if (shift > 20_000) return undefined;
    const lift = BigInt(shift);
    return { value: a.m << lift, error: a.r << lift };
  }
  if (shift < -4_000_000) return { value: 0n, error: 1n };
  const lower = BigInt(-shift);
  return { value: a.m >> lower, error: (a.r >> lower) + 2n };
}
