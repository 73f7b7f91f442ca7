import { type Evaluation, integerOf } from './arithmetic.ts';
import { containsZero, subtractBalls } from './ball.ts';
import { complexOf, isComplex, isExact, type Value } from './complex.ts';
import { type Context, differs } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { Rational } from './rational.ts';
import { realsOf } from './reals.ts';
import { type Branch, children, type Node, type RelationOperator, symbols } from './tree.ts';
import { type Finding, integerNames, pointAt } from './value.ts';

const p = 128;

/**
 * Case distinctions as functions: at points of all regions that either side names, their edges included, both have the
 * same value or none. A side without cases is defined everywhere that it has a value. Undefined when a condition is in
 * words that have no truth value here.
 */
export function compareAsFunctions(gold: Node, pred: Node, context: Context): Finding | undefined {
  const names = [...symbols(pred, symbols(gold))].sort();
  if (names.length === 0 || names.length > 4) return undefined;
  const whole = integerNames(pred, integerNames(gold, new Set()));
  const edges = [...edgesOf(gold), ...edgesOf(pred)]
    .map((edge) => exactValue(edge, context))
    .filter((edge) => edge !== undefined);
  let compared = 0;
  for (const point of points(names, whole, edges)) {
    const by: Evaluation = { p, fuel: context.fuel, point, degrees: 'factor', log: 10, exactBits: 8192 };
    const a = valueAt(gold, by);
    const b = valueAt(pred, by);
    if (a === 'unknown' || b === 'unknown') return undefined;
    if (a === 'outside' && b === 'outside') continue;
    // A reference that says nothing there leaves the other side free.
    if (a === 'outside' && pred.kind !== 'cases') continue;
    if (a === 'outside' || b === 'outside') return differs('one of them has no case for some values');
    if (!a || !b) continue;
    if (!agree(a, b)) {
      const where = [...point]
        .map(([name, q]) => `${name} = ${q.d === 1n ? q.n : `${q.n}/${q.d}`}`)
        .join(', ');
      return differs(`they differ at ${where}`);
    }
    compared++;
  }
  if (compared < 3) return { equal: false, proved: false, why: 'too few points where both have a value' };
  return { equal: true, proved: false };
}

function agree(a: Value, b: Value): boolean {
  if (isExact(a) && isExact(b)) return a.n === b.n && a.d === b.d;
  const x = complexOf(a, p);
  const y = complexOf(b, p);
  return containsZero(subtractBalls(x.re, y.re, p)) && containsZero(subtractBalls(x.im, y.im, p));
}

function* points(
  names: readonly string[],
  whole: ReadonlySet<string>,
  edges: readonly Rational[],
): Generator<ReadonlyMap<string, Rational>> {
  const near: Rational[] = [];
  for (const edge of edges.slice(0, 12))
    for (const shift of [0n, 1n, -1n]) near.push({ n: edge.n * 8n + shift * edge.d, d: edge.d * 8n });
  for (const edge of edges.slice(0, 12))
    for (const shift of [1n, -1n, 5n, -5n]) near.push({ n: edge.n + shift * edge.d, d: edge.d });
  const reduced = near.map((q) => reduce(q));
  for (let i = 0; i < reduced.length; i++) {
    const point = new Map<string, Rational>();
    const random = pointAt(names, whole, i, false);
    for (const name of names) {
      const q =
        names.length === 1 ? reduced[i]! : (i + name.length) % 2 === 0 ? reduced[i]! : random.get(name)!;
      if (whole.has(name) && q.d !== 1n) break;
      point.set(name, q);
    }
    if (point.size === names.length) yield point;
  }
  for (let i = 0; i < 16; i++) yield pointAt(names, whole, i, false);
  if (whole.size === 0) for (let i = 0; i < 4; i++) yield pointAt(names, new Set(names), i, false);
}

function reduce(q: Rational): Rational {
  let { n, d } = q;
  for (const prime of [2n, 3n, 5n, 7n])
    while (d % prime === 0n && n % prime === 0n) [n, d] = [n / prime, d / prime];
  return { n, d };
}

/** The constants in conditions: where regions meet. */
function* edgesOf(node: Node): Generator<Node> {
  if (node.kind !== 'cases') return;
  for (const { when } of node.branches) {
    if (!when) continue;
    for (const part of when.kind === 'list' ? when.items : [when])
      if (part.kind === 'relation')
        for (const side of part.items)
          for (const end of side.kind === 'tuple' ? children(side) : [side])
            if (symbols(end).size === 0) yield end;
  }
}

