import { InputError } from '../../core/errors.ts';
import { Heap } from './heap.ts';
import { fromPieces } from './pieces.ts';
import type { Tokenizer } from './tokenizer.ts';
import { encodeUtf8 } from './utf8.ts';
import { words } from './words.ts';

/** Merges in the order in which they are preferred. Ids 0 to 255 are bytes; merge k makes token 256 + k of new bytes. */
export type Merges = readonly (readonly [left: number, right: number])[];

/** More tokens than any model has; a table beyond it is a damaged file. */
const maxMerges = 2_000_000;
/** Words that come again are looked up; longer ones seldom do. */
const cachedWords = 20_000;
const cachedLength = 40;

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016; bytes and words as GPT-2). It can say every text but a lone surrogate,
 * which is encoded as U+FFFD: `decode(encode(text))` is `text.toWellFormed()`. A word of n bytes takes O(n log n). The end
 * token is the last id. Throws InputError on merges of tokens that are not there.
 */
export function bpeTokenizer(merges: Merges): Tokenizer {
  const { pieces, table } = buildTable(merges);
  const cache = new Map<string, Int32Array>();
  const encodeWord = (word: string): Int32Array => {
    const known = cache.get(word);
    if (known) return known;
    const tokens = mergeWord(encodeUtf8(word), table);
    if (word.length <= cachedLength) {
      if (cache.size >= cachedWords) cache.clear();
      cache.set(word, tokens);
    }
    return tokens;
  };
  return {
    ...fromPieces(pieces),
    encode(text) {
      const parts: Int32Array[] = [];
      let length = 0;
      for (const word of words(text.toWellFormed())) {
        const tokens = encodeWord(word);
        parts.push(tokens);
        length += tokens.length;
      }
      const out = new Int32Array(length);
      let at = 0;
      for (const part of parts) {
        out.set(part, at);
        at += part.length;
      }
      return out;
    },
  };
}

/** Pair of ids (one number: ids stay below 2^21) → rank of its merge; the id it makes is 256 + rank. */
type MergeTable = ReadonlyMap<number, number>;
const pairKey = (left: number, right: number) => left * 2_097_152 + right;

function buildTable(merges: Merges): { pieces: Uint8Array[]; table: MergeTable } {
  if (!Array.isArray(merges) || merges.length > maxMerges)
    throw new InputError(`must be a list of at most ${maxMerges} pairs`, { field: 'merges' });
  const pieces = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const made = new Set(pieces.map(latin1));
  const table = new Map<number, number>();
  merges.forEach((pair, rank) => {
    const [left, right] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const a = pieces[left as number];
    const b = pieces[right as number];
    if (!a || !b) throw new InputError(`must be two ids below ${pieces.length}`, { field: `merges.${rank}` });
    const piece = new Uint8Array(a.length + b.length);
    piece.set(a);
    piece.set(b, a.length);
    const text = latin1(piece);
    if (made.has(text))
      throw new InputError('makes a token that is there already', { field: `merges.${rank}` });
    made.add(text);
    table.set(pairKey(left as number, right as number), rank);
    pieces.push(piece);
  });
  return { pieces, table };
}

/** Bytes as a string of the same length, to be the key of a map. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Merges the pair of lowest rank, the leftmost first, until none is left. */
function mergeWord(bytes: Uint8Array, table: MergeTable): Int32Array {
  const n = bytes.length;
  const ids = Int32Array.from(bytes);
  const next = new Int32Array(n);
  const previous = new Int32Array(n);
  const dead = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  // Rank and place in one number: ranks stay below 2^21 and places below 2^31.
  const waiting = new Heap<number>((a, b) => a < b);
  const offer = (at: number) => {
    if (at < 0 || next[at]! >= n) return;
    const rank = table.get(pairKey(ids[at]!, ids[next[at]!]!));
    if (rank !== undefined) waiting.push(rank * 2_147_483_648 + at);
  };
  for (let i = 0; i + 1 < n; i++) offer(i);
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const at = entry % 2_147_483_648;
    const right = next[at]!;
    if (dead[at] || right >= n) continue;
    const rank = (entry - at) / 2_147_483_648;
    if (table.get(pairKey(ids[at]!, ids[right]!)) !== rank) continue; // an earlier merge took one of the pair
    ids[at] = 256 + rank;
    dead[right] = 1;
    next[at] = next[right]!;
    if (next[at]! < n) previous[next[at]!] = at;
    offer(previous[at]!);
    offer(at);
  }
  let length = 0;
  for (let at = 0; at < n; at = next[at]!) ids[length++] = ids[at]!;
  return ids.slice(0, length);
}
