import type { Fuel } from '../../core/fuel.ts';
import { Unreadable } from './lex.ts';
import type { RealSet } from './pieces.ts';
import { realsOf } from './reals.ts';
import { showNode } from './show.ts';
import { isValue, type Node, negative, product, rewrite, some, sum, symbols, withChildren } from './tree.ts';
import { compareValues } from './value.ts';

/** An answer in the form in which it is compared. */
export type Shape =
  | { readonly kind: 'value'; readonly node: Node; readonly approximate?: boolean }
  | {
      readonly kind: 'tuple';
      readonly node: Node;
      readonly open: string;
      readonly close: string;
      readonly items: readonly Shape[];
    }
  | {
      readonly kind: 'set';
      readonly node: Node;
      readonly items: readonly Shape[];
      readonly source: 'braces' | 'list' | 'signs';
    }
  | { readonly kind: 'sequence'; readonly node: Node; readonly items: readonly Node[] }
  | { readonly kind: 'reals'; readonly node: Node; readonly set: RealSet }
  | { readonly kind: 'named'; readonly node: Node; readonly name: Name; readonly of: Shape }
  | { readonly kind: 'assignments'; readonly node: Node; readonly values: ReadonlyMap<string, Shape> }
  | { readonly kind: 'equation'; readonly node: Node; readonly left: Node; readonly right: Node }
  | { readonly kind: 'relation'; readonly node: Node & { kind: 'relation' } }
  | { readonly kind: 'matrix'; readonly node: Node; readonly rows: readonly (readonly Shape[])[] }
  | { readonly kind: 'cases'; readonly node: Node & { kind: 'cases' } }
  | { readonly kind: 'other'; readonly node: Node }
  | { readonly kind: 'nothing'; readonly node: Node; readonly why: string };

/** What stands before an equals sign: a variable, a function with its arguments, or something without a value here. */
export interface Name {
  readonly text: string;
  readonly arguments?: readonly string[];
}

export interface ShapeOptions {
  readonly fuel: Fuel;
  readonly chains: 'agree' | 'last';
}

/** Brings a tree into the form in which it is compared. Throws OutOfFuel. */
export function shapeOf(node: Node, options: ShapeOptions): Shape {
  if (isValue(node)) return shapeOfValue(node, options);
  switch (node.kind) {
    case 'relation':
      return shapeOfRelation(node, options);
    case 'list':
      return shapeOfList(node, options);
    case 'set': {
      if (node.items.some((item) => item.kind === 'dots'))
        return { kind: 'sequence', node, items: node.items };
      const reals =
        node.items.length === 1 && node.items[0]!.kind === 'relation'
          ? realsOf(node, options.fuel, false)
          : undefined;
      if (reals) return { kind: 'reals', node, set: reals };
      return { kind: 'set', node, items: elements(node.items, options), source: 'braces' };
    }
    case 'tuple': {
      const reals = realsOf(node, options.fuel, false);
      if (reals) return { kind: 'reals', node, set: reals };
      if ((node.open === '[') !== (node.close === ']')) return { kind: 'other', node };
      const items = node.items.map((item) => shapeOf(item, options));
      const rows = items.map((item) => (item.kind === 'tuple' && item.open === '[' ? item.items : undefined));
      if (
        node.open === '[' &&
        rows.length > 0 &&
        rows.every((row) => row !== undefined && row.length === rows[0]!.length)
      )
        return { kind: 'matrix', node, rows: rows as (readonly Shape[])[] };
      return { kind: 'tuple', node, open: node.open, close: node.close, items };
    }
    case 'builder':
    case 'join':
    case 'domain': {
      const reals = realsOf(node, options.fuel, false);
      if (reals) return { kind: 'reals', node, set: reals };
      if (node.kind === 'join') return shapeOfJoin(node, options);
      return { kind: 'other', node };
    }
    case 'matrix':
      return {
        kind: 'matrix',
        node,
        rows: node.rows.map((row) => row.map((cell) => shapeOf(cell, options))),
      };
    case 'cases':
      return { kind: 'cases', node };
    default:
      return { kind: 'other', node };
  }
}

