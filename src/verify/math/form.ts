import type { Fuel } from '../../core/fuel.ts';
import { factorial, factorize, largestFactorial } from './integers.ts';
import {
  bits,
  divide,
  isInteger,
  multiply,
  negate,
  one,
  power,
  type Rational,
  show,
  size,
} from './rational.ts';
import {
  addSums,
  type Builder,
  common,
  constant,
  constantOf,
  insert,
  invertTerm,
  keyOf,
  longestCoefficient,
  multiplySums,
  nothing,
  only,
  type Power,
  type Sum,
  sameSum,
  showSum,
  single,
  sumPower,
  type Term,
  TooLarge,
  tooLarge,
  unit,
} from './sums.ts';
import type { Node } from './tree.ts';

/**
 * Exact normal forms: a quotient of sums of terms, each a rational coefficient times powers of atoms. Atoms are symbols,
 * i, π, e, prime radicals (√2, ∛5 …: fractional powers of primes, which are linearly independent over the rationals) and
 * kernels, that is whatever else (sin x, 2^u, ln 3), known by the text of their own normal form. Two expressions with
 * the same form are equal; two without kernels and with different forms are not.
 */
export interface Form {
  readonly above: Sum;
  readonly below: Sum;
  /** No kernels: different forms mean different values. */
  readonly pure: boolean;
}

/** The normal form of an expression, or undefined when it has none within the limits. Throws OutOfFuel. */
export function formOf(node: Node, fuel: Fuel, degrees: 'factor' | 'none' = 'factor'): Form | undefined {
  const b: Builder = { fuel, degrees, pure: true, depth: 0 };
  try {
    const { above, below } = build(node, b);
    return { above, below, pure: b.pure };
  } catch (thrown) {
    if (thrown instanceof TooLarge) return undefined;
    throw thrown;
  }
}

/** a − b: 'same' and 'different' are proofs, 'unknown' is not. */
export function compareForms(a: Form, b: Form, fuel: Fuel): 'same' | 'different' | 'unknown' {
  const builder: Builder = { fuel, degrees: 'factor', pure: true, depth: 0 };
  try {
    const left = sameSum(b.below, unit) ? a.above : multiplySums(a.above, b.below, builder);
    const right = sameSum(a.below, unit) ? b.above : multiplySums(b.above, a.below, builder);
    if (sameSum(left, right)) return 'same';
    if (differByOneTerm(left, right)) return 'different';
    return a.pure && b.pure && !mixesConstants(left, right) ? 'different' : 'unknown';
  } catch (thrown) {
    if (thrown instanceof TooLarge) return 'unknown';
    throw thrown;
  }
}

/** Whether left − right is one term that cannot be 0: a constant times π, e, i, radicals and powers of primes. */
function differByOneTerm(left: Sum, right: Sum): boolean {
  let differing: Term | undefined;
  for (const [key, term] of left) {
    const other = right.get(key);
    if (other && other.c.n === term.c.n && other.c.d === term.c.d) continue;
    if (differing) return false;
    differing = term;
  }
  for (const [key, term] of right) {
    if (left.has(key)) continue;
    if (differing) return false;
    differing = term;
  }
  return (
    differing?.powers.every(
      ({ atom }) =>
        atom === 'π' || atom === 'e' || atom === 'i' || atom.startsWith('√') || atom.startsWith('huge'),
    ) ?? false
  );
}

/** The rational value of a form, if it is one. */
export function rationalOf(form: Form): Rational | undefined {
  const above = constantOf(form.above);
  const below = constantOf(form.below);
  return above && below && divide(above, below);
}

interface Quotient {
  readonly above: Sum;
  readonly below: Sum;
}

/** Whether both π and e (or one of them with the other side's) occur: then independence is not known. */
function mixesConstants(a: Sum, b: Sum): boolean {
  let pi = false;
  let e = false;
  for (const sum of [a, b])
    for (const term of sum.values())
      for (const { atom } of term.powers) {
        if (atom === 'π') pi = true;
        else if (atom === 'e') e = true;
      }
  return pi && e;
}

