import { Fuel, OutOfFuel } from '../../core/fuel.ts';
import { hash32 } from '../../core/hash.ts';
import type { Evaluation } from './arithmetic.ts';
import { type Ball, containsZero, logHigh, logRadius, subtractBalls } from './ball.ts';
import { separationBits } from './bound.ts';
import { complexOf, isComplex, isExact, type Value } from './complex.ts';
import { evaluate } from './evaluate.ts';
import { foldRational } from './fold.ts';
import { compareForms, type Form, formOf } from './form.ts';
import { compare as compareRationals, type Rational } from './rational.ts';
import { children, type Node, sameTree, some, symbols } from './tree.ts';

/** Whether two values are equal, and whether that is proved or rests on evaluation at points. */
export interface Finding {
  readonly equal: boolean;
  readonly proved: boolean;
  /** Why it could not be told, or where the two differ. */
  readonly why?: string;
}

const same: Finding = { equal: true, proved: true };
const different: Finding = { equal: false, proved: true };

export interface ValueOptions {
  readonly fuel: Fuel;
  /** Normal forms already computed for this pair, by node. */
  readonly forms?: Map<Node, Form | undefined>;
  /** How a bare log is read: base 10, natural, or whichever makes the two agree. */
  readonly log: '10' | 'e' | 'either';
  /** A degree sign may be left out like a unit. */
  readonly looseDegrees: boolean;
}

/**
 * Compares two expressions as values, or as functions of their symbols: by exact normal forms where those decide,
 * otherwise by arithmetic with error bounds. "Equal" without a proof means: no difference at several points to 70 digits.
 */
export function compareValues(a: Node, b: Node, options: ValueOptions): Finding {
  if (a.kind === 'num' && b.kind === 'num') return a.q.n === b.q.n && a.q.d === b.q.d ? same : different;
  const x = foldRational(a);
  const y = x && foldRational(b);
  if (x && y) return x.n === y.n && x.d === y.d ? same : different;
  if (sameTree(a, b)) return same;
  const left = infinity(a);
  const right = infinity(b);
  if (left !== 0 || right !== 0) {
    if (Number.isNaN(left) || Number.isNaN(right))
      return { equal: false, proved: false, why: 'infinity inside an expression' };
    return left === right ? same : different;
  }
  const found = compareOnce(a, b, 'factor', options);
  if (found.equal) return found;
  if (options.looseDegrees && (hasDegree(a) || hasDegree(b)) && !degreeInCall(a) && !degreeInCall(b)) {
    const bare = compareOnce(a, b, 'none', options);
    if (bare.equal) return bare;
  }
  return found;
}

function hasDegree(node: Node): boolean {
  return some(node, (one) => one.kind === 'degree');
}

function degreeInCall(node: Node): boolean {
  return some(node, (one) => one.kind === 'call' && one.items.some(hasDegree));
}

/** 1 and −1 for ∞ and −∞, 0 for what has no infinity in it, NaN for other expressions with one. */
function infinity(node: Node): number {
  if (node.kind === 'const') return node.name === 'inf' ? 1 : 0;
  if (node.kind === 'mul') {
    let sign = 1;
    let found = false;
    for (const item of node.items) {
      const one = infinity(item);
      if (Number.isNaN(one)) return one;
      if (one !== 0) {
        sign *= one;
        found = true;
      } else if (item.kind === 'num' && item.q.n !== 0n) sign *= item.q.n < 0n ? -1 : 1;
      else if (some(item, (inner) => inner.kind === 'const' && inner.name === 'inf')) return Number.NaN;
      else sign = Number.NaN;
    }
    return found ? sign : 0;
  }
  return some(node, (one) => one.kind === 'const' && one.name === 'inf') ? Number.NaN : 0;
}

function compareOnce(a: Node, b: Node, degrees: 'factor' | 'none', options: ValueOptions): Finding {
  const left = cachedForm(a, degrees, options);
  const right = left && cachedForm(b, degrees, options);
  if (left && right) {
    const result = compareForms(left, right, options.fuel);
    if (result === 'same') return same;
    if (result === 'different') return different;
  }
  const bare = some(a, isBareLog) || some(b, isBareLog);
  if (!bare) return compareNumbers(a, b, degrees, 10, options.fuel);
  if (options.log !== 'either')
    return compareNumbers(a, b, degrees, options.log === '10' ? 10 : 'e', options.fuel);
  const ten = compareNumbers(a, b, degrees, 10, options.fuel);
  return ten.equal ? ten : compareNumbers(a, b, degrees, 'e', options.fuel);
}

function cachedForm(node: Node, degrees: 'factor' | 'none', options: ValueOptions): Form | undefined {
  if (degrees === 'none' || !options.forms) return boundedForm(node, options.fuel, degrees);
  if (options.forms.has(node)) return options.forms.get(node);
  const form = boundedForm(node, options.fuel, degrees);
  options.forms.set(node, form);
  return form;
}

