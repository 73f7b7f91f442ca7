import type { Found } from './found.ts';

export interface BoxedOptions {
  /** Default 'last': what a solution ends with counts. */
  readonly which?: 'first' | 'last';
  /** Also `\boxed 5`: what follows up to the next blank, comma or `$`. Default false. */
  readonly unbraced?: boolean;
  /** Only the last so many characters are looked at (bnpo reads 500). */
  readonly window?: number;
}

/**
 * The content of `\boxed{…}` (or `\fbox{…}`), by matching braces; `\{` and `\}` do not count. A box that is never closed
 * is none: with 'last', an unclosed last box is not replaced by an earlier one.
 */
export function boxed(text: string, options: BoxedOptions = {}): Found | undefined {
  const { which = 'last', unbraced = false } = options;
  const from = options.window === undefined ? 0 : Math.max(0, text.length - options.window);
  return which === 'last' ? lastBox(text, from, unbraced) : firstBox(text, from, unbraced);
}

function lastBox(text: string, from: number, unbraced: boolean): Found | undefined {
  for (let at = text.lastIndexOf('box'); at >= from; at = text.lastIndexOf('box', at - 1)) {
    const end = commandEnd(text, at, from);
    const open = end < 0 ? -1 : skipBlanks(text, end);
    if (open >= 0 && text[open] === '{') return inBraces(text, open, closingBrace(text, open));
    const bare = unbraced && end >= 0 && !isLetter(text, end) ? bareWord(text, open) : undefined;
    if (bare !== undefined) return bare;
    if (at === 0) return undefined;
  }
  return undefined;
}

function firstBox(text: string, from: number, unbraced: boolean): Found | undefined {
  for (let at = text.indexOf('box', from); at >= 0; at = text.indexOf('box', at + 3)) {
    const end = commandEnd(text, at, from);
    const open = end < 0 ? -1 : skipBlanks(text, end);
    if (open >= 0 && text[open] === '{') {
      const close = closingBrace(text, open);
      return close === undefined ? firstClosed(text, open, from) : inBraces(text, open, close);
    }
    const bare = unbraced && end >= 0 && !isLetter(text, end) ? bareWord(text, open) : undefined;
    if (bare !== undefined) return bare;
  }
  return undefined;
}

/** The first box inside one that is never closed: one pass with a stack, so that `\boxed{\boxed{…` stays linear. */
function firstClosed(text: string, outermost: number, from: number): Found | undefined {
  const opened: number[] = [];
  const boxes = new Set<number>();
  let best: Found | undefined;
  for (let i = outermost; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 92) {
      const end = commandEnd(text, text[i + 1] === 'f' ? i + 2 : i + 1, from);
      const open = end < 0 ? -1 : skipBlanks(text, end);
      if (text[open] === '{') boxes.add(open);
      i++;
    } else if (unit === 123) opened.push(i);
    else if (unit === 125) {
      const open = opened.pop();
      if (open !== undefined && boxes.has(open) && (best === undefined || open < best.start))
        best = inBraces(text, open, i);
    }
  }
  return best;
}

/** Where the command ends whose 'box' stands at `at`, or −1 when it is another word. */
function commandEnd(text: string, at: number, from: number): number {
  if (!text.startsWith('box', at)) return -1;
  if (text[at - 1] === '\\' && at - 1 >= from && text.startsWith('ed', at + 3)) return at + 5;
  return text[at - 1] === 'f' && text[at - 2] === '\\' && at - 2 >= from ? at + 3 : -1;
}

function skipBlanks(text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\n') at++;
  return at;
}

function inBraces(text: string, open: number, close: number | undefined): Found | undefined {
  return close === undefined
    ? undefined
    : { value: text.slice(open + 1, close), start: open + 1, end: close };
}

function isLetter(text: string, at: number): boolean {
  return /[A-Za-z]/.test(text[at] ?? '');
}

function bareWord(text: string, start: number): Found | undefined {
  let end = start;
  while (end < text.length && !' \t\r\n,$'.includes(text[end]!)) end++;
  return end === start ? undefined : { value: text.slice(start, end), start, end };
}

/** The place of the brace that closes the one at `open`, or undefined. */
export function closingBrace(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 92)
      i++; // a backslash: whatever it escapes does not count
    else if (unit === 123) depth++;
    else if (unit === 125 && --depth === 0) return i;
  }
  return undefined;
}
