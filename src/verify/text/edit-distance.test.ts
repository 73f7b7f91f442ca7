import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, intern, lcsLength } from './edit-distance.ts';

/** The textbook tables: the oracle. */
function tables(a: string[], b: string[]): { distance: number; lcs: number } {
  let distance = Array.from({ length: b.length + 1 }, (_, j) => j);
  let lcs: number[] = new Array(b.length + 1).fill(0);
  for (let i = 1; i <= a.length; i++) {
    const d = [i];
    const l = [0];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      d[j] = Math.min(distance[j]! + 1, d[j - 1]! + 1, distance[j - 1]! + (same ? 0 : 1));
      l[j] = same ? lcs[j - 1]! + 1 : Math.max(lcs[j]!, l[j - 1]!);
    }
    distance = d;
    lcs = l;
  }
  return { distance: distance[b.length]!, lcs: lcs[b.length]! };
}

test('both distances agree with the tables on random sequences, across block borders', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 140 });
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      const pair = intern(a, b);
      expect({ distance: editDistance(pair), lcs: lcsLength(pair) }).toEqual(tables(a, b));
    }),
    { seed: 7, numRuns: 400 },
  );
});

test('lengths around multiples of 32', () => {
  for (const n of [0, 1, 31, 32, 33, 63, 64, 65, 96])
    for (const m of [0, 1, 31, 32, 33, 64]) {
      const a = Array.from({ length: n }, (_, i) => 'xyz'[(i * i) % 3]!);
      const b = Array.from({ length: m }, (_, i) => 'xyz'[(i * 7 + 1) % 3]!);
      const pair = intern(a, b);
      expect({ distance: editDistance(pair), lcs: lcsLength(pair) }).toEqual(tables(a, b));
    }
});
