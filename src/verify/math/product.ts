import { atom, isUnitToken } from './atoms.ts';
import { type Token, Unreadable } from './lex.ts';
import { greekLetters, power, unary } from './names.ts';
import { accept, isCmd, isOp, nested, peek, type Reader, wordAt } from './reader.ts';
import { call, int, type Node, negative, product } from './tree.ts';
import { hasUnit } from './units.ts';
import { scaleWords } from './vocabulary.ts';

/** Factors joined by signs of multiplication and division or by standing side by side. */
export function term(r: Reader): Node {
  let factors: Node[] = [factor(r)];
  for (;;) {
    const token = peek(r);
    if (!token) break;
    r.fuel.burn();
    if (
      (token.type === 'op' && token.v === '*') ||
      (token.type === 'cmd' && (token.v === 'times' || token.v === 'cdot'))
    ) {
      r.at++;
      factors.push(signed(r));
    } else if ((token.type === 'op' && token.v === '/') || (token.type === 'cmd' && token.v === 'div')) {
      r.at++;
      factors.push({ kind: 'pow', base: signed(r), exponent: int(-1) });
    } else if (token.type === 'word') {
      const next = wordFactor(r, token, factors);
      if (next === undefined) break;
      factors = next;
    } else if (token.type === 'cmd' && token.v === 'bmod') {
      r.at++;
      factors = [call('mod', product(factors), signed(r))];
    } else if (token.type === 'op' && signsOfMoney.has(token.v)) {
      r.at++;
      factors.push({ kind: 'unit', name: token.v });
    } else if (isSpelledTimes(r, token)) {
      r.at++;
      factors.push(factor(r));
    } else if (startsImplicit(r, token, factors)) factors.push(factor(r));
    else break;
  }
  if (factors.length > 1 && factors.some((one) => one.kind === 'relation'))
    throw new Unreadable('a relation inside a product');
  if (factors.length > 2 && factors.some((one) => one.kind === 'dots')) return ranged('prodrange', factors);
  return choose(factors) ?? product(factors);
}

/** The x of "3.2 x 10^5". */
function isSpelledTimes(r: Reader, token: Token): boolean {
  if (token.type !== 'let' || (token.v !== 'x' && token.v !== 'X') || !token.space) return false;
  const before = r.tokens[r.at - 1];
  const next = r.tokens[r.at + 1];
  return before?.type === 'num' && next?.type === 'num' && next.space && next.v === '10' && isOp(r, '^', 2);
}

/** 1·3·5⋯(2k−1), 1 + 2 + ⋯ + n: the terms in front of the dots and behind them; see `evaluateRange`. */
export function ranged(name: 'prodrange' | 'sumrange', items: readonly Node[]): Node {
  const at = items.findIndex((item) => item.kind === 'dots');
  const rest = items.slice(at + 1);
  if (at < 1 || rest.length === 0 || rest.some((item) => item.kind === 'dots'))
    throw new Unreadable('dots without an end');
  return { kind: 'call', name: `${name}:${at}`, items: [...items.slice(0, at), ...rest] };
}

/** 10C3 in plain text. */
function choose(factors: readonly Node[]): Node | undefined {
  if (factors.length !== 3) return undefined;
  const [n, letter, k] = factors as [Node, Node, Node];
  if (n.kind !== 'num' || k.kind !== 'num' || letter.kind !== 'sym') return undefined;
  return letter.name === 'C' ? call('binom', n, k) : letter.name === 'P' ? call('perm', n, k) : undefined;
}

function signed(r: Reader): Node {
  if (accept(r, '-')) return negative(signed(r));
  if (accept(r, '+')) return signed(r);
  return factor(r);
}

/** Words that may stand inside a product: units, "per", "square", scale words. Undefined when the product ends here. */
function wordFactor(r: Reader, token: Token, factors: Node[]): Node[] | undefined {
  const lower = token.v.toLowerCase();
  const scale = scaleWords.get(lower);
  if (scale !== undefined) {
    r.at++;
    return [...factors, int(scale)];
  }
  if (lower === 'percent') {
    r.at++;
    return [{ kind: 'percent', of: product(factors) }];
  }
  if (lower === 'degrees' || lower === 'degree' || lower === 'deg') {
    r.at++;
    const scaleName = wordAt(r);
    if (scaleName === 'celsius' || scaleName === 'fahrenheit') {
      r.at++;
      return [...factors, { kind: 'unit', name: scaleName }];
    }
    return [{ kind: 'degree', of: product(factors) }];
  }
  if (lower === 'square' || lower === 'cubic' || lower === 'sq' || lower === 'cu') {
    const unit = r.tokens[r.at + 1];
    const dotted = isOp(r, '.', 1) ? r.tokens[r.at + 2] : undefined;
    const named = unit && isUnitToken(unit) ? unit : dotted && isUnitToken(dotted) ? dotted : undefined;
    if (!named) return undefined;
    r.at += named === unit ? 2 : 3;
    return [
      ...factors,
      { kind: 'pow', base: { kind: 'unit', name: named.v }, exponent: int(lower[0] === 's' ? 2 : 3) },
    ];
  }
  if (lower === 'per' && r.tokens[r.at + 1] && isUnitToken(r.tokens[r.at + 1]!)) {
    r.at += 2;
    return [...factors, { kind: 'pow', base: unitFactor(r, r.tokens[r.at - 1]!.v), exponent: int(-1) }];
  }
  if (isUnitToken(token)) {
    const isAmount = r.tokens[r.at - 1]?.type === 'num' || factors.length > 0;
    if (!isAmount) return undefined;
    r.at++;
    return [...factors, unitFactor(r, token.v)];
  }
  const half = (lower === 'p' || lower === 'a') && isOp(r, '.', 1);
  if (token.text && token.v.length === 1 && !half) return [...factors, factor(r)];
  return undefined;
}

