/**
 * Edit distances over any symbols, bit-parallel: 32 cells of the dynamic-programming table an operation, memory linear in
 * the first sequence. Levenshtein after Myers (1999) in Hyyrö's block form (2003), LCS length after Hyyrö (2004).
 */

/** Two sequences as integers, equal symbols as equal integers. */
export interface Interned {
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** How many different integers there are. */
  readonly symbols: number;
}

export function intern(a: readonly string[], b: readonly string[]): Interned {
  const known = new Map<string, number>();
  const ids = (tokens: readonly string[]) => {
    const out = new Int32Array(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      let id = known.get(tokens[i]!);
      if (id === undefined) {
        id = known.size;
        known.set(tokens[i]!, id);
      }
      out[i] = id;
    }
    return out;
  };
  return { a: ids(a), b: ids(b), symbols: known.size };
}

/** Where each symbol stands in a sequence, as blocks of 32 bits; a symbol that never occurs has no entry. */
function positions({ a, symbols }: Interned): (Uint32Array | undefined)[] {
  const blocks = (a.length + 31) >>> 5;
  const masks: (Uint32Array | undefined)[] = new Array(symbols);
  for (let i = 0; i < a.length; i++) {
    let mask = masks[a[i]!];
    if (mask === undefined) {
      mask = new Uint32Array(blocks);
      masks[a[i]!] = mask;
    }
    mask[i >>> 5]! |= 1 << (i & 31);
  }
  return masks;
}

/** The length of the longest common subsequence. O(n·m/32). */
export function lcsLength(pair: Interned): number {
  const { a, b } = pair;
  if (a.length === 0 || b.length === 0) return 0;
  const masks = positions(pair);
  const blocks = (a.length + 31) >>> 5;
  const v = new Uint32Array(blocks).fill(0xffffffff);
  for (let j = 0; j < b.length; j++) {
    const mask = masks[b[j]!];
    if (mask === undefined) continue;
    let carry = 0;
    for (let w = 0; w < blocks; w++) {
      const old = v[w]!;
      const u = (old & mask[w]!) >>> 0;
      const sum = old + u + carry;
      carry = sum > 0xffffffff ? 1 : 0;
      v[w] = sum | (old & ~u);
    }
  }
  let zeros = 0;
  for (let w = 0; w < blocks; w++) {
    const bits = w === blocks - 1 && (a.length & 31) !== 0 ? (1 << (a.length & 31)) - 1 : 0xffffffff;
    zeros += popcount(~v[w]! & bits);
  }
  return zeros;
}

/** The least number of insertions, deletions and substitutions. O(n·m/32). */
export function editDistance(pair: Interned): number {
  const { a, b } = pair;
  if (a.length === 0) return b.length;
  if (b.length === 0) return a.length;
  const masks = positions(pair);
  const blocks = (a.length + 31) >>> 5;
  const none = new Uint32Array(blocks);
  const vp = new Uint32Array(blocks).fill(0xffffffff);
  const vn = new Uint32Array(blocks);
  const last = 1 << ((a.length - 1) & 31);
  let distance = a.length;
  for (let j = 0; j < b.length; j++) {
    const mask = masks[b[j]!] ?? none;
    let hpCarry = 1;
    let hnCarry = 0;
    for (let w = 0; w < blocks; w++) {
      const p = vp[w]!;
      const n = vn[w]!;
      const x = mask[w]! | hnCarry;
      const d0 = ((((x & p) >>> 0) + p) ^ p) | x | n;
      let hp = n | ~(d0 | p);
      let hn = d0 & p;
      if (w === blocks - 1) {
        if (hp & last) distance++;
        else if (hn & last) distance--;
      }
      const hpNext = hp >>> 31;
      const hnNext = hn >>> 31;
      hp = (hp << 1) | hpCarry;
      hn = (hn << 1) | hnCarry;
      vp[w] = hn | ~(d0 | hp);
      vn[w] = hp & d0;
      hpCarry = hpNext;
      hnCarry = hnNext;
    }
  }
  return distance;
}

function popcount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24) & 0xff;
}