/** A normal form for at most a third of the fuel that is left: numbers may still decide when it is too large. */
function boundedForm(node: Node, fuel: Fuel, degrees: 'factor' | 'none'): Form | undefined {
  const share = new Fuel(Math.floor(fuel.left / 3));
  try {
    return formOf(node, share, degrees);
  } catch (thrown) {
    if (thrown instanceof OutOfFuel) return undefined;
    throw thrown;
  } finally {
    fuel.burn(share.budget - share.left);
  }
}

function isBareLog(node: Node): boolean {
  return node.kind === 'call' && node.name === 'log?';
}

function compareNumbers(a: Node, b: Node, degrees: 'factor' | 'none', log: 10 | 'e', fuel: Fuel): Finding {
  const names = [...symbols(b, symbols(a))].sort();
  const by = (p: number, point: ReadonlyMap<string, Rational>, real = false): Evaluation => ({
    p,
    real,
    fuel,
    point,
    degrees,
    log,
    exactBits: names.length === 0 ? 100_000 : 8192,
  });
  return names.length === 0 ? compareConstants(a, b, by) : compareFunctions(a, b, names, by);
}

type At = (p: number, point: ReadonlyMap<string, Rational>, real?: boolean) => Evaluation;
const nowhere: ReadonlyMap<string, Rational> = new Map();

function compareConstants(a: Node, b: Node, by: At): Finding {
  for (const p of [96, 320]) {
    const x = evaluate(a, by(p, nowhere));
    const y = x && evaluate(b, by(p, nowhere));
    if (!x || !y) {
      if (p === 96) continue;
      return {
        equal: false,
        proved: false,
        why: x ? 'the second has no value here' : 'the first has no value here',
      };
    }
    if (isExact(x) && isExact(y)) return x.n === y.n && x.d === y.d ? same : different;
    const verdict = meet(x, y, p);
    if (verdict === 'apart') return different;
    if (verdict === 'unclear' && p > 96) return { equal: false, proved: false, why: 'too close to tell' };
  }
  const needed = separationBits(a, b);
  if (needed !== undefined && needed <= 3000) {
    const p = Math.max(320, needed + 64);
    const x = evaluate(a, by(p, nowhere));
    const y = x && evaluate(b, by(p, nowhere));
    if (x && y && !isExact(x)) {
      const verdict = meet(x, y, p);
      if (verdict === 'apart') return different;
      if (verdict === 'together') return same;
    }
  }
  return { equal: true, proved: false };
}

/** Whether two results exclude each other, agree to most of their bits, or neither. */
function meet(x: Value, y: Value, p: number): 'apart' | 'together' | 'unclear' {
  const left = complexOf(x, p);
  const right = complexOf(y, p);
  const re = subtractBalls(left.re, right.re, p);
  const im = subtractBalls(left.im, right.im, p);
  if (!containsZero(re) || !containsZero(im)) return 'apart';
  const scale = Math.max(logHigh(left.re), logHigh(right.re), logHigh(left.im), logHigh(right.im));
  const error = Math.max(logRadius(re), logRadius(im));
  // Two values that are both 0 up to the error have no scale of their own.
  return error <= Math.max(scale, -p / 4) - p * 0.6 ? 'together' : 'unclear';
}

const attempts = 28;
const enough = 5;

function compareFunctions(a: Node, b: Node, names: readonly string[], by: At): Finding {
  const whole = integerNames(b, integerNames(a, new Set()));
  const complex = some(a, isImaginary) || some(b, isImaginary);
  let agreed = 0;
  let confirmed = false;
  const unreal: ReadonlyMap<string, Rational>[] = [];
  for (let i = 0; i < attempts; i++) {
    // Without a value at real points, integers may still have one: (-1)^n.
    const point = pointAt(names, whole, i, i >= 16 && agreed === 0);
    const found = compareAt(a, b, by, point, complex, 96);
    if (found === 'unreal') unreal.push(point);
    if (found === 'apart') return { equal: false, proved: true, why: `they differ at ${showPoint(point)}` };
    if (found !== 'together') continue;
    if (!confirmed) {
      const again = compareAt(a, b, by, point, complex, 256);
      if (again === 'apart') return { equal: false, proved: true, why: `they differ at ${showPoint(point)}` };
      confirmed = again === 'together';
    }
    agreed++;
    if (agreed >= (whole.size > 0 ? 14 : enough) && confirmed) break;
  }
  if (agreed === 0)
    for (const point of unreal.slice(0, 6)) {
      const found = compareAt(a, b, by, point, true, 128);
      if (found === 'apart') return { equal: false, proved: true, why: `they differ at ${showPoint(point)}` };
      if (found === 'together') {
        agreed++;
        confirmed = true;
      }
    }
  if (agreed >= 3 && confirmed) return { equal: true, proved: false };
  return { equal: false, proved: false, why: 'too few points where both have a value' };
}

