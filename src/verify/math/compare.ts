import { all, type Context, differs, same, sameValue } from './context.ts';
import { compareEquations } from './equation.ts';
import { type RealSet, sameReals } from './pieces.ts';
import { compareAsFunctions, sameBranches } from './piecewise.ts';
import { compareQuantities, rename } from './quantity.ts';
import { compareBases, compareRatios } from './ratio.ts';
import { realsOf } from './reals.ts';
import { compareRelations } from './relation.ts';
import { compareSequences } from './sequence.ts';
import { type Name, nameKey, type Shape, shapeOf } from './shape.ts';
import { children, type Node, sameTree, symbols } from './tree.ts';
import type { Finding } from './value.ts';
import { sameWords } from './words.ts';

/** Compares two answers by their types. Throws OutOfFuel. */
export function compareShapes(gold: Shape, pred: Shape, context: Context): Finding {
  context.fuel.burn();
  if (gold.kind === 'value' && pred.kind === 'value')
    return compareQuantities(gold.node, pred.node, gold.approximate === true, context);
  if (gold.kind === 'nothing')
    return { equal: false, proved: false, why: `the reference has no value: ${gold.why}` };
  if (pred.kind === 'nothing') return differs(`the answer has no value: ${pred.why}`);
  if (gold.kind === 'named' || pred.kind === 'named') return compareNamed(gold, pred, context);
  if (gold.kind === 'assignments' || pred.kind === 'assignments')
    return compareAssignments(gold, pred, context);
  if (gold.kind === 'reals' || pred.kind === 'reals') {
    // x + y < 3 and y < 3 − x: in several variables as relations.
    if (gold.node.kind === 'relation' && pred.node.kind === 'relation' && symbols(gold.node).size > 1) {
      const found = compareRelations(gold.node, pred.node, context);
      if (found.equal || gold.kind !== pred.kind) return found;
    }
    return compareReals(gold, pred, context);
  }
  if (gold.kind === 'cases' || pred.kind === 'cases') return compareCases(gold.node, pred.node, context);
  if (gold.kind === 'sequence' || pred.kind === 'sequence')
    return compareSequences(gold, pred, context, compareShapes);
  if (gold.kind === 'set' || pred.kind === 'set') return compareSets(gold, pred, context);
  if (gold.kind === 'matrix' || pred.kind === 'matrix') return compareMatrices(gold, pred, context);
  if (gold.kind === 'tuple' && pred.kind === 'tuple') return compareTuples(gold, pred, context);
  if (gold.kind === 'equation' && pred.kind === 'equation')
    return compareEquations(gold, pred, false, context);
  if (gold.kind === 'relation' && pred.kind === 'relation')
    return compareRelations(gold.node, pred.node, context);
  if (gold.kind === 'other' || pred.kind === 'other') return compareOther(gold.node, pred.node, context);
  return differs(`${kindName(gold)} is not ${kindName(pred)}`);
}

const kindNames: Readonly<Record<string, string>> = {
  value: 'a value',
  tuple: 'a tuple',
  set: 'a set',
  sequence: 'a sequence',
  reals: 'a set of real numbers',
  named: 'a named value',
  assignments: 'several named values',
  equation: 'an equation',
  relation: 'a relation',
  matrix: 'a matrix',
  cases: 'a case distinction',
};

function kindName(shape: Shape): string {
  if (shape.kind === 'value') return shape.node.kind === 'sym' ? 'a variable' : 'a value';
  return kindNames[shape.kind] ?? (shape.node.kind === 'text' ? 'text' : `a ${shape.node.kind}`);
}

