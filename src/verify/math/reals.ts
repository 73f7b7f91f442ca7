import type { Fuel } from '../../core/fuel.ts';
import { formOf, type Sum } from './form.ts';
import { divide, multiply, negate, type Rational, subtract } from './rational.ts';
import { int, type Node, negative, num, product, type RelationOperator, some, sum, symbols } from './tree.ts';
import { order } from './value.ts';

/** One interval; an end at ∞ or −∞ is never part of it. */
export interface Piece {
  readonly low: Node;
  readonly lowIn: boolean;
  readonly high: Node;
  readonly highIn: boolean;
}

/** A set of real numbers: disjoint pieces in ascending order, and the variable that it was said of, if any. */
export interface RealSet {
  readonly pieces: readonly Piece[];
  readonly name?: string;
}

/** Thrown when ends cannot be put in order (they hold symbols). Not an Error: it needs no stack. */
export class Unordered {}
const unordered = new Unordered();

const infinite: Node = { kind: 'const', name: 'inf' };
const minusInfinite: Node = { kind: 'mul', items: [int(-1), infinite] };
const everything: Piece = { low: minusInfinite, lowIn: false, high: infinite, highIn: false };

function ordered(a: Node, b: Node, fuel: Fuel): -1 | 0 | 1 {
  const sign = order(a, b, fuel);
  if (sign === undefined) throw unordered;
  return sign;
}

function isInfinite(node: Node): boolean {
  return some(node, (one) => one.kind === 'const' && one.name === 'inf');
}

function point(at: Node): Piece {
  return { low: at, lowIn: true, high: at, highIn: true };
}

/** The union of pieces: sorted, overlapping and touching ones joined, empty ones dropped. One piece needs no order. */
function united(pieces: readonly Piece[], fuel: Fuel): Piece[] {
  const kept = pieces.filter((piece) => !isEmptyPiece(piece, fuel));
  if (kept.length < 2) return kept;
  kept.sort((a, b) => ordered(a.low, b.low, fuel) || Number(b.lowIn) - Number(a.lowIn));
  const out: Piece[] = [kept[0]!];
  for (const next of kept.slice(1)) {
    const last = out[out.length - 1]!;
    const gap = ordered(last.high, next.low, fuel);
    if (gap < 0 || (gap === 0 && !last.highIn && !next.lowIn)) {
      out.push(next);
      continue;
    }
    const reach = ordered(last.high, next.high, fuel);
    out[out.length - 1] = {
      low: last.low,
      lowIn: last.lowIn,
      high: reach < 0 ? next.high : last.high,
      highIn: reach < 0 ? next.highIn : reach > 0 ? last.highIn : last.highIn || next.highIn,
    };
  }
  return out;
}

function isEmptyPiece(piece: Piece, fuel: Fuel): boolean {
  if (piece.low === piece.high) return !piece.lowIn || !piece.highIn;
  const sign = order(piece.low, piece.high, fuel);
  return sign === 1 || (sign === 0 && !(piece.lowIn && piece.highIn));
}

function intersected(a: readonly Piece[], b: readonly Piece[], fuel: Fuel): Piece[] {
  const out: Piece[] = [];
  for (const x of a)
    for (const y of b) {
      const low = isInfinite(x.low) ? 1 : isInfinite(y.low) ? -1 : -ordered(x.low, y.low, fuel);
      const high = isInfinite(x.high) ? 1 : isInfinite(y.high) ? -1 : ordered(x.high, y.high, fuel);
      // low > 0: y starts later; high > 0: y ends earlier.
      const piece: Piece = {
        low: low > 0 ? y.low : x.low,
        lowIn: low > 0 ? y.lowIn : low < 0 ? x.lowIn : x.lowIn && y.lowIn,
        high: high > 0 ? y.high : x.high,
        highIn: high > 0 ? y.highIn : high < 0 ? x.highIn : x.highIn && y.highIn,
      };
      out.push(piece);
    }
  return united(out, fuel);
}

/** The gaps between pieces, which come sorted and disjoint. */
function complement(pieces: readonly Piece[]): Piece[] {
  const gaps: Piece[] = [];
  let low = minusInfinite;
  let lowIn = false;
  for (const piece of pieces) {
    if (!isInfinite(piece.low)) gaps.push({ low, lowIn, high: piece.low, highIn: !piece.lowIn });
    if (isInfinite(piece.high)) return gaps;
    low = piece.high;
    lowIn = !piece.highIn;
  }
  gaps.push({ low, lowIn, high: infinite, highIn: false });
  return gaps;
}

