import type { Token } from './lex.ts';
import { subscript } from './names.ts';
import { argument, isOp, peek, type Reader, wordAt } from './reader.ts';
import { int, type Node, num } from './tree.ts';
import { numberWords } from './vocabulary.ts';

/** A numeral: mixed with the fraction behind it (2\frac34, 2 3/4), in a base (101_2), or a plain one. */
export function numeral(r: Reader, token: Token): Node {
  const based = baseNumeral(r);
  if (based) return based;
  r.at++;
  const spelled = spelledBase(r, token);
  if (spelled) return spelled;
  const node: Node = { kind: 'num', q: token.q!, digits: token.v, places: token.places };
  if (token.places !== undefined || token.q!.d !== 1n) return node;
  const fraction = mixedPart(r);
  if (fraction) return num({ n: token.q!.n * fraction.d + fraction.n, d: fraction.d });
  return node;
}

/** "101 base 2", "101 (base 2)", "101 in base 2". */
function spelledBase(r: Reader, token: Token): Node | undefined {
  if (token.places !== undefined || token.q!.d !== 1n) return undefined;
  let at = isOp(r, '(') ? 1 : 0;
  const bracket = at === 1;
  if (wordAt(r, at) === 'in') at++;
  const base = r.tokens[r.at + at + 1];
  if (wordAt(r, at) !== 'base' || !base) return undefined;
  const value =
    base.type === 'num' && base.q?.d === 1n ? Number(base.q.n) : (baseWords[base.v.toLowerCase()] ?? 0);
  if (value < 2 || value > 36 || (bracket && !isOp(r, ')', at + 2))) return undefined;
  r.at += at + (bracket ? 3 : 2);
  return { kind: 'base', digits: token.v, base: value };
}

/** The proper fraction of a mixed number at the position, consumed; undefined and nothing consumed without one. */
function mixedPart(r: Reader): { n: bigint; d: bigint } | undefined {
  const start = r.at;
  const tokens = r.tokens;
  const token = peek(r);
  if (token?.type === 'cmd' && token.v === 'frac') {
    r.at++;
    const above = digits(r);
    const below = above === undefined ? undefined : digits(r);
    if (above !== undefined && below !== undefined && above < below && above > 0n && !isOp(r, '^'))
      return { n: above, d: below };
  } else if (
    token?.type === 'num' &&
    token.space &&
    token.q?.d === 1n &&
    token.places === undefined &&
    isOp(r, '/', 1)
  ) {
    const below = r.tokens[r.at + 2];
    if (below?.type === 'num' && below.q?.d === 1n && below.q.n > token.q.n && token.q.n > 0n) {
      r.at += 3;
      if (!isOp(r, '^')) return { n: token.q.n, d: below.q.n };
    }
  }
  r.at = start;
  r.tokens = tokens;
  return undefined;
}

/** A numeral in braces, or one digit. */
function digits(r: Reader): bigint | undefined {
  if (isOp(r, '{')) {
    const token = r.tokens[r.at + 1];
    if (token?.type !== 'num' || token.q?.d !== 1n || !isOp(r, '}', 2)) return undefined;
    r.at += 3;
    return token.q.n;
  }
  if (peek(r)?.type !== 'num') return undefined;
  const node = argument(r);
  return node.kind === 'num' && node.q.d === 1n ? node.q.n : undefined;
}

const baseWords: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  sixteen: 16,
};

/** 101_2, 4E_{16}, 1011_{\text{two}}: digits (and capital letters) directly followed by a base. */
export function baseNumeral(r: Reader): Node | undefined {
  let i = r.at;
  let text = '';
  let hex = false;
  for (; i < r.tokens.length; i++) {
    const token = r.tokens[i]!;
    if (i > r.at && token.space) break;
    if (token.type === 'num' && token.places === undefined && token.q?.d === 1n) text += token.v;
    else if (
      (token.type === 'let' && /^[A-Fa-f]$/.test(token.v)) ||
      (token.type === 'word' && /^[A-Fa-f]+$/.test(token.v))
    ) {
      text += token.v.toUpperCase();
      hex = true;
    } else break;
  }
  const under = r.tokens[i];
  if (text.length < 2 && hex) return undefined;
  if (under?.type !== 'op' || under.v !== '_') return undefined;
  const start = r.at;
  r.at = i + 1;
  let name: string;
  try {
    name = subscript(r).replace(/^\(?(?:base)?|\)$/g, '');
  } catch {
    r.at = start;
    return undefined;
  }
  const base = Object.hasOwn(baseWords, name) ? baseWords[name]! : /^\d{1,2}$/.test(name) ? Number(name) : 0;
  if (base < 2 || base > 36 || (hex && base <= 10)) {
    r.at = start;
    return undefined;
  }
  return { kind: 'base', digits: text, base };
}

export function numberInWords(r: Reader): Node {
  let value = numberWords.get(wordAt(r)!)!;
  r.at++;
  if (value >= 20) {
    const offset = isOp(r, '-') ? 1 : 0;
    const unit = numberWords.get(wordAt(r, offset) ?? '');
    if (unit !== undefined && unit > 0 && unit < 10) {
      value += unit;
      r.at += 1 + offset;
    }
  }
  return int(value);
}
