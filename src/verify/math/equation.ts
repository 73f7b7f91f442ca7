import type { Evaluation } from './arithmetic.ts';
import { containsZero, divideBalls, subtractBalls } from './ball.ts';
import { complexOf, isComplex, isExact } from './complex.ts';
import { type Context, differs, same } from './context.ts';
import { evaluate } from './evaluate.ts';
import { formOf } from './form.ts';
import { divide, multiply, type Rational } from './rational.ts';
import { keyOf, type Sum, type Term } from './sums.ts';
import { type Node, negative, sum, symbols } from './tree.ts';
import { type Finding, integerNames, pointAt } from './value.ts';

/**
 * Two equations: the same when the polynomials left − right are, up to a constant factor that is not 0. `positive` asks
 * for a factor above 0, for inequalities. The proof is by normal forms for polynomials and fractions; other equations
 * are compared by the ratio of left − right at points.
 */
export function compareEquations(
  a: { left: Node; right: Node },
  b: { left: Node; right: Node },
  positive: boolean,
  context: Context,
): Finding {
  const x = sum([a.left, negative(a.right)]);
  const y = sum([b.left, negative(b.right)]);
  const form = formOf(x, context.fuel);
  const other = form && formOf(y, context.fuel);
  if (form && other) {
    if (form.above.size === 0 || other.above.size === 0) return differs('an equation that always holds');
    const cleared = positive ? form.above : withoutDivision(form.above);
    const factor = proportion(cleared, positive ? other.above : withoutDivision(other.above));
    if (factor && (!positive || (factor.n > 0n && form.below.size === 1 && other.below.size === 1)))
      return same;
    if (factor && positive) return differs('the relation points the other way');
    if (form.pure && other.pure && rationalCoefficients(form.above) && rationalCoefficients(other.above))
      return differs('not the same polynomial up to a factor');
  }
  return byRatio(x, y, positive, context);
}

/** The rational c with a = c·b, if there is one. */
function proportion(a: Sum, b: Sum): Rational | undefined {
  if (a.size !== b.size) return undefined;
  let factor: Rational | undefined;
  for (const [key, term] of a) {
    const other = b.get(key);
    if (!other) return undefined;
    if (factor === undefined) factor = divide(term.c, other.c);
    else {
      const expected = multiply(factor, other.c);
      if (expected.n !== term.c.n || expected.d !== term.c.d) return undefined;
    }
  }
  return factor;
}

/** Multiplied by the symbols that stand below a fraction line: y = 1/x becomes xy = 1. */
function withoutDivision(of: Sum): Sum {
  const lowest = new Map<string, number>();
  for (const term of of.values())
    for (const { atom, n, d } of term.powers)
      if (d === 1 && atom.startsWith('$')) lowest.set(atom, Math.min(lowest.get(atom) ?? 0, n));
  const shifts = [...lowest].filter(([, n]) => n < 0);
  if (shifts.length === 0) return of;
  const out = new Map<string, Term>();
  for (const term of of.values()) {
    const degrees = new Map(term.powers.map((power) => [power.atom, power]));
    for (const [atom, n] of shifts) degrees.set(atom, { atom, n: (degrees.get(atom)?.n ?? 0) - n, d: 1 });
    const powers = [...degrees.values()]
      .filter(({ n }) => n !== 0)
      .sort((x, y) => (x.atom < y.atom ? -1 : 1));
    out.set(keyOf(powers), { c: term.c, powers });
  }
  return out;
}

/** Only symbols as atoms: a factor between two such polynomials is rational. */
function rationalCoefficients(of: Sum): boolean {
  for (const term of of.values()) if (term.powers.some((power) => !power.atom.startsWith('$'))) return false;
  return true;
}

function byRatio(x: Node, y: Node, positive: boolean, context: Context): Finding {
  const names = symbols(x);
  const others = symbols(y);
  if (names.size !== others.size || [...names].some((name) => !others.has(name)))
    return differs('they have different variables');
  const list = [...names].sort();
  const whole = integerNames(y, integerNames(x, new Set()));
  const p = 128;
  let first: ReturnType<typeof divideBalls>;
  let agreed = 0;
  for (let i = 0; i < 20 && agreed < 5; i++) {
    const by: Evaluation = {
      p,
      fuel: context.fuel,
      point: pointAt(list, whole, i, false),
      degrees: 'factor',
      log: 10,
      exactBits: 4096,
    };
    const u = evaluate(x, by);
    const v = u && evaluate(y, by);
    if (!u || !v || isComplex(u) || isComplex(v)) continue;
    if ((isExact(u) && u.n === 0n) !== (isExact(v) && v.n === 0n))
      return differs('one holds where the other does not');
    const quotient = divideBalls(complexOf(u, p).re, complexOf(v, p).re, p);
    if (!quotient || containsZero(quotient)) continue;
    if (positive && quotient.m < 0n) return differs('the relation points the other way');
    if (first === undefined) first = quotient;
    else if (!containsZero(subtractBalls(quotient, first, p)))
      return differs('left − right are not proportional');
    agreed++;
  }
  return agreed >= 3
    ? { equal: true, proved: false }
    : { equal: false, proved: false, why: 'too few points where both have a value' };
}
