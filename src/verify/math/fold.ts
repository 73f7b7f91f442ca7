import { add, divide, multiply, one, power, type Rational, size } from './rational.ts';
import type { Node } from './tree.ts';

/** Longer results are left to the general machinery, which counts what they cost. */
const longest = 1024;

/** The value of a short rational expression: numerals, + − · /, small whole powers, percent. Undefined for anything else. */
export function foldRational(node: Node): Rational | undefined {
  switch (node.kind) {
    case 'num':
      return size(node.q) <= longest ? node.q : undefined;
    case 'add':
    case 'mul': {
      let total = foldRational(node.items[0]!);
      for (let i = 1; i < node.items.length && total !== undefined; i++) {
        const next = foldRational(node.items[i]!);
        total = next && (node.kind === 'add' ? add(total, next) : multiply(total, next));
        if (total && size(total) > longest) return undefined;
      }
      return total;
    }
    case 'pow': {
      if (node.exponent.kind !== 'num' || node.exponent.q.d !== 1n) return undefined;
      const base = foldRational(node.base);
      if (base === undefined) return undefined;
      const k = node.exponent.q.n;
      if (k === -1n) return divide(one, base);
      if (k < -64n || k > 64n || (k === 0n && base.n === 0n)) return undefined;
      return size(base) * Math.abs(Number(k)) <= longest ? power(base, Number(k)) : undefined;
    }
    case 'percent': {
      const of = foldRational(node.of);
      return of && multiply(of, { n: 1n, d: 100n });
    }
    default:
      return undefined;
  }
}
