import { hash32 } from '../../core/hash.ts';
import {
  burned,
  type Evaluation,
  exactLog,
  integerOf,
  inverse,
  naturalLog,
  oneArgument,
  plus,
  raise,
  rootOf,
  severalArguments,
  times,
} from './arithmetic.ts';
import { type Ball, containsZero, oneBall } from './ball.ts';
import { complexOf, expComplex, isComplex, isExact, realBall, type Value } from './complex.ts';
import { exp, piBall } from './elementary.ts';
import { binomial, doubleFactorial, factorial, largestFactorial } from './integers.ts';
import { bits, one, type Rational, ratio } from './rational.ts';
import type { Node } from './tree.ts';

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

function evaluatePower(baseNode: Node, exponentNode: Node, by: Evaluation): Value | undefined {
  const exponent = evaluate(exponentNode, by);
  if (exponent === undefined) return undefined;
  if (baseNode.kind === 'const' && baseNode.name === 'e') {
    by.fuel.burn(30 + (by.p >> 2));
    if (isComplex(exponent)) return expComplex(exponent, by.p);
    if (isExact(exponent) && exponent.n === 0n) return one;
    return exp(realBall(exponent, by.p + 24), by.p);
  }
  const base = evaluate(baseNode, by);
  return base && raise(base, exponent, by);
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
      if (name.startsWith('prodrange:') || name.startsWith('sumrange:'))
        return evaluateRange(name, items, by);
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
  by.fuel.burn(30 + (by.p >> 2));
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

/** The terms of an arithmetic progression of integers, multiplied or added; the number in the name counts those before the dots. */
function evaluateRange(name: string, items: readonly Node[], by: Evaluation): Value | undefined {
  const [kind, count] = name.split(':') as [string, string];
  const values: bigint[] = [];
  for (const item of items) {
    const n = integerOf(evaluate(item, by));
    if (n === undefined || bits(n) > 64) return undefined;
    values.push(n);
  }
  const before = values.slice(0, Number(count));
  const after = values.slice(Number(count));
  const [first, last] = [before[0]!, after[after.length - 1]!];
  const step =
    before.length > 1
      ? before[1]! - first
      : after.length > 1
        ? after[1]! - after[0]!
        : last < first
          ? -1n
          : 1n;
  for (const part of [before, after])
    for (let i = 1; i < part.length; i++) if (part[i]! - part[i - 1]! !== step) return undefined;
  if (step === 0n || (last - first) % step !== 0n || (last - first) / step < 0n) return undefined;
  const terms = (last - first) / step + 1n;
  if (terms > BigInt(mostTerms)) return undefined;
  by.fuel.burn(Number(terms));
  let total = kind === 'sumrange' ? 0n : 1n;
  for (let n = first, k = 0n; k < terms; n += step, k++) total = kind === 'sumrange' ? total + n : total * n;
  return { n: total, d: 1n };
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
