import type { Fuel } from '../../core/fuel.ts';
import {
  addBalls,
  containsZero,
  divideBalls,
  floorBall,
  fromRational,
  multiplyBalls,
  negateBall,
  oneBall,
  signOf,
  subtractBalls,
} from './ball.ts';
import {
  addComplex,
  complexOf,
  integerPowerComplex,
  inverseComplex,
  isComplex,
  isExact,
  logComplex,
  modulus,
  multiplyComplex,
  powerComplex,
  realBall,
  realPower,
  rootComplex,
  type Value,
} from './complex.ts';
import { log, powerOf } from './elementary.ts';
import { applyFunction } from './functions.ts';
import {
  add,
  bits,
  exactRoot,
  floor,
  gcd,
  isInteger,
  multiply,
  one,
  power,
  productCost,
  type Rational,
  ratio,
  size,
  sumCost,
} from './rational.ts';

/** How an expression is evaluated. */
export interface Evaluation {
  /** Bits of the balls. */
  readonly p: number;
  readonly fuel: Fuel;
  /** Values of the symbols. A missing one makes the expression undefined. */
  readonly point: ReadonlyMap<string, Rational>;
  /** What a degree sign does: a factor π/180, or nothing. */
  readonly degrees: 'factor' | 'none';
  /** The base of a bare log. */
  readonly log: 10 | 'e';
  /** Only real intermediate results: even roots, logarithms and broken powers of negative numbers have no value. */
  readonly real?: boolean;
  /** Exact results longer than this go over to balls. */
  readonly exactBits: number;
}

/** Charges an operation on balls. */
export function burned<T>(by: Evaluation, value: T): T {
  by.fuel.burn(1 + (by.p >> 6));
  return value;
}

/** An exact result, or a ball when it has grown too long. */
function bounded(q: Rational, by: Evaluation): Value {
  return size(q) > by.exactBits ? fromRational(q, by.p) : q;
}

export function plus(a: Value, b: Value, by: Evaluation): Value {
  if (isExact(a) && isExact(b)) {
    by.fuel.burn(sumCost(a, b));
    return bounded(add(a, b), by);
  }
  by.fuel.burn(1 + (by.p >> 7));
  if (isComplex(a) || isComplex(b)) return addComplex(complexOf(a, by.p), complexOf(b, by.p), by.p);
  return addBalls(realBall(a, by.p), realBall(b, by.p), by.p);
}

export function times(a: Value, b: Value, by: Evaluation): Value | undefined {
  if (isExact(a)) {
    if (a.n === 0n) return a;
    if (isExact(b)) {
      by.fuel.burn(productCost(a, b));
      return bounded(multiply(a, b), by);
    }
  }
  by.fuel.burn(1 + (by.p >> 6));
  if (isComplex(a) || isComplex(b)) return multiplyComplex(complexOf(a, by.p), complexOf(b, by.p), by.p);
  return multiplyBalls(realBall(a, by.p), realBall(b, by.p), by.p);
}

export function inverse(a: Value, by: Evaluation): Value | undefined {
  if (isExact(a)) return a.n === 0n ? undefined : a.n < 0n ? { n: -a.d, d: -a.n } : { n: a.d, d: a.n };
  by.fuel.burn(1 + (by.p >> 6));
  if (isComplex(a)) return inverseComplex(a, by.p);
  return divideBalls(oneBall, a, by.p);
}

