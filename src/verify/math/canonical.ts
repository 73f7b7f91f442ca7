import type { Ball } from './ball.ts';
import { complexOf, isExact, type Value } from './complex.ts';
import type { Context } from './context.ts';
import { evaluate } from './evaluate.ts';
import { foldRational } from './fold.ts';
import { formOf, rationalOf } from './form.ts';
import { bits, type Rational, show } from './rational.ts';
import { realsOf } from './reals.ts';
import type { Shape } from './shape.ts';
import { showSum } from './sums.ts';
import { type Node, symbols } from './tree.ts';
import { hasUnit, measure, saysNothing } from './units.ts';
import { integerNames, pointAt } from './value.ts';

/**
 * One text for each class of equal answers, or undefined where none is known. Rationals and polynomials are written out;
 * other constants by 30 digits, other functions by their values at fixed points. A missing name, unit or percent sign
 * cannot be seen from one side: they are left out (x = 5 is 5, 5 cm is 5 cm).
 */
export function canonicalShape(shape: Shape, context: Context): string | undefined {
  switch (shape.kind) {
    case 'value':
      return canonicalValue(shape.node, context);
    case 'named':
      return canonicalShape(shape.of, context);
    case 'tuple': {
      const items = list(shape.items, context);
      return items && `(${items.join(', ')})`;
    }
    case 'matrix': {
      const rows = shape.rows.map((row) => list(row, context)?.join(' '));
      return rows.includes(undefined) ? undefined : `[${rows.join('; ')}]`;
    }
    case 'set': {
      const items = list(shape.items, context);
      if (!items) return undefined;
      const distinct = [...new Set(items)].sort();
      return distinct.length === 1 ? distinct[0] : `{${distinct.join(', ')}}`;
    }
    case 'assignments': {
      const parts: string[] = [];
      for (const [name, value] of shape.values) {
        const text = canonicalShape(value, context);
        if (text === undefined) return undefined;
        parts.push(`${name} = ${text}`);
      }
      return parts.sort().join(', ');
    }
    case 'reals': {
      const set = realsOf(shape.node, context.fuel, true) ?? shape.set;
      const pieces: string[] = [];
      for (const piece of set.pieces) {
        const low = end(piece.low, context);
        const high = end(piece.high, context);
        if (low === undefined || high === undefined) return undefined;
        pieces.push(
          low === high ? `{${low}}` : `${piece.lowIn ? '[' : '('}${low}, ${high}${piece.highIn ? ']' : ')'}`,
        );
      }
      return pieces.length === 0 ? '{}' : pieces.join(' ∪ ');
    }
    case 'equation':
      return canonicalEquation(shape.left, shape.right, context);
    case 'other':
      return canonicalOther(shape.node, context);
    default:
      return undefined;
  }
}

function list(items: readonly Shape[], context: Context): string[] | undefined {
  const out: string[] = [];
  for (const item of items) {
    const text = canonicalShape(item, context);
    if (text === undefined) return undefined;
    out.push(text);
  }
  return out;
}

function end(node: Node, context: Context): string | undefined {
  if (node.kind === 'const' && node.name === 'inf') return '∞';
  if (node.kind === 'mul' && node.items.some((item) => item.kind === 'const' && item.name === 'inf'))
    return '-∞';
  return canonicalValue(node, context);
}

function canonicalValue(node: Node, context: Context): string | undefined {
  if (node.kind === 'num') return shortly(node.q);
  if (node.kind === 'sym') return node.name;
  if (node.kind === 'const' && node.name === 'inf') return '∞';
  if (hasUnit(node)) {
    const measured = measure(node);
    if (!measured) return undefined;
    const { unit, value } = measured;
    if (!unit || saysNothing(unit)) return canonicalValue(value, context);
    const base = canonicalValue({ kind: 'mul', items: [value, { kind: 'num', q: unit.factor }] }, context);
    const names = Object.keys(unit.dimensions)
      .filter((name) => unit.dimensions[name] !== 0)
      .sort()
      .map((name) => `${name}${unit.dimensions[name] === 1 ? '' : `^${unit.dimensions[name]}`}`);
    return base === undefined ? undefined : `${base} ${names.join(' ')}`;
  }
  const short = foldRational(node);
  if (short) return show(short);
  const form = context.forms.get(node) ?? formOf(node, context.fuel);
  if (form) {
    const q = rationalOf(form);
    if (q) return shortly(q);
    if (
      form.pure &&
      form.below.size === 1 &&
      form.below.has('') &&
      [...form.above.values()].every(onlySymbols)
    )
      return readable(showSum(form.above));
  }
  return byDigits(node, context);
}

/** A fraction written out, unless it has more than about 12 000 digits. */
function shortly(q: Rational): string | undefined {
  return bits(q.n) + bits(q.d) > 40_000 ? undefined : show(q);
}

