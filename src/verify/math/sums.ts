import type { Fuel } from '../../core/fuel.ts';
import { factorize } from './integers.ts';
import {
  add,
  divide,
  multiply,
  negate,
  one,
  power,
  productCost,
  type Rational,
  show,
  size,
  sumCost,
  zero,
} from './rational.ts';

export type Sum = ReadonlyMap<string, Term>;

export interface Term {
  readonly c: Rational;
  readonly powers: readonly Power[];
}

/** An atom to a power n/d. d is 1 but for prime radicals, whose atoms start with '√'. */
export interface Power {
  readonly atom: string;
  readonly n: number;
  readonly d: number;
}

/** Thrown when a form grows over its limits: the caller goes on with numbers. Not an Error: it needs no stack. */
export class TooLarge {}
export const tooLarge = new TooLarge();

const mostTerms = 300;

export const longestCoefficient = 200_000;

/** What the building of a form carries along. */
export interface Builder {
  readonly fuel: Fuel;
  readonly degrees: 'factor' | 'none';
  pure: boolean;
  depth: number;
}

export const unit: Sum = new Map([['', { c: one, powers: [] }]]);

export const nothing: Sum = new Map();

export function constant(c: Rational): Sum {
  return c.n === 0n ? nothing : new Map([['', { c, powers: [] }]]);
}

export function single(atom: string, n = 1, d = 1, c: Rational = one): Sum {
  const powers = [{ atom, n, d }];
  return new Map([[keyOf(powers), { c, powers }]]);
}

/** The text of a product of powers, by which terms are collected. */
export function keyOf(powers: readonly Power[]): string {
  let key = '';
  for (const { atom, n, d } of powers)
    key += `${key === '' ? '' : ' '}${atom}${n === 1 && d === 1 ? '' : d === 1 ? `^${n}` : `^${n}/${d}`}`;
  return key;
}

export function constantOf(sum: Sum): Rational | undefined {
  if (sum.size === 0) return zero;
  return sum.size === 1 ? sum.get('')?.c : undefined;
}

export function sameSum(a: Sum, b: Sum): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [key, term] of a) {
    const other = b.get(key);
    if (!other || other.c.n !== term.c.n || other.c.d !== term.c.d) return false;
  }
  return true;
}

/** The one term of a sum of one term. */
export function only(sum: Sum): Term {
  for (const term of sum.values()) return term;
  throw tooLarge;
}

/** The sum as text, terms in a fixed order: equal sums have equal texts. */
export function showSum(sum: Sum): string {
  if (sum.size === 0) return '0';
  const keys = [...sum.keys()].sort();
  return keys
    .map((key) => (key === '' ? show(sum.get(key)!.c) : `${show(sum.get(key)!.c)}*${key}`))
    .join('+');
}

export function addSums(x: Sum, y: Sum, b: Builder): Sum {
  if (x.size === 0) return y;
  if (y.size === 0) return x;
  b.fuel.burn(y.size);

  const sum = new Map(x);
  for (const [key, term] of y) insertAt(sum, key, term, b);
  if (sum.size > mostTerms) throw tooLarge;
  return sum;
}

export function insert(into: Map<string, Term>, term: Term, b: Builder): void {
  insertAt(into, keyOf(term.powers), term, b);
}

function insertAt(into: Map<string, Term>, key: string, term: Term, b: Builder): void {
  const before = into.get(key);
  if (!before) {
    into.set(key, term);
    return;
  }
  b.fuel.burn(sumCost(before.c, term.c));
  const c = add(before.c, term.c);
  if (c.n === 0n) into.delete(key);
  else into.set(key, { c, powers: term.powers });
}

export function multiplySums(x: Sum, y: Sum, b: Builder): Sum {
  if (x === unit) return y;
  if (y === unit) return x;
  const sum = new Map<string, Term>();
  b.fuel.burn(3 * x.size * y.size);
  for (const s of x.values())
    for (const t of y.values()) {
      insert(sum, multiplyTerms(s, t, b), b);
      if (sum.size > mostTerms) throw tooLarge;
    }
  return sum;
}