function build(node: Node, b: Builder): Quotient {
  b.fuel.burn();
  switch (node.kind) {
    case 'num':
      return over(constant(node.q));
    case 'sym':
      return over(single(`$${node.name}`));
    case 'const':
      if (node.name === 'inf') throw tooLarge;
      return over(single(node.name === 'pi' ? 'π' : node.name));
    case 'add': {
      let total = build(node.items[0]!, b);
      for (let i = 1; i < node.items.length; i++) total = plus(total, build(node.items[i]!, b), b);
      return total;
    }
    case 'mul': {
      let total = build(node.items[0]!, b);
      for (let i = 1; i < node.items.length; i++) total = times(total, build(node.items[i]!, b), b);
      return total;
    }
    case 'pow':
      return buildPower(node, b);
    case 'root':
      return radical(build(node.of, b), node.index, b);
    case 'percent':
      return times(build(node.of, b), over(constant({ n: 1n, d: 100n })), b);
    case 'degree':
      return b.degrees === 'none'
        ? build(node.of, b)
        : times(build(node.of, b), over(single('π', 1, 1, { n: 1n, d: 180n })), b);
    case 'call':
      return buildCall(node.name, node.items, b);
    case 'apply':
      return kernel(`${node.name}(${node.items.map((item) => canonical(item, b)).join(',')})`, b);
    case 'opaque':
      return kernel(node.text, b);
    default:
      throw tooLarge;
  }
}

function over(above: Sum): Quotient {
  return { above, below: unit };
}

function kernel(text: string, b: Builder): Quotient {
  b.pure = false;
  if (text.length > 2000) throw tooLarge;
  // Spaces separate the atoms of a key.
  return over(single(`[${text.replaceAll(' ', '_')}]`));
}

/** The canonical text of an expression inside a kernel. */
function canonical(node: Node, b: Builder): string {
  if (++b.depth > 40) throw tooLarge;
  const { above, below } = build(node, b);
  b.depth--;
  return below === unit ? showSum(above) : `(${showSum(above)})/(${showSum(below)})`;
}

function buildCall(name: string, items: readonly Node[], b: Builder): Quotient {
  if (name === 'factorial') {
    const n = rational(build(items[0]!, b));
    if (n && isInteger(n) && n.n >= 0n && n.n <= BigInt(largestFactorial))
      return over(constant({ n: factorial(Number(n.n), b.fuel), d: 1n }));
  }
  if (name === 'ln') return logarithm(items[0]!, b);
  if (name === 'log') return divideQuotients(logarithm(items[1]!, b), logarithm(items[0]!, b), b);
  if (name === 'abs') {
    const value = rational(build(items[0]!, b));
    if (value) return over(constant(value.n < 0n ? negate(value) : value));
  }
  return kernel(`${name}(${items.map((item) => canonical(item, b)).join(',')})`, b);
}

/** ln of a rational as a sum over its primes; other logarithms are kernels. */
function logarithm(of: Node, b: Builder): Quotient {
  if (of.kind === 'const' && of.name === 'e') return over(unit);
  const inside = build(of, b);
  const q = rational(inside);
  if (!q || q.n <= 0n || size(q) > 512)
    return kernel(
      `ln(${inside.below === unit ? showSum(inside.above) : `(${showSum(inside.above)})/(${showSum(inside.below)})`})`,
      b,
    );
  b.pure = false;
  const sum = new Map<string, Term>();
  for (const [part, sign] of [
    [q.n, 1],
    [q.d, -1],
  ] as const)
    for (const [prime, exponent] of factorize(part, b.fuel).factors) {
      const powers = [{ atom: `[ln(${prime})]`, n: 1, d: 1 }];
      insert(sum, { c: { n: BigInt(sign * exponent), d: 1n }, powers }, b);
    }
  return over(sum);
}

function rational(of: Quotient): Rational | undefined {
  const above = constantOf(of.above);
  const below = constantOf(of.below);
  return above && below && divide(above, below);
}

function plus(x: Quotient, y: Quotient, b: Builder): Quotient {
  if (sameSum(x.below, y.below)) return { above: addSums(x.above, y.above, b), below: x.below };
  return {
    above: addSums(multiplySums(x.above, y.below, b), multiplySums(y.above, x.below, b), b),
    below: multiplySums(x.below, y.below, b),
  };
}

function times(x: Quotient, y: Quotient, b: Builder): Quotient {
  return { above: multiplySums(x.above, y.above, b), below: multiplySums(x.below, y.below, b) };
}

function divideQuotients(x: Quotient, y: Quotient, b: Builder): Quotient {
  return times(x, invert(y, b), b);
}

function invert(x: Quotient, b: Builder): Quotient {
  if (x.above.size === 0) throw tooLarge; // division by zero has no value
  if (x.above.size === 1) {
    const term = only(x.above);
    return { above: multiplySums(x.below, new Map([invertTerm(term, b)]), b), below: unit };
  }
  return { above: x.below, below: x.above };
}

