import { all, type Context, differs, same, sameValue } from './context.ts';
import type { Shape } from './shape.ts';
import { int, isValue, type Node, negative, product, sum } from './tree.ts';
import { type Finding, order } from './value.ts';

/** a, a + d, …, last */
interface Progression {
  readonly first: Node;
  readonly step: Node;
  readonly last: Node;
}

/** Lists with dots: as arithmetic progressions when both are, else element by element; a finite one also as a plain list. */
export function compareSequences(
  gold: Shape,
  pred: Shape,
  context: Context,
  compare: (a: Shape, b: Shape, context: Context) => Finding,
): Finding {
  if (gold.kind === 'sequence' && pred.kind === 'sequence') {
    const a = progression(gold.items, context);
    const b = progression(pred.items, context);
    if (a && b)
      return all([
        sameValue(a.first, b.first, context),
        sameValue(a.step, b.step, context),
        sameValue(a.last, b.last, context),
      ]);
    if (gold.items.length !== pred.items.length) return differs('other elements before and after the dots');
    return all(gold.items.map((item, i) => elementwise(item, pred.items[i]!, context)));
  }
  const [dotted, plain] =
    gold.kind === 'sequence' ? [gold, pred] : pred.kind === 'sequence' ? [pred, gold] : [];
  if (!dotted || plain?.kind !== 'set') return differs('a list with dots is something else');
  const written = progression(dotted.items, context);
  const items = written && writtenOut(written, context);
  if (!items || items.length !== plain.items.length) return differs('the list with dots has other elements');
  const set: Shape = {
    kind: 'set',
    node: dotted.node,
    items: items.map((node): Shape => ({ kind: 'value', node })),
    source: 'list',
  };
  return gold.kind === 'sequence' ? compare(set, pred, context) : compare(gold, set, context);
}

function elementwise(a: Node, b: Node, context: Context): Finding {
  if (a.kind === 'dots' || b.kind === 'dots')
    return a.kind === b.kind ? same : differs('dots in another place');
  return isValue(a) && isValue(b) ? sameValue(a, b, context) : differs('elements of other kinds');
}

function progression(items: readonly Node[], context: Context): Progression | undefined {
  const at = items.findIndex((item) => item.kind === 'dots');
  const before = items.slice(0, at);
  const after = items.slice(at + 1);
  if (before.length === 0 || after.length === 0 || [...before, ...after].some((item) => !isValue(item)))
    return undefined;
  const step =
    before.length > 1 ? gap(before[0]!, before[1]!) : after.length > 1 ? gap(after[0]!, after[1]!) : int(1);
  for (const part of [before, after])
    for (let i = 1; i < part.length; i++)
      if (!sameValue(gap(part[i - 1]!, part[i]!), step, context).equal) return undefined;
  return { first: before[0]!, step, last: after[after.length - 1]! };
}

function gap(a: Node, b: Node): Node {
  return sum([b, negative(a)]);
}

/** The elements of a progression of at most 200 numbers. */
function writtenOut(of: Progression, context: Context): Node[] | undefined {
  const items: Node[] = [];
  for (let k = 0; k <= 200; k++) {
    const item = sum([of.first, product([int(k), of.step])]);
    const sign = order(item, of.last, context.fuel);
    if (sign === undefined) return undefined;
    items.push(item);
    if (sign === 0) return items;
    const direction = order(of.step, int(0), context.fuel);
    if (direction === 0 || direction === undefined || sign === direction) return undefined;
  }
  return undefined;
}