/** A unit with its power: cm^2, m squared. */
function unitFactor(r: Reader, name: string): Node {
  const base: Node = { kind: 'unit', name };
  if (accept(r, '^')) return { kind: 'pow', base, exponent: nested(r, () => power(r)) };
  const word = wordAt(r);
  if (word === 'squared' || word === 'cubed') {
    r.at++;
    return { kind: 'pow', base, exponent: int(word === 'squared' ? 2 : 3) };
  }
  return base;
}

const atomCommands = new Set(
  `frac sqrt usqrt cbrt ucbrt ufthrt binom lfloor lceil pi infty sum prod int overline bar vec hat tilde widehat angle
   max min gcd lcm bbR bbZ bbN bbQ bbC`
    .trim()
    .split(/\s+/),
);

const signsOfMoney = new Set(['€', '£', '¥', '¢', '₹', '$']);

/** Whether the token starts another factor without a sign before it. */
function startsImplicit(r: Reader, token: Token, factors: readonly Node[]): boolean {
  switch (token.type) {
    case 'let':
      // p.m. behind a clock time
      return (
        !((token.v === 'p' || token.v === 'a') && isOp(r, '.', 1)) && !(token.v === 'o' && isOp(r, "'", 1))
      );
    case 'num': {
      // Two numerals side by side are no product; 2 (3), x 3 and \sqrt{2} 3 are.
      const last = factors[factors.length - 1]!;
      return last.kind !== 'num' && !hasUnit(last);
    }
    case 'cmd':
      if (token.v === 'ldots') return hasEnd(r);
      return atomCommands.has(token.v) || greekLetters.has(token.v) || unary.has(token.v);
    case 'begin':
      return true;
    case 'op':
      if (token.v === '|') return r.bars === 0 && !r.builder;
      if (token.v === '[') return false;
      // A bracket that starts with a word is a remark.
      if (token.v === '(') return !startsRemark(r);
      return token.v === '{' && !(isOp(r, ':', 1) || isOp(r, ',', 1));
    default:
      return false;
  }
}

/** Whether a factor follows the dots at the position: dots that end a list or a decimal are no factor. */
function hasEnd(r: Reader): boolean {
  const next = r.tokens[r.at + 1];
  if (!next) return false;
  return (
    next.type === 'let' ||
    next.type === 'num' ||
    (next.type === 'op' && /^[(*]$/.test(next.v)) ||
    (next.type === 'cmd' && /^(?:cdot|times|frac)$/.test(next.v))
  );
}

/** "(since …", "(a prime number)": words behind the bracket. */
function startsRemark(r: Reader): boolean {
  const first = r.tokens[r.at + 1];
  if (first?.type === 'cmd' && first.v === 'approx') return true;
  const second = r.tokens[r.at + 2];
  if (first?.type === 'word') return first.v.length > 1 || second?.type === 'word';
  return first?.type === 'let' && second?.type === 'word' && second.v.length > 1;
}

/** A value with what follows it: powers, factorials, percent and degree signs. */
export function factor(r: Reader): Node {
  let node = atom(r);
  for (;;) {
    const token = peek(r);
    if (token?.type !== 'op') return node;
    switch (token.v) {
      case '^':
        if (isDegreeMark(r)) {
          node = degrees(node);
          break;
        }
        r.at++;
        node = { kind: 'pow', base: node, exponent: nested(r, () => power(r)) };
        break;
      case '!':
        if (isOp(r, '!', 1)) {
          r.at += 2;
          node = call('factorial2', node);
        } else {
          r.at++;
          node = call('factorial', node);
        }
        break;
      case '%':
        r.at++;
        node = { kind: 'percent', of: node };
        break;
      case '°':
        r.at++;
        node = temperature(r, node) ?? degrees(node);
        break;
      case '¢':
        r.at++;
        node = product([node, { kind: 'unit', name: '¢' }]);
        break;
      case '_': {
        // (1011)_2
        if (node.kind !== 'num' || node.digits === undefined) return node;
        const base =
          r.tokens[r.at + 1]?.type === 'num'
            ? r.tokens[r.at + 1]
            : isOp(r, '{', 1)
              ? r.tokens[r.at + 2]
              : undefined;
        if (base?.type !== 'num' || base.q?.d !== 1n || base.q.n < 2n || base.q.n > 36n) return node;
        if (isOp(r, '{', 1) && !isOp(r, '}', 3)) throw new Unreadable('a subscript is not closed');
        r.at += isOp(r, '{', 1) ? 4 : 2;
        node = { kind: 'base', digits: node.digits, base: Number(base.q.n) };
        break;
      }
      default:
        return node;
    }
  }
}

function degrees(of: Node): Node {
  if (of.kind === 'degree') throw new Unreadable('degrees of degrees');
  return { kind: 'degree', of };
}

/** ^\circ, ^{\circ}, ^° and ^o behind a number. */
function isDegreeMark(r: Reader): boolean {
  const braced = isOp(r, '{', 1);
  const at = braced ? 2 : 1;
  const isMark = isCmd(r, 'circ', at) || isOp(r, '°', at) || isCmd(r, 'degree', at);
  if (!isMark || (braced && !isOp(r, '}', 3))) return false;
  r.at += braced ? 4 : 2;
  return true;
}

function temperature(r: Reader, of: Node): Node | undefined {
  const token = peek(r);
  const letter = token?.type === 'let' || token?.type === 'word' ? token.v : '';
  if (letter !== 'C' && letter !== 'F') return undefined;
  r.at++;
  return product([of, { kind: 'unit', name: letter === 'C' ? 'celsius' : 'fahrenheit' }]);
}
