import type { Fuel } from '../../core/fuel.ts';
import { atom, isUnitToken } from './atoms.ts';
import { condition, isConditionWord } from './brackets.ts';
import { type Token, Unreadable } from './lex.ts';
import { greekLetters, power, unary } from './names.ts';
import { accept, isCmd, isOp, nested, peek, type Reader, wordAt } from './reader.ts';
import { type Branch, call, int, type Node, negative, product, type RelationOperator, sum } from './tree.ts';
import { hasUnit, measure, sameDimensions } from './units.ts';
import { numberWords, reasonWords, scaleWords } from './vocabulary.ts';

/** A reader at the start of tokens. */
export function readerOf(tokens: Token[], fuel: Fuel, unitHint: boolean): Reader {
  const r: Reader = {
    tokens,
    at: 0,
    depth: 0,
    bars: 0,
    builder: false,
    unitHint,
    fuel,
    item: () => item(r),
    expression: () => expression(r),
    factor: () => factor(r),
    list: () => list(r),
  };
  return r;
}

/** Items separated by commas, semicolons, "and", "or" and line breaks; one item alone is that item. */
export function list(r: Reader): Node {
  const items: Node[] = [];
  let join: ',' | 'and' | 'or' = ',';
  if (wordAt(r) === 'both' || wordAt(r) === 'either') r.at++;
  for (;;) {
    items.push(branchOrItem(r, items));
    const separator = separatorAt(r);
    if (separator === undefined) break;
    if (separator !== ',') join = join === 'or' ? 'or' : separator;
    const next = peek(r);
    if (
      !next ||
      (next.type === 'op' && (next.v === ')' || next.v === '\\}' || next.v === ']' || next.v === '}'))
    )
      break;
  }
  if (items.length === 1) return items[0]!;
  if (items.every((one) => one.kind === 'cases'))
    return { kind: 'cases', branches: items.flatMap((one) => (one.kind === 'cases' ? one.branches : [])) };
  return compound(join, items) ?? { kind: 'list', join, items };
}

/** "18 dollars and 90 cents", "3 hours and 12 minutes": one quantity. */
function compound(join: string, items: readonly Node[]): Node | undefined {
  if (join !== 'and' || items.length !== 2 || !items.every(hasUnit)) return undefined;
  const [a, b] = items.map(measure);
  if (!a?.unit || !b?.unit || !sameDimensions(a.unit, b.unit)) return undefined;
  const larger = a.unit.factor.n * b.unit.factor.d > b.unit.factor.n * a.unit.factor.d;
  return larger ? sum(items) : undefined;
}

/** "value if condition" and "value otherwise" are branches of a case distinction. */
function branchOrItem(r: Reader, before: readonly Node[]): Node {
  const value = item(r);
  if (isConditionWord(r)) {
    const start = r.at;
    const word = wordAt(r);
    if (
      word === 'if' ||
      word === 'when' ||
      word === 'otherwise' ||
      word === 'else' ||
      (word === 'for' && isCaseFor(r))
    ) {
      const branch: Branch = { value, when: condition(r) };
      if (branch.when?.kind !== 'text' || before.length > 0) return { kind: 'cases', branches: [branch] };
      return { kind: 'cases', branches: [branch] };
    }
    r.at = start;
  }
  return value;
}

/** "for x > 0" states a case; "for some polynomial g" is a remark. */
function isCaseFor(r: Reader): boolean {
  const word = wordAt(r, 1);
  return r.tokens[r.at + 1]?.type === 'let' || word === 'even' || word === 'odd';
}

/** Consumes what separates two items and says what it was. */
function separatorAt(r: Reader): ',' | 'and' | 'or' | undefined {
  let found: ',' | 'and' | 'or' | undefined;
  for (;;) {
    const word = wordAt(r);
    if (word === 'and' || word === 'or') {
      const next = r.tokens[r.at + 1];
      if (!next) throw new Unreadable(`nothing after '${word}'`);
      found = word;
      r.at++;
    } else if (isOp(r, 'and')) {
      found = 'and';
      r.at++;
    } else if ((isOp(r, ',') || isOp(r, ';')) && found === undefined) {
      // "17, which is prime": what follows is a remark.
      if (reasonWords.has(wordAt(r, 1) ?? '')) return undefined;
      found = ',';
      r.at++;
    } else if ((isOp(r, '\\\\') || isOp(r, '&')) && found === undefined && r.depth === 0) {
      found = ',';
      r.at++;
    } else return found;
  }
}

const relationOps: Readonly<Record<string, RelationOperator>> = {
  '=': '=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '!=': '!=',
};
const relationCommands: Readonly<Record<string, RelationOperator>> = {
  le: '<=',
  ge: '>=',
  ne: '!=',
  approx: 'approx',
  sim: 'approx',
  in: 'in',
  notin: 'notin',
  cong: 'cong',
  equiv: 'cong',
};