function exactValue(node: Node, context: Context): Rational | undefined {
  const value = evaluate(node, {
    p: 64,
    fuel: context.fuel,
    point: new Map(),
    degrees: 'factor',
    log: 10,
    exactBits: 512,
  });
  return value && isExact(value) ? value : undefined;
}

function valueAt(node: Node, by: Evaluation): Value | 'outside' | 'unknown' | undefined {
  if (node.kind !== 'cases') return evaluate(node, by);
  for (const branch of node.branches) {
    const applies = branch.when === undefined || holds(branch.when, by);
    if (applies === undefined) return 'unknown';
    if (applies) return evaluate(branch.value, by);
  }
  return 'outside';
}

/** Whether a condition holds at a point; undefined when it has no truth value here. */
export function holds(condition: Node, by: Evaluation): boolean | undefined {
  if (condition.kind === 'list') {
    const parts = condition.items.map((item) => holds(item, by));
    if (parts.some((part) => part === undefined)) return undefined;
    return condition.join === 'or' ? parts.some((part) => part) : parts.every((part) => part);
  }
  if (condition.kind !== 'relation') return undefined;
  if (condition.ops[0] === 'cong') return congruent(condition.items, by);
  if (condition.ops[0] === 'in' || condition.ops[0] === 'notin') {
    const inside = member(condition.items[0]!, condition.items[1]!, by);
    return inside === undefined ? undefined : inside === (condition.ops[0] === 'in');
  }
  for (let i = 0; i < condition.ops.length; i++) {
    const one = related(condition.items[i]!, condition.ops[i]!, condition.items[i + 1]!, by);
    if (one !== true) return one;
  }
  return true;
}

function congruent(items: readonly Node[], by: Evaluation): boolean | undefined {
  const [a, b, m] = items.map((item) => integerOf(evaluate(item, by)));
  if (a === undefined || b === undefined || m === undefined || m <= 0n)
    return items.length === 3 && b !== undefined && m !== undefined ? false : undefined;
  return (a - b) % m === 0n;
}

function member(node: Node, set: Node, by: Evaluation): boolean | undefined {
  const value = evaluate(node, by);
  if (value === undefined) return undefined;
  if (set.kind === 'domain') {
    const whole = integerOf(value);
    if (set.name === 'Z') return whole !== undefined;
    if (set.name === 'N' || set.name === 'Z+') return whole !== undefined && whole > 0n;
    return set.name === 'R' ? !isComplex(value) : undefined;
  }
  const reals = realsOf(set, by.fuel, true);
  if (!reals) return undefined;
  return reals.pieces.some(
    (piece) =>
      related(piece.low, piece.lowIn ? '<=' : '<', node, by) === true &&
      related(node, piece.highIn ? '<=' : '<', piece.high, by) === true,
  );
}

function related(left: Node, op: RelationOperator, right: Node, by: Evaluation): boolean | undefined {
  const low = infinite(left);
  const high = infinite(right);
  if (low !== 0 || high !== 0) {
    const sign = Math.sign(low - high);
    return op === '<' || op === '<=' ? sign < 0 : op === '>' || op === '>=' ? sign > 0 : op === '!=';
  }
  const a = evaluate(left, by);
  const b = a && evaluate(right, by);
  if (!a || !b || isComplex(a) || isComplex(b)) return undefined;
  let sign: number;
  if (isExact(a) && isExact(b)) {
    const gap = a.n * b.d - b.n * a.d;
    sign = gap < 0n ? -1 : gap > 0n ? 1 : 0;
  } else {
    const gap = subtractBalls(complexOf(a, p).re, complexOf(b, p).re, p);
    sign = containsZero(gap) ? 0 : gap.m < 0n ? -1 : 1;
  }
  switch (op) {
    case '=':
    case 'approx':
      return sign === 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
    case '!=':
      return sign !== 0;
    default:
      return undefined;
  }
}

function infinite(node: Node): number {
  if (node.kind === 'const' && node.name === 'inf') return 1;
  if (
    node.kind === 'mul' &&
    node.items.length === 2 &&
    node.items[1]!.kind === 'const' &&
    node.items[1]!.name === 'inf'
  )
    return node.items[0]!.kind === 'num' && node.items[0]!.q.n < 0n ? -1 : 1;
  return 0;
}

/** The same branches in any order, by the caller's equalities of values and conditions. */
export function sameBranches(
  a: readonly Branch[],
  b: readonly Branch[],
  sameValue: (x: Node, y: Node) => boolean,
  sameCondition: (x: Node | undefined, y: Node | undefined) => boolean,
): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((branch) => {
    const at = left.findIndex(
      (other) => sameCondition(branch.when, other.when) && sameValue(branch.value, other.value),
    );
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}