function buildPower(node: Node & { kind: 'pow' }, b: Builder): Quotient {
  const exponent = build(node.exponent, b);
  const q = rational(exponent);
  if (q && isInteger(q)) {
    if (node.base.kind === 'const' && node.base.name === 'i') return iToThe(q.n);
    const base = build(node.base, b);
    return integerPower(base, q.n, b);
  }
  if (q && q.d <= 1000n) {
    const root = radical(build(node.base, b), Number(q.d), b);
    return integerPower(root, q.n, b);
  }
  if (exponent.below !== unit)
    return kernel(
      `(${canonical(node.base, b)})^(${showSum(exponent.above)})/(${showSum(exponent.below)})`,
      b,
    );
  return symbolicPower(node.base, exponent.above, b);
}

function iToThe(k: bigint): Quotient {
  const rest = ((k % 4n) + 4n) % 4n;
  const sign: Rational = rest >= 2n ? { n: -1n, d: 1n } : one;
  return over(rest % 2n === 1n ? single('i', 1, 1, sign) : constant(sign));
}

function integerPower(base: Quotient, k: bigint, b: Builder): Quotient {
  if (k === 0n) {
    if (base.above.size === 0) throw tooLarge;
    return over(unit);
  }
  if (k < 0n) return integerPower(invert(base, b), -k, b);
  if (k === 1n) return base;
  return {
    above: sumPower(base.above, k, b),
    below: base.below === unit ? unit : sumPower(base.below, k, b),
  };
}

/** base^(sum): constant parts of the exponent come out as factors, others are kernels base^(term). */
function symbolicPower(baseNode: Node, exponent: Sum, b: Builder): Quotient {
  b.pure = false;
  const base = build(baseNode, b);
  const q = rational(base);
  let result: Quotient = over(unit);
  for (const [key, term] of exponent) {
    if (key === '') {
      const whole: Quotient =
        term.c.d === 1n
          ? integerPower(base, term.c.n, b)
          : term.c.d <= 1000n
            ? integerPower(radical(base, Number(term.c.d), b), term.c.n, b)
            : fail();
      result = times(result, whole, b);
      continue;
    }
    if (term.c.n > 1_000_000n || term.c.n < -1_000_000n) throw tooLarge;
    const times_ = Number(term.c.n);
    const rest = term.c.d === 1n ? key.replaceAll(' ', '_') : `${key.replaceAll(' ', '_')}/${term.c.d}`;
    if (q && q.n > 0n && size(q) < 256) {
      // 4^u = (2^u)^2: by primes.
      for (const [part, direction] of [
        [q.n, 1],
        [q.d, -1],
      ] as const)
        for (const [prime, count] of factorize(part, b.fuel).factors)
          result = times(result, over(single(`[${prime}^${rest}]`, times_ * count * direction)), b);
    } else {
      const text =
        base.below === unit ? showSum(base.above) : `(${showSum(base.above)})/(${showSum(base.below)})`;
      if (text.length > 500) throw tooLarge;
      result = times(result, over(single(`[(${text.replaceAll(' ', '_')})^${rest}]`, times_)), b);
    }
  }
  return result;
}

function fail(): never {
  throw tooLarge;
}

/** The index-th root: of rationals by their primes, of anything else as a kernel. */
function radical(of: Quotient, index: number, b: Builder): Quotient {
  if (index === 1) return of;
  const q = rational(of);
  if (!q || size(q) > 512) {
    const text = of.below === unit ? showSum(of.above) : `(${showSum(of.above)})/(${showSum(of.below)})`;
    return kernel(`root${index}(${text})`, b);
  }
  if (q.n === 0n) return over(nothing);
  const negative = q.n < 0n;
  if (negative && index % 2 === 0 && index !== 2) return kernel(`root${index}(${show(q)})`, b);
  // (n/d)^(1/k) = (n·d^(k−1))^(1/k)/d, prime by prime.
  let c: Rational = { n: 1n, d: 1n };
  const powers: Power[] = [];
  for (const [part, direction] of [
    [negative ? -q.n : q.n, 1],
    [q.d, -1],
  ] as const) {
    const { factors, complete } = factorize(part, b.fuel);
    if (!complete) b.pure = false;
    for (const [prime, exponent] of factors) {
      const total = direction * exponent;
      const whole = Math.floor(total / index);
      const rest = total - whole * index;
      if (whole !== 0) {
        if (bits(prime) * Math.abs(whole) > longestCoefficient) throw tooLarge;
        c = multiply(c, power({ n: prime, d: 1n }, whole)!);
      }
      if (rest !== 0) {
        const g = common(rest, index);
        powers.push({ atom: `√${prime}`, n: rest / g, d: index / g });
      }
    }
  }
  if (negative) {
    if (index === 2) powers.push({ atom: 'i', n: 1, d: 1 });
    else c = negate(c);
  }
  powers.sort((x, y) => (x.atom < y.atom ? -1 : x.atom > y.atom ? 1 : 0));
  return over(new Map([[keyOf(powers), { c, powers }]]));
}
