import { braces, bracket, environment, plainBraces } from './brackets.ts';
import { type Token, Unreadable } from './lex.ts';
import { functionCall, greekLetters, power, subscript, symbol, unary } from './names.ts';
import { baseNumeral, numberInWords, numeral } from './numerals.ts';
import {
  accept,
  argument,
  enclosed,
  expect,
  isCmd,
  isOp,
  nested,
  peek,
  type Reader,
  spelled,
} from './reader.ts';
import { call, int, type Node, product, quotient } from './tree.ts';
import { isGenericUnit, isUnitWord, unitNamed } from './units.ts';
import { numberWords } from './vocabulary.ts';

const sets: Readonly<Record<string, string>> = { bbR: 'R', bbZ: 'Z', bbN: 'N', bbQ: 'Q', bbC: 'C' };
const currencies = new Set(['$', '€', '£', '¥', '₹']);
const decorations = new Set([
  'overline',
  'bar',
  'vec',
  'hat',
  'widehat',
  'tilde',
  'widetilde',
  'overrightarrow',
  'dot',
  'ddot',
  'overset',
]);

/** A value without what may follow it (powers, factorials, signs). */
export function atom(r: Reader): Node {
  const token = peek(r);
  if (!token) throw new Unreadable('a value is missing at the end');
  r.fuel.burn();
  switch (token.type) {
    case 'num':
      return numeral(r, token);
    case 'let':
      return letter(r, token);
    case 'word':
      return word(r, token);
    case 'cmd':
      return commandAtom(r, token);
    case 'begin':
      return environment(r);
    case 'end':
      throw new Unreadable(`\\end{${token.v}} without a beginning`);
  }
  switch (token.v) {
    case '(':
    case '[':
    case ']':
    case '⟨':
      return bracket(r);
    case '\\{':
      return braces(r);
    case '{':
      return plainBraces(r);
    case '|':
    case '‖': {
      r.at++;
      const of = enclosed(r, false, () => {
        r.bars = 1;
        return r.expression();
      });
      expect(r, token.v);
      return token.v === '|' ? call('abs', of) : { kind: 'opaque', text: 'norm' };
    }
    case '_':
    case '^':
      return scriptedChoose(r, token.v);
  }
  if (currencies.has(token.v)) {
    r.at++;
    const minus = accept(r, '-');
    const of = r.factor();
    return product([...(minus ? [int(-1)] : []), of, { kind: 'unit', name: token.v }]);
  }
  throw new Unreadable(`'${token.v}' where a value should be`);
}

function letter(r: Reader, token: Token): Node {
  if (/^[A-F]$/.test(token.v)) {
    const based = baseNumeral(r);
    if (based) return based;
  }
  r.at++;
  return symbol(r, token.v);
}

function word(r: Reader, token: Token): Node {
  const lower = token.v.toLowerCase();
  if (numberWords.has(lower)) return numberInWords(r);
  if (token.text && token.v.length === 1) {
    r.at++;
    if (isUnitWord(token.v) && isUnitPlace(r)) return { kind: 'unit', name: token.v };
    return symbol(r, token.v);
  }
  if (token.text && (r.depth > 0 || isUnitPlace(r)) && isUnitWord(token.v)) {
    r.at++;
    return { kind: 'unit', name: token.v };
  }
  if (lower === 'infinity') {
    r.at++;
    return { kind: 'const', name: 'inf' };
  }
  throw new Unreadable(`the word '${token.v.slice(0, 30)}'`);
}

/** Behind "km/", or alone in a group (\\frac{\\text{m}}{\\text{s}}): a letter set as text is a unit there. */
function isUnitPlace(r: Reader): boolean {
  const before = r.tokens[r.at - 2];
  if (before?.type !== 'op') return false;
  if (before.v === '/')
    return (
      r.tokens[r.at - 3]?.type === 'word' || r.tokens[r.at - 3]?.v === '¢' || r.tokens[r.at - 3]?.v === '}'
    );
  return before.v === '{' && (isOp(r, '}') || isOp(r, '^'));
}

