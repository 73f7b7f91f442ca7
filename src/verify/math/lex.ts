import type { Fuel } from '../../core/fuel.ts';
import { hidden, pairs, renamed, signs, skipped, spaces, textCommands } from './commands.ts';
import { type NumberOptions, scanNumber } from './number.ts';
import { type Rational, size } from './rational.ts';
import { functionNames, looksLikeWord, spelledCommands } from './vocabulary.ts';

/**
 * One piece of an answer. `num` carries its exact value; `let` is a one-letter name; `word` a run of letters that is
 * text; `cmd` a LaTeX command without its backslash; `op` a sign; `begin` and `end` an environment.
 */
export interface Token {
  readonly type: 'num' | 'let' | 'word' | 'cmd' | 'op' | 'begin' | 'end';
  readonly v: string;
  /** White space stood before it. */
  readonly space: boolean;
  readonly q?: Rational;
  /** Digits after the decimal point that were written. */
  readonly places?: number;
  /** It stood in \text{…} or a similar command. */
  readonly text?: boolean;
  /** Where it starts in the text that was lexed. */
  readonly at: number;
}

/** Thrown by lexer and reader when a text is not mathematics that they know. Not an Error: it needs no stack. */
export class Unreadable {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

const isDigit = (code: number) => code >= 48 && code <= 57;
const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 160;

/**
 * Cuts a text (already through `toAscii`) into tokens. Styles and sizes vanish; \text{…} is read as words. One operation
 * of fuel a token. Throws Unreadable for what cannot be cut (an unclosed group of a text command), OutOfFuel.
 */
export function lex(text: string, fuel: Fuel): Token[] {
  const tokens: Token[] = [];
  const lone = dollarIsMoney(text);
  const options: NumberOptions = { latex: text.includes('\\'), spacedCommas: /\d, /.test(text) };
  scan(text, 0, text.length, false, tokens, { fuel, lone, depth: 0, braces: 0, options, nested: 0 });
  return tokens;
}

interface State {
  readonly fuel: Fuel;
  /** A bare $ before a digit is a dollar sign. */
  readonly lone: boolean;
  depth: number;
  braces: number;
  readonly options: NumberOptions;
  nested: number;
}

/** An odd number of $ signs, one of them before a digit: money, not a mathematics mark. */
function dollarIsMoney(text: string): boolean {
  let count = 0;
  let before = false;
  for (let i = text.indexOf('$'); i >= 0; i = text.indexOf('$', i + 1)) {
    if (text[i - 1] === '\\') continue;
    count++;
    if (isDigit(text.charCodeAt(i + 1))) before = true;
  }
  return before && count % 2 === 1;
}

function scan(text: string, from: number, to: number, plain: boolean, out: Token[], state: State): void {
  let space = false;
  let i = from;
  const push = (type: Token['type'], v: string, at: number) => {
    state.fuel.burn();
    out.push(plain ? { type, v, space, text: true, at } : { type, v, space, at });
    space = false;
  };
  while (i < to) {
    const code = text.charCodeAt(i);
    if (isSpace(code) || code === 126) {
      space = true;
      i++;
      continue;
    }
    if (
      isDigit(code) ||
      (code === 46 && isDigit(text.charCodeAt(i + 1)) && !(i > from && isDigit(text.charCodeAt(i - 1))))
    ) {
      const found = scanNumber(text, i, to, state.depth > 0, state.braces > 0, state.options);
      state.fuel.burn(1 + ((found.end - i) >> 3) + (size(found.q) >> 5));
      out.push({
        type: 'num',
        v: found.digits,
        space,
        q: found.q,
        places: found.places,
        at: i,
        ...(plain ? { text: true } : undefined),
      });
      space = false;
      i = found.end;
      continue;
    }
    if (isLetter(code)) {
      let end = i + 1;
      while (end < to && isLetter(text.charCodeAt(end))) end++;
      letters(text, i, end, plain, push);
      i = end;
      continue;
    }
    if (code === 92) {
      i = command(text, i, to, plain, out, state, push, () => {
        space = true;
      });
      continue;
    }
    i = sign(text, i, to, code, state, push);
  }
}

function letters(
  text: string,
  from: number,
  end: number,
  plain: boolean,
  push: (type: Token['type'], v: string, at: number) => void,
): void {
  const run = text.slice(from, end);
  if (plain) {
    if (run === 'pi' || run === 'cis') push('cmd', run, from);
    else push('word', run, from);
    return;
  }
  if (run.length === 1) {
    push('let', run, from);
    return;
  }
  if (functionNames.has(run)) {
    push('cmd', run, from);
    return;
  }
  const spelled = spelledCommands.get(run) ?? (run === 'Infinity' ? 'infty' : undefined);
  if (spelled !== undefined) {
    push('cmd', spelled, from);
    return;
  }
  if (looksLikeWord(run)) {
    push('word', run, from);
    return;
  }
  // sinx, lnx, xsqrt: a function name at the start of a run and one letter after it.
  const start = /^(?:sin|cos|tan|ln|log|sqrt|pi)(?=[a-z]$)/.exec(run);
  if (start) {
    push('cmd', start[0], from);
    push('let', run.slice(start[0].length), from + start[0].length);
    return;
  }
  for (let k = from; k < end; k++) push('let', text[k]!, k);
}

/** Where the group that opens at `open` ends (the index of its closing brace), or -1. Linear; escaped braces do not count. */
export function closingBrace(text: string, open: number, to: number): number {
  let depth = 0;
  for (let i = open; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 123) depth++;
    else if (code === 125 && --depth === 0) return i;
  }
  return -1;
}