/** The index-th root: real for odd indices and for values that are not negative, principal otherwise. */
export function rootOf(of: Value, index: number, by: Evaluation): Value | undefined {
  by.fuel.burn(20 + (by.p >> 3));
  if (isExact(of)) {
    const negative = of.n < 0n;
    const n = negative ? -of.n : of.n;
    if (bits(n) < 4096 && bits(of.d) < 4096) {
      const above = exactRoot(n, index);
      const below = above === undefined ? undefined : exactRoot(of.d, index);
      if (above !== undefined && below !== undefined) {
        if (!negative || index % 2 === 1) return { n: negative ? -above : above, d: below };
        if (index === 2)
          return { re: { m: 0n, e: 0, r: 0n }, im: fromRational({ n: above, d: below }, by.p) };
      }
    }
    if (negative && index % 2 === 0 && by.real) return undefined;
    if (negative && index % 2 === 1) {
      const root = rootOf({ n, d: of.d }, index, by);
      return root && times({ n: -1n, d: 1n }, root, by);
    }
  }
  if (by.real && index % 2 === 0 && (isComplex(of) || signOf(realBall(of, by.p + 16)) === -1))
    return undefined;
  if (index === 2) return rootComplex(complexOf(of, by.p), by.p);
  const exponent: Rational = { n: 1n, d: BigInt(index) };
  if (isComplex(of))
    return powerComplex(of, { re: fromRational(exponent, by.p + 32), im: { m: 0n, e: 0, r: 0n } }, by.p);
  const ball = realBall(of, by.p + 16);
  const sign = signOf(ball);
  if (sign === undefined) return undefined;
  if (sign === 0) return { n: 0n, d: 1n };
  if (sign > 0) return realPower(ball, exponent, by.p);
  if (index % 2 === 0)
    return powerComplex(
      { re: ball, im: { m: 0n, e: 0, r: 0n } },
      { re: fromRational(exponent, by.p + 32), im: { m: 0n, e: 0, r: 0n } },
      by.p,
    );
  const root = realPower(negateBall(ball), exponent, by.p);
  return root && negateBall(root);
}

/** base^exponent: exact where it stays short, the real value for odd roots, the principal one otherwise. */
export function raise(base: Value, exponent: Value, by: Evaluation): Value | undefined {
  if (isExact(exponent)) {
    if (isInteger(exponent)) return integerRaise(base, exponent.n, by);
    if (exponent.d <= 1000n) {
      const root = rootOf(base, Number(exponent.d), by);
      return root && integerRaise(root, exponent.n, by);
    }
  }
  by.fuel.burn(30 + (by.p >> 2));
  if (isExact(base) && base.n === 0n) {
    const sign = isComplex(exponent) ? undefined : signOf(realBall(exponent, by.p));
    return sign === 1 ? base : undefined;
  }
  if (!isComplex(base) && !isComplex(exponent)) {
    const real = realBall(base, by.p + 32);
    if (signOf(real) === 1) return powerOf(real, realBall(exponent, by.p + 32), by.p);
  }
  if (by.real) return undefined;
  return powerComplex(complexOf(base, by.p + 32), complexOf(exponent, by.p + 32), by.p);
}

function integerRaise(base: Value, k: bigint, by: Evaluation): Value | undefined {
  if (isExact(base)) {
    if (base.n === 0n) return k > 0n ? base : undefined;
    if (k === 0n) return one;
    if (base.d === 1n && (base.n === 1n || base.n === -1n)) return k % 2n === 0n ? one : base;
    const length = size(base);
    const times = k < 0n ? -k : k;
    if (times <= 1_000_000n && length * Number(times) <= by.exactBits) {
      by.fuel.burn(1 + ((length * Number(times)) >> 9));
      return power(base, Number(k));
    }
  }
  if (k > 9_007_199_254_740_991n || k < -9_007_199_254_740_991n) return undefined;
  const exponent = Number(k);
  by.fuel.burn((2 + (by.p >> 6)) * (2 + Math.ceil(Math.log2(Math.abs(exponent) + 1))));
  if (exponent === 0) return one;
  if (isComplex(base)) return integerPowerComplex(base, exponent, by.p);
  const real = realBall(base, by.p + 64);
  if (Math.abs(exponent) <= 1_000_000) return realPower(real, { n: k, d: 1n }, by.p);
  const sign = signOf(real);
  if (sign === undefined || sign === 0) return undefined;
  const wide = by.p + 64;
  const raised = powerOf(sign > 0 ? real : negateBall(real), fromRational({ n: k, d: 1n }, wide), by.p);
  return raised && sign < 0 && k % 2n !== 0n ? negateBall(raised) : raised;
}