function isFunctionName(name: Name): boolean {
  return name.arguments !== undefined || /^[fghFGH](?:\^-1|_\w+|'+)?$/.test(name.text);
}

/** x = …, f(x) = …: names must agree where both are shown; y = may stand for f(x) =. */
function compareNamed(gold: Shape, pred: Shape, context: Context): Finding {
  const { names } = context.options;
  if (gold.kind === 'named' && pred.kind === 'named') {
    if (names === 'ignored') return compareShapes(gold.of, pred.of, context);
    const a = gold.name;
    const b = pred.name;
    const agree =
      a.text === b.text || (a.text === 'y' && isFunctionName(b)) || (b.text === 'y' && isFunctionName(a));
    const renamed = renamedArguments(pred.of, b, a);
    const found = agree
      ? renamed
        ? compareShapes(gold.of, renamed, context)
        : differs('the argument has another name')
      : undefined;
    if (found?.equal) return found;
    // y = 2x + 1 and x = (y − 1)/2 are one equation.
    const left = asEquation(gold);
    const right = asEquation(pred);
    if (left && right && (!agree || symbols(left.right).has(a.text))) {
      const equation = compareEquations(left, right, false, context);
      if (equation.equal) return equation;
    }
    return found ?? differs(`'${show(a)}' and '${show(b)}' are different names`);
  }
  const named = gold.kind === 'named' ? gold : pred;
  const other = gold.kind === 'named' ? pred : gold;
  if (named.kind !== 'named') return differs('');
  if (other.kind === 'equation') {
    const equation = asEquation(named);
    if (!equation) return differs('an equation is not a named value');
    return compareEquations(equation, other, false, context);
  }
  if (other.kind === 'assignments') return compareAssignments(gold, pred, context);
  if (other.kind === 'reals' && other.set.name !== undefined && other.set.name !== named.name.text)
    return differs(`'${named.name.text}' and '${other.set.name}' are different names`);
  if (names === 'required') return differs(`the name '${show(named.name)}' is missing on one side`);
  // f(x) = x + 1 against f, x = 3 against x: a bare name is not its value.
  return gold.kind === 'named'
    ? compareShapes(gold.of, pred, context)
    : compareShapes(gold, (pred as typeof named).of, context);
}

function show(name: Name): string {
  return name.arguments ? `${name.text}(${name.arguments.join(', ')})` : name.text;
}

/** f(t) = t + 1 for f(x) = x + 1: the argument takes the other side's name. */
function renamedArguments(shape: Shape, from: Name, to: Name): Shape | undefined {
  if (!from.arguments || !to.arguments || from.arguments.length !== to.arguments.length) return shape;
  const names = new Map<string, string>();
  from.arguments.forEach((name, i) => {
    if (name !== to.arguments![i]) names.set(name, to.arguments![i]!);
  });
  if (names.size === 0) return shape;
  const taken = symbols(shape.node);
  if ([...names.values()].some((name) => taken.has(name) && !names.has(name))) return undefined;
  return renameShape(shape, names);
}

function renameShape(shape: Shape, names: ReadonlyMap<string, string>): Shape {
  switch (shape.kind) {
    case 'value':
    case 'other':
      return { ...shape, node: rename(shape.node, names) };
    case 'cases': {
      const node = rename(shape.node, names);
      return node.kind === 'cases' ? { kind: 'cases', node } : shape;
    }
    case 'tuple':
    case 'set':
      return { ...shape, items: shape.items.map((item) => renameShape(item, names)) };
    default:
      return shape;
  }
}

/** A named value as an equation again, when both of its sides are values with symbols. */
function asEquation(shape: Shape & { kind: 'named' }): { left: Node; right: Node } | undefined {
  if (shape.of.kind !== 'value' || shape.name.arguments || shape.node.kind !== 'relation') return undefined;
  const [left, right] = shape.node.items;
  return left && right && shape.node.items.length === 2 ? { left, right } : undefined;
}

function compareAssignments(gold: Shape, pred: Shape, context: Context): Finding {
  const a = assignmentsOf(gold);
  const b = assignmentsOf(pred);
  if (a && b) {
    if (a.size !== b.size) return differs(`${a.size} and ${b.size} named values`);
    const findings: Finding[] = [];
    for (const [name, value] of a) {
      const other = b.get(name);
      if (!other) return differs(`no value for '${name}'`);
      findings.push(compareShapes(value, other, context));
    }
    return all(findings);
  }
  // x_1 = 2, x_2 = −3 against 2, −3: numbered names of one unknown.
  const numbered = numberedValues(gold) ?? numberedValues(pred);
  const list = gold.kind === 'assignments' ? pred : gold;
  if (numbered && list.kind === 'set')
    return gold.kind === 'assignments'
      ? compareSets(numbered, list, context)
      : compareSets(list, numbered, context);
  // x = 2, y = 3 against (2, 3)
  const [map, tuple] = a ? [a, pred] : b ? [b, gold] : [];
  if (
    !map ||
    tuple?.kind !== 'tuple' ||
    tuple.items.length !== map.size ||
    context.options.names === 'required'
  )
    return differs(`${kindName(gold)} is not ${kindName(pred)}`);
  const values = [...map.keys()].sort().map((name) => map.get(name)!);
  return all(
    values.map((value, i) =>
      a ? compareShapes(value, tuple.items[i]!, context) : compareShapes(tuple.items[i]!, value, context),
    ),
  );
}

/** The values of x_1, x_2, … as a list. */
function numberedValues(shape: Shape): Shape | undefined {
  if (shape.kind !== 'assignments') return undefined;
  const bases = new Set([...shape.values.keys()].map((name) => /^(.+)_\d+$/.exec(name)?.[1] ?? ''));
  if (bases.size !== 1 || bases.has('')) return undefined;
  return { kind: 'set', node: shape.node, items: [...shape.values.values()], source: 'list' };
}

/** Named values by name: x = 2, y = 3 and (x, y) = (2, 3). */
function assignmentsOf(shape: Shape): ReadonlyMap<string, Shape> | undefined {
  if (shape.kind === 'assignments') return shape.values;
  if (shape.kind !== 'named') return undefined;
  if (shape.name.text.startsWith('(') && shape.of.kind === 'tuple') {
    const names = shape.name.text.slice(1, -1).split(',');
    if (names.length !== shape.of.items.length) return undefined;
    return new Map(names.map((name, i) => [name, shape.of.kind === 'tuple' ? shape.of.items[i]! : shape.of]));
  }
  return new Map([[nameKey(shape.name), shape.of]]);
}

/** Sets of real numbers; the other side is read as one where it can be: (a, b) as an interval, {a} as points. */
function compareReals(gold: Shape, pred: Shape, context: Context): Finding {
  const a = realSet(gold, context);
  const b = realSet(pred, context);
  if (!a || !b) return differs(`${kindName(gold)} is not ${kindName(pred)}`);
  if (context.options.intervals === 'strict' && gold.node.kind !== pred.node.kind)
    return differs('another notation');
  if (
    a.name !== undefined &&
    b.name !== undefined &&
    a.name !== b.name &&
    context.options.names !== 'ignored'
  )
    return differs(`'${a.name}' and '${b.name}' are different names`);
  let proved = true;
  const equal = sameReals(a, b, (x, y) => {
    const found = sameValue(x, y, context);
    proved &&= found.proved;
    return found.equal;
  });
  return equal ? { equal, proved } : differs('the sets differ');
}

function realSet(shape: Shape, context: Context): RealSet | undefined {
  if (shape.kind === 'reals') return shape.set;
  if (shape.kind === 'set' && shape.source !== 'braces')
    return realsOf({ kind: 'set', items: shape.items.map((item) => item.node) }, context.fuel, true);
  if (shape.kind === 'value') return realsOf(shape.node, context.fuel, true);
  return realsOf(shape.node, context.fuel, true);
}

function compareCases(gold: Node, pred: Node, context: Context): Finding {
  if (gold.kind === 'cases' && pred.kind === 'cases') {
    let proved = true;
    const shape = (node: Node) => shapeOf(node, { fuel: context.fuel, chains: context.options.chains });
    const valuesEqual = (x: Node, y: Node) => {
      const found = compareShapes(shape(x), shape(y), context);
      proved &&= found.proved;
      return found.equal;
    };
    if (sameBranches(gold.branches, pred.branches, valuesEqual, (x, y) => sameCondition(x, y, context)))
      return { equal: true, proved };
  }
  return compareAsFunctions(gold, pred, context) ?? differs('other cases');
}

function sameCondition(a: Node | undefined, b: Node | undefined, context: Context): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === 'text' && b.kind === 'text') return sameWords(a.words, b.words);
  const left = realsOf(a, context.fuel, false);
  const right = left && realsOf(b, context.fuel, false);
  if (left && right)
    return left.name === right.name && sameReals(left, right, (x, y) => sameValue(x, y, context).equal);
  if (a.kind === 'relation' && b.kind === 'relation') return compareRelations(a, b, context).equal;
  return sameTree(a, b);
}

