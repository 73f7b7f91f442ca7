import type { Fuel } from '../../core/fuel.ts';
import { type Token, Unreadable } from './lex.ts';
import type { Node } from './tree.ts';

/** How deep brackets, exponents and arguments may nest. */
export const deepest = 60;

/**
 * A position in a list of tokens, and the entry points of the grammar, so that the files that read one kind of
 * structure need not import each other.
 */
export interface Reader {
  tokens: Token[];
  at: number;
  depth: number;
  /** How many | are open. */
  bars: number;
  /** Inside a set, | and : separate the conditions. */
  builder: boolean;
  /** Letters after a number may be units, because the other side shows one. */
  readonly unitHint: boolean;
  readonly fuel: Fuel;
  /** One statement: a value, a set expression or a chain of relations. */
  item(): Node;
  /** A sum. */
  expression(): Node;
  /** A value with its powers and factorials, or a bracket. */
  factor(): Node;
  /** Items separated by commas, "and" or "or", up to something else. */
  list(): Node;
}

export function peek(r: Reader): Token | undefined {
  return r.tokens[r.at];
}

export function isOp(r: Reader, v: string, offset = 0): boolean {
  const token = r.tokens[r.at + offset];
  return token !== undefined && token.type === 'op' && token.v === v;
}

export function isCmd(r: Reader, v: string, offset = 0): boolean {
  const token = r.tokens[r.at + offset];
  return token !== undefined && token.type === 'cmd' && token.v === v;
}

/** The lower-case word at the position, or undefined. */
export function wordAt(r: Reader, offset = 0): string | undefined {
  const token = r.tokens[r.at + offset];
  return token?.type === 'word' ? token.v.toLowerCase() : undefined;
}

export function accept(r: Reader, v: string): boolean {
  if (!isOp(r, v)) return false;
  r.at++;
  return true;
}

export function expect(r: Reader, v: string): void {
  if (!accept(r, v)) throw new Unreadable(`'${v}' is missing`);
}

/** Runs a part of the grammar one level deeper. */
export function nested<T>(r: Reader, read: () => T): T {
  if (++r.depth > deepest) throw new Unreadable(`brackets nested deeper than ${deepest}`);
  const result = read();
  r.depth--;
  return result;
}

/** Inside brackets, bars and set conditions of the outside do not count. */
export function enclosed<T>(r: Reader, builder: boolean, read: () => T): T {
  const bars = r.bars;
  const before = r.builder;
  r.bars = 0;
  r.builder = builder;
  const result = nested(r, read);
  r.bars = bars;
  r.builder = before;
  return result;
}

/**
 * The argument of a command: a group in braces, or one token as TeX takes it (one digit, one letter, one command).
 */
export function argument(r: Reader): Node {
  const token = peek(r);
  if (!token) throw new Unreadable('an argument is missing');
  if (token.type === 'op' && token.v === '{') return group(r);
  if (token.type === 'num') return digit(r);
  if (token.type === 'op' && (token.v === '-' || token.v === '+'))
    throw new Unreadable('a sign without braces');
  return nested(r, () => r.factor());
}

/** { … } as one value. */
export function group(r: Reader): Node {
  expect(r, '{');
  if (isOp(r, '}')) throw new Unreadable('an empty group');
  const node = enclosed(r, false, () => r.list());
  expect(r, '}');
  return node;
}

/** TeX takes one digit when there are no braces; the rest of the numeral stays. */
export function digit(r: Reader): Node {
  const token = r.tokens[r.at]!;
  if (token.v.length <= 1 || token.places !== undefined || token.q?.d !== 1n) {
    r.at++;
    return { kind: 'num', q: token.q!, digits: token.v };
  }
  r.tokens = r.tokens.slice();
  const rest = token.v.slice(1);
  r.tokens[r.at] = { ...token, v: rest, q: { n: BigInt(rest), d: 1n }, space: false };
  return { kind: 'num', q: { n: BigInt(token.v[0]!), d: 1n } };
}

/** The text of tokens, for names of things that have no value here. */
export function spelled(tokens: readonly Token[]): string {
  return tokens.map((token) => token.v).join(' ');
}