/** An integer value, or undefined. */
export function integerOf(value: Value | undefined): bigint | undefined {
  return value !== undefined && isExact(value) && value.d === 1n ? value.n : undefined;
}

export function naturalLog(of: Value, by: Evaluation): Value | undefined {
  if (isComplex(of)) return logComplex(of, by.p);
  if (isExact(of) && of.n === 1n && of.d === 1n) return { n: 0n, d: 1n };
  const ball = realBall(of, by.p + 16);
  const sign = signOf(ball);
  if (sign === 1) return log(ball, by.p);
  return sign === -1 && !by.real ? logComplex({ re: ball, im: { m: 0n, e: 0, r: 0n } }, by.p) : undefined;
}

/** log_b x when it is a fraction with a small denominator. */
export function exactLog(base: Rational, of: Rational): Rational | undefined {
  if (of.n <= 0n || base.n <= 0n || size(of) > 8192 || size(base) > 256) return undefined;
  const ln = (q: Rational) => {
    const drop = (x: bigint) => Math.max(0, bits(x) - 60);
    const [dn, dd] = [drop(q.n), drop(q.d)];
    return Math.log(Number(q.n >> BigInt(dn))) - Math.log(Number(q.d >> BigInt(dd))) + (dn - dd) * Math.LN2;
  };
  const near = ln(of) / ln(base);
  if (!Number.isFinite(near)) return undefined;
  for (let d = 1; d <= 6; d++) {
    const n = Math.round(near * d);
    if (Math.abs(near * d - n) > 1e-9 * d || Math.abs(n) * size(base) > 20_000) continue;
    const left = power(base, n);
    const right = power(of, d);
    if (left && right && left.n === right.n && left.d === right.d) return ratio(BigInt(n), BigInt(d));
  }
  return undefined;
}

export function oneArgument(name: string, of: Value, by: Evaluation): Value | undefined {
  switch (name) {
    case 'abs':
      if (isExact(of)) return of.n < 0n ? { n: -of.n, d: of.d } : of;
      if (isComplex(of)) return modulus(of, by.p);
      return of.m < 0n ? negateBall(of) : of;
    case 'floor':
    case 'ceil': {
      if (isComplex(of)) return undefined;
      if (isExact(of)) return { n: name === 'floor' ? floor(of) : -floor({ n: -of.n, d: of.d }), d: 1n };
      const low = floorBall(name === 'floor' ? of : negateBall(of));
      return low === undefined ? undefined : { n: name === 'floor' ? low : -low, d: 1n };
    }
    case 'sgn': {
      const sign = isComplex(of) ? undefined : signOf(realBall(of, by.p));
      return sign === undefined ? undefined : { n: BigInt(sign), d: 1n };
    }
    case 'max':
    case 'min':
      return of;
    default:
      by.fuel.burn(30 + (by.p >> 2));
      return applyFunction(name, of, by.p);
  }
}

export function severalArguments(name: string, values: readonly Value[], by: Evaluation): Value | undefined {
  if (name === 'max' || name === 'min') {
    let best = values[0]!;
    for (const value of values.slice(1)) {
      if (isComplex(value) || isComplex(best)) return undefined;
      const gap = subtractBalls(realBall(value, by.p), realBall(best, by.p), by.p);
      if (containsZero(gap)) continue;
      if (gap.m > 0n === (name === 'max')) best = value;
    }
    return best;
  }
  const whole: bigint[] = [];
  for (const value of values) {
    const n = integerOf(value);
    if (n === undefined) return undefined;
    whole.push(n);
  }
  by.fuel.burn(whole.length * 8);
  if (name === 'gcd') return { n: whole.reduce((a, b) => gcd(a, b)), d: 1n };
  if (name === 'lcm')
    return {
      n: whole.reduce((a, b) => (a === 0n || b === 0n ? 0n : (a / gcd(a, b)) * (b < 0n ? -b : b))),
      d: 1n,
    };
  if (name === 'mod' && whole.length === 2 && whole[1]! > 0n)
    return { n: ((whole[0]! % whole[1]!) + whole[1]!) % whole[1]!, d: 1n };
  return undefined;
}
