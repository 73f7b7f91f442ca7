import type { Token } from './lex.ts';
import { size } from './rational.ts';
import type { Node } from './tree.ts';
import { fillerWords } from './vocabulary.ts';

const kept = new Set(['+', '*', '/', '^', '=', '<', '>', '<=', '>=', '!=', '%', '$', '!', '|']);

/** The words of an answer for comparison as text: lower case, no fillers, no plural s, mathematics token by token. */
export function wordsOf(tokens: readonly Token[]): string[] {
  const words = meaningful(tokens, true);
  // "all" alone is an answer.
  return words.length > 0 ? words : meaningful(tokens, false);
}

function meaningful(tokens: readonly Token[], drop: boolean): string[] {
  const words: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.type === 'op') {
      const next = tokens[i + 1];
      if (kept.has(token.v) || (token.v === '-' && next && next.type !== 'word')) words.push(token.v);
      continue;
    }
    if (token.type === 'num' && token.q && size(token.q) < 2000) {
      words.push(token.q.d === 1n ? String(token.q.n) : `${token.q.n}/${token.q.d}`);
      continue;
    }
    if (token.type === 'let' && token.v === 'a' && tokens[i + 1]?.type === 'word') continue;
    if (token.type !== 'word') {
      words.push(token.type === 'cmd' ? `\\${token.v}` : token.v);
      continue;
    }
    const lower = token.v.toLowerCase();
    if (!drop || !fillerWords.has(lower)) words.push(singular(lower));
  }
  return words;
}

/** A word without its plural s. */
export function singular(word: string): string {
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** Words whose order matters: swapping what stands around them changes the meaning. */
const directed = new Set(
  `than before after to from over under above below between minus beats divides implies of by into follows precedes
   less greater left right first second third last if then`
    .trim()
    .split(/\s+/),
);

/** Texts are equal up to the order of their words, unless there are many or one of them gives the order a meaning. */
export function sameWords(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || a.length !== b.length) return false;
  if (a.every((word, i) => word === b[i])) return true;
  if (a.length > 6 || a.some((word) => directed.has(word))) return false;
  const left = [...a].sort();
  const right = [...b].sort();
  return left.every((word, i) => word === right[i]);
}

const empty: Node = { kind: 'set', items: [] };
const domain = (name: string): Node => ({ kind: 'domain', name });
const text = (...words: string[]): Node => ({ kind: 'text', words });
const positive: Node = {
  kind: 'tuple',
  open: '(',
  close: ')',
  items: [
    { kind: 'num', q: { n: 0n, d: 1n } },
    { kind: 'const', name: 'inf' },
  ],
};

/** Whole answers in words that mean a value. Keys are the words as `wordsOf` leaves them. */
const phrases = new Map<string, Node>([
  ...[
    'no solution',
    'none',
    'no real solution',
    'no real root',
    'no root',
    'no integer solution',
    'no such number',
    'no such value',
    'no value',
    'no answer',
    'nothing',
    'empty set',
    'null set',
    'empty',
    'has no solution',
    'have no solution',
    'equation has no solution',
    'system has no solution',
    'no real value',
    'no possible value',
  ].map((key): [string, Node] => [key, empty]),
  ['infinitely many solution', text('infinitely', 'many')],
  ['noon', { kind: 'time', half: 'pm', minutes: 720 }],
  ['12 noon', { kind: 'time', half: 'pm', minutes: 720 }],
  ['midnight', { kind: 'time', half: 'am', minutes: 0 }],
  ['dne', text('dne')],
  ['d n e', text('dne')],
  ['doe not exist', text('dne')],
  ['does not exist', text('dne')],
  ['does not', text('dne')],
  ['doe not', text('dne')],
  ['limit doe not', text('dne')],
  ['limit does not', text('dne')],
  ['undefined', text('undefined')],
  ['not defined', text('undefined')],
  ['real number', domain('R')],
  ['real', domain('R')],
  ['any real number', domain('R')],
  ['every real number', domain('R')],
  ['set real number', domain('R')],
  ['set of real number', domain('R')],
  ['real value', domain('R')],
  ['integer', domain('Z')],
  ['any integer', domain('Z')],
  ['every integer', domain('Z')],
  ['positive integer', domain('Z+')],
  ['every positive integer', domain('Z+')],
  ['natural number', domain('N')],
  ['rational number', domain('Q')],
  ['complex number', domain('C')],
  ['positive real number', positive],
  ['positive real', positive],
]);

/** "no real solution", "no integer root": some adjectives and a noun for a solution. */
function isNoSolution(words: readonly string[]): boolean {
  const last = words[words.length - 1]!;
  return (
    (last === 'solution' || last === 'root' || last === 'value') &&
    words.slice(1, -1).every((word) => /^(?:real|valid|such|possible|integer|rational|integral)$/.test(word))
  );
}

/** What a whole answer in words means: no solution, does not exist, all real numbers … */
export function phrase(words: readonly string[]): Node | undefined {
  if (words[0] === 'no' && words.length <= 5 && isNoSolution(words)) return empty;
  return words.length <= 5 ? phrases.get(words.join(' ')) : undefined;
}
