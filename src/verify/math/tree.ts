import type { Rational } from './rational.ts';

/** Relations that a statement may use. `approx` is ≈, `in` is ∈. */
export type RelationOperator = '=' | '<' | '<=' | '>' | '>=' | '!=' | 'approx' | 'in' | 'notin' | 'cong';

export interface Branch {
  readonly value: Node;
  /** undefined: otherwise. */
  readonly when: Node | undefined;
}

/** What a reader makes of an answer: values and, above them, the structures that hold values. */
export type Node =
  // Values
  | { readonly kind: 'num'; readonly q: Rational; readonly places?: number; readonly digits?: string }
  | { readonly kind: 'sym'; readonly name: string }
  | { readonly kind: 'const'; readonly name: 'pi' | 'e' | 'i' | 'inf' }
  | { readonly kind: 'add'; readonly items: readonly Node[] }
  | { readonly kind: 'mul'; readonly items: readonly Node[] }
  | { readonly kind: 'pow'; readonly base: Node; readonly exponent: Node }
  /** The real root for odd indices. */
  | { readonly kind: 'root'; readonly index: number; readonly of: Node }
  /** A known function: sin, ln, log(base, x), factorial, binom, floor, abs, min … */
  | { readonly kind: 'call'; readonly name: string; readonly items: readonly Node[] }
  /** A function that the answer itself names: f(x). */
  | { readonly kind: 'apply'; readonly name: string; readonly items: readonly Node[] }
  | {
      readonly kind: 'series';
      readonly name: 'sum' | 'prod';
      readonly index: string;
      readonly from: Node;
      readonly to: Node;
      readonly body: Node;
    }
  | { readonly kind: 'pm'; readonly of: Node }
  | { readonly kind: 'percent'; readonly of: Node }
  | { readonly kind: 'degree'; readonly of: Node }
  | { readonly kind: 'unit'; readonly name: string }
  /** Something that has a name but no value here: an integral, a probability, a derivative. */
  | { readonly kind: 'opaque'; readonly text: string }
  // Structures
  | { readonly kind: 'tuple'; readonly open: string; readonly close: string; readonly items: readonly Node[] }
  | { readonly kind: 'set'; readonly items: readonly Node[] }
  | { readonly kind: 'builder'; readonly of: Node; readonly such: readonly Node[] }
  | { readonly kind: 'list'; readonly join: ',' | 'and' | 'or'; readonly items: readonly Node[] }
  | { readonly kind: 'dots' }
  | { readonly kind: 'domain'; readonly name: string }
  | { readonly kind: 'join'; readonly op: 'cup' | 'cap' | 'minus'; readonly items: readonly Node[] }
  | { readonly kind: 'relation'; readonly items: readonly Node[]; readonly ops: readonly RelationOperator[] }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Node[])[] }
  | { readonly kind: 'cases'; readonly branches: readonly Branch[] }
  | { readonly kind: 'colon'; readonly items: readonly Node[]; readonly clock?: string }
  | { readonly kind: 'base'; readonly digits: string; readonly base: number }
  | { readonly kind: 'time'; readonly minutes: number; readonly half?: 'am' | 'pm' }
  | { readonly kind: 'date'; readonly text: string }
  | { readonly kind: 'text'; readonly words: readonly string[] };

export function num(q: Rational): Node {
  return { kind: 'num', q };
}

export function int(n: number | bigint): Node {
  return { kind: 'num', q: { n: BigInt(n), d: 1n } };
}

export function call(name: string, ...items: Node[]): Node {
  return { kind: 'call', name, items };
}

export function sum(items: readonly Node[]): Node {
  return items.length === 1 ? items[0]! : { kind: 'add', items };
}

export function product(items: readonly Node[]): Node {
  return items.length === 1 ? items[0]! : { kind: 'mul', items };
}

export function negative(of: Node): Node {
  if (of.kind === 'num') return { ...of, q: { n: -of.q.n, d: of.q.d } };
  return { kind: 'mul', items: [int(-1), of] };
}

export function quotient(above: Node, below: Node): Node {
  return { kind: 'mul', items: [above, { kind: 'pow', base: below, exponent: int(-1) }] };
}

