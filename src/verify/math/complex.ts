import {
  addBalls,
  type Ball,
  divideBalls,
  fromRational,
  multiplyBalls,
  negateBall,
  signOf,
  squareRoot,
  subtractBalls,
  zeroBall,
} from './ball.ts';
import { angle, exp, integerPower, log, powerOf, sineCosine } from './elementary.ts';
import type { Rational } from './rational.ts';

/** A complex number in balls. */
export interface Complex {
  readonly re: Ball;
  readonly im: Ball;
}

/** What an expression evaluates to: an exact fraction, a real ball or a complex pair. */
export type Value = Rational | Ball | Complex;

export function isExact(value: Value): value is Rational {
  return 'd' in value;
}

export function isComplex(value: Value): value is Complex {
  return 'im' in value;
}

/** A real value as a ball. */
export function realBall(value: Rational | Ball, p: number): Ball {
  return 'd' in value ? fromRational(value, p) : value;
}

export function complexOf(value: Value, p: number): Complex {
  return 'im' in value ? value : { re: realBall(value, p), im: zeroBall };
}

/** Drops an imaginary part that is exactly 0. */
export function simplest(value: Complex): Value {
  return value.im.m === 0n && value.im.r === 0n ? value.re : value;
}

export function addComplex(a: Complex, b: Complex, p: number): Value {
  return simplest({ re: addBalls(a.re, b.re, p), im: addBalls(a.im, b.im, p) });
}

export function multiplyComplex(a: Complex, b: Complex, p: number): Value | undefined {
  const rr = multiplyBalls(a.re, b.re, p);
  const ii = multiplyBalls(a.im, b.im, p);
  const ri = multiplyBalls(a.re, b.im, p);
  const ir = multiplyBalls(a.im, b.re, p);
  if (!rr || !ii || !ri || !ir) return undefined;
  return simplest({ re: subtractBalls(rr, ii, p), im: addBalls(ri, ir, p) });
}

export function inverseComplex(a: Complex, p: number): Value | undefined {
  const wide = p + 8;
  const rr = multiplyBalls(a.re, a.re, wide);
  const ii = multiplyBalls(a.im, a.im, wide);
  if (!rr || !ii) return undefined;
  const norm = addBalls(rr, ii, wide);
  const re = divideBalls(a.re, norm, p);
  const im = divideBalls(negateBall(a.im), norm, p);
  return re && im && simplest({ re, im });
}

/** |a| */
export function modulus(a: Complex, p: number): Ball | undefined {
  const rr = multiplyBalls(a.re, a.re, p + 8);
  const ii = multiplyBalls(a.im, a.im, p + 8);
  return rr && ii && squareRoot(addBalls(rr, ii, p + 8), p);
}

/** The principal logarithm. */
export function logComplex(a: Complex, p: number): Value | undefined {
  const size = modulus(a, p + 8);
  const re = size && log(size, p);
  const im = re && angle(a.im, a.re, p);
  return re && im && simplest({ re, im });
}

export function expComplex(a: Complex, p: number): Value | undefined {
  const scale = exp(a.re, p + 8);
  const turn = scale && sineCosine(a.im, p + 8);
  if (!turn) return undefined;
  const re = multiplyBalls(scale, turn.cos, p);
  const im = multiplyBalls(scale, turn.sin, p);
  return re && im && simplest({ re, im });
}

/** The principal square root. */
export function rootComplex(a: Complex, p: number): Value | undefined {
  if (a.im.m === 0n && a.im.r === 0n) {
    const sign = signOf(a.re);
    if (sign === undefined) return undefined;
    if (sign >= 0) return squareRoot(a.re, p);
    const im = squareRoot(negateBall(a.re), p);
    return im && { re: zeroBall, im };
  }
  const ln = logComplex(a, p + 16);
  if (!ln) return undefined;
  const { re, im } = complexOf(ln, p);
  return expComplex({ re: { ...re, e: re.e - 1 }, im: { ...im, e: im.e - 1 } }, p);
}

/** base^exponent by the principal logarithm. */
export function powerComplex(base: Complex, exponent: Complex, p: number): Value | undefined {
  const ln = logComplex(base, p + 32);
  const product = ln && multiplyComplex(complexOf(ln, p), exponent, p + 32);
  return product && expComplex(complexOf(product, p), p);
}

/** a^k for an integer k by squaring. */
export function integerPowerComplex(a: Complex, k: number, p: number): Value | undefined {
  let result: Value | undefined = { m: 1n, e: 0, r: 0n };
  let square: Value | undefined = a;
  const wide = p + 16 + Math.ceil(Math.log2(Math.abs(k) + 1));
  for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1)
      result = result && square && multiplyComplex(complexOf(result, wide), complexOf(square, wide), wide);
    if (rest > 1) square = square && multiplyComplex(complexOf(square, wide), complexOf(square, wide), wide);
  }
  return result && (k < 0 ? inverseComplex(complexOf(result, wide), p) : result);
}

/** A real power: exact integer exponents by squaring, others for bases above 0. */
export function realPower(base: Ball, exponent: Rational, p: number): Ball | undefined {
  if (exponent.d === 1n && exponent.n >= -1_000_000n && exponent.n <= 1_000_000n) {
    const k = Number(exponent.n);
    const raised = integerPower(base, Math.abs(k), p + 8);
    return raised && (k < 0 ? divideBalls({ m: 1n, e: 0, r: 0n }, raised, p) : raised);
  }
  return signOf(base) === 1 ? powerOf(base, fromRational(exponent, p + 64), p) : undefined;
}
