import { all, type Context, differs, sameValue } from './context.ts';
import { compareEquations } from './equation.ts';
import type { Node, RelationOperator } from './tree.ts';
import type { Finding } from './value.ts';

/** Relations in several variables: the same signs, left − right equal up to a factor above 0. */
export function compareRelations(
  gold: Node & { kind: 'relation' },
  pred: Node & { kind: 'relation' },
  context: Context,
): Finding {
  if (gold.ops[0] === 'cong' || pred.ops[0] === 'cong') return compareCongruences(gold, pred, context);
  const a = pairs(gold);
  const b = pairs(pred);
  if (a.length !== b.length) return differs('chains of different length');
  const left = [...b];
  const findings: Finding[] = [];
  for (const one of a) {
    const at = left.findIndex(
      (other) =>
        one.op === other.op && compareEquations(one, other, one.op !== '=' && one.op !== '!=', context).equal,
    );
    if (at < 0) return differs('other relations');
    left.splice(at, 1);
    findings.push({ equal: true, proved: false });
  }
  return all(findings);
}

/** A chain as single relations that all point down: a < b, a ≤ b. */
function pairs(node: Node & { kind: 'relation' }): { left: Node; op: RelationOperator; right: Node }[] {
  return node.ops.map((op, i) => {
    const left = node.items[i]!;
    const right = node.items[i + 1]!;
    if (op === '>') return { left: right, op: '<', right: left };
    if (op === '>=') return { left: right, op: '<=', right: left };
    return { left, op, right };
  });
}

/** n ≡ a (mod m): the same left side and modulus, remainders equal modulo it. */
function compareCongruences(
  gold: Node & { kind: 'relation' },
  pred: Node & { kind: 'relation' },
  context: Context,
): Finding {
  if (gold.ops[0] !== pred.ops[0] || gold.items.length !== 3 || pred.items.length !== 3)
    return differs('not the same congruence');
  const [x, a, m] = gold.items as [Node, Node, Node];
  const [y, b, k] = pred.items as [Node, Node, Node];
  const gap: Node = { kind: 'call', name: 'mod', items: [a, m] };
  const other: Node = { kind: 'call', name: 'mod', items: [b, k] };
  return all([sameValue(x, y, context), sameValue(m, k, context), sameValue(gap, other, context)]);
}
