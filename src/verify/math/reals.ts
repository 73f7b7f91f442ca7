import type { Fuel } from '../../core/fuel.ts';
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
  Unordered,
  united,
} from './pieces.ts';
import { inequality, isPoint, valueKinds } from './solve.ts';
import { int, type Node } from './tree.ts';
import { order } from './value.ts';

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