/** The nodes directly below a node, in order. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'add':
    case 'mul':
    case 'call':
    case 'apply':
    case 'tuple':
    case 'set':
    case 'list':
    case 'join':
    case 'relation':
    case 'colon':
      return node.items;
    case 'pow':
      return [node.base, node.exponent];
    case 'root':
    case 'pm':
    case 'percent':
    case 'degree':
      return [node.of];
    case 'series':
      return [node.from, node.to, node.body];
    case 'builder':
      return [node.of, ...node.such];
    case 'matrix':
      return node.rows.flat();
    case 'cases':
      return node.branches.flatMap((branch) => (branch.when ? [branch.value, branch.when] : [branch.value]));
    default:
      return none;
  }
}

const none: readonly Node[] = [];

/** The same node with other children, given in the order of `children`. */
export function withChildren(node: Node, next: readonly Node[]): Node {
  switch (node.kind) {
    case 'add':
    case 'mul':
    case 'call':
    case 'apply':
    case 'tuple':
    case 'set':
    case 'list':
    case 'join':
    case 'relation':
    case 'colon':
      return { ...node, items: next };
    case 'pow':
      return { ...node, base: next[0]!, exponent: next[1]! };
    case 'root':
    case 'pm':
    case 'percent':
    case 'degree':
      return { ...node, of: next[0]! };
    case 'series':
      return { ...node, from: next[0]!, to: next[1]!, body: next[2]! };
    case 'builder':
      return { ...node, of: next[0]!, such: next.slice(1) };
    case 'matrix': {
      let at = 0;
      return { ...node, rows: node.rows.map((row) => row.map(() => next[at++]!)) };
    }
    case 'cases': {
      let at = 0;
      return {
        ...node,
        branches: node.branches.map((branch) => ({
          value: next[at++]!,
          when: branch.when ? next[at++]! : undefined,
        })),
      };
    }
    default:
      return node;
  }
}

/** Rewrites a tree from the leaves up; a node whose children stay the same is not copied. */
export function rewrite(node: Node, change: (node: Node) => Node): Node {
  const before = children(node);
  if (before.length === 0) return change(node);
  let changed = false;
  const after = before.map((child) => {
    const next = rewrite(child, change);
    if (next !== child) changed = true;
    return next;
  });
  return change(changed ? withChildren(node, after) : node);
}

/** Whether any node of the tree satisfies the test. */
export function some(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true;
  for (const child of children(node)) if (some(child, test)) return true;
  return false;
}

/** The names of a tree's symbols, each once. */
export function symbols(node: Node, found: Set<string> = new Set()): Set<string> {
  if (node.kind === 'sym') found.add(node.name);
  else if (node.kind === 'series') {
    symbols(node.from, found);
    symbols(node.to, found);
    const inner = symbols(node.body);
    inner.delete(node.index);
    for (const name of inner) found.add(name);
  } else for (const child of children(node)) symbols(child, found);
  return found;
}

const structures = new Set([
  'tuple',
  'set',
  'builder',
  'list',
  'dots',
  'domain',
  'join',
  'relation',
  'matrix',
  'cases',
  'colon',
  'base',
  'time',
  'date',
  'text',
]);

/** Whether a node is a plain value: no structure at its top. */
export function isValue(node: Node): boolean {
  return !structures.has(node.kind);
}

/** The same tree, node for node. */
export function sameTree(a: Node, b: Node): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'num' && b.kind === 'num') return a.q.n === b.q.n && a.q.d === b.q.d;
  if ((a.kind === 'sym' && b.kind === 'sym') || (a.kind === 'const' && b.kind === 'const'))
    return a.name === b.name;
  if (a.kind === 'unit' && b.kind === 'unit') return a.name === b.name;
  if (a.kind === 'opaque' && b.kind === 'opaque') return a.text === b.text;
  if (a.kind === 'text' && b.kind === 'text') return a.words.join(' ') === b.words.join(' ');
  if (a.kind === 'domain' && b.kind === 'domain') return a.name === b.name;
  if (a.kind === 'date' && b.kind === 'date') return a.text === b.text;
  if ((a.kind === 'call' && b.kind === 'call') || (a.kind === 'apply' && b.kind === 'apply')) {
    if (a.name !== b.name) return false;
  }
  if (a.kind === 'root' && b.kind === 'root' && a.index !== b.index) return false;
  if (a.kind === 'relation' && b.kind === 'relation' && a.ops.join() !== b.ops.join()) return false;
  const left = children(a);
  const right = children(b);
  return (
    left.length === right.length &&
    left.every((child, i) => sameTree(child, right[i]!)) &&
    (left.length > 0 || a.kind === 'dots' || a.kind === 'set')
  );
}