/** Sets and lists without order (or with, by option); a set of one is its element. */
function compareSets(gold: Shape, pred: Shape, context: Context): Finding {
  const a = itemsOf(gold);
  const b = itemsOf(pred);
  if (!a || !b) return differs(`${kindName(gold)} is not ${kindName(pred)}`);
  const { options } = context;
  if (options.sets === 'strict' && (gold.node.kind === 'set') !== (pred.node.kind === 'set'))
    return differs('braces on one side only');
  if (options.lists === 'ordered' && isList(gold) && isList(pred)) {
    if (a.length !== b.length) return differs(`${a.length} and ${b.length} elements`);
    return all(a.map((item, i) => compareShapes(item, b[i]!, context)));
  }
  if (a.length > 400 || b.length > 400)
    return { equal: false, proved: false, why: 'a set of more than 400 elements' };
  const findings: Finding[] = [];
  const hit = new Set<number>();
  for (let i = 0; i < a.length; i++) {
    // The same place first: most lists come in the same order.
    let at = i < b.length && !hit.has(i) ? matching(a[i]!, b, [i], context, findings) : -1;
    if (at < 0)
      at = matching(
        a[i]!,
        b,
        b.map((_, j) => j).filter((j) => j !== i || hit.has(j)),
        context,
        findings,
      );
    if (at < 0) return differs(a.length > b.length ? 'an element is missing' : 'an element differs');
    hit.add(at);
  }
  for (let j = 0; j < b.length; j++)
    if (!hit.has(j) && !a.some((item) => compareShapes(item, b[j]!, context).equal))
      return differs('an element too many');
  return all(findings);
}