/** Values: ± makes a set of them, vectors and matrices inside are worked out. */
function shapeOfValue(node: Node, options: ShapeOptions): Shape {
  if (node.kind === 'num') return { kind: 'value', node };
  if (some(node, (one) => one.kind === 'pm')) {
    const all = signs(node);
    if (!all) return { kind: 'nothing', node, why: 'more than 6 independent ±' };
    return { kind: 'set', node, items: all.map((one) => shapeOfValue(one, options)), source: 'signs' };
  }
  if (
    (node.kind === 'mul' || node.kind === 'add') &&
    node.items.some((item) => !isValue(item) || hasVector(item))
  ) {
    const vector = vectorOf(node);
    return vector ? shapeOf(vector, options) : { kind: 'other', node };
  }
  return { kind: 'value', node };
}

/** All choices of the signs; undefined when there are more than 2^6. */
function signs(node: Node): Node[] | undefined {
  let count = 0;
  rewrite(node, (one) => {
    if (one.kind === 'pm') count++;
    return one;
  });
  if (count > 6) return undefined;
  const all: Node[] = [];
  for (let mask = 0; mask < 2 ** count; mask++) {
    let i = 0;
    all.push(
      rewrite(node, (one) => (one.kind === 'pm' ? ((mask >> i++) & 1 ? negative(one.of) : one.of) : one)),
    );
  }
  return all;
}

/** Elements of a set or list; ± and nested values are spread into it. */
function elements(items: readonly Node[], options: ShapeOptions): Shape[] {
  return items.flatMap((item) => {
    const shape = shapeOf(item, options);
    return shape.kind === 'set' && shape.source === 'signs' ? shape.items : [shape];
  });
}

function shapeOfJoin(node: Node & { kind: 'join' }, options: ShapeOptions): Shape {
  const parts = node.items.map((item) => shapeOf(item, options));
  if (!parts.every((part) => part.kind === 'set')) return { kind: 'other', node };
  const sets = parts.map((part) => (part.kind === 'set' ? part.items : []));
  let items: readonly Shape[] = sets[0]!;
  for (const next of sets.slice(1)) {
    const has = (one: Shape) => next.some((other) => sameSimple(one, other, options));
    if (node.op === 'cup') items = [...items, ...next];
    else items = items.filter((one) => has(one) === (node.op === 'cap'));
  }
  return { kind: 'set', node, items, source: 'braces' };
}

function sameSimple(a: Shape, b: Shape, options: ShapeOptions): boolean {
  if (a.kind === 'value' && b.kind === 'value')
    return compareValues(a.node, b.node, { fuel: options.fuel, log: 'either', looseDegrees: false }).equal;
  if (a.kind === 'tuple' && b.kind === 'tuple')
    return (
      a.items.length === b.items.length && a.items.every((item, i) => sameSimple(item, b.items[i]!, options))
    );
  return false;
}

/** The names that may stand before "=". */
function nameOf(node: Node): Name | undefined {
  switch (node.kind) {
    case 'sym':
      return { text: node.name };
    case 'apply': {
      const names: string[] = [];
      for (const item of node.items) {
        // f(2) and P(X = 2) are names of numbers.
        if (item.kind !== 'sym') return { text: showNode(node, 200) };
        names.push(item.name);
      }
      return { text: node.name, arguments: names };
    }
    case 'opaque':
      return { text: node.text };
    case 'tuple': {
      const names: string[] = [];
      for (const item of node.items) {
        if (item.kind !== 'sym') return undefined;
        names.push(item.name);
      }
      return names.length > 1 ? { text: `(${names.join(',')})` } : undefined;
    }
    case 'call':
      return node.name === 'abs' && node.items[0]!.kind === 'mul' && isSegment(node.items[0]!)
        ? { text: 'length' }
        : undefined;
    case 'mul':
      // \frac{d}{dx} f(x)
      if (node.items[0]!.kind === 'opaque') return { text: node.items[0]!.text };
      return isSegment(node)
        ? { text: node.items.map((item) => (item.kind === 'sym' ? item.name : '')).join('') }
        : undefined;
    default:
      return undefined;
  }
}

