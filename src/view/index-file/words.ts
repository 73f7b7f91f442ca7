/** Signs of scripts without spaces, with their marks: each is a word of its own, so that a part of a sentence is found. */
const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff][\p{Mn}\p{Mc}]*/gu;
/**
 * What counts as a word: the same letters, digits, private characters and combining marks as the index's tokenizer takes (`tokenizer`).
 * A variation selector begins none, and is left out of those it stands in.
 */
const wordPattern =
  /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff][\p{Mn}\p{Mc}]*|(?:(?![\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}])(?:(?![\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[\p{L}\p{N}\p{Co}\p{Mn}\p{Mc}])*/gu;

/** The tokenizer of the index, for FTS5. */
export const tokenizer = "unicode61 remove_diacritics 0 categories ''L* N* Co Mn Mc''";

/** Of each text so many UTF-16 units are in the index. */
export const indexedChars = 100_000;

/** A text as it goes to the index (a query's words are taken apart likewise). */
export function spaced(text: string): string {
  return composed(text.slice(0, indexedChars)).replace(unspaced, ' $& ');
}

const selectors = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
/** NFC sorts the marks of a letter in quadratic time; no writing has so many (UAX #15 allows as many in a stream). */
const tooManyMarks = /(\p{M}{30})\p{M}+/gu;

/** One spelling of what looks the same: letters with their marks composed (NFC), and without variation selectors. Linear. */
function composed(text: string): string {
  if (!/[\u0300-\uffff]/.test(text)) return text;
  return text.replace(selectors, '').replace(tooManyMarks, '$1').normalize('NFC');
}

export interface Term {
  /** Words that must stand next to one another. */
  readonly words: readonly string[];
  /** The last word is a beginning. */
  readonly prefix: boolean;
  readonly not: boolean;
  readonly only?: 'prompt' | 'completion';
}

export type TextQuery = { readonly terms: readonly Term[] } | { readonly error: string };

const mostTerms = 32;
/** The beginning of a word must have so many characters, or it would be half of all words. */
const shortestPrefix = 2;

/**
 * Reads a query: words, "phrases", `word*`, `-word`, `prompt:word`, `completion:word`. Linear, and never throws: what cannot be looked
 * for is an error in one line.
 */
export function parseTextQuery(query: string): TextQuery {
  const terms: Term[] = [];
  for (const { body, not, only, prefix } of pieces(query)) {
    const words = wordsOf(body);
    if (words.length === 0) continue;
    if (prefix && words.at(-1)!.length < shortestPrefix)
      return { error: `the beginning of a word needs ${shortestPrefix} characters before the *` };
    terms.push({ words, prefix, not, only });
    if (terms.length > mostTerms) return { error: `at most ${mostTerms} words` };
  }
  if (terms.length === 0) return { error: 'a search needs a letter or a digit' };
  if (terms.every(({ not }) => not)) return { error: 'a search needs a word that must occur' };
  return { terms };
}

function pieces(query: string): { body: string; not: boolean; only?: Term['only']; prefix: boolean }[] {
  const out: { body: string; not: boolean; only?: Term['only']; prefix: boolean }[] = [];
  let at = 0;
  while (at < query.length) {
    if (/\s/.test(query[at]!)) {
      at++;
      continue;
    }
    let not = false;
    let only: Term['only'];
    if (query[at] === '-' && at + 1 < query.length && !/\s/.test(query[at + 1]!)) {
      not = true;
      at++;
    }
    for (const column of ['prompt', 'completion'] as const)
      if (query.startsWith(`${column}:`, at)) {
        only = column;
        at += column.length + 1;
        break;
      }
    const quoted = query[at] === '"';
    if (quoted) at++;
    const end = quoted ? query.indexOf('"', at) : nextSpace(query, at);
    const body = query.slice(at, end < 0 ? query.length : end);
    at = end < 0 ? query.length : end + 1;
    out.push({ body, not, only, prefix: !quoted && body.endsWith('*') });
  }
  return out;
}

function nextSpace(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (/\s/.test(text[at]!)) return at;
  return -1;
}

export function wordsOf(text: string): string[] {
  return composed(text).match(wordPattern) ?? [];
}

/** The query in FTS5's syntax. Every word is quoted, so that none can be an operator. */
export function ftsQuery(terms: readonly Term[]): string {
  const one = ({ words, prefix, only }: Term) =>
    `${only ? `${only} : ` : ''}"${words.join(' ')}"${prefix ? ' *' : ''}`;
  const wanted = terms.filter(({ not }) => !not).map(one);
  const unwanted = terms.filter(({ not }) => not).map(one);
  return [`(${wanted.join(' AND ')})`, ...unwanted.map((term) => `NOT (${term})`)].join(' ');
}

/** Where terms match in a text: rising, disjoint UTF-16 ranges, at most `most`. */
export function marksIn(
  text: string,
  terms: readonly Term[],
  column: 'prompt' | 'completion',
  most = 100,
): [start: number, end: number][] {
  const own = terms.filter(({ not, only }) => !not && (only === undefined || only === column));
  if (own.length === 0) return [];
  const marks: [number, number][] = [];
  const seen: { word: string; start: number; end: number }[] = [];
  const longest = Math.max(...own.map(({ words }) => words.length));
  for (const found of text.slice(0, indexedChars).matchAll(wordPattern)) {
    seen.push({
      word: composed(found[0]).toLowerCase(),
      start: found.index,
      end: found.index + found[0].length,
    });
    if (seen.length > longest) seen.shift();
    for (const { words, prefix } of own) {
      if (words.length > seen.length) continue;
      const tail = seen.slice(-words.length);
      const fits = tail.every(({ word }, i) => {
        const wanted = words[i]!.toLowerCase();
        return prefix && i === words.length - 1 ? word.startsWith(wanted) : word === wanted;
      });
      if (!fits) continue;
      const last = marks.at(-1);
      const start = tail[0]!.start;
      if (last && start < last[1]) last[1] = Math.max(last[1], tail.at(-1)!.end);
      else marks.push([start, tail.at(-1)!.end]);
      break;
    }
    if (marks.length >= most) break;
  }
  return marks;
}