function commandAtom(r: Reader, token: Token): Node {
  const name = token.v;
  if (greekLetters.has(name) && name !== 'pi') {
    r.at++;
    return symbol(r, `\\${name}`);
  }
  if (unary.has(name) || name === 'max' || name === 'min' || name === 'gcd' || name === 'lcm') {
    r.at++;
    return functionCall(r, name);
  }
  if (Object.hasOwn(sets, name)) return domain(r, sets[name]!);
  if (decorations.has(name)) return decorated(r);
  r.at++;
  switch (name) {
    case 'frac':
      return fraction(r);
    case 'pi':
      return isOp(r, '_') ? symbol(r, '\\pi') : { kind: 'const', name: 'pi' };
    case 'infty':
      return { kind: 'const', name: 'inf' };
    case 'sqrt':
    case 'usqrt':
    case 'cbrt':
    case 'ucbrt':
    case 'ufthrt':
    case 'root':
      return root(r, name);
    case 'binom': {
      const n = isOp(r, '(') ? undefined : argument(r);
      if (n) return call('binom', n, argument(r));
      const pair = r.factor();
      if (pair.kind === 'tuple' && pair.items.length === 2)
        return call('binom', pair.items[0]!, pair.items[1]!);
      throw new Unreadable('a binomial coefficient without two arguments');
    }
    case 'lfloor':
    case 'lceil': {
      const of = enclosed(r, false, () => r.expression());
      if (!isCmd(r, name === 'lfloor' ? 'rfloor' : 'rceil')) throw new Unreadable(`\\${name} is not closed`);
      r.at++;
      return call(name === 'lfloor' ? 'floor' : 'ceil', of);
    }
    case 'emptyset':
      return { kind: 'set', items: [] };
    case 'ldots':
      return { kind: 'dots' };
    case 'pm':
    case 'mp':
      return { kind: 'pm', of: r.factor() };
    case 'sum':
    case 'prod':
      return series(r, name);
    case 'int':
    case 'iint':
    case 'oint':
    case 'lim':
      return opaque(r, name);
    case 'angle':
    case 'triangle':
    case 'measuredangle':
    case 'measuredAngle':
      return named(r, name);
  }
  throw new Unreadable(`the command \\${name.slice(0, 30)}`);
}

function domain(r: Reader, name: string): Node {
  r.at++;
  let suffix = '';
  for (;;) {
    if (isOp(r, '^') && (isOp(r, '+', 1) || isOp(r, '-', 1) || isOp(r, '*', 1))) {
      suffix += r.tokens[r.at + 1]!.v;
      r.at += 2;
    } else if (isOp(r, '^') || isOp(r, '_')) {
      const sign = r.tokens[r.at]!.v;
      r.at++;
      suffix += `${sign === '_' ? '_' : ''}${subscript(r)}`;
    } else break;
  }
  return { kind: 'domain', name: name + suffix };
}

function decorated(r: Reader): Node {
  const name = r.tokens[r.at]!.v;
  r.at++;
  const start = r.at;
  if (isOp(r, '{')) argument(r);
  else r.at++;
  return symbol(r, `\\${name} ${spelled(r.tokens.slice(start, r.at)).replace(/[{} ]/g, '')}`);
}

function fraction(r: Reader): Node {
  if (isOp(r, '(')) {
    // frac(a, b), or \frac with parentheses for braces
    const pair = r.factor();
    if (pair.kind === 'tuple' && pair.items.length === 2) return quotient(pair.items[0]!, pair.items[1]!);
    return quotient(pair, r.factor());
  }
  const start = r.at;
  const derivative = derivativeName(r);
  if (derivative) return derivative;
  r.at = start;
  return nested(r, () => {
    const above = argument(r);
    return quotient(above, argument(r));
  });
}

/** \frac{dy}{dx}, \frac{d^2y}{dx^2}, \frac{d}{dx}, \frac{\partial f}{\partial x}: a name, not a quotient. */
function derivativeName(r: Reader): Node | undefined {
  const above = groupTokens(r);
  const below = above && groupTokens(r);
  if (!above || !below) return undefined;
  const isD = (token: Token | undefined) =>
    token !== undefined &&
    ((token.type === 'let' && token.v === 'd') || (token.type === 'cmd' && token.v === 'partial'));
  if (!isD(above[0]) || !isD(below[0]) || below.length < 2 || above.length > 8) return undefined;
  return { kind: 'opaque', text: `${spelled(above)} / ${spelled(below)}` };
}

function groupTokens(r: Reader): Token[] | undefined {
  if (!isOp(r, '{')) return undefined;
  for (let i = r.at + 1; i < Math.min(r.tokens.length, r.at + 12); i++) {
    const token = r.tokens[i]!;
    if (token.type === 'op' && token.v === '{') return undefined;
    if (token.type === 'op' && token.v === '}') {
      const inside = r.tokens.slice(r.at + 1, i);
      r.at = i + 1;
      return inside;
    }
  }
  return undefined;
}

