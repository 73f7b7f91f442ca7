import { Packed } from './data/packed.ts';
import data from './data/punkt.json' with { type: 'json' };
import { isDecimalPoint, isLowerPoint, isSpaceAt, isUpperPoint, isWordPoint, spaces } from './python.ts';

/**
 * The sentences of an English text as Punkt splits it (Kiss and Strunk 2006, as NLTK 3.9 runs its trained English model):
 * candidates are . ? ! before white space or punctuation; whether one ends a sentence follows from known abbreviations,
 * collocations, frequent sentence starters and how the next word was written in the training text. Linear in the text.
 */
export function splitSentences(text: string): string[] {
  return sentenceSpans(text).map(([start, end]) => text.slice(start, end));
}

/** Where each sentence starts and ends, UTF-16 units, end exclusive. */
export function sentenceSpans(text: string): [number, number][] {
  return realigned(text, breaks(text));
}

/** Flags of how a word type was seen in training: at the start, in the middle or anywhere, in upper or lower case. */
const upperInMiddle = 1 << 2;
const anyUpper = (1 << 1) | (1 << 2) | (1 << 3);
const lowerAtStart = 1 << 4;
const anyLower = (1 << 4) | (1 << 5) | (1 << 6);

interface Parameters {
  readonly abbreviations: ReadonlySet<string>;
  readonly starters: ReadonlySet<string>;
  /** Pairs of types with a tab between them. */
  readonly collocations: ReadonlySet<string>;
  readonly contexts: ReadonlyMap<string, number>;
}

let loaded: Parameters | undefined;

function parameters(): Parameters {
  if (loaded) return loaded;
  const packed = new Packed(data.parameters);
  const abbreviations = new Set(packed.words());
  const starters = new Set(packed.words());
  const collocations = new Set(packed.words());
  const types = packed.words();
  const flags = packed.section();
  const contexts = new Map(types.map((type, i) => [type, flags[i]!]));
  loaded = { abbreviations, starters, collocations, contexts };
  return loaded;
}

interface Candidate {
  /** Where the ending mark is. */
  at: number;
  /** Where the word before it starts. */
  wordStart: number;
  /** Where what follows ends: one punctuation mark, or white space and the next token. */
  afterEnd: number;
  /** Where the next token starts, if white space comes first. */
  next: number | undefined;
}

const closing = ')";}]*:@\'({[!?';

/** Sentences before closing quotes and brackets are given to the sentence that they close. */
function breaks(text: string): [number, number][] {
  const out: [number, number][] = [];
  let start = 0;
  for (const candidate of candidates(text)) {
    if (!endsSentence(text.slice(candidate.wordStart, candidate.afterEnd))) continue;
    out.push([start, candidate.at + 1]);
    start = candidate.next ?? candidate.at + 1;
  }
  let end = text.length;
  while (end > 0 && isSpaceAt(text, end - 1)) end--;
  out.push([start, end]);
  return out;
}

const isAsciiSpace = (unit: number): boolean => unit === 32 || (unit > 8 && unit < 14);

/** Possible ends of sentences; of those within one word only the last. */
function* candidates(text: string): Generator<Candidate> {
  let before: Candidate | undefined;
  let spanStart = 0;
  let spanEnd = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== 46 && unit !== 63 && unit !== 33) continue;
    const followed = following(text, at + 1);
    if (!followed) continue;
    // The word starts after the last white space since the mark before; white space right there does not count.
    let wordStart = spanStart;
    for (let i = at - 1; i > spanEnd; i--)
      if (isAsciiSpace(text.charCodeAt(i))) {
        wordStart = i + 1;
        break;
      }
    if (before && spanEnd <= wordStart) yield before;
    before = { at, wordStart, ...followed };
    spanStart = wordStart;
    spanEnd = at;
  }
  if (before) yield before;
}

function following(text: string, at: number): { afterEnd: number; next: number | undefined } | undefined {
  if (at >= text.length) return undefined;
  if (closing.includes(text[at]!)) return { afterEnd: at + 1, next: undefined };
  let next = at;
  while (next < text.length && isSpaceAt(text, next)) next++;
  if (next === at || next === text.length) return undefined;
  let afterEnd = next;
  while (afterEnd < text.length && !isSpaceAt(text, afterEnd)) afterEnd++;
  return { afterEnd, next };
}

interface Token {
  readonly text: string;
  /** Lower case, numbers as one type. */
  readonly type: string;
  ends: boolean;
  abbreviation: boolean;
  readonly ellipsis: boolean;
}

