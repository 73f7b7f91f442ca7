import type { Fuel } from '../../core/fuel.ts';
import { hash32 } from '../../core/hash.ts';
import {
  addBalls,
  type Ball,
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
  expComplex,
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
import { exp, log, piBall, powerOf } from './elementary.ts';
import { applyFunction } from './functions.ts';
import { binomial, doubleFactorial, factorial, largestFactorial } from './integers.ts';
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
import type { Node } from './tree.ts';

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

/**
 * The value of an expression at a point: exact as long as it is rational and short, then a ball, a complex pair where
 * real numbers do not suffice. Undefined where it has no value (division by 0, infinity, a structure, an exponent out
 * of range) or where the precision cannot tell. Throws OutOfFuel.
 */
export function evaluate(node: Node, by: Evaluation): Value | undefined {
  by.fuel.burn();
  switch (node.kind) {
    case 'num':
      return node.q;
    case 'sym':
      return by.point.get(node.name);
    case 'const':
      if (node.name === 'pi') return burned(by, piBall(by.p));
      if (node.name === 'e') return burned(by, exp(oneBall, by.p));
      if (node.name === 'i') return imaginary;
      return undefined;
    case 'add': {
      let total: Value | undefined = evaluate(node.items[0]!, by);
      for (let i = 1; i < node.items.length && total !== undefined; i++) {
        const next = evaluate(node.items[i]!, by);
        total = next && plus(total, next, by);
      }
      return total;
    }
    case 'mul': {
      let total: Value | undefined = evaluate(node.items[0]!, by);
      for (let i = 1; i < node.items.length && total !== undefined; i++) {
        const next = evaluate(node.items[i]!, by);
        total = next && times(total, next, by);
      }
      return total;
    }
    case 'pow':
      return evaluatePower(node.base, node.exponent, by);
    case 'root': {
      const of = evaluate(node.of, by);
      return of && rootOf(of, node.index, by);
    }
    case 'percent': {
      const of = evaluate(node.of, by);
      return of && times(of, { n: 1n, d: 100n }, by);
    }
    case 'degree': {
      const of = evaluate(node.of, by);
      if (of === undefined || by.degrees === 'none') return of;
      return times(times(of, { n: 1n, d: 180n }, by)!, piBall(by.p), by);
    }
    case 'series':
      return series(node, by);
    case 'apply':
      return uninterpreted(node.name, node.items, by);
    case 'opaque':
      return pseudoRandom(node.text);
    case 'call':
      return evaluateCall(node.name, node.items, by);
    default:
      return undefined;
  }
}

const imaginary: Value = { re: { m: 0n, e: 0, r: 0n }, im: oneBall };

/** Charges an operation on balls. */
function burned<T>(by: Evaluation, value: T): T {
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
  by.fuel.burn(4 + (by.p >> 5));
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

function evaluatePower(baseNode: Node, exponentNode: Node, by: Evaluation): Value | undefined {
  const exponent = evaluate(exponentNode, by);
  if (exponent === undefined) return undefined;
  if (baseNode.kind === 'const' && baseNode.name === 'e') {
    by.fuel.burn(4 + (by.p >> 4));
    if (isComplex(exponent)) return expComplex(exponent, by.p);
    if (isExact(exponent) && exponent.n === 0n) return one;
    return exp(realBall(exponent, by.p + 24), by.p);
  }
  const base = evaluate(baseNode, by);
  return base && raise(base, exponent, by);
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
  by.fuel.burn(8 + (by.p >> 3));
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

function evaluateCall(name: string, items: readonly Node[], by: Evaluation): Value | undefined {
  switch (name) {
    case 'factorial':
    case 'factorial2': {
      const n = integerOf(evaluate(items[0]!, by));
      if (n === undefined || n < (name === 'factorial' ? 0n : -1n) || n > BigInt(largestFactorial))
        return undefined;
      return {
        n: name === 'factorial' ? factorial(Number(n), by.fuel) : doubleFactorial(Number(n), by.fuel),
        d: 1n,
      };
    }
    case 'binom':
    case 'perm': {
      const n = evaluate(items[0]!, by);
      const k = integerOf(evaluate(items[1]!, by));
      if (n === undefined || k === undefined) return undefined;
      const whole = integerOf(n);
      if (whole === undefined) return undefined;
      const count = binomial(whole, k, by.fuel);
      if (count === undefined) return undefined;
      if (name === 'binom') return { n: count, d: 1n };
      return k > BigInt(largestFactorial) ? undefined : { n: count * factorial(Number(k), by.fuel), d: 1n };
    }
    case 'log':
      return logarithm(items[0]!, items[1]!, by);
    case 'log?':
      return by.log === 10 ? logarithm(ten, items[0]!, by) : logarithm(euler, items[0]!, by);
    case 'ln':
      return logarithm(euler, items[0]!, by);
    case 'det':
      return items[0]!.kind === 'matrix' ? determinant(items[0]!.rows, by) : undefined;
    default: {
      const values: Value[] = [];
      for (const item of items) {
        const value = evaluate(item, by);
        if (value === undefined) return undefined;
        values.push(value);
      }
      if (values.length === 1) return oneArgument(name, values[0]!, by);
      return severalArguments(name, values, by);
    }
  }
}

const ten: Node = { kind: 'num', q: { n: 10n, d: 1n } };
const euler: Node = { kind: 'const', name: 'e' };

function logarithm(baseNode: Node, ofNode: Node, by: Evaluation): Value | undefined {
  const of = evaluate(ofNode, by);
  if (of === undefined) return undefined;
  by.fuel.burn(8 + (by.p >> 3));
  const natural = baseNode.kind === 'const' && baseNode.name === 'e';
  if (natural) {
    if (isExact(of) && of.n === 1n && of.d === 1n) return { n: 0n, d: 1n };
    // ln e^x is x, exactly.
    if (ofNode.kind === 'pow' && ofNode.base.kind === 'const' && ofNode.base.name === 'e') {
      const exponent = evaluate(ofNode.exponent, by);
      if (exponent !== undefined && !isComplex(exponent)) return exponent;
    }
    if (ofNode.kind === 'const' && ofNode.name === 'e') return one;
    return naturalLog(of, by);
  }
  const base = evaluate(baseNode, by);
  if (base === undefined) return undefined;
  if (isExact(base) && isExact(of)) {
    const exact = exactLog(base, of);
    if (exact) return exact;
  }
  const above = naturalLog(of, by);
  const below = naturalLog(base, by);
  const inverted = below && inverse(below, by);
  return above && inverted && times(above, inverted, by);
}

function naturalLog(of: Value, by: Evaluation): Value | undefined {
  if (isComplex(of)) return logComplex(of, by.p);
  if (isExact(of) && of.n === 1n && of.d === 1n) return { n: 0n, d: 1n };
  const ball = realBall(of, by.p + 16);
  const sign = signOf(ball);
  if (sign === 1) return log(ball, by.p);
  return sign === -1 && !by.real ? logComplex({ re: ball, im: { m: 0n, e: 0, r: 0n } }, by.p) : undefined;
}

/** log_b x when it is a fraction with a small denominator. */
function exactLog(base: Rational, of: Rational): Rational | undefined {
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

function oneArgument(name: string, of: Value, by: Evaluation): Value | undefined {
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
      by.fuel.burn(8 + (by.p >> 3));
      return applyFunction(name, of, by.p);
  }
}

function severalArguments(name: string, values: readonly Value[], by: Evaluation): Value | undefined {
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

/** Cofactor expansion, for up to 5 rows. */
function determinant(rows: readonly (readonly Node[])[], by: Evaluation): Value | undefined {
  const n = rows.length;
  if (n > 5 || rows.some((row) => row.length !== n)) return undefined;
  const cells: Value[][] = [];
  for (const row of rows) {
    const values: Value[] = [];
    for (const cell of row) {
      const value = evaluate(cell, by);
      if (value === undefined) return undefined;
      values.push(value);
    }
    cells.push(values);
  }
  const expand = (row: number, columns: readonly number[]): Value | undefined => {
    if (columns.length === 0) return one;
    let total: Value | undefined = { n: 0n, d: 1n };
    for (let i = 0; i < columns.length; i++) {
      const minor = expand(row + 1, [...columns.slice(0, i), ...columns.slice(i + 1)]);
      const signed: Value | undefined = minor && times(i % 2 === 0 ? one : { n: -1n, d: 1n }, minor, by);
      const part: Value | undefined = signed && times(cells[row]![columns[i]!]!, signed, by);
      total = part && total && plus(total, part, by);
      if (total === undefined) return undefined;
    }
    return total;
  };
  return expand(
    0,
    rows.map((_, i) => i),
  );
}

/** At most this many terms of a sum or product are added up. */
const mostTerms = 2000;

function series(node: Node & { kind: 'series' }, by: Evaluation): Value | undefined {
  const from = integerOf(evaluate(node.from, by));
  const to = integerOf(evaluate(node.to, by));
  if (from === undefined || to === undefined || to - from >= BigInt(mostTerms)) return undefined;
  let total: Value | undefined = { n: node.name === 'sum' ? 0n : 1n, d: 1n };
  const point = new Map(by.point);
  const inner: Evaluation = { ...by, point };
  for (let k = from; k <= to && total !== undefined; k++) {
    point.set(node.index, { n: k, d: 1n });
    const next = evaluate(node.body, inner);
    total = next && (node.name === 'sum' ? plus(total, next, by) : times(total, next, by));
  }
  return total;
}

/**
 * A function that only the answer knows, f(x): a fixed pseudo-random number for each name and arguments, so that equal
 * arguments give equal values and others, in practice, do not.
 */
function uninterpreted(name: string, items: readonly Node[], by: Evaluation): Value | undefined {
  let key = name;
  for (const item of items) {
    const value = evaluate(item, by);
    if (value === undefined) return undefined;
    key += `|${fingerprint(value)}`;
  }
  return pseudoRandom(key);
}

/** About 40 bits of a value as text; an exact and a rounded form of the same value give the same text. */
function fingerprint(value: Value): string {
  const part = (ball: Ball): string => {
    if (containsZero(ball)) return '0';
    const length = bits(ball.m);
    const shift = length - 40;
    const lead = shift > 0 ? (ball.m + (1n << BigInt(shift - 1))) >> BigInt(shift) : ball.m << BigInt(-shift);
    return `${lead}e${ball.e + shift}`;
  };
  const complex = complexOf(value, 80);
  return `${part(complex.re)},${part(complex.im)}`;
}

function pseudoRandom(key: string): Rational {
  return ratio(BigInt((hash32(key, 77) % 1999) + 101), 512n);
}
