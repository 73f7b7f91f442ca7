import { singular, type Word } from './words.ts';

/** Words of an answer that match a phrase: the first and the last of them. */
export interface Occurrence {
  readonly first: number;
  readonly last: number;
  readonly how: string;
}

/** An answer prepared for look-ups. */
export interface Haystack {
  readonly words: readonly Word[];
  /** Keys, and singular keys, without blanks; with each word's start and end in them. */
  readonly plain: Joined;
  readonly folded: Joined;
}

interface Joined {
  readonly text: string;
  readonly starts: ReadonlyMap<number, number>;
  readonly ends: ReadonlyMap<number, number>;
}

export function haystackOf(words: readonly Word[]): Haystack {
  return {
    words,
    plain: join(words.map(({ key }) => key)),
    folded: join(words.map(({ key }) => singular(key))),
  };
}

function join(keys: readonly string[]): Joined {
  const starts = new Map<number, number>();
  const ends = new Map<number, number>();
  let text = '';
  keys.forEach((key, i) => {
    starts.set(text.length, i);
    text += key;
    ends.set(text.length, i);
  });
  return { text, starts, ends };
}

/** How many look-ups of one phrase are followed up. */
const mostOccurrences = 50;

/**
 * Where a phrase occurs word for word: first as it is, then with plurals folded. Compounds may be written apart or
 * together ('bee keeper', 'beekeeper'). A short alias in capitals ('UN') needs capitals.
 */
export function literalOccurrences(
  phrase: readonly Word[],
  { words, plain, folded }: Haystack,
): Occurrence[] {
  const found: Occurrence[] = [];
  const shout = isShout(phrase);
  for (const [joined, needle, how] of [
    [plain, phrase.map(({ key }) => key).join(''), ''],
    [folded, phrase.map(({ key }) => singular(key)).join(''), 'but for number'],
  ] as const) {
    for (let at = joined.text.indexOf(needle); at !== -1; at = joined.text.indexOf(needle, at + 1)) {
      const first = joined.starts.get(at);
      const last = joined.ends.get(at + needle.length);
      if (first === undefined || last === undefined) continue;
      if (shout && words[first]!.raw.replace(/\W/g, '') !== phrase[0]!.raw && words.length > 2) continue;
      found.push({ first, last, how });
      if (found.length >= mostOccurrences) return found;
    }
    if (found.length > 0) return found;
  }
  return found;
}

/** One word of up to two capitals, an abbreviation: it is not the word of the same letters. */
export function isShout(phrase: readonly Word[]): boolean {
  return phrase.length === 1 && /^\p{Lu}{1,2}$/u.test(phrase[0]!.raw);
}