function relationAt(r: Reader): RelationOperator | undefined {
  const token = peek(r);
  if (!token) return undefined;
  const op =
    token.type === 'op' && Object.hasOwn(relationOps, token.v)
      ? relationOps[token.v]
      : token.type === 'cmd' && Object.hasOwn(relationCommands, token.v)
        ? relationCommands[token.v]
        : undefined;
  if (op !== undefined) {
    r.at++;
    return op;
  }
  if (isCmd(r, 'not')) {
    if (isOp(r, '=', 1)) {
      r.at += 2;
      return '!=';
    }
    if (isCmd(r, 'in', 1)) {
      r.at += 2;
      return 'notin';
    }
  }
  return undefined;
}

/** A set expression or value, or a chain of relations between them. */
export function item(r: Reader): Node {
  const leading = relationAt(r);
  if (leading === '=') return item(r);
  const first = setExpression(r);
  if (leading !== undefined) {
    if (leading !== 'approx') throw new Unreadable('a relation without a left side');
    return { kind: 'relation', ops: ['approx'], items: [first] };
  }
  const items: Node[] = [first];
  const ops: RelationOperator[] = [];
  for (;;) {
    if (r.builder && (isOp(r, '|') || isCmd(r, 'mid') || isOp(r, ':'))) break;
    const op = relationAt(r);
    if (op === undefined) break;
    if (items.length > 30) throw new Unreadable('a chain of more than 30 relations');
    ops.push(op);
    items.push(setExpression(r));
    if (op === 'cong') {
      const modulus = modulusAt(r);
      if (modulus)
        return {
          kind: 'relation',
          ops: ['cong'],
          items: [items[items.length - 2]!, items[items.length - 1]!, modulus],
        };
    }
  }
  return ops.length === 0 ? first : { kind: 'relation', items, ops };
}

/** \pmod{4}, (mod 4), \bmod 4, mod 4. */
function modulusAt(r: Reader): Node | undefined {
  if (isCmd(r, 'pmod') || isCmd(r, 'bmod') || isCmd(r, 'mod')) {
    r.at++;
    return nested(r, () => factor(r));
  }
  if (isOp(r, '(') && (isCmd(r, 'mod', 1) || isCmd(r, 'bmod', 1))) {
    r.at += 2;
    const modulus = nested(r, () => expression(r));
    if (!accept(r, ')')) throw new Unreadable("'(' is not closed");
    return modulus;
  }
  return undefined;
}

function setExpression(r: Reader): Node {
  let node = colon(r);
  for (;;) {
    const op = isCmd(r, 'cup') ? 'cup' : isCmd(r, 'cap') ? 'cap' : isCmd(r, 'setminus') ? 'minus' : undefined;
    if (op === undefined) return node;
    r.at++;
    const right = colon(r);
    node =
      node.kind === 'join' && node.op === op && op !== 'minus'
        ? { kind: 'join', op, items: [...node.items, right] }
        : { kind: 'join', op, items: [node, right] };
  }
}

/** a : b : c, clock times (3:00 PM) and "2 to 3". */
function colon(r: Reader): Node {
  const start = r.at;
  const first = expression(r);
  if (!isColon(r)) return afternoon(r, first, start) ?? oClock(r, first) ?? first;
  const items: Node[] = [first];
  while (isColon(r)) {
    r.at++;
    if (isOp(r, '}')) r.at++;
    items.push(expression(r));
  }
  const pieces = r.tokens.slice(start, r.at).filter((token) => token.type === 'num');
  const isClock =
    pieces.length === items.length &&
    items.length <= 3 &&
    pieces.every(
      (piece, i) =>
        piece.places === undefined &&
        (i === 0 ? piece.v.length <= 2 : piece.v.length === 2 && Number(piece.v) < 60),
    );
  const node: Node = isClock
    ? { kind: 'colon', items, clock: pieces.map((piece) => piece.v).join(':') }
    : { kind: 'colon', items };
  return afternoon(r, node, start) ?? node;
}

/** "3 o'clock" */
function oClock(r: Reader, hour: Node): Node | undefined {
  const isO = peek(r)?.v === 'o' && isOp(r, "'", 1) && wordAt(r, 2) === 'clock';
  if (!isO || hour.kind !== 'num' || hour.q.d !== 1n || hour.digits === undefined || hour.q.n > 24n)
    return undefined;
  r.at += 3;
  const node: Node = { kind: 'colon', items: [hour, int(0)], clock: `${hour.digits}:00` };
  return afternoon(r, node, r.at - 1) ?? node;
}

