/**
 * A 128-bit content hash as 32 hex digits: four 32-bit hashes with different seeds. For
 * caches, identity of definitions and seeds; not for secrets. Pure TypeScript, so that it runs in a browser.
 */
export function contentHash(text: string): string {
  return [0, 1, 2, 3]
    .map((lane) =>
      hash32(text, 0x9e3779b9 ^ Math.imul(lane, 0x85ebca6b))
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
}

/** A seeded 32-bit hash of a string (the mixing of MurmurHash3 over 16-bit units). */
export function hash32(text: string, seed = 0): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