/** AB, ABC: two or three capital letters side by side name a segment, an angle or an area. */
function isSegment(node: Node & { kind: 'mul' }): boolean {
  return (
    node.items.length <= 3 && node.items.every((item) => item.kind === 'sym' && /^[A-Z]'?$/.test(item.name))
  );
}

function shapeOfRelation(node: Node & { kind: 'relation' }, options: ShapeOptions): Shape {
  if (node.items.length === node.ops.length) {
    // ≈ 2.72
    const of = shapeOf(node.items[0]!, options);
    return of.kind === 'value' ? { ...of, approximate: true } : of;
  }
  // f ≡ 0
  if (node.ops.length === 1 && node.ops[0] === 'cong' && node.items.length === 2)
    return shapeOfChain({ kind: 'relation', ops: ['='], items: node.items }, options);
  if (node.ops.every((op) => op === '=' || op === 'approx')) return shapeOfChain(node, options);
  const reals = realsOf(node, options.fuel, false);
  if (reals) return { kind: 'reals', node, set: reals };
  if (node.ops.length === 1 && node.ops[0] === 'in') {
    const name = nameOf(node.items[0]!);
    if (name) return { kind: 'named', node, name, of: shapeOf(node.items[1]!, options) };
  }
  if (symbols(node).size === 0)
    return { kind: 'nothing', node, why: 'a statement about numbers, not an answer' };
  // x = y > 3 and the like
  return { kind: 'relation', node };
}

/** a = b = c, with names in front: the value on which the parts agree. Behind ≈ only the exact part counts. */
function shapeOfChain(node: Node & { kind: 'relation' }, options: ShapeOptions): Shape {
  let items = node.items;
  let approximate = false;
  const cut = node.ops.indexOf('approx');
  if (cut >= 0) {
    // x ≈ 3.14 has no exact part.
    if (cut === 0 && nameOf(items[0]!) && items.length === 2) approximate = true;
    else items = items.slice(0, cut + 1);
  }
  let name: Name | undefined;
  let from = 0;
  while (from < items.length - 1) {
    const next = nameOf(items[from]!);
    if (!next) break;
    // In a = b the last name wins: y = f(x) = …
    if (name === undefined || next.arguments) name = next;
    from++;
  }
  let parts = items.slice(from);
  // 3 = x
  if (
    from === 0 &&
    parts.length === 2 &&
    parts[1]!.kind === 'sym' &&
    symbols(parts[0]!).size === 0 &&
    isValue(parts[0]!)
  ) {
    name = { text: parts[1]!.name };
    parts = [parts[0]!];
  }
  if (name === undefined) return unnamedChain(node, parts, options);
  const of = agreed(parts, options);
  if (of === undefined) return { kind: 'nothing', node, why: 'its parts are not equal to each other' };
  const shape = shapeOf(of, options);
  const inner = approximate && shape.kind === 'value' ? { ...shape, approximate: true } : shape;
  return isIntegral(name) ? inner : { kind: 'named', node, name, of: inner };
}

function isIntegral(name: Name): boolean {
  return /^(?:int|iint|oint|lim|sum|prod|P) /.test(name.text);
}

function unnamedChain(node: Node, parts: readonly Node[], options: ShapeOptions): Shape {
  if (parts.length === 1) return shapeOf(parts[0]!, options);
  const free = parts.some((part) => symbols(part).size > 0);
  const of = agreed(parts, options);
  if (of !== undefined) return shapeOf(of, options);
  if (parts.length === 2 && free && isValue(parts[0]!) && isValue(parts[1]!))
    return { kind: 'equation', node, left: parts[0]!, right: parts[1]! };
  return { kind: 'nothing', node, why: 'its parts are not equal to each other' };
}

/** The part that stands for all when they agree: the last. Formulas with letters that the last part no longer has are skipped. */
function agreed(parts: readonly Node[], options: ShapeOptions): Node | undefined {
  const last = parts[parts.length - 1]!;
  if (options.chains === 'last' || parts.length === 1) return last;
  const names = symbols(last);
  for (const part of parts.slice(0, -1)) {
    if (part.kind === 'opaque') continue;
    if (!isValue(part) || !isValue(last)) return undefined;
    const own = symbols(part);
    if (parts.length > 2 && [...own].some((name) => !names.has(name))) continue;
    if (!compareValues(part, last, { fuel: options.fuel, log: 'either', looseDegrees: true }).equal)
      return undefined;
  }
  return last;
}

function shapeOfList(node: Node & { kind: 'list' }, options: ShapeOptions): Shape {
  if (node.items.some((item) => item.kind === 'dots')) return { kind: 'sequence', node, items: node.items };
  const first = node.items[0]!;
  // n = 2, 3, 4 and (x, y) = (1, 2), (3, 4): the name holds for all.
  if (
    first.kind === 'relation' &&
    first.ops.every((op) => op === '=') &&
    node.items.slice(1).every((item) => isValue(item) || item.kind === 'tuple')
  ) {
    const head = shapeOf(first, options);
    if (head.kind === 'named' && head.of.kind !== 'reals') {
      const rest = elements(node.items.slice(1), options);
      const items =
        head.of.kind === 'set' && head.of.source === 'signs'
          ? [...head.of.items, ...rest]
          : [head.of, ...rest];
      return { kind: 'named', node, name: head.name, of: { kind: 'set', node, items, source: 'list' } };
    }
  }
  const reals = realsOf(node, options.fuel, false);
  if (reals) return { kind: 'reals', node, set: reals };
  const shapes = node.items.map((item) => shapeOf(item, options));
  const names = shapes.map((shape) => (shape.kind === 'named' ? nameKey(shape.name) : undefined));
  if (names.every((name) => name !== undefined)) {
    const distinct = new Set(names);
    if (distinct.size === names.length && node.join !== 'or')
      return {
        kind: 'assignments',
        node,
        values: new Map(shapes.map((shape, i) => [names[i]!, shape.kind === 'named' ? shape.of : shape])),
      };
    if (distinct.size === 1) {
      const head = shapes[0]!;
      if (head.kind === 'named') {
        const items = shapes.flatMap((shape) => {
          const of = shape.kind === 'named' ? shape.of : shape;
          return of.kind === 'set' && of.source === 'signs' ? of.items : [of];
        });
        return { kind: 'named', node, name: head.name, of: { kind: 'set', node, items, source: 'list' } };
      }
    }
  }
  const items = shapes.flatMap((shape) =>
    shape.kind === 'set' && shape.source === 'signs' ? shape.items : [shape],
  );
  return { kind: 'set', node, items, source: 'list' };
}

export function nameKey(name: Name): string {
  return name.arguments ? `${name.text}()` : name.text;
}

/** Sums and multiples of tuples and matrices, worked out; undefined when they do not fit. */
function vectorOf(node: Node): Node | undefined {
  try {
    return vector(node);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return undefined;
    throw thrown;
  }
}

function vector(node: Node): Node {
  if (isValue(node) && !(node.kind === 'mul' || node.kind === 'add')) return node;
  if (node.kind === 'mul') {
    const scalars = node.items.filter((item) => !hasVector(item));
    const vectors = node.items.filter(hasVector);
    if (vectors.length === 0) return node;
    if (vectors.length > 1) throw new Unreadable('a product of matrices');
    const of = vector(vectors[0]!);
    return mapCells(of, (cell) => product([...scalars, cell]));
  }
  if (node.kind === 'add') {
    const terms = node.items.map(vector);
    if (terms.every((term) => isValue(term))) return node;
    let total = terms[0]!;
    for (const next of terms.slice(1)) total = zipCells(total, next);
    return total;
  }
  return node;
}

function hasVector(node: Node): boolean {
  return (
    node.kind === 'tuple' ||
    node.kind === 'matrix' ||
    ((node.kind === 'mul' || node.kind === 'add') && node.items.some(hasVector))
  );
}

function mapCells(node: Node, change: (cell: Node) => Node): Node {
  if (node.kind === 'tuple') return withChildren(node, node.items.map(change));
  if (node.kind === 'matrix') return { kind: 'matrix', rows: node.rows.map((row) => row.map(change)) };
  throw new Unreadable('a product with a structure');
}

function zipCells(a: Node, b: Node): Node {
  if (a.kind === 'tuple' && b.kind === 'tuple' && a.items.length === b.items.length)
    return withChildren(
      a,
      a.items.map((item, i) => sum([item, b.items[i]!])),
    );
  if (
    a.kind === 'matrix' &&
    b.kind === 'matrix' &&
    a.rows.length === b.rows.length &&
    a.rows[0]!.length === b.rows[0]!.length
  )
    return {
      kind: 'matrix',
      rows: a.rows.map((row, i) => row.map((cell, j) => sum([cell, b.rows[i]![j]!]))),
    };
  throw new Unreadable('a sum of different structures');
}