function isColon(r: Reader): boolean {
  if (r.builder) return false;
  if (isOp(r, ':')) return true;
  // 3{:}00
  if (isOp(r, '{') && isOp(r, ':', 1) && isOp(r, '}', 2)) {
    r.at++;
    return true;
  }
  return wordAt(r) === 'to' && r.tokens[r.at + 1]?.type === 'num' && r.tokens[r.at - 1]?.type === 'num';
}

/** PM, p.m., a.m. behind a clock time or a whole hour. */
function afternoon(r: Reader, node: Node, start: number): Node | undefined {
  const one = peek(r);
  if (!one || (one.type !== 'word' && one.type !== 'let')) return undefined;
  const lower = one.v.toLowerCase();
  let length = 0;
  let half = '';
  if (lower === 'am' || lower === 'pm') {
    half = lower;
    length = 1;
  } else if (lower === 'a' || lower === 'p') {
    const offset = isOp(r, '.', 1) ? 2 : 1;
    const m = r.tokens[r.at + offset];
    if (m?.v.toLowerCase() === 'm' && (offset === 2 || one.text)) {
      half = `${lower}m`;
      length = offset + 1;
      if (isOp(r, '.', length)) length++;
    }
  }
  if (half !== 'am' && half !== 'pm') return undefined;
  const parts =
    node.kind === 'colon' && node.clock
      ? node.clock.split(':').map(Number)
      : node.kind === 'num' && node.q.d === 1n && r.at === start + 1
        ? [Number(node.q.n)]
        : undefined;
  if (!parts || parts[0]! > 12) return undefined;
  r.at += length;
  const hour = (parts[0]! % 12) + (half === 'pm' ? 12 : 0);
  return { kind: 'time', half, minutes: hour * 60 + (parts[1] ?? 0) + (parts[2] ?? 0) / 60 };
}

/** Terms joined by +, − and ±. */
export function expression(r: Reader): Node {
  const terms: Node[] = [];
  let sign = signAt(r) ?? '+';
  for (;;) {
    const of = term(r);
    terms.push(sign === '+' ? of : sign === '-' ? negative(of) : { kind: 'pm', of });
    const next = signAt(r) ?? (peek(r)?.type === 'num' && hasUnit(of) ? '+' : undefined);
    if (next === undefined) break;
    sign = next;
  }
  if (terms.length === 1) return terms[0]!;
  // R - {3} takes an element away from a set.
  if (terms.length === 2 && sign === '-' && isSetLike(terms[0]!)) {
    const [left, right] = terms as [Node, Node];
    return {
      kind: 'join',
      op: 'minus',
      items: [left, right.kind === 'mul' ? product(right.items.slice(1)) : right],
    };
  }
  return sum(terms);
}

function isSetLike(node: Node): boolean {
  return node.kind === 'domain' || node.kind === 'set' || node.kind === 'join';
}

/** Signs in a row: --3 is 3. */
function signAt(r: Reader): '+' | '-' | 'pm' | undefined {
  let found: '+' | '-' | 'pm' | undefined;
  for (let i = 0; i < 8; i++) {
    const token = peek(r);
    if (!token) return found;
    const one =
      token.type === 'word'
        ? spelledSign(r)
        : token.type === 'op' && (token.v === '+' || token.v === '-')
          ? token.v
          : token.type === 'cmd' && (token.v === 'pm' || token.v === 'mp')
            ? 'pm'
            : undefined;
    if (one === undefined) return found;
    r.at++;
    found =
      found === undefined || found === '+'
        ? one
        : found === 'pm' || one === 'pm'
          ? 'pm'
          : one === '-'
            ? '+'
            : '-';
  }
  throw new Unreadable('many signs in a row');
}

/** "minus seven", "negative 7". */
function spelledSign(r: Reader): '+' | '-' | undefined {
  const word = wordAt(r);
  if (word !== 'minus' && word !== 'negative' && word !== 'plus') return undefined;
  const next = r.tokens[r.at + 1];
  if (!next || (next.type === 'word' && !numberWords.has(next.v.toLowerCase()))) return undefined;
  return word === 'plus' ? '+' : '-';
}

/** Factors joined by signs of multiplication and division or by standing side by side. */
function term(r: Reader): Node {
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
  return choose(factors) ?? product(factors);
}

/** The x of "3.2 x 10^5". */
function isSpelledTimes(r: Reader, token: Token): boolean {
  if (token.type !== 'let' || (token.v !== 'x' && token.v !== 'X') || !token.space) return false;
  const before = r.tokens[r.at - 1];
  const next = r.tokens[r.at + 1];
  return before?.type === 'num' && next?.type === 'num' && next.space && next.v === '10' && isOp(r, '^', 2);
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

/** "(since …", "(a prime number)": words behind the bracket. */
function startsRemark(r: Reader): boolean {
  const first = r.tokens[r.at + 1];
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
