/**
 * The string functions of Python that the reference checkers are written in, where JavaScript's differ: white space,
 * case tests, word characters, stripping and splitting. Unless said otherwise positions are UTF-16 units; where Python
 * counts characters, `characters` does.
 */

/** ASCII punctuation: Python's string.punctuation. */
export const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** A character class that holds what Python calls white space; to be used inside [ ] in a regular expression. */
export const spaces = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const word = 1;
const space = 2;
const upper = 4;
const lower = 8;
const title = 16;
const alpha = 32;
const decimal = 64;
const digit = 128;
const known = 256;

const table = new Uint16Array(0x20000);
const isSpaceCharacter = new RegExp(`^[${spaces}]$`, 'u');

/** Properties of a code point, worked out once. */
function properties(point: number): number {
  const found = point < table.length ? table[point]! : 0;
  if (found !== 0) return found;
  const text = String.fromCodePoint(point);
  let flags = known;
  if (/^[\p{L}\p{N}_]$/u.test(text)) flags |= word;
  if (isSpaceCharacter.test(text)) flags |= space;
  if (/^\p{Uppercase}$/u.test(text)) flags |= upper;
  if (/^\p{Lowercase}$/u.test(text)) flags |= lower;
  if (/^\p{Lt}$/u.test(text)) flags |= title;
  if (/^\p{L}$/u.test(text)) flags |= alpha;
  if (/^\p{Nd}$/u.test(text)) flags |= decimal | digit;
  else if (/^[²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒]$/u.test(text)) flags |= digit;
  if (point < table.length) table[point] = flags;
  return flags;
}

/** Whether a code point is a letter, a numeral or the underscore: \w. */
export const isWordPoint = (point: number): boolean => (properties(point) & word) !== 0;
export const isSpacePoint = (point: number): boolean => (properties(point) & space) !== 0;
export const isUpperPoint = (point: number): boolean => (properties(point) & upper) !== 0;
export const isLowerPoint = (point: number): boolean => (properties(point) & lower) !== 0;
export const isAlphaPoint = (point: number): boolean => (properties(point) & alpha) !== 0;
/** Decimal digits of any script: \d. */
export const isDecimalPoint = (point: number): boolean => (properties(point) & decimal) !== 0;

/** White space never lies outside the basic plane, so a unit is enough. */
export const isSpaceAt = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return (
    unit === 32 || (unit < 128 ? (unit > 8 && unit < 14) || (unit > 27 && unit < 32) : isSpacePoint(unit))
  );
};

/** All characters are digits (superscripts too), and there is one. */
export function isDigits(text: string): boolean {
  if (text === '') return false;
  for (const character of text) if ((properties(character.codePointAt(0)!) & digit) === 0) return false;
  return true;
}

/** No cased character is lower case, and there is one. */
export function isUpper(text: string): boolean {
  return cased(text, upper, lower | title);
}

/** No cased character is upper case, and there is one. */
export function isLower(text: string): boolean {
  return cased(text, lower, upper | title);
}

function cased(text: string, wanted: number, refused: number): boolean {
  let found = false;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    const flags = properties(point);
    if (flags & refused) return false;
    if (flags & wanted) found = true;
  }
  return found;
}

/** Pieces between runs of white space. */
export function split(text: string): string[] {
  const out: string[] = [];
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    if (isSpaceAt(text, i)) {
      if (start >= 0) out.push(text.slice(start, i));
      start = -1;
    } else if (start < 0) start = i;
  }
  if (start >= 0) out.push(text.slice(start));
  return out;
}

export function strip(text: string): string {
  let end = text.length;
  while (end > 0 && isSpaceAt(text, end - 1)) end--;
  let start = 0;
  while (start < end && isSpaceAt(text, start)) start++;
  return text.slice(start, end);
}

export function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isSpaceAt(text, i)) return false;
  return true;
}

/** Without the characters of `set` (ASCII) at both ends, or at the one named. */
export function stripOf(text: string, set: string, side: 'both' | 'left' | 'right' = 'both'): string {
  let end = text.length;
  if (side !== 'left') while (end > 0 && set.includes(text[end - 1]!)) end--;
  let start = 0;
  if (side !== 'right') while (start < end && set.includes(text[start]!)) start++;
  return text.slice(start, end);
}

const punctuationMarks = /[!-/:-@[-`{-~]+/g;

/** Without any ASCII punctuation. */
export function withoutPunctuation(text: string): string {
  return text.replace(punctuationMarks, '');
}

/** How many characters (code points). */
export function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff || i + 1 === text.length) continue;
    const next = text.charCodeAt(i + 1);
    if (next > 0xdbff && next < 0xe000) {
      count--;
      i++;
    }
  }
  return count;
}

/** The first character of a text, '' for an empty one. */
export function first(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** Runs of word characters: \w+. */
export function* wordRuns(text: string): Generator<string> {
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    const inside = isWordPoint(point);
    if (inside && start < 0) start = i;
    else if (!inside && start >= 0) {
      yield text.slice(start, i);
      start = -1;
    }
    if (point > 0xffff) i++;
  }
  if (start >= 0) yield text.slice(start);
}

/** How many runs of word characters: the reference's number of words. */
export function countWords(text: string): number {
  let count = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let is: boolean;
    if (unit < 128)
      is = (unit > 96 && unit < 123) || (unit > 64 && unit < 91) || (unit > 47 && unit < 58) || unit === 95;
    else {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      is = isWordPoint(point);
    }
    if (is && !inside) count++;
    inside = is;
  }
  return count;
}

/** Runs of decimal digits: \d+. */
export function digitRuns(text: string): string[] {
  return text.match(/\p{Nd}+/gu) ?? [];
}

/** How often a text occurs in another, without overlap. */
export function countOf(text: string, part: string): number {
  if (part === '') return characters(text) + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

/**
 * Where a literal occurs, upper and lower case alike. With `whole` both its ends must be edges of words: of the
 * characters left and right of an edge exactly one is a word character.
 */
export function* occurrences(text: string, literal: string, whole = false): Generator<number> {
  if (literal === '') return;
  const pattern = new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index;
    const end = pattern.lastIndex;
    if (!whole || (isEdge(text, start) && isEdge(text, end))) yield start;
    else pattern.lastIndex = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
  }
}

/** Whether a literal occurs as whole words, its case as written. */
export function hasWord(text: string, literal: string): boolean {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1))
    if (isEdge(text, at) && isEdge(text, at + literal.length)) return true;
  return false;
}

/** Whether a position lies between a word character and none. */
function isEdge(text: string, at: number): boolean {
  let before = false;
  if (at > 0) {
    let point = text.charCodeAt(at - 1);
    if (point > 0xdbff && point < 0xe000 && at > 1) point = text.codePointAt(at - 2)!;
    before = isWordPoint(point);
  }
  return before !== (at < text.length && isWordPoint(text.codePointAt(at)!));
}