/** Equal as sets: the same pieces, ends compared as values by the caller's equality. */
export function sameReals(a: RealSet, b: RealSet, equal: (x: Node, y: Node) => boolean): boolean {
  return (
    a.pieces.length === b.pieces.length &&
    a.pieces.every((x, i) => {
      const y = b.pieces[i]!;
      return x.lowIn === y.lowIn && x.highIn === y.highIn && equal(x.low, y.low) && equal(x.high, y.high);
    })
  );
}

/**
 * A node as a set of reals: inequalities in one variable, intervals, their unions and differences, finite sets, ℝ.
 * Undefined for anything else. `loose` reads (a, b) and [a, b] as intervals and a value as a point. Throws OutOfFuel.
 */
export function realsOf(node: Node, fuel: Fuel, loose: boolean): RealSet | undefined {
  try {
    return reals(node, fuel, loose);
  } catch (thrown) {
    if (thrown instanceof Unordered) return undefined;
    throw thrown;
  }
}

function reals(node: Node, fuel: Fuel, loose: boolean): RealSet | undefined {
  switch (node.kind) {
    case 'tuple':
      return interval(node, fuel, loose);
    case 'domain':
      return node.name === 'R' ? { pieces: [everything] } : named(node.name);
    case 'set': {
      if (node.items.length === 1 && node.items[0]!.kind === 'relation')
        return reals(node.items[0]!, fuel, loose);
      if (!loose || node.items.some((item) => !isPoint(item))) return undefined;
      return { pieces: united(node.items.map(point), fuel) };
    }
    case 'join':
      return joined(node, fuel);
    case 'relation':
      return relation(node, fuel);
    case 'list':
      return listed(node, fuel);
    case 'builder':
      return builder(node, fuel);
    default:
      return loose && isPoint(node) ? { pieces: [point(node)] } : undefined;
  }
}

/** ℝ⁺ and the like. */
function named(name: string): RealSet | undefined {
  const from = (low: Node, lowIn: boolean): RealSet => ({
    pieces: [{ low, lowIn, high: infinite, highIn: false }],
  });
  switch (name) {
    case 'R+':
    case 'R_>0':
      return from(int(0), false);
    case 'R_>=0':
    case 'R_ge0':
    case 'R_+':
      return from(int(0), true);
    case 'R-':
      return { pieces: [{ low: minusInfinite, lowIn: false, high: int(0), highIn: false }] };
    case 'R*':
      return {
        pieces: [
          { low: minusInfinite, lowIn: false, high: int(0), highIn: false },
          ...from(int(0), false).pieces,
        ],
      };
    default:
      return undefined;
  }
}

const valueKinds = new Set(['num', 'sym', 'const', 'add', 'mul', 'pow', 'root', 'call', 'percent', 'degree']);

function isPoint(node: Node): boolean {
  return (
    valueKinds.has(node.kind) &&
    !isInfinite(node) &&
    !some(node, (one) => one.kind === 'pm' || one.kind === 'unit')
  );
}

function interval(node: Node & { kind: 'tuple' }, fuel: Fuel, loose: boolean): RealSet | undefined {
  if (node.items.length !== 2 || node.open === '⟨') return undefined;
  const [low, high] = node.items as [Node, Node];
  if (!valueKinds.has(low.kind) || !valueKinds.has(high.kind)) return undefined;
  const certain = (node.open === '[') !== (node.close === ']') || isInfinite(low) || isInfinite(high);
  if (!certain && !loose) return undefined;
  const piece: Piece = {
    low,
    lowIn: node.open === '[' && !isInfinite(low),
    high,
    highIn: node.close === ']' && !isInfinite(high),
  };
  // (2, 1] is no interval: it is not the empty set that someone else wrote down.
  if (order(low, high, fuel) === 1) return undefined;
  return { pieces: united([piece], fuel) };
}

function joined(node: Node & { kind: 'join' }, fuel: Fuel): RealSet | undefined {
  let total: readonly Piece[] | undefined;
  let name: string | undefined;
  for (const item of node.items) {
    const next = reals(item, fuel, true);
    if (!next) return undefined;
    name ??= next.name;
    if (total === undefined) total = next.pieces;
    else if (node.op === 'cup') total = united([...total, ...next.pieces], fuel);
    else total = intersected(total, node.op === 'cap' ? next.pieces : complement(next.pieces), fuel);
  }
  return total && { pieces: total, name };
}

