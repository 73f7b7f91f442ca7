import { all, type Context, differs, same, sameValue } from './context.ts';
import type { Node } from './tree.ts';
import type { Finding } from './value.ts';

/** a : b : c up to a common factor; a : b is also a/b. Clock times (3:00) are compared as times when both look like one. */
export function compareRatios(gold: Node, pred: Node, context: Context): Finding {
  if (gold.kind === 'time' || pred.kind === 'time') {
    const [time, other] = gold.kind === 'time' ? [gold, pred] : pred.kind === 'time' ? [pred, gold] : [];
    if (!time || other?.kind !== 'colon' || !other.clock) return differs('a clock time is not a ratio');
    const minutes = clockMinutes(other.clock);
    // 15:00 is 3:00 PM; 3:00 alone does not say which half of the day.
    return minutes === time.minutes && minutes >= 13 * 60 ? same : differs('AM or PM is missing or another');
  }
  const a = gold.kind === 'colon' ? gold : undefined;
  const b = pred.kind === 'colon' ? pred : undefined;
  if (a?.clock && b?.clock && clockLike(a.clock) && clockLike(b.clock))
    return clockMinutes(a.clock) === clockMinutes(b.clock) ? same : differs('another time');
  const left = a ? a.items : parts(gold);
  const right = b ? b.items : parts(pred);
  if (!left || !right || left.length !== right.length) return differs('not a ratio of as many parts');
  if ([...left, ...right].some((item) => item.kind === 'dots')) {
    return all(
      left.map((item, i) =>
        item.kind === 'dots' || right[i]!.kind === 'dots'
          ? item.kind === right[i]!.kind
            ? same
            : differs('other dots')
          : sameValue(item, right[i]!, context),
      ),
    );
  }
  const findings: Finding[] = [];
  for (let i = 1; i < left.length; i++) {
    const cross: Node = { kind: 'mul', items: [left[0]!, right[i]!] };
    const other: Node = { kind: 'mul', items: [left[i]!, right[0]!] };
    findings.push(sameValue(cross, other, context));
  }
  return all(findings);
}

/** Two digits behind the colon: 3:05 can be a time, 2:3 cannot. */
function clockLike(clock: string): boolean {
  return /^\d{1,2}:\d\d/.test(clock) && Number(clock.split(':')[0]) < 25;
}

function clockMinutes(clock: string): number {
  const [hours, minutes, seconds] = clock.split(':').map(Number);
  return hours! * 60 + (minutes ?? 0) + (seconds ?? 0) / 60;
}

const one: Node = { kind: 'num', q: { n: 1n, d: 1n } };

/** A value as a ratio: v : 1. */
function parts(node: Node): readonly Node[] | undefined {
  return node.kind === 'num' || node.kind === 'mul' || node.kind === 'pow' || node.kind === 'root'
    ? [node, one]
    : undefined;
}

/** Same digits and same base; the base may be left out, and a bare decimal reference takes subscript 10 only. */
export function compareBases(gold: Node, pred: Node, _context: Context): Finding {
  const strip = (digits: string) => digits.replace(/^0+(?=.)/, '');
  if (gold.kind === 'base' && pred.kind === 'base')
    return gold.base === pred.base && strip(gold.digits) === strip(pred.digits)
      ? same
      : differs('other digits or another base');
  if (gold.kind === 'base')
    return pred.kind === 'num' &&
      pred.digits !== undefined &&
      pred.q.d === 1n &&
      strip(pred.digits) === strip(gold.digits)
      ? same
      : differs('other digits, or written in another base');
  if (pred.kind === 'base')
    return gold.kind === 'num' &&
      pred.base === 10 &&
      gold.digits !== undefined &&
      gold.q.d === 1n &&
      strip(pred.digits) === strip(gold.digits)
      ? same
      : differs('another base than the reference');
  return differs('not a numeral');
}