function root(r: Reader, name: string): Node {
  let index = name === 'cbrt' || name === 'ucbrt' ? 3 : name === 'ufthrt' ? 4 : 2;
  if (name === 'sqrt' && isOp(r, '[')) {
    r.at++;
    const written = enclosed(r, false, () => r.expression());
    expect(r, ']');
    if (written.kind !== 'num' || written.q.d !== 1n || written.q.n < 1n || written.q.n > 1000n) {
      const of = argument(r);
      return { kind: 'pow', base: of, exponent: { kind: 'pow', base: written, exponent: int(-1) } };
    }
    index = Number(written.q.n);
  } else if (name === 'root') {
    const written = r.factor();
    if (!isCmd(r, 'of') || written.kind !== 'num') throw new Unreadable('\\root without \\of');
    r.at++;
    index = Number(written.q.n);
  }
  if (index < 1 || index > 1000) throw new Unreadable('the index of a root');
  if (isOp(r, '(')) {
    r.at++;
    const of = enclosed(r, false, () => r.expression());
    expect(r, ')');
    return { kind: 'root', index, of };
  }
  if (name === 'sqrt') return { kind: 'root', index, of: argument(r) };
  // The sign √ and plain sqrt take a whole numeral, letter or bracket.
  return { kind: 'root', index, of: nested(r, () => atom(r)) };
}

/** \sum_{k=1}^{n} body; without bounds it has no value here. */
function series(r: Reader, name: 'sum' | 'prod'): Node {
  const start = r.at;
  try {
    if (!accept(r, '_')) throw new Unreadable('a sum without bounds');
    expect(r, '{');
    const index = peek(r);
    if (index?.type !== 'let' || !isOp(r, '=', 1)) throw new Unreadable('a sum without an index');
    r.at += 2;
    const from = enclosed(r, false, () => r.expression());
    expect(r, '}');
    if (!accept(r, '^')) throw new Unreadable('a sum without an upper bound');
    const to = nested(r, () => power(r));
    const body = nested(r, () => r.factor());
    const items = [body];
    while (peek(r) && startsFactor(peek(r)!)) items.push(nested(r, () => r.factor()));
    return { kind: 'series', name, index: index.v, from, to, body: product(items) };
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    r.at = start;
    return opaque(r, name);
  }
}

function startsFactor(token: Token): boolean {
  return (
    token.type === 'let' ||
    token.type === 'num' ||
    (token.type === 'cmd' &&
      (token.v === 'frac' || token.v === 'sqrt' || token.v === 'binom' || greekLetters.has(token.v))) ||
    (token.type === 'op' && token.v === '(')
  );
}

const relationSigns = new Set(['=', '<', '>', '<=', '>=', '!=', ',', ';']);

/** Consumes up to the next relation sign on this level: an integral, a limit. */
function opaque(r: Reader, name: string): Node {
  let depth = 0;
  let text = name;
  for (; r.at < r.tokens.length; r.at++) {
    const token = r.tokens[r.at]!;
    if (token.type === 'op') {
      if (token.v === '{' || token.v === '(' || token.v === '[') depth++;
      else if (token.v === '}' || token.v === ')' || token.v === ']') {
        if (depth === 0) break;
        depth--;
      } else if (depth === 0 && relationSigns.has(token.v)) break;
    } else if (
      depth === 0 &&
      token.type === 'cmd' &&
      (token.v === 'approx' || token.v === 'le' || token.v === 'ge')
    )
      break;
    text += ` ${token.v}`;
  }
  return { kind: 'opaque', text };
}

/** \angle ABC, \triangle ABC: a name made of the capital letters that follow. */
function named(r: Reader, name: string): Node {
  let text = `\\${name} `;
  while (peek(r)?.type === 'let' || (peek(r)?.type === 'word' && /^[A-Z]+$/.test(peek(r)!.v)))
    text += r.tokens[r.at++]!.v;
  return { kind: 'sym', name: text };
}

/** _{10}C_3 and ^{10}C_3 at the start of a value. */
function scriptedChoose(r: Reader, sign: string): Node {
  if (sign !== '_' && sign !== '^') throw new Unreadable('a script of nothing');
  r.at++;
  const n = argument(r);
  const token = peek(r);
  if (token?.type !== 'let' || (token.v !== 'C' && token.v !== 'P'))
    throw new Unreadable('a script of nothing');
  r.at++;
  expect(r, '_');
  return call(token.v === 'C' ? 'binom' : 'perm', n, argument(r));
}

/** Whether a word token is a unit in the place behind a value. */
export function isUnitToken(token: Token): boolean {
  return token.type === 'word' && (unitNamed(token.v) !== undefined || isGenericUnit(token.v));
}
