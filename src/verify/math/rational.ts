/** An exact fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const zero: Rational = { n: 0n, d: 1n };
export const one: Rational = { n: 1n, d: 1n };
export const minusOne: Rational = { n: -1n, d: 1n };

function magnitude(x: bigint): bigint {
  return x < 0n ? -x : x;
}

/** Greatest common divisor, never negative. Small operands go through doubles, which is several times faster. */
export function gcd(a: bigint, b: bigint): bigint {
  a = magnitude(a);
  b = magnitude(b);
  while (b !== 0n) {
    if (a <= 9007199254740991n && b <= 9007199254740991n) {
      let x = Number(a);
      let y = Number(b);
      while (y !== 0) [x, y] = [y, x % y];
      return BigInt(x);
    }
    [a, b] = [b, a % b];
  }
  return a;
}

/** n/d in lowest terms. The caller makes sure that d is not 0. */
export function ratio(n: bigint, d: bigint): Rational {
  if (d === 1n) return { n, d };
  if (d < 0n) {
    n = -n;
    d = -d;
  }
  const g = gcd(n, d);
  return g === 1n ? { n, d } : { n: n / g, d: d / g };
}

export function integer(n: bigint | number): Rational {
  return { n: BigInt(n), d: 1n };
}

export function add(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: a.n + b.n, d: 1n };
  return ratio(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function multiply(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: a.n * b.n, d: 1n };
  return ratio(a.n * b.n, a.d * b.d);
}

/** a/b; undefined for b = 0. */
export function divide(a: Rational, b: Rational): Rational | undefined {
  return b.n === 0n ? undefined : ratio(a.n * b.d, a.d * b.n);
}

export function negate(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

export function absolute(a: Rational): Rational {
  return a.n < 0n ? { n: -a.n, d: a.d } : a;
}

export function compare(a: Rational, b: Rational): -1 | 0 | 1 {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function equals(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

export function isInteger(a: Rational): boolean {
  return a.d === 1n;
}

/** The largest integer not above a. */
export function floor(a: Rational): bigint {
  if (a.d === 1n) return a.n;
  const quotient = a.n / a.d;
  return a.n < 0n ? quotient - 1n : quotient;
}

/** a^k for an integer k; undefined for 0 to a negative power. The caller bounds the size of the result. */
export function power(a: Rational, k: number): Rational | undefined {
  if (k >= 0) return { n: a.n ** BigInt(k), d: a.d ** BigInt(k) };
  if (a.n === 0n) return undefined;
  const n = a.d ** BigInt(-k);
  const d = a.n ** BigInt(-k);
  return d < 0n ? { n: -n, d: -d } : { n, d };
}

/** How many bits an integer's magnitude has; 0 for 0. */
export function bits(x: bigint): number {
  if (x === 0n) return 0;
  if (x < 0n) x = -x;
  const near = Number(x);
  if (near < 9007199254740992) {
    const upper = Math.floor(near / 4294967296);
    return upper > 0 ? 64 - Math.clz32(upper) : 32 - Math.clz32(near);
  }
  if (near < 1e300) {
    const guess = Math.floor(Math.log2(near));
    return x >> BigInt(guess) > 1n ? guess + 2 : x >> BigInt(guess) === 1n ? guess + 1 : guess;
  }
  const hex = x.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

export function size(a: Rational): number {
  return bits(a.n) + bits(a.d);
}

/** The exact k-th root of a non-negative integer, or undefined when there is none. */
export function exactRoot(x: bigint, k: number): bigint | undefined {
  if (x < 2n) return x;
  if (k === 1) return x;
  const root = floorRoot(x, k);
  return root ** BigInt(k) === x ? root : undefined;
}

/** floor(x^(1/k)) for x ≥ 0 and k ≥ 1, by Newton's method from above. */
export function floorRoot(x: bigint, k: number): bigint {
  if (x < 2n || k === 1) return x;
  const length = bits(x);
  if (k >= length) return 1n;
  if (k === 2 && length <= 52) return BigInt(Math.floor(Math.sqrt(Number(x))));
  const big = BigInt(k);
  let guess = 1n << BigInt(Math.ceil(length / k));
  for (;;) {
    const next = ((big - 1n) * guess + x / guess ** (big - 1n)) / big;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** "3", "-1/2". */
export function show(a: Rational): string {
  return a.d === 1n ? String(a.n) : `${a.n}/${a.d}`;
}

/** What the greatest common divisor of integers of these lengths costs, in operations of about 0.1 µs. */
function reductionCost(n: number, d: number): number {
  const shorter = Math.min(n, d);
  return shorter < 256 ? 0 : (shorter * shorter) >> 10;
}

/** What a·b costs, its reduction to lowest terms included; 0 for short fractions. */
export function productCost(a: Rational, b: Rational): number {
  const n = bits(a.n) + bits(b.n);
  const d = a.d === 1n && b.d === 1n ? 0 : bits(a.d) + bits(b.d);
  return n + d <= 512 ? 0 : ((n + d) >> 6) + (((n >> 7) * (n >> 7)) >> 5) + reductionCost(n, d);
}

/** What a + b costs, its reduction to lowest terms included; 0 for short fractions. */
export function sumCost(a: Rational, b: Rational): number {
  if (a.d === 1n && b.d === 1n) return (bits(a.n) + bits(b.n)) >> 8;
  const d = bits(a.d) + bits(b.d);
  const n = Math.max(bits(a.n) + bits(b.d), bits(b.n) + bits(a.d));
  return n + d <= 512 ? 0 : ((n + d) >> 5) + reductionCost(n, d);
}

/** n/10^k in lowest terms: only twos and fives can cancel, so no Euclid is needed. */
export function decimalFraction(n: bigint, k: number): Rational {
  if (n === 0n) return zero;
  let twos = 0;
  let fives = 0;
  for (const step of [512, 64, 8, 1]) {
    const two = 1n << BigInt(step);
    const five = 5n ** BigInt(step);
    while (twos + step <= k && n % two === 0n) {
      n /= two;
      twos += step;
    }
    while (fives + step <= k && n % five === 0n) {
      n /= five;
      fives += step;
    }
  }
  return { n, d: (1n << BigInt(k - twos)) * 5n ** BigInt(k - fives) };
}
