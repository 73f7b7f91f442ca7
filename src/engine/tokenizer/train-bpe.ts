import type { Merges } from './bpe.ts';
import { Heap } from './heap.ts';
import { encodeUtf8 } from './utf8.ts';
import { words } from './words.ts';

export interface BpeTraining {
  /** Tokens wanted, the 256 bytes and the end token included. Fewer come out when the texts have no more pairs. */
  readonly size: number;
  /** A pair that occurs less often is not merged. Default 2. */
  readonly minCount?: number;
}

interface Word {
  ids: number[];
  readonly count: number;
}

interface Candidate {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/**
 * Learns merges from texts: again and again the pair that occurs most often, of equals the one with the smaller ids, so that
 * equal texts give equal merges. Words are counted once however often they occur.
 */
export function trainBpe(texts: Iterable<string>, { size, minCount = 2 }: BpeTraining): Merges {
  if (!(Number.isInteger(size) && size >= 257 && size <= 1_000_000))
    throw new RangeError(`trainBpe: size must be 257 to 1,000,000, not ${size}`);
  const state = count(texts);
  const merges: [number, number][] = [];
  const pieces = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const made = new Set(pieces);
  while (pieces.length < size - 1) {
    const best = state.waiting.pop();
    if (!best || best.count < minCount) break;
    if (state.counts.get(key(best.left, best.right)) !== best.count) continue; // counted anew since
    const piece = pieces[best.left]! + pieces[best.right]!;
    if (made.has(piece)) continue; // other tokens make the same bytes already
    made.add(piece);
    const id = pieces.push(piece) - 1;
    merges.push([best.left, best.right]);
    merge(state, best, id);
  }
  return merges;
}

interface State {
  readonly words: Word[];
  readonly counts: Map<number, number>;
  /** In which words a pair may be; words stay listed when it has gone from them. */
  readonly places: Map<number, Set<number>>;
  readonly waiting: Heap<Candidate>;
}

const key = (left: number, right: number) => left * 2_097_152 + right;

function count(texts: Iterable<string>): State {
  const occurrences = new Map<string, number>();
  for (const text of texts)
    for (const word of words(text.toWellFormed())) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
  const state: State = {
    words: [...occurrences].map(([word, count]) => ({ ids: Array.from(encodeUtf8(word)), count })),
    counts: new Map(),
    places: new Map(),
    waiting: new Heap(
      (a, b) => a.count > b.count || (a.count === b.count && key(a.left, a.right) < key(b.left, b.right)),
    ),
  };
  const changed = new Set<number>();
  state.words.forEach((word, at) => {
    tally(state, word, at, 1, changed);
  });
  offer(state, changed);
  return state;
}

/** Adds (or with −1 takes away) the pairs of a word. */
function tally(state: State, { ids, count }: Word, at: number, sign: 1 | -1, changed: Set<number>): void {
  for (let i = 0; i + 1 < ids.length; i++) {
    const pair = key(ids[i]!, ids[i + 1]!);
    state.counts.set(pair, (state.counts.get(pair) ?? 0) + sign * count);
    changed.add(pair);
    if (sign < 0) continue;
    let places = state.places.get(pair);
    if (!places) {
      places = new Set();
      state.places.set(pair, places);
    }
    places.add(at);
  }
}

function offer(state: State, changed: ReadonlySet<number>): void {
  for (const pair of changed) {
    const count = state.counts.get(pair)!;
    if (count > 0) state.waiting.push({ left: Math.floor(pair / 2_097_152), right: pair % 2_097_152, count });
    else state.counts.delete(pair);
  }
}

function merge(state: State, { left, right }: Candidate, id: number): void {
  const changed = new Set<number>();
  const places = state.places.get(key(left, right))!;
  state.places.delete(key(left, right));
  for (const at of places) {
    const word = state.words[at]!;
    tally(state, word, at, -1, changed);
    const ids: number[] = [];
    for (let i = 0; i < word.ids.length; i++) {
      if (word.ids[i] === left && word.ids[i + 1] === right) {
        ids.push(id);
        i++;
      } else ids.push(word.ids[i]!);
    }
    word.ids = ids;
    tally(state, word, at, 1, changed);
  }
  changed.delete(key(left, right)); // it is gone from every word, for good
  state.counts.delete(key(left, right));
  offer(state, changed);
}