function command(
  text: string,
  from: number,
  to: number,
  plain: boolean,
  out: Token[],
  state: State,
  push: (type: Token['type'], v: string, at: number) => void,
  sawSpace: () => void,
): number {
  let end = from + 1;
  while (end < to && isLetter(text.charCodeAt(end))) end++;
  if (end === from + 1) {
    const next = text[end] ?? '';
    end++;
    if (next === '{' || next === '}') {
      state.depth += next === '{' ? 1 : -1;
      push('op', `\\${next}`, from);
    } else if (next === '\\') {
      push('op', '\\\\', from);
      if (text[end] === '[') {
        const close = text.indexOf(']', end);
        if (close > 0 && close - end < 8 && /^\[-?[\d.]+\s*[a-z]{2}\]$/.test(text.slice(end, close + 1)))
          end = close + 1;
      }
    } else if (next === '%' || next === '$' || next === '&') push('op', next === '&' ? 'and' : next, from);
    else if (next === '|') push('op', '‖', from);
    else if (next === '_' || next === '#') push('op', `\\${next}`, from);
    else if (next === '!' || next === '(' || next === ')' || next === '[' || next === ']') {
      // \! is a negative space; \( \) \[ \] mark mathematics.
    } else sawSpace();
    return end;
  }
  let name = text.slice(from + 1, end);
  if (name === 'left' || name === 'right') {
    let next = end;
    while (isSpace(text.charCodeAt(next))) next++;
    return text[next] === '.' ? next + 1 : end;
  }
  if (skipped.has(name)) return end;
  if (spaces.has(name)) {
    sawSpace();
    return end;
  }
  if (name === 'textcolor' || name === 'colorbox') name = 'color';
  if (hidden.has(name)) {
    let open = end;
    if (text[open] === '*') open++;
    while (isSpace(text.charCodeAt(open))) open++;
    if (text[open] !== '{') return open;
    const close = closingBrace(text, open, to);
    return close < 0 ? to : close + 1;
  }
  if (textCommands.has(name)) return textGroup(text, name, end, to, out, state, push);
  if (name === 'begin' || name === 'end') return environment(text, name, end, to, push, from);
  if (name === 'mathbb') {
    let open = end;
    while (isSpace(text.charCodeAt(open))) open++;
    const braced = text[open] === '{';
    const letter = text[braced ? open + 1 : open] ?? '';
    push('cmd', `bb${letter}`, from);
    return Math.min(to, braced ? closingBrace(text, open, to) + 1 || to : open + 1);
  }
  const other = Object.hasOwn(renamed, name) ? renamed[name]! : name;
  if (other === 'and' || other === 'or') push('word', other, from);
  else if (signs.has(other)) {
    if (other === '\\{' || other === '[' || other === '⟨') state.depth++;
    else if (other === '\\}' || other === ']' || other === '⟩') state.depth--;
    push('op', other, from);
  } else push('cmd', other, from);
  return plain && text[end] === ' ' ? end : end;
}

