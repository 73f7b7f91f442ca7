import { splitWords } from './text-normalize.ts';

/** A piece of a text with its place, UTF-16 code units, end exclusive. */
export interface TextSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export const tokenizers = ['whitespace', 'word', 'character', 'rouge', '13a'] as const;
export type Tokenizer = (typeof tokenizers)[number];

/**
 * The tokens of a text:
 *
 * - `whitespace`: words between white space, as Python's `str.split()`;
 * - `word`: runs of letters, digits and underscores, as `\w+` in Python (light-if);
 * - `character`: code points;
 * - `rouge`: lower case, runs of a–z and 0–9 (rouge-score's default tokeniser, unstemmed);
 * - `13a`: the WMT tokenisation of mteval-v13a (sacrebleu's default).
 */
export function tokenizeText(text: string, by: Tokenizer): string[] {
  switch (by) {
    case 'whitespace':
      return splitWords(text);
    case 'word':
      return text.match(/[\p{L}\p{N}_]+/gu) ?? [];
    case 'character':
      return Array.from(text);
    case 'rouge':
      return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    case '13a':
      return tokenize13a(text);
  }
}

/** The rules of mteval-v13a for Western text: entities undone, symbols apart, marks apart unless between digits. */
function tokenize13a(text: string): string[] {
  let line = text
    .replace(/<skipped>/g, '')
    .replace(/-\n/g, '')
    .replace(/\n/g, ' ');
  if (line.includes('&'))
    line = line
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, '&')
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>');
  line = ` ${line} `
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ');
  return splitWords(line);
}

/** Words after which a full stop does not end a sentence. */
const abbreviations = new Set(
  'mr mrs ms dr prof sr jr st vs etc no vol fig eq al approx ca cf inc ltd co gen col capt lt sgt rev hon gov sen rep jan feb mar apr jun jul aug sep sept oct nov dec mt ft'.split(
    ' ',
  ),
);

/**
 * Splits a text into sentences, with their places; together they cover everything but the white space between them. A
 * full stop between digits, after an initial or after a common abbreviation ends none (master-rm). One pass.
 */
export function sentencesOf(text: string): TextSpan[] {
  const sentences: TextSpan[] = [];
  const add = (from: number, to: number) => {
    let start = from;
    let end = to;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    if (end > start) sentences.push({ text: text.slice(start, end), start, end });
  };
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!;
    if (mark === '\n' && (text[i + 1] === '\n' || /[-*•#\d]/.test(text[i + 1] ?? ''))) {
      add(start, i);
      start = i + 1;
      continue;
    }
    if (!'.!?。！？…'.includes(mark)) continue;
    let end = i + 1;
    while (end < text.length && '.!?。！？…'.includes(text[end]!)) end++;
    while (end < text.length && '"\'”’)]»'.includes(text[end]!)) end++;
    const wide = '。！？'.includes(mark);
    if (!wide && end < text.length && !isSpace(text.charCodeAt(end))) {
      i = end - 1;
      continue;
    }
    if (mark === '.' && end === i + 1 && continues(text, start, i, end)) continue;
    add(start, end);
    start = end;
    i = end - 1;
  }
  add(start, text.length);
  return sentences;
}

/** Does the full stop at `at` belong to an initial, an abbreviation or the number of a list item? */
function continues(text: string, start: number, at: number, end: number): boolean {
  let from = at;
  while (from > start && at - from < 12 && /[\p{L}\p{N}.]/u.test(text[from - 1]!)) from--;
  const word = text.slice(from, at);
  let next = end;
  while (next < text.length && isSpace(text.charCodeAt(next))) next++;
  if (next >= text.length) return false;
  if (/^\p{Ll}/u.test(text.slice(next, next + 2)) && /\./.test(word)) return true; // "e.g. this"
  if (/^(?:\p{L}|\p{Lu}(?:\.\p{Lu})+)$/u.test(word) && word !== 'I') return true; // "J. Smith", "U.S. Army"
  if (/^\d{1,3}$/.test(word) && from === firstNonSpace(text, start)) return true; // "1. First item"
  return abbreviations.has(word.toLowerCase());
}

function firstNonSpace(text: string, from: number): number {
  while (from < text.length && isSpace(text.charCodeAt(from))) from++;
  return from;
}

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0 || unit === 0x2028 || unit === 0x3000;
}
