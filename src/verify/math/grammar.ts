import type { Fuel } from '../../core/fuel.ts';
import { condition, isConditionWord } from './brackets.ts';
import { type Token, Unreadable } from './lex.ts';
import { factor, ranged, term } from './product.ts';
import { accept, isCmd, isOp, nested, peek, type Reader, wordAt } from './reader.ts';
import { type Branch, int, type Node, negative, product, type RelationOperator, sum } from './tree.ts';
import { hasUnit, measure, sameDimensions } from './units.ts';
import { numberWords, reasonWords } from './vocabulary.ts';

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

/** Longer lists are compared as text. */
const mostItems = 400;

/** Items separated by commas, semicolons, "and", "or" and line breaks; one item alone is that item. */
export function list(r: Reader): Node {
  const items: Node[] = [];
  let join: ',' | 'and' | 'or' = ',';
  if (wordAt(r) === 'both' || wordAt(r) === 'either') r.at++;
  for (;;) {
    if (items.length >= mostItems) throw new Unreadable(`a list of more than ${mostItems} elements`);
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
    return definedByCases(items.flatMap((one) => (one.kind === 'cases' ? one.branches : [])));
  return compound(join, items) ?? { kind: 'list', join, items };
}

/** f(x) = x if x > 0, 0 otherwise: the name in front belongs to all cases. */
function definedByCases(branches: readonly Branch[]): Node {
  const first = branches[0]!.value;
  if (first.kind !== 'relation' || first.ops.length !== 1 || first.ops[0] !== '=')
    return { kind: 'cases', branches };
  const name = first.items[0]!;
  const values = branches.map((branch) => {
    const { value } = branch;
    const own =
      value.kind === 'relation' && value.ops.length === 1 && value.ops[0] === '=' ? value.items[1]! : value;
    return { value: own, when: branch.when };
  });
  return { kind: 'relation', ops: ['='], items: [name, { kind: 'cases', branches: values }] };
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
      // "2^n for n ≥ 1": with no other case it is a remark about the domain.
      const remark = word === 'for' && before.length === 0 && !moreConditions(r);
      const branch: Branch = { value, when: condition(r) };
      if (remark) return value;
      if (branch.when?.kind !== 'text' || before.length > 0) return { kind: 'cases', branches: [branch] };
      return { kind: 'cases', branches: [branch] };
    }
    r.at = start;
  }
  return value;
}

/** Whether another "for", "if" or "otherwise" follows behind the one at the position. */
function moreConditions(r: Reader): boolean {
  for (let i = r.at + 1; i < r.tokens.length; i++) {
    const token = r.tokens[i]!;
    if (token.type === 'word' && /^(?:for|if|when|otherwise|else)$/i.test(token.v)) return true;
  }
  return false;
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
  if (terms.length > 2 && terms.some((one) => one.kind === 'dots')) return ranged('sumrange', terms);
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
