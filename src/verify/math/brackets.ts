import { type Token, Unreadable } from './lex.ts';
import { accept, enclosed, expect, isCmd, isOp, peek, type Reader, wordAt } from './reader.ts';
import { type Branch, call, int, type Node } from './tree.ts';

/** ( … ), [ … ], ( … ], ] … [ and ⟨ … ⟩: one value in brackets is that value, several are a tuple or an interval. */
export function bracket(r: Reader): Node {
  const open = r.tokens[r.at]!.v;
  r.at++;
  if (accept(r, ')') || accept(r, ']')) return { kind: 'tuple', open, close: ')', items: [] };
  const inside = enclosed(r, false, () => r.list());
  const token = peek(r);
  if (token?.type !== 'op') throw new Unreadable(`'${open}' is not closed`);
  r.at++;
  let left = open;
  let close = token.v;
  if (open === ']') left = '(';
  if (close === '[') close = ')';
  else if (close !== ')' && close !== ']' && close !== '⟩') throw new Unreadable(`'${open}' is not closed`);
  if (left === '⟨' || close === '⟩') {
    left = '⟨';
    close = '⟩';
  }
  if (inside.kind === 'list' && inside.join === ',')
    return { kind: 'tuple', open: left, close, items: inside.items };
  if (left === '⟨') return { kind: 'tuple', open: left, close, items: [inside] };
  if ((left === '(') !== (close === ')')) throw new Unreadable('brackets of two kinds around one value');
  return inside;
}

/** \{ … \}: a finite set, a set-builder form, or the brace of a system or of a case distinction. */
export function braces(r: Reader): Node {
  r.at++;
  if (accept(r, '\\}')) return { kind: 'set', items: [] };
  if (peek(r)?.type === 'begin') {
    const node = environment(r, true);
    accept(r, '\\}');
    return node;
  }
  return enclosed(r, true, () => {
    const first = r.list();
    if (isOp(r, '|') || isCmd(r, 'mid') || isOp(r, ':')) {
      r.at++;
      r.builder = false;
      const such = r.list();
      expect(r, '\\}');
      return { kind: 'builder', of: first, such: such.kind === 'list' ? such.items : [such] };
    }
    expect(r, '\\}');
    return { kind: 'set', items: first.kind === 'list' ? first.items : [first] };
  });
}

/** { … }: a TeX group, or a set in plain text when it holds a list; also {n \choose k} and {a \over b}. */
export function plainBraces(r: Reader): Node {
  r.at++;
  if (accept(r, '}')) {
    // {}_{10}C_3
    if (isOp(r, '_') || isOp(r, '^')) return subscriptedChoose(r);
    return { kind: 'set', items: [] };
  }
  return enclosed(r, false, () => {
    const first = r.list();
    for (const [name, make] of infix) {
      if (!isCmd(r, name)) continue;
      r.at++;
      const second = r.list();
      expect(r, '}');
      return make(first, second);
    }
    expect(r, '}');
    return first.kind === 'list' ? { kind: 'set', items: first.items } : first;
  });
}

const infix: readonly (readonly [string, (a: Node, b: Node) => Node])[] = [
  ['choose', (a, b) => call('binom', a, b)],
  ['over', (a, b) => ({ kind: 'mul', items: [a, { kind: 'pow', base: b, exponent: minusOne }] })],
  ['atop', (a, b) => call('binom', a, b)],
];
const minusOne: Node = { kind: 'num', q: { n: -1n, d: 1n } };

/** _{10}C_3 and ^{10}C_3 behind an empty group. */
function subscriptedChoose(r: Reader): Node {
  r.at++;
  const n = r.factor();
  const token = peek(r);
  if (token?.type !== 'let' || (token.v !== 'C' && token.v !== 'P'))
    throw new Unreadable('a subscript of nothing');
  r.at++;
  if (!accept(r, '_')) throw new Unreadable('a subscript of nothing');
  const k = r.factor();
  return call(token.v === 'C' ? 'binom' : 'perm', n, k);
}

const matrices = new Set([
  'matrix',
  'pmatrix',
  'bmatrix',
  'Bmatrix',
  'smallmatrix',
  'array',
  'psmallmatrix',
  'bsmallmatrix',
]);
const systems = new Set([
  'cases',
  'dcases',
  'rcases',
  'aligned',
  'align',
  'align*',
  'gathered',
  'split',
  'alignedat',
]);

/** \begin{…} … \end{…}: matrices, determinants, case distinctions and systems. `brace`: behind an opening brace. */
export function environment(r: Reader, brace = false): Node {
  const kind = r.tokens[r.at]!.v;
  r.at++;
  const isCases = systems.has(kind) || (brace && kind === 'array');
  if (!isCases && !matrices.has(kind) && kind !== 'vmatrix' && kind !== 'Vmatrix')
    throw new Unreadable(`the environment '${kind.slice(0, 24)}'`);
  return enclosed(r, false, () => {
    if (isCases) return cases(r, kind);
    const rows: Node[][] = [[]];
    for (;;) {
      const token = peek(r);
      if (!token) throw new Unreadable('a matrix is not closed');
      if (token.type === 'end') break;
      if (isCmd(r, 'hline')) r.at++;
      else if (accept(r, '\\\\')) rows.push([]);
      else if (!accept(r, '&')) rows[rows.length - 1]!.push(r.item());
    }
    closeEnvironment(r, kind);
    const full = rows.filter((row) => row.length > 0);
    if (full.length === 0 || full.some((row) => row.length !== full[0]!.length))
      throw new Unreadable('a matrix whose rows differ in length');
    const matrix: Node = { kind: 'matrix', rows: full };
    return kind === 'vmatrix' || kind === 'Vmatrix' ? call('det', matrix) : matrix;
  });
}

