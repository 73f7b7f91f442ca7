import type { Found } from './found.ts';
import { lineEnd } from './found.ts';

export interface FencedBlock extends Found {
  /** The first word after the opening fence, in lower case; '' when there is none. */
  readonly language: string;
  /** False: the text ended before the closing fence. */
  readonly complete: boolean;
}

export interface FenceOptions {
  /** Default 'first'. */
  readonly which?: 'first' | 'last';
  /** Only blocks of these languages ('' is a block without one). Default: any. */
  readonly languages?: readonly string[];
  /** Fences may stand inside a line, as in "```json {…}```". Default false: they start their line (CommonMark). */
  readonly inline?: boolean;
  /** Also a block that the end of the text cut off. Default false. */
  readonly incomplete?: boolean;
}

/** The first or last fenced block, as ``` or ~~~ fences make it; its content is without the fence lines. */
export function fencedBlock(text: string, options: FenceOptions = {}): FencedBlock | undefined {
  const blocks = fencedBlocks(text, options);
  return options.which === 'last' ? blocks.at(-1) : blocks[0];
}

/** All fenced blocks in order. A fence inside a block is content, unless it closes it. */
export function fencedBlocks(text: string, options: FenceOptions = {}): FencedBlock[] {
  const { languages, inline = false, incomplete = false } = options;
  const wanted = languages && new Set(languages.map((language) => language.toLowerCase()));
  const all = inline ? inlineBlocks(text) : lineBlocks(text);
  return all.filter((block) => (block.complete || incomplete) && (!wanted || wanted.has(block.language)));
}

const opening = /[ \t]{0,16}(`{3,}|~{3,})[ \t]*([^\s`{]{0,64})([^`\n]*)(?:\n|$)/y;
const closing = /[ \t]{0,16}(`{3,}|~{3,})[ \t]*\r?(?:\n|$)/y;

/** Fences that start their line; the closing one is at least as long as the opening one and alone on its line. */
function lineBlocks(text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { mark: string; language: string; start: number } | undefined;
  for (let at = 0; at < text.length; ) {
    const next = lineEnd(text, at) + 1;
    if (open === undefined) {
      opening.lastIndex = at;
      const match = opening.exec(text);
      if (match)
        open = { mark: match[1]!, language: match[2]!.toLowerCase(), start: Math.min(next, text.length) };
    } else {
      closing.lastIndex = at;
      const mark = closing.exec(text)?.[1];
      if (mark !== undefined && mark[0] === open.mark[0] && mark.length >= open.mark.length) {
        blocks.push(block(text, open.language, open.start, at, true));
        open = undefined;
      }
    }
    at = next;
  }
  if (open !== undefined) blocks.push(block(text, open.language, open.start, text.length, false));
  return blocks;
}

/** Three backticks anywhere, up to the next three; the language is the word right behind the first ones. */
function inlineBlocks(text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const word = /[A-Za-z][\w+#.-]{0,63}/y;
  for (let at = text.indexOf('```'); at >= 0; ) {
    word.lastIndex = at + 3;
    const language = word.exec(text)?.[0] ?? '';
    let start = at + 3 + language.length;
    const close = text.indexOf('```', start);
    const end = close < 0 ? text.length : close;
    while (start < end && ' \t\r\n'.includes(text[start]!)) start++;
    blocks.push(block(text, language.toLowerCase(), start, end, close >= 0));
    if (close < 0) break;
    at = text.indexOf('```', close + 3);
  }
  return blocks;
}

/** Content ends before the line break in front of the closing fence. */
function block(text: string, language: string, start: number, close: number, complete: boolean): FencedBlock {
  let end = Math.max(start, close);
  if (complete && end > start && text[end - 1] === '\n') {
    end--;
    if (end > start && text[end - 1] === '\r') end--;
  }
  return { value: text.slice(start, end), start, end, language, complete };
}