function multiplyTerms(s: Term, t: Term, b: Builder): Term {
  const c = multiplyCoefficients(s.c, t.c, b);
  if (s.powers.length === 0) return { c, powers: t.powers };
  if (t.powers.length === 0) return { c, powers: s.powers };
  // Merge two sorted lists of powers.
  const powers: Power[] = [];
  let i = 0;
  let j = 0;
  let met = false;
  while (i < s.powers.length && j < t.powers.length) {
    const left = s.powers[i]!;
    const right = t.powers[j]!;
    if (left.atom < right.atom) {
      powers.push(left);
      i++;
    } else if (left.atom > right.atom) {
      powers.push(right);
      j++;
    } else {
      const d = left.d === right.d ? left.d : left.d * right.d;
      const n = left.d === right.d ? left.n + right.n : left.n * right.d + right.n * left.d;
      powers.push({ atom: left.atom, n, d });
      met = true;
      i++;
      j++;
    }
  }
  while (i < s.powers.length) powers.push(s.powers[i++]!);
  while (j < t.powers.length) powers.push(t.powers[j++]!);
  return met ? normalize({ c, powers }, b) : { c, powers };
}

export function multiplyCoefficients(x: Rational, y: Rational, b: Builder): Rational {
  if (size(x) + size(y) > longestCoefficient) throw tooLarge;
  b.fuel.burn(productCost(x, y));
  return multiply(x, y);
}

/** Takes whole powers out of radicals, folds i⁴, drops atoms to the power 0. */
function normalize(term: Term, b: Builder): Term {
  let c = term.c;
  const powers: Power[] = [];
  for (let { atom, n, d } of term.powers) {
    if (Math.abs(n) > 1e9) throw tooLarge;
    if (atom === 'i') {
      const k = ((n % 4) + 4) % 4;
      if (k >= 2) c = negate(c);
      if (k % 2 === 1) powers.push({ atom, n: 1, d: 1 });
      continue;
    }
    if (atom.startsWith('√')) {
      const whole = Math.floor(n / d);
      n -= whole * d;
      if (whole !== 0) {
        if (Math.abs(whole) > 10_000) throw tooLarge;
        b.fuel.burn(1 + Math.abs(whole >> 3));
        c = multiply(c, power({ n: BigInt(atom.slice(1)), d: 1n }, whole)!);
      }
      const g = common(n, d);
      n /= g;
      d /= g;
    }
    if (n !== 0) powers.push({ atom, n, d });
  }
  return { c, powers };
}

export function common(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a === 0 ? 1 : Math.abs(a);
}

export function invertTerm(term: Term, b: Builder): [string, Term] {
  const inverted: Term = {
    c: divide(one, term.c)!,
    powers: term.powers.map(({ atom, n, d }) => ({ atom, n: -n, d })),
  };
  const fixed = normalize(inverted, b);
  return [keyOf(fixed.powers), fixed];
}

export function sumPower(sum: Sum, k: bigint, b: Builder): Sum {
  if (sum.size === 0) return sum;
  if (k > 1_000_000_000n) throw tooLarge;
  const count = Number(k);
  if (sum.size === 1) {
    const term = only(sum);
    const length = size(term.c);
    if (length > 2 && length * count > longestCoefficient) return hugePower(term, count, b);
    b.fuel.burn(1 + ((length * count) >> 8));
    const fixed = normalize(
      { c: power(term.c, count)!, powers: term.powers.map(({ atom, n, d }) => ({ atom, n: n * count, d })) },
      b,
    );
    return new Map([[keyOf(fixed.powers), fixed]]);
  }
  if (count > 200) throw tooLarge;
  let result: Sum = unit;
  let square = sum;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiplySums(result, square, b);
    if (rest > 1) square = multiplySums(square, square, b);
  }
  return result;
}

/** 2^1000000: too long to write out, so the power itself becomes an atom; 2^1000000 + 1 still differs from it by 1. */
function hugePower(term: Term, count: number, b: Builder): Sum {
  if (term.powers.length > 0) throw tooLarge;
  const sign: Rational = term.c.n < 0n && count % 2 === 1 ? { n: -1n, d: 1n } : one;
  const factors: Power[] = [];
  for (const [part, direction] of [
    [term.c.n < 0n ? -term.c.n : term.c.n, 1],
    [term.c.d, -1],
  ] as const) {
    const { factors: found, complete } = factorize(part, b.fuel);
    if (!complete) b.pure = false;
    for (const [prime, exponent] of found)
      factors.push({ atom: `huge${prime}`, n: direction * exponent * count, d: 1 });
  }
  // Not pure: 2^1000000 is an integer like others, only its size is not used.
  b.pure = false;
  factors.sort((x, y) => (x.atom < y.atom ? -1 : 1));
  return new Map([[keyOf(factors), { c: sign, powers: factors }]]);
}