function closeEnvironment(r: Reader, kind: string): void {
  const token = peek(r);
  if (token?.type !== 'end' || token.v !== kind) throw new Unreadable(`'${kind}' is not closed`);
  r.at++;
}

function cases(r: Reader, kind: string): Node {
  const branches: Branch[] = [];
  let conditions = false;
  const plain: Node[] = [];
  for (;;) {
    const token = peek(r);
    if (!token) throw new Unreadable('a case distinction is not closed');
    if (token.type === 'end') break;
    if (accept(r, '\\\\')) continue;
    if (accept(r, '&') && peek(r)?.type === 'end') break;
    const value = r.item();
    while (accept(r, ',') || accept(r, ';') || accept(r, '.'));
    // In aligned systems & stands before the sign: x &= 2.
    if (accept(r, '&') || isConditionWord(r)) {
      branches.push({ value, when: condition(r) });
      conditions = true;
    } else {
      branches.push({ value, when: undefined });
      plain.push(value);
    }
    while (accept(r, ',') || accept(r, ';') || accept(r, '.'));
  }
  closeEnvironment(r, kind);
  if (branches.length === 0) throw new Unreadable('a case distinction without cases');
  if (!conditions) return plain.length === 1 ? plain[0]! : { kind: 'list', join: 'and', items: plain };
  return { kind: 'cases', branches };
}

const conditionWords = new Set(['if', 'when', 'for', 'where', 'whenever', 'provided', 'while', 'with']);
const otherwise = new Set(['otherwise', 'else', 'elsewhere']);

/** Whether an "if", "when", "for" or "otherwise" stands here. */
export function isConditionWord(r: Reader): boolean {
  const word = wordAt(r);
  return word !== undefined && (conditionWords.has(word) || otherwise.has(word));
}

const parities: Readonly<Record<string, readonly [remainder: number, modulus: number]>> = {
  even: [0, 2],
  odd: [1, 2],
};

/**
 * The condition of a branch: a relation, "n is even", "n odd", "otherwise" (undefined), or words that are only compared as
 * text. Stops at the end of the row, of the group, or at a comma that starts another branch.
 */
export function condition(r: Reader): Node | undefined {
  let word = wordAt(r);
  while (word !== undefined && conditionWords.has(word)) {
    r.at++;
    word = wordAt(r);
  }
  if (word !== undefined && otherwise.has(word)) {
    r.at++;
    return undefined;
  }
  const start = r.at;
  try {
    const first = conditionItem(r);
    const items = [first];
    while ((wordAt(r) === 'and' || isOp(r, ',')) && continuesCondition(r)) {
      r.at++;
      items.push(conditionItem(r));
    }
    if (rowEnds(r) || wordAt(r) === 'and')
      return items.length === 1 ? first : { kind: 'list', join: 'and', items };
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
  }
  r.at = start;
  const words: string[] = [];
  while (!rowEnds(r)) {
    words.push(r.tokens[r.at]!.v.toLowerCase());
    r.at++;
  }
  return { kind: 'text', words };
}

function conditionItem(r: Reader): Node {
  let word = wordAt(r);
  // "for even n"
  if (word !== undefined && Object.hasOwn(parities, word) && r.tokens[r.at + 1]?.type === 'let') {
    r.at++;
    return parity(r.factor(), word);
  }
  const node = r.item();
  word = wordAt(r);
  if (word === 'is' || word === 'be' || word === 'are') {
    r.at++;
    word = wordAt(r);
    if (word === 'an' || word === 'a') {
      r.at++;
      word = wordAt(r);
    }
  }
  if (word !== undefined && Object.hasOwn(parities, word)) {
    r.at++;
    if (wordAt(r) === 'number' || wordAt(r) === 'integer') r.at++;
    return parity(node, word);
  }
  return node;
}

/** "n is even" as n ≡ 0 (mod 2). */
function parity(of: Node, word: string): Node {
  const [remainder, modulus] = parities[word]!;
  return { kind: 'relation', ops: ['cong'], items: [of, int(remainder), int(modulus)] };
}

/** After a comma in a condition: another condition (x>0, y>0), not the value of the next branch. */
function continuesCondition(r: Reader): boolean {
  const next = r.tokens[r.at + 1];
  if (!next || endsRow(next)) return false;
  for (let i = r.at + 1; i < r.tokens.length; i++) {
    const token = r.tokens[i]!;
    if (endsRow(token) || (token.type === 'op' && (token.v === ',' || token.v === ';'))) return true;
    if (
      token.type === 'word' &&
      (conditionWords.has(token.v.toLowerCase()) || otherwise.has(token.v.toLowerCase()))
    )
      return false;
  }
  return true;
}

function endsRow(token: Token): boolean {
  return token.type === 'end' || (token.type === 'op' && token.v === '\\\\');
}

function rowEnds(r: Reader): boolean {
  const token = peek(r);
  if (!token) return true;
  return (
    endsRow(token) ||
    (token.type === 'op' && (token.v === ',' || token.v === ';' || token.v === '.' || token.v === ')'))
  );
}
