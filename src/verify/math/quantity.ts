import { fromRational, toNumber } from './ball.ts';
import { complexOf, isComplex, isExact } from './complex.ts';
import { type Context, differs, same, sameValue } from './context.ts';
import { evaluate } from './evaluate.ts';
import { absolute, compare as compareRationals, multiply, type Rational, subtract } from './rational.ts';
import { showNode } from './show.ts';
import { int, type Node, negative, num, product, rewrite, sameTree, sum, symbols } from './tree.ts';
import { hasUnit, type Measured, measure, sameDimensions, saysNothing, type Unit } from './units.ts';
import { type Finding, order } from './value.ts';

/**
 * Two values with what belongs to them: units, percent and degree signs, a precision that the reference states, an
 * arbitrary constant. `stated`: the reference says that it is rounded.
 */
export function compareQuantities(gold: Node, pred: Node, stated: boolean, context: Context): Finding {
  const { options } = context;
  if (options.units !== 'ignored' && otherMarks(gold, pred))
    return differs('one is an angle, a share or a measure, the other is not');
  if (!hasUnit(gold) && !hasUnit(pred)) return comparePlain(gold, pred, stated, context);
  const left = measure(gold);
  const right = measure(pred);
  if (!left || !right) return sameTree(gold, pred) ? same : differs('units inside an expression');
  if (options.units === 'ignored') return comparePlain(left.value, right.value, stated, context);
  const bare = (one: Measured) => one.unit === undefined || saysNothing(one.unit);
  if (bare(left) || bare(right)) {
    if (options.units === 'required' && left.unit !== undefined && right.unit === undefined)
      return differs('the unit is missing');
    return (
      angleAgainst(left, right, stated, context) ?? comparePlain(left.value, right.value, stated, context)
    );
  }
  const a = left.unit!;
  const b = right.unit!;
  if (!sameDimensions(a, b)) return differs('the units measure different things');
  if (a.factor.n === b.factor.n && a.factor.d === b.factor.d)
    return comparePlain(left.value, right.value, stated, context);
  return comparePlain(left.value, scaled(right.value, b, a), stated, context);
}

/** A degree sign, a percent sign and a unit say three different things; radians and degrees are both angles. */
function otherMarks(a: Node, b: Node): boolean {
  const mark = (node: Node) =>
    node.kind === 'degree'
      ? 'degree'
      : node.kind === 'percent'
        ? 'percent'
        : hasUnit(node)
          ? 'unit'
          : undefined;
  const x = mark(a);
  const y = mark(b);
  if (x === undefined || y === undefined || x === y) return false;
  const isAngle = (node: Node) => measure(node)?.unit?.dimensions.radian === 1;
  const isBare = (node: Node) => {
    const unit = measure(node)?.unit;
    return unit !== undefined && saysNothing(unit);
  };
  return !((x === 'degree' && isAngle(b)) || (y === 'degree' && isAngle(a)) || isBare(a) || isBare(b));
}

/** A value in units b as a value in units a. */
function scaled(value: Node, b: Unit, a: Unit): Node {
  const factor = multiply(b.factor, { n: a.factor.d, d: a.factor.n });
  const reduced: Rational = factor.d < 0n ? { n: -factor.n, d: -factor.d } : factor;
  return product([num(reduced), value]);
}

/** Radians against degrees: "30 radians" is not 30°. */
function angleAgainst(
  left: Measured,
  right: Measured,
  stated: boolean,
  context: Context,
): Finding | undefined {
  const isRadian = (unit: Unit | undefined) =>
    unit !== undefined && unit.dimensions.radian === 1 && Object.keys(unit.dimensions).length === 1;
  const isDegree = (node: Node) => node.kind === 'degree';
  if (!(isRadian(left.unit) && isDegree(right.value)) && !(isRadian(right.unit) && isDegree(left.value)))
    return undefined;
  const strict: Context = { ...context, options: { ...context.options, degrees: 'factor' } };
  return comparePlain(left.value, right.value, stated, strict);
}

function comparePlain(gold: Node, pred: Node, stated: boolean, context: Context): Finding {
  const { options } = context;
  if (stated && options.statedPrecision) return roundsTo(gold, pred, context);
  const found = sameValue(gold, pred, context);
  if (found.equal) return found;
  if (options.percent === 'loose') {
    const loose = barePercent(gold, pred, context);
    if (loose) return loose;
  }
  if (options.constants) {
    const constant = upToConstant(gold, pred, context);
    if (constant) return constant;
  }
  if (options.tolerance > 0 || options.precision !== undefined) {
    const near = nearly(gold, pred, context);
    if (near) return near;
  }
  return found;
}

/** 50 for 50%: accepted when the bare number is above 1. */
function barePercent(gold: Node, pred: Node, context: Context): Finding | undefined {
  const [written, bare] =
    gold.kind === 'percent' ? [gold.of, pred] : pred.kind === 'percent' ? [pred.of, gold] : [];
  if (!written || !bare || bare.kind === 'percent' || bare.kind === 'degree' || symbols(bare).size > 0)
    return undefined;
  const found = sameValue(written, bare, context);
  return found.equal && order(bare, int(1), context.fuel) === 1 ? found : undefined;
}

