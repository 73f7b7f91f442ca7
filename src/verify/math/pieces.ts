import type { Fuel } from '../../core/fuel.ts';
import { int, type Node, some } from './tree.ts';
import { order } from './value.ts';

/** One interval; an end at ∞ or −∞ is never part of it. */
export interface Piece {
  readonly low: Node;
  readonly lowIn: boolean;
  readonly high: Node;
  readonly highIn: boolean;
}

/** A set of real numbers: disjoint pieces in ascending order, and the variable that it was said of, if any. */
export interface RealSet {
  readonly pieces: readonly Piece[];
  readonly name?: string;
}

/** Thrown when ends cannot be put in order (they hold symbols). Not an Error: it needs no stack. */
export class Unordered {}
const unordered = new Unordered();

export const infinite: Node = { kind: 'const', name: 'inf' };

export const minusInfinite: Node = { kind: 'mul', items: [int(-1), infinite] };

export const everything: Piece = { low: minusInfinite, lowIn: false, high: infinite, highIn: false };

function ordered(a: Node, b: Node, fuel: Fuel): -1 | 0 | 1 {
  fuel.burn(8);
  const sign = order(a, b, fuel);
  if (sign === undefined) throw unordered;
  return sign;
}

export function isInfinite(node: Node): boolean {
  return some(node, (one) => one.kind === 'const' && one.name === 'inf');
}

export function point(at: Node): Piece {
  return { low: at, lowIn: true, high: at, highIn: true };
}

/** The union of pieces: sorted, overlapping and touching ones joined, empty ones dropped. One piece needs no order. */
export function united(pieces: readonly Piece[], fuel: Fuel): Piece[] {
  const kept = pieces.filter((piece) => !isEmptyPiece(piece, fuel));
  if (kept.length < 2) return kept;
  kept.sort((a, b) => ordered(a.low, b.low, fuel) || Number(b.lowIn) - Number(a.lowIn));
  const out: Piece[] = [kept[0]!];
  for (const next of kept.slice(1)) {
    const last = out[out.length - 1]!;
    const gap = ordered(last.high, next.low, fuel);
    if (gap < 0 || (gap === 0 && !last.highIn && !next.lowIn)) {
      out.push(next);
      continue;
    }
    const reach = ordered(last.high, next.high, fuel);
    out[out.length - 1] = {
      low: last.low,
      lowIn: last.lowIn,
      high: reach < 0 ? next.high : last.high,
      highIn: reach < 0 ? next.highIn : reach > 0 ? last.highIn : last.highIn || next.highIn,
    };
  }
  return out;
}

function isEmptyPiece(piece: Piece, fuel: Fuel): boolean {
  if (piece.low === piece.high) return !piece.lowIn || !piece.highIn;
  const sign = order(piece.low, piece.high, fuel);
  return sign === 1 || (sign === 0 && !(piece.lowIn && piece.highIn));
}

export function intersected(a: readonly Piece[], b: readonly Piece[], fuel: Fuel): Piece[] {
  const out: Piece[] = [];
  for (const x of a)
    for (const y of b) {
      const low = isInfinite(x.low) ? 1 : isInfinite(y.low) ? -1 : -ordered(x.low, y.low, fuel);
      const high = isInfinite(x.high) ? 1 : isInfinite(y.high) ? -1 : ordered(x.high, y.high, fuel);
      // low > 0: y starts later; high > 0: y ends earlier.
      const piece: Piece = {
        low: low > 0 ? y.low : x.low,
        lowIn: low > 0 ? y.lowIn : low < 0 ? x.lowIn : x.lowIn && y.lowIn,
        high: high > 0 ? y.high : x.high,
        highIn: high > 0 ? y.highIn : high < 0 ? x.highIn : x.highIn && y.highIn,
      };
      out.push(piece);
    }
  return united(out, fuel);
}

/** The gaps between pieces, which come sorted and disjoint. */
export function complement(pieces: readonly Piece[]): Piece[] {
  const gaps: Piece[] = [];
  let low = minusInfinite;
  let lowIn = false;
  for (const piece of pieces) {
    if (!isInfinite(piece.low)) gaps.push({ low, lowIn, high: piece.low, highIn: !piece.lowIn });
    if (isInfinite(piece.high)) return gaps;
    low = piece.high;
    lowIn = !piece.highIn;
  }
  gaps.push({ low, lowIn, high: infinite, highIn: false });
  return gaps;
}

/** Equal as sets: the same pieces, ends compared as values by the caller's equality. */
export function sameReals(a: RealSet, b: RealSet, equal: (x: Node, y: Node) => boolean): boolean {
  return (
    a.pieces.length === b.pieces.length &&
    a.pieces.every((x, i) => {
      const y = b.pieces[i]!;
      return x.lowIn === y.lowIn && x.highIn === y.highIn && equal(x.low, y.low) && equal(x.high, y.high);
    })
  );
}
