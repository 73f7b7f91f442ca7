import type { Fuel } from '../../core/fuel.ts';
import { date } from './dates.ts';
import { readerOf } from './grammar.ts';
import { lex, type Token, Unreadable } from './lex.ts';
import type { Reader } from './reader.ts';
import type { Node } from './tree.ts';
import { toAscii } from './unicode.ts';
import { isUnitWord } from './units.ts';
import { changingWords, leadWords, months, reasonWords } from './vocabulary.ts';
import { phrase, singular, wordsOf } from './words.ts';

/** What was read from the text of an answer. */
export interface Reading {
  readonly node: Node;
  readonly tokens: readonly Token[];
  /** The answer states a precision: ≈, "to the nearest tenth". */
  readonly approximate: boolean;
  /** "apples" in "12 apples": what was counted. */
  readonly noun?: string;
  /** Why the answer is compared as text, when it is not plainly text. */
  readonly why?: string;
}

/** Why a question is no answer. */
export const question = 'it is a question';

/** Longest answer that is read; a longer one is compared as a string. */
export const longestAnswer = 10_000;

/**
 * Reads an answer. What is not mathematics that the reader knows becomes text. Throws OutOfFuel only.
 *
 * @param unitHint the other side shows a unit, so that letters behind a number ("5 cm") may be one
 */
export function read(source: string, fuel: Fuel, unitHint = false): Reading {
  const ascii = toAscii(source);
  let tokens: Token[];
  try {
    // One character can stand for many: \ufdfa is a sentence.
    if (ascii.length > 2 * longestAnswer + source.length)
      throw new Unreadable('characters that stand for long texts');
    tokens = lex(ascii, fuel);
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    return {
      node: { kind: 'text', words: [ascii.trim().slice(0, longestAnswer)] },
      tokens: [],
      approximate: false,
      why: thrown.why,
    };
  }
  if (unitHint) tokens = lettersAsUnits(tokens);
  tokens = trimmed(tokens);
  const hasWords = tokens.some((token) => token.type === 'word');
  if (hasWords || tokens.length === 5) {
    if (tokens.length === 5 || tokens.some(isMonth)) {
      const found = date(tokens);
      if (found) return { node: found, tokens, approximate: false };
    }
    if (hasWords && !tokens.some(isQuestionMark)) {
      const meant = phrase(wordsOf(tokens));
      if (meant) return { node: meant, tokens, approximate: false };
    }
  }
  if (tokens.length === 0)
    return { node: { kind: 'text', words: [] }, tokens, approximate: false, why: 'it is empty' };
  const result = parse(tokens, fuel, unitHint);
  if (typeof result !== 'string') return result;
  return { node: { kind: 'text', words: wordsOf(tokens) }, tokens, approximate: false, why: result };
}

function isQuestionMark(token: Token): boolean {
  return token.type === 'op' && token.v === '?';
}

function isMonth(token: Token): boolean {
  if (token.type !== 'word' || token.v.length < 3) return false;
  const lower = token.v.toLowerCase();
  return months.some((month) => month.startsWith(lower));
}

/** Without full stops, commas and colons at the ends. */
function trimmed(tokens: Token[]): Token[] {
  let from = 0;
  let to = tokens.length;
  const drops = (token: Token) =>
    token.type === 'op' &&
    (token.v === '.' || token.v === ',' || token.v === ';' || token.v === ':' || token.v === '\\\\');
  while (
    to > from &&
    (drops(tokens[to - 1]!) || (tokens[to - 1]!.v === '*' && tokens[to - 1]!.type === 'op'))
  )
    to--;
  while (from < to && drops(tokens[from]!)) from++;
  return from === 0 && to === tokens.length ? tokens : tokens.slice(from, to);
}

const approximators = new Set(['approximately', 'about', 'around', 'roughly', 'nearly', 'approx', 'circa']);

/** The reading, or why there is none. */
function parse(all: Token[], fuel: Fuel, unitHint: boolean): Reading | string {
  let tokens = all;
  let approximate = false;
  let start = 0;
  for (; start < tokens.length; start++) {
    const token = tokens[start]!;
    if (token.type === 'op' && (token.v === ':' || token.v === ',') && start > 0) continue;
    // "a total of 17"
    if (token.type === 'let' && token.v === 'a' && tokens[start + 1]?.type === 'word') continue;
    if (token.type !== 'word') break;
    const lower = token.v.toLowerCase();
    if (approximators.has(lower)) approximate = true;
    else if (!leadWords.has(lower)) break;
  }
  // A lone lead word may be the unit or the name itself.
  if (start > 0 && start < tokens.length) tokens = tokens.slice(start);
  if (tokens.some(isQuestionMark)) return question;
  const excluded = realsExcept(tokens);
  if (excluded) tokens = excluded;
  const r = readerOf(tokens, fuel, unitHint);
  try {
    const inner = statement(r);
    const node: Node = excluded
      ? {
          kind: 'join',
          op: 'minus',
          items: [
            { kind: 'domain', name: 'R' },
            { kind: 'set', items: inner.kind === 'list' ? inner.items : [inner] },
          ],
        }
      : inner;
    if (r.at === r.tokens.length) return { node, tokens: all, approximate };
    const rest = remark(r.tokens.slice(r.at));
    if (rest === undefined) return `'${r.tokens[r.at]?.v.slice(0, 30)}' after a value`;
    return { node, tokens: all, approximate: approximate || rest.approximate, noun: rest.noun };
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    return thrown.why;
  }
}

