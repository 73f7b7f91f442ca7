import { type Found, trimmed } from './found.ts';

export interface TagBlockOptions {
  /** Default 'first'. */
  readonly which?: 'first' | 'last';
  /** False: a block that spans lines is none (cls-rl, time-r1). Default true. */
  readonly multiline?: boolean;
  /** 'whole': without the block, the whole text is its content. Default 'none'. */
  readonly missing?: 'whole' | 'none';
  /** The opening tag stood in the prompt: the text starts inside the block. Default false. */
  readonly prefilled?: boolean;
  /** Without the blanks around the content. Default false. */
  readonly trim?: boolean;
}

/**
 * The content of one `<tag>…</tag>`. 'first' is the first opening tag and the first closing one after it; 'last' is the
 * last closing tag and the last opening one before it. Tags are compared letter for letter.
 */
export function tagBlock(text: string, tag: string, options: TagBlockOptions = {}): Found | undefined {
  const { which = 'first', multiline = true, missing = 'none', prefilled = false, trim = false } = options;
  const span =
    which === 'first'
      ? firstBlock(text, tag, multiline, prefilled)
      : lastBlock(text, tag, multiline, prefilled);
  const [start, end] = span ?? (missing === 'whole' ? [0, text.length] : [-1, -1]);
  if (start < 0) return undefined;
  return trim ? trimmed(text, start, end) : { value: text.slice(start, end), start, end };
}

type Place = readonly [start: number, end: number];

function firstBlock(text: string, tag: string, multiline: boolean, prefilled: boolean): Place | undefined {
  const [opening, closing] = [`<${tag}>`, `</${tag}>`];
  let from = prefilled ? 0 : after(text.indexOf(opening), opening);
  let end = -1;
  while (from >= 0) {
    if (end < from) end = text.indexOf(closing, from); // not looked for again while it is still ahead
    if (end < 0) return undefined;
    const lineBreak = multiline ? -1 : text.indexOf('\n', from);
    if (lineBreak < 0 || lineBreak > end) return [from, end];
    // the next opening tag after the line break that spoilt this one
    from = after(text.indexOf(opening, lineBreak), opening);
  }
  return undefined;
}

function lastBlock(text: string, tag: string, multiline: boolean, prefilled: boolean): Place | undefined {
  const [opening, closing] = [`<${tag}>`, `</${tag}>`];
  let end = text.lastIndexOf(closing);
  while (end >= 0) {
    const open = end === 0 ? -1 : text.lastIndexOf(opening, end - 1);
    const start = open >= 0 ? open + opening.length : prefilled ? 0 : -1;
    if (start < 0) return undefined;
    if (start <= end && (multiline || !text.slice(start, end).includes('\n'))) return [start, end];
    if (open < 0) return undefined;
    end = open === 0 ? -1 : text.lastIndexOf(closing, open - 1);
  }
  return undefined;
}

function after(at: number, found: string): number {
  return at < 0 ? -1 : at + found.length;
}

/** One opening or closing tag, where it stands. */
export interface Tag {
  readonly name: string;
  readonly kind: 'open' | 'close';
  readonly start: number;
  readonly end: number;
}

/** A block from its opening to its closing tag. `start` and `end` include the tags; the content does not. */
export interface TagBlock {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  /** 0 is outermost. */
  readonly depth: number;
}

export interface TagError {
  readonly kind: 'unclosed' | 'unopened' | 'crossed';
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface TagSequence {
  /** All tags in the order of the text. */
  readonly tags: readonly Tag[];
  /** Balanced blocks, by where they start. */
  readonly blocks: readonly TagBlock[];
  readonly errors: readonly TagError[];
}

/**
 * All tags of a text in order, the blocks that they make and where they do not balance. `names` limits it to these tags;
 * without it every `<word>` and `</word>` is one (letters, digits, `_` and `-`, at most 64). State machines over tagged
 * formats read this.
 */
export function tagSequence(text: string, names?: readonly string[]): TagSequence {
  const tags = scanTags(text, names);
  const blocks: TagBlock[] = [];
  const errors: TagError[] = [];
  const open: Tag[] = [];
  const openByName = new Map<string, number>();
  for (const tag of tags) {
    if (tag.kind === 'open') {
      open.push(tag);
      openByName.set(tag.name, (openByName.get(tag.name) ?? 0) + 1);
      continue;
    }
    if (!openByName.get(tag.name)) {
      errors.push({ kind: 'unopened', name: tag.name, start: tag.start, end: tag.end });
      continue;
    }
    for (;;) {
      const opening = open.pop()!;
      openByName.set(opening.name, openByName.get(opening.name)! - 1);
      if (opening.name === tag.name) {
        blocks.push({
          name: tag.name,
          start: opening.start,
          end: tag.end,
          contentStart: opening.end,
          contentEnd: tag.start,
          depth: open.length,
        });
        break;
      }
      // opened inside, and not closed before its surrounding block was
      errors.push({ kind: 'crossed', name: opening.name, start: opening.start, end: opening.end });
    }
  }
  for (const tag of open) errors.push({ kind: 'unclosed', name: tag.name, start: tag.start, end: tag.end });
  blocks.sort((a, b) => a.start - b.start);
  return { tags, blocks, errors };
}

const anyTag = /<\/?([A-Za-z][\w-]{0,63})>/y;

/** All tags of a text in order, opening and closing ones alike. */
export function scanTags(text: string, names?: readonly string[]): Tag[] {
  const known = names && new Set(names);
  const longest = names ? Math.max(0, ...names.map((name) => name.length)) : 64;
  const tags: Tag[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const kind = text[at + 1] === '/' ? 'close' : 'open';
    const nameStart = at + (kind === 'close' ? 2 : 1);
    if (known) {
      const close = text.slice(nameStart, nameStart + longest + 1).indexOf('>');
      const name = close < 0 ? undefined : text.slice(nameStart, nameStart + close);
      if (name !== undefined && known.has(name))
        tags.push({ name, kind, start: at, end: nameStart + close + 1 });
    } else {
      anyTag.lastIndex = at;
      const match = anyTag.exec(text);
      if (match) tags.push({ name: match[1]!, kind, start: at, end: at + match[0].length });
    }
  }
  return tags;
}