/** Conditions joined by commas, "and" and "or"; a comma joins alternatives when the conditions exclude each other. */
function listed(node: Node & { kind: 'list' }, fuel: Fuel): RealSet | undefined {
  const parts: RealSet[] = [];
  let conditions = 0;
  for (const item of node.items) {
    if (item.kind === 'relation' && !item.ops.every((op) => op === '=')) conditions++;
    else if (item.kind === 'tuple' || item.kind === 'join' || item.kind === 'set') {
      const part = reals(item, fuel, false);
      if (!part) return undefined;
      conditions++;
    }
    const part = reals(item, fuel, false) ?? (item.kind === 'relation' ? equality(item) : undefined);
    if (!part) return undefined;
    parts.push(part);
  }
  if (conditions === 0) return undefined;
  const names = new Set(parts.map((part) => part.name).filter((name) => name !== undefined));
  if (names.size > 1) return undefined;
  const name = [...names][0];
  const union = () =>
    united(
      parts.flatMap((part) => part.pieces),
      fuel,
    );
  if (node.join === 'or' || (node.items[0]!.kind !== 'relation' && node.join !== 'and'))
    return { pieces: union(), name };
  let common: readonly Piece[] = parts[0]!.pieces;
  for (const part of parts.slice(1)) common = intersected(common, part.pieces, fuel);
  return { pieces: common.length === 0 ? union() : common, name };
}

/** x = 3 as a set. */
function equality(node: Node & { kind: 'relation' }): RealSet | undefined {
  const [left, right] = node.items;
  if (node.items.length !== 2 || node.ops[0] !== '=' || left?.kind !== 'sym' || !isPoint(right!))
    return undefined;
  return { pieces: [point(right!)], name: left.name };
}

function builder(node: Node & { kind: 'builder' }, fuel: Fuel): RealSet | undefined {
  const of = node.of;
  let variable: string | undefined;
  let total: readonly Piece[] = [everything];
  if (of.kind === 'sym') variable = of.name;
  else if (
    of.kind === 'relation' &&
    of.ops.length === 1 &&
    of.ops[0] === 'in' &&
    of.items[0]!.kind === 'sym'
  ) {
    variable = of.items[0]!.name;
    const ground = reals(of.items[1]!, fuel, true);
    if (!ground) return undefined;
    total = ground.pieces;
  }
  if (variable === undefined) return undefined;
  const such = reals(
    node.such.length === 1 ? node.such[0]! : { kind: 'list', join: 'and', items: node.such },
    fuel,
    false,
  );
  if (!such || (such.name !== undefined && such.name !== variable)) return undefined;
  // The variable of a set-builder form is bound: it is no name of the answer.
  return { pieces: intersected(total, such.pieces, fuel) };
}

const flipped: Partial<Record<RelationOperator, RelationOperator>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '!=': '!=',
};

/** A chain of inequalities in one variable. */
function relation(node: Node & { kind: 'relation' }, fuel: Fuel): RealSet | undefined {
  if (node.items.length !== node.ops.length + 1) return undefined;
  if (node.ops.length === 1 && (node.ops[0] === 'in' || node.ops[0] === 'notin')) {
    const [left, right] = node.items as [Node, Node];
    if (left.kind !== 'sym') return undefined;
    const inside = reals(right, fuel, true);
    if (!inside) return undefined;
    return { pieces: node.ops[0] === 'in' ? inside.pieces : complement(inside.pieces), name: left.name };
  }
  if (
    node.ops.every((op) => op === '=') ||
    node.ops.some((op) => op === 'approx' || op === 'cong' || op === 'in' || op === 'notin')
  )
    return undefined;
  const middle = node.items.length === 3 ? node.items[1] : undefined;
  const variable = middle?.kind === 'sym' ? middle.name : undefined;
  let total: readonly Piece[] = [everything];
  let name: string | undefined;
  for (let i = 0; i < node.ops.length; i++) {
    if (node.ops[i] === '=') return undefined;
    const part = inequality(node.items[i]!, node.ops[i]!, node.items[i + 1]!, variable, fuel);
    if (!part || (name !== undefined && part.name !== name)) return undefined;
    name = part.name;
    total = i === 0 ? part.pieces : intersected(total, part.pieces, fuel);
  }
  return { pieces: total, name };
}

function inequality(
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
  if (!form || form.below.size !== 1 || !form.below.has('')) return undefined;
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
