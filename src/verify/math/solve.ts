import type { Fuel } from '../../core/fuel.ts';
import { formOf } from './form.ts';
import {
  complement,
  everything,
  infinite,
  intersected,
  isInfinite,
  minusInfinite,
  type Piece,
  point,
  type RealSet,
  united,
} from './pieces.ts';
import { divide, multiply, negate, type Rational, subtract } from './rational.ts';
import type { Sum } from './sums.ts';
import { int, type Node, negative, num, product, type RelationOperator, some, sum, symbols } from './tree.ts';

const flipped: Partial<Record<RelationOperator, RelationOperator>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '!=': '!=',
};

export function inequality(
  left: Node,
  op: RelationOperator,
  right: Node,
  variable: string | undefined,
  fuel: Fuel,
): RealSet | undefined {
  if (
    left.kind === 'sym' &&
    (variable === undefined || left.name === variable) &&
    !symbols(right).has(left.name)
  ) {
    if (right.kind === 'sym' && variable === undefined && !(isVariable(left.name) && !isVariable(right.name)))
      return undefined;
    return isPoint(right) || isInfinite(right) ? half(left.name, op, right) : undefined;
  }
  if (
    right.kind === 'sym' &&
    (variable === undefined || right.name === variable) &&
    !symbols(left).has(right.name)
  )
    return isPoint(left) || isInfinite(left) ? half(right.name, flipped[op]!, left) : undefined;
  return solved(left, op, right, fuel);
}

/** Letters that are unknowns rather than parameters. */
function isVariable(name: string): boolean {
  return /^[m-nt-z](?:_|$)/.test(name) || name === '\\theta';
}

/** x op bound. */
function half(name: string, op: RelationOperator, bound: Node): RealSet {
  const below = (highIn: boolean): Piece => ({ low: minusInfinite, lowIn: false, high: bound, highIn });
  const above = (lowIn: boolean): Piece => ({ low: bound, lowIn, high: infinite, highIn: false });
  if (isInfinite(bound)) return { pieces: [everything], name };
  switch (op) {
    case '<':
      return { pieces: [below(false)], name };
    case '<=':
      return { pieces: [below(true)], name };
    case '>':
      return { pieces: [above(false)], name };
    case '>=':
      return { pieces: [above(true)], name };
    default:
      return { pieces: [below(false), above(false)], name };
  }
}

/** Inequalities in one variable that are linear, quadratic, or |linear| against a number. */
function solved(left: Node, op: RelationOperator, right: Node, fuel: Fuel): RealSet | undefined {
  const names = [...symbols(right, symbols(left))];
  if (names.length !== 1) return undefined;
  const name = names[0]!;
  if (left.kind === 'call' && left.name === 'abs' && symbols(right).size === 0)
    return absolute(left.items[0]!, op, right, name, fuel);
  if (right.kind === 'call' && right.name === 'abs' && symbols(left).size === 0)
    return absolute(right.items[0]!, flipped[op]!, left, name, fuel);
  const form = formOf(sum([left, negative(right)]), fuel);
  if (form?.below.size !== 1 || !form.below.has('')) return undefined;
  const c = coefficients(form.above, name);
  if (!c) return undefined;
  const [c0, c1, c2] = c;
  if (c2.n === 0n) {
    if (c1.n === 0n) return undefined;
    const bound = num(divide(negate(c0), c1)!);
    return half(name, c1.n > 0n ? op : flipped[op]!, bound);
  }
  const rising = c2.n > 0n;
  const discriminant = subtract(multiply(c1, c1), multiply({ n: 4n, d: 1n }, multiply(c2, c0)));
  if (discriminant.n < 0n) return undefined;
  const root: Node = { kind: 'root', index: 2, of: num(discriminant) };
  const scale = num(divide({ n: 1n, d: 1n }, multiply({ n: 2n, d: 1n }, c2))!);
  const at = (sign: bigint): Node => product([scale, sum([num(negate(c1)), product([int(sign), root])])]);
  const [low, high] = rising ? [at(-1n), at(1n)] : [at(1n), at(-1n)];
  const within = (closed: boolean): Piece => ({ low, lowIn: closed, high, highIn: closed });
  const outside = (closed: boolean): Piece[] => [
    { low: minusInfinite, lowIn: false, high: low, highIn: closed },
    { low: high, lowIn: closed, high: infinite, highIn: false },
  ];
  if (op === '!=') return { pieces: complement([point(low), point(high)]), name };
  const closed = op === '<=' || op === '>=';
  const below = op === '<' || op === '<=';
  return { pieces: united(below === rising ? [within(closed)] : outside(closed), fuel), name };
}

function absolute(
  inside: Node,
  op: RelationOperator,
  bound: Node,
  name: string,
  fuel: Fuel,
): RealSet | undefined {
  const upper = solvedOrHalf(inside, op, bound, name, fuel);
  const lower = solvedOrHalf(inside, flipped[op]!, negative(bound), name, fuel);
  if (!upper || !lower) return undefined;
  if (op === '!=') return { pieces: intersected(upper.pieces, lower.pieces, fuel), name };
  return {
    pieces:
      op === '<' || op === '<='
        ? intersected(upper.pieces, lower.pieces, fuel)
        : united([...upper.pieces, ...lower.pieces], fuel),
    name,
  };
}

function solvedOrHalf(
  left: Node,
  op: RelationOperator,
  right: Node,
  name: string,
  fuel: Fuel,
): RealSet | undefined {
  return left.kind === 'sym' && left.name === name ? half(name, op, right) : solved(left, op, right, fuel);
}

/** Rational coefficients of 1, x and x² in a sum; undefined when there is anything else. */
function coefficients(of: Sum, name: string): [Rational, Rational, Rational] | undefined {
  const found: [Rational, Rational, Rational] = [
    { n: 0n, d: 1n },
    { n: 0n, d: 1n },
    { n: 0n, d: 1n },
  ];
  for (const term of of.values()) {
    if (term.powers.length === 0) found[0] = term.c;
    else {
      const [power] = term.powers;
      if (
        term.powers.length > 1 ||
        power!.atom !== `$${name}` ||
        power!.d !== 1 ||
        (power!.n !== 1 && power!.n !== 2)
      )
        return undefined;
      found[power!.n] = term.c;
    }
  }
  return found;
}

export const valueKinds = new Set([
  'num',
  'sym',
  'const',
  'add',
  'mul',
  'pow',
  'root',
  'call',
  'percent',
  'degree',
]);

export function isPoint(node: Node): boolean {
  return (
    valueKinds.has(node.kind) &&
    !isInfinite(node) &&
    !some(node, (one) => one.kind === 'pm' || one.kind === 'unit')
  );
}
