import type { Fuel } from '../../core/fuel.ts';

/** How many inner steps one unit of fuel pays for. */
const stepsPerFuel = 32;

/**
 * Ratcliff and Obershelp's ratio 2M/T: M sums the longest common block and, left and right of it, theirs. Ties go to the
 * block that starts earliest in `a`, then in `b`, as in Python's difflib with `autojunk` off. Not an edit distance:
 * ratio('ab', 'ba') is 0.5. Empty against empty is 1. Cubic in the worst case: throws OutOfFuel.
 */
export function sequenceRatio(a: Int32Array, b: Int32Array, fuel: Fuel): number {
  const total = a.length + b.length;
  if (total === 0) return 1;
  return (2 * matchingSymbols(a, b, fuel)) / total;
}

function matchingSymbols(a: Int32Array, b: Int32Array, fuel: Fuel): number {
  const places = new Map<number, number[]>();
  for (let j = 0; j < b.length; j++) {
    const list = places.get(b[j]!);
    if (list) list.push(j);
    else places.set(b[j]!, [j]);
  }
  // Lengths of the blocks that end at a[i] and b[j]; `rows` alternates between the previous and the present i.
  const rows = [new Int32Array(b.length + 1), new Int32Array(b.length + 1)];
  const waiting: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  let matched = 0;
  while (waiting.length > 0) {
    const [alo, ahi, blo, bhi] = waiting.pop()!;
    let bestI = alo;
    let bestJ = blo;
    let best = 0;
    let written: readonly number[] = [];
    let writtenFrom = 0;
    let writtenTo = 0;
    for (let i = alo; i < ahi; i++) {
      const before = rows[i & 1]!;
      const now = rows[(i & 1) ^ 1]!;
      const list = places.get(a[i]!) ?? [];
      const from = firstAtLeast(list, blo);
      let k = from;
      for (; k < list.length && list[k]! < bhi; k++) {
        const j = list[k]!;
        const length = before[j]! + 1; // before[j] is the block that ends at b[j − 1]
        now[j + 1] = length;
        if (length > best) {
          bestI = i - length + 1;
          bestJ = j - length + 1;
          best = length;
        }
      }
      fuel.burn(1 + (k - from) / stepsPerFuel);
      for (let w = writtenFrom; w < writtenTo; w++) before[written[w]! + 1] = 0;
      written = list;
      writtenFrom = from;
      writtenTo = k;
    }
    const last = rows[((ahi - 1) & 1) ^ 1]!;
    for (let w = writtenFrom; w < writtenTo; w++) last[written[w]! + 1] = 0;
    if (best === 0) continue;
    matched += best;
    if (alo < bestI && blo < bestJ) waiting.push([alo, bestI, blo, bestJ]);
    if (bestI + best < ahi && bestJ + best < bhi) waiting.push([bestI + best, ahi, bestJ + best, bhi]);
  }
  return matched;
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