const multiple = `(?:-{2,}|\\.{2,}|(?:\\.[${spaces}]){2,}\\.)`;
const notInWord = `[)";}\\]*:@'({\\[!?]`;
const tokenPattern = new RegExp(
  `${multiple}|(?=[^("\`{\\[:;&#*@)}\\]\\-,])[^${spaces}]+?(?=[${spaces}]|$|${notInWord}|${multiple}|,(?=$|[${spaces}]|${notInWord}|${multiple}))|[^${spaces}]`,
  'gu',
);
const numeric = /^-?[.,]?\p{Nd}[\p{Nd},.-]*\.?$/u;

function readToken(text: string): Token {
  const { abbreviations } = parameters();
  const lowered = text.toLowerCase();
  const token: Token = {
    text,
    type: numeric.test(lowered) ? '##number##' : lowered,
    ends: false,
    abbreviation: false,
    ellipsis: /^\.\.+$/.test(text),
  };
  if (text === '.' || text === '?' || text === '!') token.ends = true;
  else if (!token.ellipsis && text.endsWith('.') && !text.endsWith('..')) {
    const word = text.slice(0, -1).toLowerCase();
    if (abbreviations.has(word) || abbreviations.has(word.slice(word.lastIndexOf('-') + 1)))
      token.abbreviation = true;
    else token.ends = true;
  }
  return token;
}

/** Whether a sentence ends inside a piece of text: after any token but the last. */
function endsSentence(context: string): boolean {
  const tokens: Token[] = [];
  for (const line of context.split('\n'))
    for (const match of line.matchAll(tokenPattern)) tokens.push(readToken(match[0]));
  for (let i = 0; i + 1 < tokens.length; i++) {
    decide(tokens[i]!, tokens[i + 1]!);
    if (tokens[i]!.ends) return true;
  }
  return false;
}

const withoutPeriod = (type: string): string =>
  type.length > 1 && type.endsWith('.') ? type.slice(0, -1) : type;

/** Second look at a token that ends in a period, knowing the next one (sections 4.1 to 4.3 of the paper). */
function decide(token: Token, next: Token): void {
  if (!token.text.endsWith('.')) return;
  const { collocations, starters, contexts } = parameters();
  const type = withoutPeriod(token.type);
  const nextType = next.ends ? withoutPeriod(next.type) : next.type;
  const initial = isInitial(token.text);
  if (collocations.has(`${type}\t${nextType}`)) {
    token.ends = false;
    token.abbreviation = true;
    return;
  }
  const nextUpper = isUpperPoint(next.text.codePointAt(0)!);
  if ((token.abbreviation || token.ellipsis) && !initial) {
    if (startsSentence(next, nextType) === true || (nextUpper && starters.has(nextType))) {
      token.ends = true;
      return;
    }
  }
  if (!initial && type !== '##number##') return;
  const starts = startsSentence(next, nextType);
  if (
    starts === false ||
    (starts === undefined && initial && nextUpper && ((contexts.get(nextType) ?? 0) & anyLower) === 0)
  ) {
    token.ends = false;
    token.abbreviation = true;
  }
}

/** One letter and a period. */
function isInitial(text: string): boolean {
  const point = text.codePointAt(0)!;
  const size = point > 0xffff ? 2 : 1;
  return text.length === size + 1 && text[size] === '.' && isWordPoint(point) && !isDecimalPoint(point);
}

/** What the spelling of the training text says: true, false, or undefined for no evidence. */
function startsSentence(token: Token, type: string): boolean | undefined {
  if (token.text.length === 1 && ';:,.!?'.includes(token.text)) return false;
  const seen = parameters().contexts.get(type) ?? 0;
  const point = token.text.codePointAt(0)!;
  if (isUpperPoint(point) && (seen & anyLower) !== 0 && (seen & upperInMiddle) === 0) return true;
  if (isLowerPoint(point) && ((seen & anyUpper) !== 0 || (seen & lowerAtStart) === 0)) return false;
  return undefined;
}

/** Gives closing quotes and brackets at the start of a sentence to the one before. */
function realigned(text: string, spans: readonly [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  let shift = 0;
  for (let i = 0; i < spans.length; i++) {
    const start = spans[i]![0] + shift;
    const end = spans[i]![1];
    const next = spans[i + 1];
    const closed = next && closers(text, next);
    if (closed) {
      out.push([start, next[0] + closed.marks]);
      shift = closed.all;
    } else {
      shift = 0;
      if (start < end) out.push([start, end]);
    }
  }
  return out;
}

/** How many closing marks a sentence starts with, and with the white space after them; nothing if more text follows directly. */
function closers(
  text: string,
  [start, end]: readonly [number, number],
): { marks: number; all: number } | undefined {
  let at = start;
  while (at < end && '"\')]}'.includes(text[at]!)) at++;
  if (at === start) return undefined;
  const marks = at - start;
  while (at < end && isSpaceAt(text, at)) at++;
  if (at - start === marks && at < end && !text.startsWith('--', at)) return undefined;
  return { marks, all: at - start };
}
