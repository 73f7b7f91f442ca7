import { type Token, Unreadable } from './lex.ts';
import { accept, argument, enclosed, expect, isCmd, isOp, nested, peek, type Reader } from './reader.ts';
import { call, int, type Node, num } from './tree.ts';

const functionLetters = new Set(['f', 'g', 'h', 'F', 'G', 'H', 'u', 'v']);

/** A letter or Greek name with its subscripts and primes; e and i are constants; f(x), C(n, k) and P(n, k) are applied. */
export function symbol(r: Reader, name: string): Node {
  const bare = name;
  let decorated = name;
  for (;;) {
    if (isOp(r, '_')) {
      r.at++;
      decorated += `_${subscript(r)}`;
    } else if (isOp(r, "'")) {
      r.at++;
      decorated += "'";
    } else if (isOp(r, '^') && (isCmd(r, 'prime', 1) || isOp(r, "'", 1))) {
      r.at += 2;
      decorated += "'";
    } else break;
  }
  const plain = decorated === bare;
  if (bare === 'C' && !plain) {
    const chosen = stackedChoose(r, decorated);
    if (chosen) return chosen;
  }
  if (plain && bare === 'e') return { kind: 'const', name: 'e' };
  if (plain && bare === 'i') return { kind: 'const', name: 'i' };
  if (isOp(r, '(') && !r.tokens[r.at]!.text) {
    const head = decorated.replace(/[_'].*$/s, '');
    if ((bare === 'C' || bare === 'P') && plain) {
      const two = twoArguments(r);
      if (two) return call(bare === 'C' ? 'binom' : 'perm', two[0], two[1]);
      if (bare === 'P' && !isDefinition(r)) return opaqueCall(r, 'P');
    }
    if ((functionLetters.has(head) && head !== 'u' && head !== 'v') || isDefinition(r))
      return apply(r, decorated);
  }
  // f^{-1}(x)
  if (functionLetters.has(bare) && isInverse(r)) {
    const start = r.at;
    r.at += isOp(r, '{', 1) ? 5 : 3;
    if (isOp(r, '(')) return apply(r, `${decorated}^-1`);
    r.at = start;
  }
  return { kind: 'sym', name: decorated };
}

/** C_{10}^{3}; a small subscript would be an arbitrary constant. */
function stackedChoose(r: Reader, name: string): Node | undefined {
  const n = /^C_(\d{1,6})$/.exec(name)?.[1];
  if (n === undefined || Number(n) < 5 || !isOp(r, '^')) return undefined;
  const braced = isOp(r, '{', 1);
  const k = r.tokens[r.at + (braced ? 2 : 1)];
  if (k?.type !== 'num' || k.q?.d !== 1n || k.q.n > BigInt(n) || (braced && !isOp(r, '}', 3)))
    return undefined;
  r.at += braced ? 4 : 2;
  return call('binom', int(Number(n)), num(k.q));
}

function isInverse(r: Reader): boolean {
  if (!isOp(r, '^')) return false;
  const at = isOp(r, '{', 1) ? 2 : 1;
  const one = r.tokens[r.at + at + 1];
  return isOp(r, '-', at) && one?.type === 'num' && one.v === '1' && (at === 1 || isOp(r, '}', at + 2));
}

function apply(r: Reader, name: string): Node {
  const items = argumentList(r);
  return { kind: 'apply', name, items };
}

function argumentList(r: Reader): readonly Node[] {
  expect(r, '(');
  if (accept(r, ')')) return [];
  const inside = enclosed(r, false, () => r.list());
  expect(r, ')');
  return inside.kind === 'list' ? inside.items : [inside];
}

/** (n, k) right here; nothing is consumed otherwise. */
function twoArguments(r: Reader): readonly [Node, Node] | undefined {
  let depth = 0;
  let commas = 0;
  for (let i = r.at; i < r.tokens.length; i++) {
    const token = r.tokens[i]!;
    if (token.type !== 'op') continue;
    if (token.v === '(' || token.v === '[' || token.v === '\\{' || token.v === '{') depth++;
    else if (token.v === ')' || token.v === ']' || token.v === '\\}' || token.v === '}') {
      if (--depth === 0) break;
    } else if (token.v === ',' && depth === 1) commas++;
  }
  if (commas !== 1) return undefined;
  const items = argumentList(r);
  return items.length === 2 ? [items[0]!, items[1]!] : undefined;
}

/** "(x) =", "(x, y) :=": what stands before it is the name of a function that is being defined. */
function isDefinition(r: Reader): boolean {
  let i = r.at + 1;
  let names = 0;
  for (; i < r.tokens.length; i++) {
    const token = r.tokens[i]!;
    if (token.type === 'op' && token.v === ')') break;
    if (
      token.type === 'let' ||
      token.type === 'cmd' ||
      token.type === 'num' ||
      (token.type === 'op' && token.v === '=')
    )
      names++;
    else if (
      token.type !== 'op' ||
      (token.v !== ',' && token.v !== '_' && token.v !== '{' && token.v !== '}')
    )
      return false;
  }
  const next = r.tokens[i + 1];
  return names > 0 && names <= 6 && next?.type === 'op' && next.v === '=';
}

/** P(A ∩ B) and the like: it has no value here. */
function opaqueCall(r: Reader, name: string): Node {
  let depth = 0;
  let text = name;
  for (; r.at < r.tokens.length; r.at++) {
    const token = r.tokens[r.at]!;
    text += ` ${token.v}`;
    if (token.type !== 'op') continue;
    if (token.v === '(') depth++;
    else if (token.v === ')' && --depth === 0) {
      r.at++;
      return { kind: 'opaque', text };
    }
  }
  throw new Unreadable("'(' is not closed");
}

/** A subscript as part of a name: braces and spaces do not matter. */
export function subscript(r: Reader): string {
  const token = peek(r);
  if (!token) throw new Unreadable('a subscript is missing');
  if (token.type !== 'op' || token.v !== '{') {
    r.at++;
    if (token.type === 'op') throw new Unreadable('a sign as a subscript');
    return token.type === 'num' ? token.v : token.v;
  }
  r.at++;
  let text = '';
  let depth = 1;
  for (; r.at < r.tokens.length; r.at++) {
    const inner = r.tokens[r.at]!;
    if (inner.type === 'op' && inner.v === '{') depth++;
    else if (inner.type === 'op' && inner.v === '}' && --depth === 0) {
      r.at++;
      return text;
    } else text += inner.v;
  }
  throw new Unreadable('a subscript is not closed');
}

const inverseNames: Readonly<Record<string, string>> = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  arsinh: 'arcsinh',
  asinh: 'arcsinh',
  arcosh: 'arccosh',
  acosh: 'arccosh',
  artanh: 'arctanh',
  atanh: 'arctanh',
};
const several = new Set(['max', 'min', 'gcd', 'lcm']);
export const unary = new Set(
  [
    'sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc',
    'cis arcsinh arccosh arctanh asin acos atan arsinh asinh arcosh acosh artanh atanh log ln lg exp abs floor ceil det sgn sign',
  ]
    .join(' ')
    .split(' '),
);

/** A known function with its exponent, base and argument: \sin^2 x, \log_2 8, \ln|x|, \max(1, 2). */
export function functionCall(r: Reader, written: string): Node {
  const name = Object.hasOwn(inverseNames, written) ? inverseNames[written]! : written;
  if (several.has(name)) return severalCall(r, name);
  let base: Node | undefined;
  let exponent: Node | undefined;
  for (let i = 0; i < 2; i++) {
    if (isOp(r, '_') && base === undefined) {
      r.at++;
      base = argument(r);
    } else if (isOp(r, '^') && exponent === undefined) {
      r.at++;
      exponent = nested(r, () => power(r));
    }
  }
  const isMinusOne = exponent?.kind === 'num' && exponent.q.n === -1n && exponent.q.d === 1n;
  const of = functionArgument(r);
  let node: Node;
  if (name === 'log') node = base ? call('log', base, of) : call('log?', of);
  else if (base) throw new Unreadable(`a subscript of ${name}`);
  else if (name === 'lg') node = call('log', int(10), of);
  else if (name === 'cis')
    node = {
      kind: 'pow',
      base: { kind: 'const', name: 'e' },
      exponent: { kind: 'mul', items: [{ kind: 'const', name: 'i' }, of] },
    };
  else if (name === 'exp') node = { kind: 'pow', base: { kind: 'const', name: 'e' }, exponent: of };
  else if (isMinusOne && inverseOf.has(name)) {
    node = call(`arc${name}`, of);
    exponent = undefined;
  } else node = call(name === 'sign' ? 'sgn' : name, of);
  return exponent ? { kind: 'pow', base: node, exponent } : node;
}

const inverseOf = new Set(['sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'sinh', 'cosh', 'tanh']);

/** An exponent: a group, a sign with a value, or one value; digits are taken as a whole numeral. */
export function power(r: Reader): Node {
  if (isOp(r, '-') || isOp(r, '+')) {
    const minus = isOp(r, '-');
    r.at++;
    const of = powerAtom(r);
    return minus ? { kind: 'mul', items: [int(-1), of] } : of;
  }
  return powerAtom(r);
}

function powerAtom(r: Reader): Node {
  const token = peek(r);
  if (!token) throw new Unreadable('an exponent is missing');
  if (token.type === 'num') {
    r.at++;
    const node: Node = num(token.q!);
    if (isOp(r, '^')) {
      r.at++;
      return { kind: 'pow', base: node, exponent: nested(r, () => power(r)) };
    }
    return node;
  }
  if (token.type === 'let') {
    r.at++;
    return nested(r, () => symbolPower(r, token));
  }
  return nested(r, () => r.factor());
}

function symbolPower(r: Reader, token: Token): Node {
  if (token.v === 'e') return { kind: 'const', name: 'e' };
  if (token.v === 'i') return { kind: 'const', name: 'i' };
  return { kind: 'sym', name: isOp(r, '_') ? scripted(r, token.v) : token.v };
}

/** A name with the subscript that follows. */
function scripted(r: Reader, name: string): string {
  r.at++;
  return `${name}_${subscript(r)}`;
}

function severalCall(r: Reader, name: string): Node {
  if (isOp(r, '_')) throw new Unreadable(`a subscript of ${name}`);
  const inside = r.factor();
  if (inside.kind === 'tuple' || inside.kind === 'set') return { kind: 'call', name, items: inside.items };
  return { kind: 'call', name, items: [inside] };
}

/**
 * What a function is applied to: a bracket, or the values up to the next sign or function (\sin 2x\cos x is a product).
 */
function functionArgument(r: Reader): Node {
  if (isOp(r, '-')) {
    r.at++;
    return { kind: 'mul', items: [int(-1), functionArgument(r)] };
  }
  const first = peek(r);
  if (!first) throw new Unreadable('a function without an argument');
  const bracketed =
    first.type === 'op' && (first.v === '(' || first.v === '[' || first.v === '{' || first.v === '|');
  if (bracketed) {
    const inside = nested(r, () => atomOnly(r));
    // \sin{2x}: the group is the argument; \ln|x|: so are the bars.
    return inside;
  }
  const items: Node[] = [nested(r, () => r.factor())];
  for (;;) {
    const token = peek(r);
    if (!token) break;
    const continues =
      token.type === 'let' ||
      (token.type === 'num' && r.tokens[r.at - 1]?.type !== 'num') ||
      (token.type === 'cmd' &&
        !unary.has(token.v) &&
        (greekLetters.has(token.v) || token.v === 'frac' || token.v === 'sqrt' || token.v === 'usqrt'));
    if (!continues) break;
    items.push(nested(r, () => r.factor()));
  }
  return items.length === 1 ? items[0]! : { kind: 'mul', items };
}

/** A bracket without what follows it, so that \sin(x)^2 squares the sine. */
function atomOnly(r: Reader): Node {
  const token = r.tokens[r.at]!;
  if (token.v === '|') {
    r.at++;
    const of = enclosed(r, false, () => {
      r.bars = 1;
      return r.expression();
    });
    expect(r, '|');
    return call('abs', of);
  }
  const close = token.v === '(' ? ')' : token.v === '[' ? ']' : '}';
  r.at++;
  const inside = enclosed(r, false, () => r.expression());
  expect(r, close);
  return inside;
}

export const greekLetters = new Set(
  `alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi
   omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar pi_`
    .trim()
    .split(/\s+/),
);