function onlySymbols(term: {
  readonly powers: readonly { readonly atom: string; readonly n: number }[];
}): boolean {
  return term.powers.every((power) => power.atom.startsWith('$') && power.n > 0);
}

function readable(text: string): string {
  return text.replaceAll('$', '');
}

/** Values at one fixed point (constants) or two, to 30 digits. */
function byDigits(node: Node, context: Context): string | undefined {
  const names = [...symbols(node)].sort();
  const whole = integerNames(node, new Set());
  const out: string[] = [];
  // A positive and a negative point: |x| is not x.
  for (let i = 0; i < (names.length === 0 ? 1 : 2); i++) {
    const value = evaluate(node, {
      p: 128,
      fuel: context.fuel,
      point: pointAt(names, whole, whole.size > 0 ? i + 4 : i, false),
      degrees: 'factor',
      log: 10,
      exactBits: 8192,
    });
    if (value === undefined) {
      out.push('-');
      continue;
    }
    if (names.length === 0 && isExact(value)) return shortly(value);
    const text = digits(value);
    if (text === undefined) return undefined;
    out.push(text);
  }
  if (out.every((text) => text === '-')) return undefined;
  return names.length === 0 ? `≈${out[0]}` : `${names.join(',')} ↦ ${out.join(' | ')}`;
}

function digits(value: Value): string | undefined {
  const { re, im } = complexOf(value, 128);
  const real = decimal(re);
  const imaginary = decimal(im);
  if (real === undefined || imaginary === undefined) return undefined;
  return imaginary === '0' ? real : `${real} + ${imaginary}i`;
}

/** 30 significant digits of a ball that knows them; what is 0 up to 2^-90 is 0. */
function decimal(ball: Ball): string | undefined {
  if (ball.m === 0n) return '0';
  const top = bits(ball.m) + ball.e;
  if (top < -90 && (ball.m < 0n ? -ball.m : ball.m) <= ball.r << 40n) return '0';
  const exponent = Math.floor((top - 1) * Math.LOG10E * Math.LN2);
  const shift = 29 - exponent;
  if (Math.abs(shift) > 5000 || Math.abs(ball.e) > 20_000) return undefined;
  const ten = 10n ** BigInt(Math.abs(shift));
  let scaled = shift >= 0 ? ball.m * ten : ball.m;
  let divisor = shift >= 0 ? 1n : ten;
  if (ball.e >= 0) scaled <<= BigInt(ball.e);
  else divisor <<= BigInt(-ball.e);
  const negative = scaled < 0n;
  const rounded = ((negative ? -scaled : scaled) * 2n + divisor) / (2n * divisor);
  const text = rounded.toString();
  // 30 or 31 digits, cut to 30 significant ones.
  const cut = text.slice(0, 30).replace(/0+$/, '');
  return `${negative ? '-' : ''}${cut}e${exponent - 29 + text.length - cut.length}`;
}

/** left − right with the first coefficient 1. */
function canonicalEquation(left: Node, right: Node, context: Context): string | undefined {
  const form = formOf(
    { kind: 'add', items: [left, { kind: 'mul', items: [{ kind: 'num', q: { n: -1n, d: 1n } }, right] }] },
    context.fuel,
  );
  if (!form?.pure || form.above.size === 0 || ![...form.above.values()].every(onlySymbols)) return undefined;
  const first = [...form.above.keys()].sort().find((key) => key !== '') ?? '';
  const lead = form.above.get(first)!.c;
  const scaled = new Map([...form.above].map(([key, term]) => [key, { ...term, c: quotient(term.c, lead) }]));
  return `${readable(showSum(scaled))} = 0`;
}

function quotient(a: Rational, b: Rational): Rational {
  const n = a.n * b.d;
  const d = a.d * b.n;
  let [x, y] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (y !== 0n) [x, y] = [y, x % y];
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / x, d: (sign * d) / x };
}

function canonicalOther(node: Node, context: Context): string | undefined {
  switch (node.kind) {
    case 'text':
      return node.words.length > 0 ? [...node.words].join(' ') : undefined;
    case 'time':
      return `${Math.floor(node.minutes / 60)}:${String(node.minutes % 60).padStart(2, '0')}`;
    case 'date':
      return node.text;
    case 'domain':
      return node.name;
    case 'base':
      return `${node.digits.replace(/^0+(?=.)/, '')}_${node.base}`;
    case 'colon': {
      if (node.clock && /:\d\d$/.test(node.clock) && node.items.length > 1 && /^0|:0/.test(node.clock))
        return node.clock;
      const parts = node.items.map((item) =>
        canonicalValue(
          {
            kind: 'mul',
            items: [
              item,
              { kind: 'pow', base: node.items[0]!, exponent: { kind: 'num', q: { n: -1n, d: 1n } } },
            ],
          },
          context,
        ),
      );
      return parts.includes(undefined) ? undefined : parts.join(' : ');
    }
    default:
      return undefined;
  }
}