function matching(
  item: Shape,
  among: readonly Shape[],
  places: readonly number[],
  context: Context,
  findings: Finding[],
): number {
  for (const j of places) {
    const found = compareShapes(item, among[j]!, context);
    if (found.equal) {
      findings.push(found);
      return j;
    }
  }
  return -1;
}

function isList(shape: Shape): boolean {
  return shape.kind === 'set' && shape.source === 'list';
}

function itemsOf(shape: Shape): readonly Shape[] | undefined {
  if (shape.kind === 'set') return shape.items;
  // A value, a point or a matrix alone is the set of it.
  if (shape.kind === 'value' || shape.kind === 'tuple' || shape.kind === 'matrix') return [shape];
  return undefined;
}

function compareTuples(
  gold: Shape & { kind: 'tuple' },
  pred: Shape & { kind: 'tuple' },
  context: Context,
): Finding {
  if (gold.items.length !== pred.items.length)
    return differs(`${gold.items.length} and ${pred.items.length} components`);
  // (0, 1) and [0, 1] are two intervals; with other than two components brackets only enclose.
  const closed = (shape: Shape & { kind: 'tuple' }) => shape.open === '[';
  if (gold.items.length === 2 && closed(gold) !== closed(pred) && gold.open !== '⟨' && pred.open !== '⟨') {
    const a = realsOf(gold.node, context.fuel, true);
    const b = a && realsOf(pred.node, context.fuel, true);
    if (a && b) return differs('one is open, the other is closed');
  }
  if (context.options.tuples === 'unordered')
    return compareSets(
      { kind: 'set', node: gold.node, items: gold.items, source: 'list' },
      { kind: 'set', node: gold.node, items: pred.items, source: 'list' },
      { ...context, options: { ...context.options, lists: 'unordered' } },
    );
  return all(lazily(gold.items, pred.items, context));
}

function* lazily(a: readonly Shape[], b: readonly Shape[], context: Context): Generator<Finding> {
  for (let i = 0; i < a.length; i++) yield compareShapes(a[i]!, b[i]!, context);
}

/** Matrices cell by cell; a row is also a tuple, a column is not. */
function compareMatrices(gold: Shape, pred: Shape, context: Context): Finding {
  const a = rowsOf(gold);
  const b = rowsOf(pred);
  if (!a || !b) return differs(`${kindName(gold)} is not ${kindName(pred)}`);
  if (a.length !== b.length || a[0]!.length !== b[0]!.length)
    return differs(`${a.length}×${a[0]!.length} and ${b.length}×${b[0]!.length} entries`);
  return all(lazily(a.flat(), b.flat(), context));
}

function rowsOf(shape: Shape): readonly (readonly Shape[])[] | undefined {
  if (shape.kind === 'matrix') return shape.rows;
  if (shape.kind === 'tuple' && shape.items.length > 0) return [shape.items];
  if (shape.kind === 'value') return [[shape]];
  return undefined;
}

/** Ratios, clock times, dates, numerals in a base, domains, set-builder forms: each only against its own kind. */
function compareOther(gold: Node, pred: Node, context: Context): Finding {
  if (gold.kind === 'colon' || pred.kind === 'colon') return compareRatios(gold, pred, context);
  if (gold.kind === 'time' && pred.kind === 'time')
    return gold.minutes === pred.minutes ? same : differs('another time');
  if (gold.kind === 'base' || pred.kind === 'base') return compareBases(gold, pred, context);
  if (gold.kind === 'date' && pred.kind === 'date')
    return gold.text === pred.text ? same : differs('another date');
  if (gold.kind === 'builder' && pred.kind === 'builder') return compareBuilders(gold, pred, context);
  if (gold.kind === 'tuple' && pred.kind === 'tuple') {
    if (gold.open !== pred.open || gold.close !== pred.close || gold.items.length !== pred.items.length)
      return differs('other brackets');
    return all(gold.items.map((item, i) => sameValue(item, pred.items[i]!, context)));
  }
  return sameTree(gold, pred) ? same : differs('they are not the same');
}

function compareBuilders(
  gold: Node & { kind: 'builder' },
  pred: Node & { kind: 'builder' },
  context: Context,
): Finding {
  if (sameTree(gold, pred)) return same;
  const a = [...symbols(gold)];
  const b = [...symbols(pred)];
  if (a.length !== b.length || gold.such.length !== pred.such.length)
    return differs('other set-builder forms');
  const renamed = rename(pred, new Map(b.map((name, i) => [name, a[i]!])));
  const left = children(gold);
  const right = children(renamed);
  const equal = left.every((one, i) => sameTree(one, right[i]!) || sameCondition(one, right[i]!, context));
  return equal ? same : differs('other set-builder forms');
}