/** What follows "all real numbers except"; undefined for other texts. */
function realsExcept(tokens: Token[]): Token[] | undefined {
  let i = 0;
  const word = () => (tokens[i]?.type === 'word' ? tokens[i]!.v.toLowerCase() : '');
  while (word() === 'all' || word() === 'any' || word() === 'the') i++;
  if (word() === 'reals') i++;
  else if (word() === 'real') {
    i++;
    if (word() !== 'numbers' && word() !== 'number' && word() !== 'values') return undefined;
    i++;
  } else return undefined;
  if (tokens[i]?.type === 'let') i++;
  if (word() !== 'except' && word() !== 'but' && word() !== 'excluding') return undefined;
  i++;
  while (word() === 'for' || word() === 'when') i++;
  if (tokens[i]?.type === 'let' && tokens[i + 1]?.v === '=') i += 2;
  return i < tokens.length ? tokens.slice(i) : undefined;
}

function statement(r: Reader): Node {
  return r.list();
}

const precisionWords = /^(?:nearest|rounded|rounding|approximately|approx|decimals?|significant|figures)$/;
/** Behind a value these start a sentence about it, which may say anything. */
const verbs = new Set([
  'is',
  'are',
  'was',
  'were',
  'be',
  'does',
  'do',
  'can',
  'cannot',
  'should',
  'would',
  'will',
  'must',
  'has',
]);
/** Words that take a value back wherever they stand behind it. */
const retractions = new Set([
  'wrong',
  'incorrect',
  'maybe',
  'perhaps',
  'possibly',
  'guess',
  'unsure',
  'not',
  'or',
]);

/**
 * What stands behind a value: a remark in words that leaves it alone, what was counted, or a stated precision. Undefined
 * when it changes the value or cannot be a remark.
 */
function remark(rest: readonly Token[]): { approximate: boolean; noun?: string } | undefined {
  let from = 0;
  while (
    from < rest.length &&
    rest[from]!.type === 'op' &&
    (rest[from]!.v === ',' || rest[from]!.v === ';' || rest[from]!.v === '-')
  )
    from++;
  const bracketed = rest[from]?.v === '(' && rest[from]?.type === 'op';
  if (bracketed) {
    // What follows the bracket has to be a remark as well.
    const close = rest.findIndex((token) => token.type === 'op' && token.v === ')');
    const behind =
      close < 0
        ? []
        : rest.slice(close + 1).filter((token) => !(token.type === 'op' && /[.,;]/.test(token.v)));
    if (behind.length > 0 && !remark(behind)) return undefined;
    from++;
  }
  if (rest[from]?.type === 'let' && rest[from]!.v === 'a' && rest[from + 1]?.type === 'word') from++;
  const first = rest[from];
  if (first?.type === 'cmd' && first.v === 'approx') return { approximate: false };
  if (first?.type !== 'word') return undefined;
  let approximate = false;
  let reason = bracketed;
  for (let i = from; i < rest.length; i++) {
    const token = rest[i]!;
    if (token.type !== 'word') {
      if (!reason && !approximate && token.type !== 'op' && !(token.type === 'let' && i > from))
        return undefined;
      if (!reason && token.type === 'op' && /[=<>+*/^]/.test(token.v)) return undefined;
      continue;
    }
    const lower = token.v.toLowerCase();
    if (precisionWords.test(lower)) approximate = true;
    if (retractions.has(lower)) return undefined;
    if (!reason && reasonWords.has(lower)) reason = true;
    if (!reason && !approximate && changingWords.has(lower) && !isRoundingLead(rest, i)) return undefined;
  }
  if (!bracketed && (first.v.toLowerCase() === 'of' || verbs.has(first.v.toLowerCase()))) return undefined;
  if (approximate || reason) return { approximate };
  const words = rest.slice(from).filter((token) => token.type === 'word');
  const noun = words.length <= 4 ? singular(words[words.length - 1]!.v.toLowerCase()) : undefined;
  return { approximate, noun };
}

/** "to the nearest …", "rounded to two decimals": the word before the one that says so. */
function isRoundingLead(rest: readonly Token[], at: number): boolean {
  for (let i = at + 1; i < Math.min(rest.length, at + 5); i++)
    if (rest[i]!.type === 'word' && precisionWords.test(rest[i]!.v.toLowerCase())) return true;
  return false;
}

/** Runs of letters behind the first number as units, when all of them are units. */
function lettersAsUnits(tokens: Token[]): Token[] {
  const first = tokens.findIndex((token) => token.type === 'num');
  if (first < 0) return tokens;
  const out = tokens.slice(0, first + 1);
  for (let i = first + 1; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.type !== 'let') {
      out.push(token);
      continue;
    }
    let end = i + 1;
    while (end < tokens.length && tokens[end]!.type === 'let' && !tokens[end]!.space) end++;
    const run = tokens
      .slice(i, end)
      .map((one) => one.v)
      .join('');
    if (!isUnitWord(run)) return tokens;
    out.push({ type: 'word', v: run, space: token.space, text: true, at: token.at });
    i = end - 1;
  }
  return out;
}