function isImaginary(node: Node): boolean {
  return node.kind === 'const' && node.name === 'i';
}

function compareAt(
  a: Node,
  b: Node,
  by: At,
  point: ReadonlyMap<string, Rational>,
  complex: boolean,
  p: number,
): 'apart' | 'together' | 'unclear' | 'unreal' {
  const at = by(p, point, !complex);
  const x = evaluate(a, at);
  const y = x && evaluate(b, at);
  if (!x || !y) return complex ? 'unclear' : 'unreal';
  if (isExact(x) && isExact(y)) return x.n === y.n && x.d === y.d ? 'together' : 'apart';
  if (!complex && (isUnreal(x) || isUnreal(y))) return 'unreal';
  return meet(x, y, p);
}

function isUnreal(value: Value): boolean {
  return isComplex(value) && !containsZero(value.im);
}

/** Letters that stand for positive integers: those inside factorials, floors, binomials, remainders and bounds of sums. */
export function integerNames(node: Node, found: Set<string>): Set<string> {
  if (node.kind === 'call' && (node.name === 'floor' || node.name === 'ceil')) {
    for (const name of symbols(node)) if (!realLetters.test(name)) found.add(name);
  } else if (
    (node.kind === 'call' && (integerCalls.has(node.name) || node.name.includes('range:'))) ||
    (node.kind === 'relation' && node.ops[0] === 'cong')
  )
    for (const name of symbols(node)) found.add(name);
  else if (node.kind === 'series') {
    for (const name of symbols(node.from)) found.add(name);
    for (const name of symbols(node.to)) found.add(name);
  }
  for (const child of children(node)) integerNames(child, found);
  return found;
}

/** In ⌊x⌋ these stay real: as an integer x would be ⌊x⌋. */
const realLetters = /^[t-z](?:_|'|$)/;
const integerCalls = new Set(['factorial', 'factorial2', 'binom', 'perm', 'gcd', 'lcm', 'mod']);

/**
 * The i-th point for some symbols: fixed by their names, spread over positive, negative, small and larger numbers;
 * integers count up from 1.
 */
export function pointAt(
  names: readonly string[],
  whole: ReadonlySet<string>,
  i: number,
  allWhole: boolean,
): ReadonlyMap<string, Rational> {
  const point = new Map<string, Rational>();
  const several = (allWhole ? names.length : whole.size) > 1;
  for (const name of names) {
    const h = hash32(name, 1000 + i);
    if (allWhole || whole.has(name)) {
      const n = several ? 1 + (h % (4 + i)) : i < 12 ? i + 1 : 13 + (h % (8 * (i - 11)));
      point.set(name, { n: BigInt(allWhole && !several ? i - 15 : n), d: 1n });
      continue;
    }
    // Odd numerators over powers of two: no special values, short exact results.
    const odd = BigInt(2 * (h % 96) + 33);
    // Even points are positive, the first odd one is negative, the others have mixed signs.
    const positive = i % 2 === 0 || (i > 1 && names.length > 1 && (h & 0x10000) === 0);
    const d = i % 4 < 2 ? 64n : i % 4 === 2 ? 256n : 16n;
    point.set(name, { n: positive ? odd : -odd, d });
  }
  return point;
}

function showPoint(point: ReadonlyMap<string, Rational>): string {
  const parts: string[] = [];
  for (const [name, q] of point) parts.push(`${name} = ${q.d === 1n ? q.n : `${q.n}/${q.d}`}`);
  return parts.slice(0, 4).join(', ');
}

/** The sign of a − b for values that are real constants; undefined when it cannot be told. */
export function order(a: Node, b: Node, fuel: Fuel): -1 | 0 | 1 | undefined {
  const q = foldRational(a);
  const r = q && foldRational(b);
  if (q && r) return compareRationals(q, r);
  const left = infinity(a);
  const right = infinity(b);
  if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
  if (left !== 0 || right !== 0) return left === right ? 0 : left < right ? -1 : 1;
  for (const p of [64, 320]) {
    const by: Evaluation = { p, fuel, point: nowhere, degrees: 'factor', log: 10, exactBits: 100_000 };
    const x = evaluate(a, by);
    const y = x && evaluate(b, by);
    if (!x || !y || isComplex(x) || isComplex(y)) return undefined;
    if (isExact(x) && isExact(y)) {
      const gap = x.n * y.d - y.n * x.d;
      return gap < 0n ? -1 : gap > 0n ? 1 : 0;
    }
    const gap: Ball = subtractBalls(complexOf(x, p).re, complexOf(y, p).re, p);
    if (!containsZero(gap)) return gap.m < 0n ? -1 : 1;
  }
  return 0;
}