function textGroup(
  text: string,
  name: string,
  end: number,
  to: number,
  out: Token[],
  state: State,
  push: (type: Token['type'], v: string, at: number) => void,
): number {
  let open = end;
  if (text[open] === '*') open++;
  while (isSpace(text.charCodeAt(open))) open++;
  if (text[open] !== '{') {
    // \mathrm e, \text x: one token.
    if (open < to && isLetter(text.charCodeAt(open))) {
      push('let', text[open]!, open);
      return open + 1;
    }
    return open;
  }
  const close = closingBrace(text, open, to);
  if (close < 0) throw new Unreadable('an unclosed group');
  const inside = text.slice(open + 1, close).trim();
  if (name === 'mathrm' || name === 'operatorname') {
    if (functionNames.has(inside)) {
      push('cmd', inside, open);
      return close + 1;
    }
    if (inside === 'e' || inside === 'i' || inside === 'd') {
      push('let', inside, open);
      return close + 1;
    }
  }
  if (++state.nested > 20) throw new Unreadable('text commands nested too deep');
  const before = out.length;
  const depth = state.depth;
  const roman = name === 'mathrm' || name === 'operatorname';
  scan(text, open + 1, close, true, out, state);
  // Text is a word of its own: it never sticks to what stands before it. Roman letters may: \mathrm{d}x.
  if (out.length > before && !roman) out[before] = { ...out[before]!, space: true };
  state.depth = depth;
  state.nested--;
  return close + 1;
}

function environment(
  text: string,
  name: 'begin' | 'end',
  end: number,
  to: number,
  push: (type: Token['type'], v: string, at: number) => void,
  at: number,
): number {
  if (text[end] !== '{') throw new Unreadable('an environment without a name');
  const close = closingBrace(text, end, to);
  if (close < 0 || close - end > 24) throw new Unreadable('an environment without an end');
  const kind = text.slice(end + 1, close);
  push(name, kind, at);
  let next = close + 1;
  if (name === 'begin' && (kind === 'array' || kind === 'tabular') && text[next] === '{') {
    const columns = closingBrace(text, next, to);
    next = columns < 0 ? to : columns + 1;
  }
  return next;
}

function sign(
  text: string,
  at: number,
  to: number,
  code: number,
  state: State,
  push: (type: Token['type'], v: string, at: number) => void,
): number {
  const character = text[at]!;
  if (code === 36) {
    if (state.lone && isDigit(text.charCodeAt(at + 1))) push('op', '$', at);
    return at + 1;
  }
  if (code === 34 || code === 96) return at + 1;
  if (code === 46 && text.startsWith('..', at + 1)) {
    push('cmd', 'ldots', at);
    let end = at + 3;
    while (text[end] === '.') end++;
    return end;
  }
  if (text.startsWith('+/-', at)) {
    push('cmd', 'pm', at);
    return at + 3;
  }
  const pair = at + 1 < to ? text.slice(at, at + 2) : '';
  if (pair.length === 2 && Object.hasOwn(pairs, pair)) {
    const meaning = pairs[pair]!;
    if (meaning === 'to' || meaning === 'pm') push('cmd', meaning, at);
    else push('op', meaning, at);
    return at + 2;
  }
  if (text.startsWith('{,}', at)) {
    push('op', ',', at);
    return at + 3;
  }
  if (character === '(' || character === '[') state.depth++;
  else if (character === ')' || character === ']') state.depth--;
  else if (character === '{') state.braces++;
  else if (character === '}') state.braces--;
  if (code > 126) {
    const point = text.codePointAt(at)!;
    const whole = String.fromCodePoint(point);
    if (/\p{L}/u.test(whole)) {
      let end = at + whole.length;
      while (end < to && /\p{L}/u.test(text[end]!)) end++;
      push(end - at > whole.length ? 'word' : 'let', text.slice(at, end), at);
      return end;
    }
    push('op', whole, at);
    return at + whole.length;
  }
  push('op', character, at);
  return at + 1;
}
