import { boxed } from './boxed.ts';
import type { Found } from './found.ts';

/**
 * How a letter is looked for; the first rule of the list that finds one decides.
 *
 * - `boxed`: the last `\boxed{…}` holds one letter, alone or before its option's text (alphamed).
 * - `phrase`: after the last "answer is", "answer:", "option" or "choice".
 * - `leading`: the text starts with it: `B`, `(B)`, `B. Hepatitis`, `**B**`.
 * - `capital`: the isolated capital letters of the text, if they are all the same one; an article "A" or "I" is none.
 * - `isolated`: the first letter that no letter touches, in either case, so "a dog" is a (tspo).
 * - `keywordScored`: among letters before punctuation or the end, the one with most points for words like "answer" near
 *   it, for standing in the last 30 % and for being followed by `.`, `!` or `,` (vlm-r1).
 */
export const choiceRules = ['boxed', 'phrase', 'leading', 'capital', 'isolated', 'keywordScored'] as const;
export type ChoiceRule = (typeof choiceRules)[number];

export interface ChoiceLetterOptions {
  /** The letters that are options. Default `ABCDEFGHIJ`. */
  readonly letters?: string;
  /** Default boxed, phrase, leading, capital. */
  readonly rules?: readonly ChoiceRule[];
}

/** The option letter that a text means, in upper case. Two different letters in one place are none. */
export function choiceLetter(text: string, options: ChoiceLetterOptions = {}): Found | undefined {
  const letters = (options.letters ?? 'ABCDEFGHIJ').toUpperCase();
  for (const rule of options.rules ?? ['boxed', 'phrase', 'leading', 'capital']) {
    const found = readers[rule](text, letters);
    if (found === 'two') return undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

type Reader = (text: string, letters: string) => Found | 'two' | undefined;

const readers: { readonly [rule in ChoiceRule]: Reader } = {
  boxed: (text, letters) => {
    const box = boxed(text);
    if (box === undefined) return undefined;
    const inner = /^\s{0,20}(?:\\(?:text|mathrm|mathbf|textbf)\s{0,4}\{)?/.exec(box.value)![0].length;
    return shifted(leadingLetter(box.value.slice(inner), letters, true), box.start + inner);
  },
  phrase: (text, letters) => {
    let last: Found | 'two' | undefined;
    for (const match of text.matchAll(phrase)) {
      const after = match.index + match[0].length;
      const found = shifted(leadingLetter(text.slice(after, after + 80), letters, false), after);
      if (found !== undefined) last = found;
    }
    return last;
  },
  leading: (text, letters) => leadingLetter(text, letters, true),
  capital: (text, letters) => {
    let found: Found | undefined;
    for (const match of text.matchAll(/(?<![\p{L}\p{N}'’])[A-Z](?![\p{L}\p{N}'’])/gu)) {
      const [value] = match;
      const word =
        (value === 'A' || value === 'I') && /^ \p{Ll}/u.test(text.slice(match.index + 1, match.index + 3));
      if (word || !letters.includes(value)) continue;
      if (found !== undefined && found.value !== value) return 'two';
      found = { value, start: match.index, end: match.index + 1 };
    }
    return found;
  },
  isolated: (text, letters) => {
    for (const match of text.matchAll(/(?<!\p{L})[A-Za-z](?!\p{L})/gu)) {
      const value = match[0].toUpperCase();
      if (letters.includes(value)) return { value, start: match.index, end: match.index + 1 };
    }
    return undefined;
  },
  keywordScored,
};

const phrase =
  /\b(?:answer|option|choice)(?:\s{1,3}(?:is|would be|should be))?[\s:=*_]{0,6}(?:option|choice)?[\s:*_]{0,4}/gi;

/**
 * The letter that a text starts with. A lower-case one must stand alone or before punctuation when `lower` is true, and
 * is never taken otherwise: "answer is a dog" names no option.
 */
function leadingLetter(text: string, letters: string, lower: boolean): Found | 'two' | undefined {
  const match = /^[\s"'`*_([{$\\]{0,12}([A-Za-z])(?![\p{L}\p{N}'’])/u.exec(text);
  if (match === null) return undefined;
  const raw = match[1]!;
  const value = raw.toUpperCase();
  const end = match[0].length;
  if (!letters.includes(value)) return undefined;
  const rest = text.slice(end, end + 40);
  const alone = /^[\s"'`*_)\]}$.,:;!?]*$/.test(rest);
  if (raw !== value && !(lower && (alone || /^["'`*_)\]}.:]/.test(rest)))) return undefined;
  if ((value === 'A' || value === 'I') && /^ \p{Ll}/u.test(rest)) {
    const next = /^ (\p{Ll}+)/u.exec(rest)![1]!;
    if (!linkWords.has(next)) return undefined; // an article or a pronoun
  }
  const second =
    /^["'`*_)\]}.]{0,4}\s{0,3}(?:or|and|,|\/|&|\||;)?\s{0,3}["'`*_([{]{0,4}([A-Za-z])(?![\p{L}\p{N}'’])/u.exec(
      rest,
    );
  if (second && second[1]! !== raw && letters.includes(second[1]!)) return 'two';
  return { value, start: end - 1, end };
}

/** Words that may follow an option's letter: "A is right", "A because", "A or B". */
const linkWords = new Set([
  'is',
  'because',
  'since',
  'as',
  'or',
  'and',
  'would',
  'should',
  'seems',
  'for',
  'due',
]);

function shifted(found: Found | 'two' | undefined, by: number): Found | 'two' | undefined {
  return found === undefined || found === 'two'
    ? found
    : { value: found.value, start: found.start + by, end: found.end + by };
}

const keywords = /answer|correct|choose|select|right|think|believe|should|答案|正确|选择|选|认为|应该|应当/gi;

function keywordScored(text: string, letters: string): Found | undefined {
  const upper = text.length < 200_000 ? text : text.slice(-200_000);
  const base = text.length - upper.length;
  const first = new Map<string, { at: number; score: number }>();
  for (const match of upper.matchAll(/(?<![A-Za-z])[A-Za-z](?=\s*(?:[.,?!:;]|$))/g)) {
    const value = match[0].toUpperCase();
    if (letters.includes(value) && !first.has(value)) first.set(value, { at: match.index, score: 0 });
  }
  if (first.size === 0) return undefined;
  let best: [string, { at: number; score: number }] | undefined;
  for (const entry of first) {
    const [, place] = entry;
    if (first.size > 1) {
      const near = upper.slice(Math.max(0, place.at - 20), place.at + 21);
      const said = new Set([...near.matchAll(keywords)].map(([word]) => word.toLowerCase()));
      place.score += said.size;
      if (place.at > 0.7 * upper.length) place.score += 2;
      if ('.!,。！，'.includes(upper[place.at + 1] ?? ' ')) place.score += 1;
    }
    if (best === undefined || place.score > best[1].score) best = entry;
  }
  const [value, { at }] = best!;
  return { value, start: base + at, end: base + at + 1 };
}