/** The reference shows some decimals: the other side is equal when it rounds (half up) to them. */
function roundsTo(gold: Node, pred: Node, context: Context): Finding {
  const shown = shownPlaces(gold);
  if (shown === undefined) return sameValue(gold, pred, context);
  const step: Rational = { n: 1n, d: 2n * 10n ** BigInt(shown) };
  const negativeGold = order(gold, int(0), context.fuel) === -1;
  const low = sum([gold, num({ n: -step.n, d: step.d })]);
  const high = sum([gold, num(step)]);
  const above = order(low, pred, context.fuel);
  const below = order(pred, high, context.fuel);
  const inside = negativeGold
    ? above === -1 && (below === -1 || below === 0)
    : (above === -1 || above === 0) && below === -1;
  return inside ? same : differs(`it does not round to ${showNode(gold)} at ${shown} decimals`);
}

/** How many decimals the number of a stated value shows. */
function shownPlaces(node: Node): number | undefined {
  if (node.kind === 'num') return Math.min(node.places ?? 0, 300);
  if (node.kind === 'percent') {
    const inner = shownPlaces(node.of);
    return inner === undefined ? undefined : inner + 2;
  }
  if (
    node.kind === 'mul' &&
    node.items.length === 2 &&
    node.items[0]!.kind === 'num' &&
    node.items[0]!.q.n === -1n
  )
    return shownPlaces(node.items[1]!);
  return undefined;
}

const constantName = /^(?:[CcKk]|C_\d|c_\d|k_\d|K_\d)$/;

/**
 * The same up to the name and value of an arbitrary constant that both sides add, and up to the numbering of several
 * (C_1, C_2). Undefined when the sides show no such constants.
 */
function upToConstant(gold: Node, pred: Node, context: Context): Finding | undefined {
  const ours = [...symbols(gold)].filter((name) => constantName.test(name)).sort();
  const theirs = [...symbols(pred)].filter((name) => constantName.test(name)).sort();
  if (ours.length === 0 || ours.length !== theirs.length || ours.length > 3) return undefined;
  if (symbols(gold).size !== symbols(pred).size) return undefined;
  if (ours.length > 1) {
    if (!ours.every((name) => name.includes('_')) || !theirs.every((name) => name.includes('_')))
      return undefined;
    for (const order of permutations(theirs)) {
      const renamed = rename(pred, new Map(order.map((name, i) => [name, ours[i]!])));
      const found = sameValue(gold, renamed, context);
      if (found.equal) return found;
    }
    return undefined;
  }
  const g = ours[0]!;
  const p = theirs[0]!;
  if (!isAdded(gold, g, context) || !isAdded(pred, p, context)) return undefined;
  const left = substitute(gold, g, int(0));
  const right = substitute(pred, p, int(0));
  const exact = sameValue(left, right, context);
  if (exact.equal) return exact;
  // The constant swallows other constants: the difference must not depend on the variables.
  const variables = [...symbols(right, symbols(left))];
  if (variables.length === 0 || variables.length > 3) return undefined;
  const gap = sum([left, negative(right)]);
  let fixed = gap;
  for (const name of variables) fixed = substitute(fixed, name, num({ n: 7n, d: 5n }));
  const constant = sameValue(gap, fixed, context);
  return constant.equal ? constant : undefined;
}

/** Whether a symbol is a term of its own: f(…, C) − f(…, 0) = C. */
function isAdded(node: Node, name: string, context: Context): boolean {
  if (node.kind !== 'add') return node.kind === 'sym' && node.name === name;
  if (node.items.some((item) => item.kind === 'sym' && item.name === name)) return true;
  const gap = sum([node, negative(substitute(node, name, int(0)))]);
  return sameValue(gap, { kind: 'sym', name }, context).equal;
}

function substitute(node: Node, name: string, by: Node): Node {
  return rewrite(node, (one) => (one.kind === 'sym' && one.name === name ? by : one));
}

export function rename(node: Node, names: ReadonlyMap<string, string>): Node {
  return rewrite(node, (one) =>
    one.kind === 'sym' && names.has(one.name) ? { kind: 'sym', name: names.get(one.name)! } : one,
  );
}

function permutations(names: readonly string[]): string[][] {
  if (names.length < 2) return [[...names]];
  return names.flatMap((name, i) =>
    permutations([...names.slice(0, i), ...names.slice(i + 1)]).map((rest) => [name, ...rest]),
  );
}

/** Within the tolerance or equal after rounding, for constants; undefined otherwise. */
function nearly(gold: Node, pred: Node, context: Context): Finding | undefined {
  const a = asNumber(gold, context);
  const b = asNumber(pred, context);
  if (a === undefined || b === undefined) return undefined;
  const { tolerance, precision } = context.options;
  if (tolerance > 0 && Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b)))
    return { equal: true, proved: false };
  if (precision !== undefined) {
    const half: Rational = { n: 1n, d: 2n * 10n ** BigInt(precision) };
    const x = exactOf(gold, context);
    const y = exactOf(pred, context);
    if (x && y && compareRationals(absolute(subtract(x, y)), half) <= 0)
      return { equal: true, proved: false };
    if (!(x && y) && Math.abs(a - b) <= 0.5 * 10 ** -precision) return { equal: true, proved: false };
  }
  return undefined;
}

function exactOf(node: Node, context: Context): Rational | undefined {
  const value = evaluate(node, {
    p: 128,
    fuel: context.fuel,
    point: new Map(),
    degrees: 'factor',
    log: 10,
    exactBits: 8192,
  });
  return value && isExact(value) ? value : undefined;
}

function asNumber(node: Node, context: Context): number | undefined {
  const value = evaluate(node, {
    p: 128,
    fuel: context.fuel,
    point: new Map(),
    degrees: 'factor',
    log: 10,
    exactBits: 8192,
  });
  if (!value || isComplex(value)) return undefined;
  return toNumber(isExact(value) ? fromRational(value, 64) : complexOf(value, 64).re);
}
