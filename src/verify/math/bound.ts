import { bits } from './rational.ts';
import { children, type Node } from './tree.ts';

/**
 * A separation bound for expressions in radicals (Burnikel, Funke, Mehlhorn, Schirra, Schmitt 2001): if the expression is
 * not 0, its magnitude is at least 2^−b. log2 of the bounds u and l of the source; `degree` is the product of the root
 * indices.
 */
interface Bound {
  readonly u: number;
  readonly l: number;
}

interface Degrees {
  degree: number;
  /** Root nodes already counted, by identity: a shared subexpression counts once. */
  readonly seen: Set<Node>;
}

/** Bits b such that a non-zero a − b has magnitude at least 2^−b; undefined when one of them is not made of radicals. */
export function separationBits(a: Node, b: Node): number | undefined {
  const degrees: Degrees = { degree: 1, seen: new Set() };
  const left = bound(a, degrees);
  const right = left && bound(b, degrees);
  if (!left || !right) return undefined;
  const u = sumLog(left.u + right.l, left.l + right.u);
  const l = left.l + right.l;
  const result = (degrees.degree - 1) * Math.max(0, u) + l;
  return Number.isFinite(result) ? Math.ceil(result) + 2 : undefined;
}

/** log2(2^a + 2^b), rounded up. */
function sumLog(a: number, b: number): number {
  return Math.max(a, b) + 1;
}

function bound(node: Node, degrees: Degrees): Bound | undefined {
  switch (node.kind) {
    case 'num':
      return { u: bits(node.q.n), l: bits(node.q.d) };
    case 'add':
    case 'mul': {
      let total: Bound | undefined;
      for (const item of node.items) {
        const next = bound(item, degrees);
        if (!next) return undefined;
        if (total === undefined) total = next;
        else if (node.kind === 'mul') total = { u: total.u + next.u, l: total.l + next.l };
        else total = { u: sumLog(total.u + next.l, total.l + next.u), l: total.l + next.l };
      }
      return total;
    }
    case 'root': {
      const of = bound(node.of, degrees);
      return of && rootBound(of, node.index, node, degrees);
    }
    case 'pow': {
      const base = bound(node.base, degrees);
      const exponent = smallFraction(node.exponent);
      if (!base || !exponent) return undefined;
      const [n, d] = exponent;
      const root = d === 1 ? base : rootBound(base, d, node, degrees);
      const k = Math.abs(n);
      return n < 0 ? { u: root.l * k, l: root.u * k } : { u: root.u * k, l: root.l * k };
    }
    case 'const':
      if (node.name !== 'i') return undefined;
      degrees.degree *= 2;
      return { u: 0, l: 0 };
    default:
      return undefined;
  }
}

function rootBound(of: Bound, index: number, node: Node, degrees: Degrees): Bound {
  if (!degrees.seen.has(node)) {
    degrees.seen.add(node);
    degrees.degree *= index;
  }
  return of.u >= of.l
    ? { u: (of.u + (index - 1) * of.l) / index, l: of.l }
    : { u: of.u, l: ((index - 1) * of.u + of.l) / index };
}

/** An exponent written as an integer or a quotient of integers. */
function smallFraction(node: Node): readonly [number, number] | undefined {
  if (node.kind === 'num')
    return bits(node.q.n) < 16 && bits(node.q.d) < 8 ? [Number(node.q.n), Number(node.q.d)] : undefined;
  if (node.kind !== 'mul') return undefined;
  let n = 1;
  let d = 1;
  for (const item of node.items) {
    if (item.kind === 'num' && item.q.d === 1n && bits(item.q.n) < 16) n *= Number(item.q.n);
    else if (item.kind === 'pow' || item.kind === 'mul') {
      const inner = item.kind === 'mul' ? smallFraction(item) : inverseInteger(item);
      if (!inner) return undefined;
      n *= inner[0];
      d *= inner[1];
    } else return undefined;
  }
  return Math.abs(n) < 65536 && d < 256 ? [n, d] : undefined;
}

function inverseInteger(node: Node): readonly [number, number] | undefined {
  const [base, exponent] = children(node);
  if (base?.kind !== 'num' || base.q.d !== 1n || base.q.n <= 0n || bits(base.q.n) > 8) return undefined;
  if (exponent?.kind !== 'num' || exponent.q.n !== -1n || exponent.q.d !== 1n) return undefined;
  return [1, Number(base.q.n)];
}
