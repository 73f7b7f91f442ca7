import { blankBetween, type Found, isBlank } from './found.ts';
import { scanTags, type Tag } from './tags.ts';

/** What may stand at a place outside the blocks: nothing, white space, or anything. */
export type Gap = 'none' | 'space' | 'any';

export interface TagLayout {
  /** The blocks in their order. */
  readonly tags: readonly string[];
  readonly before?: Gap;
  readonly between?: Gap;
  readonly after?: Gap;
  /** Each tag exactly once in the whole text; 'open': only the opening ones are counted. Default true. */
  readonly once?: boolean | 'open';
  /** A block's content may hold tags of the layout, as a regular expression with `.*?` lets it. Default false. */
  readonly nested?: boolean;
  /** A block may be empty or blank. Default true. */
  readonly empty?: boolean;
  /** The first opening tag stood in the prompt. Default false. */
  readonly prefilled?: boolean;
}

export type LayoutMatch =
  | { readonly blocks: readonly Found[]; readonly problem?: undefined }
  | { readonly blocks?: undefined; readonly problem: string };

/**
 * Does a text consist of these blocks in this order? Gives the contents, or what is wrong in one line. Linear time: no
 * regular expression that could backtrack.
 */
export function tagLayout(text: string, layout: TagLayout): LayoutMatch {
  const { tags, once = true, nested = false, empty = true, prefilled = false } = layout;
  const scanned = scanTags(text, tags);
  const miscounted = once === false ? undefined : miscount(scanned, tags, prefilled, once === 'open');
  if (miscounted !== undefined) return { problem: miscounted };
  const contents = nested ? matchAround(text, layout) : matchExactly(text, scanned, layout);
  if (contents === undefined) return { problem: diagnose(text, scanned, layout) };
  const blocks = contents.map(([start, end]) => ({ value: text.slice(start, end), start, end }));
  const blank = empty ? -1 : blocks.findIndex(({ start, end }) => blankBetween(text, start, end));
  return blank >= 0 ? { problem: `<${tags[blank]}> is empty` } : { blocks };
}

type Place = readonly [start: number, end: number];

/** The problem with how often tags occur, if there is one. */
function miscount(
  scanned: readonly Tag[],
  tags: readonly string[],
  prefilled: boolean,
  openOnly: boolean,
): string | undefined {
  for (const [i, name] of tags.entries())
    for (const kind of openOnly ? (['open'] as const) : (['open', 'close'] as const)) {
      const expected = prefilled && i === 0 && kind === 'open' ? 0 : 1;
      const n = scanned.filter((tag) => tag.name === name && tag.kind === kind).length;
      if (n !== expected) return counted(`<${kind === 'open' ? '' : '/'}${name}>`, n, expected);
    }
  return undefined;
}

function counted(tag: string, n: number, expected: number): string {
  if (expected === 0) return `${tag} stood in the prompt and is said again`;
  return n === 0 ? `${tag} is missing` : `${tag} occurs ${n} times`;
}

/** Contents without tags of the layout: the blocks are runs of neighbouring tags. */
function matchExactly(text: string, scanned: readonly Tag[], layout: TagLayout): Place[] | undefined {
  const { tags, before = 'none', between = 'space', after = 'none', prefilled = false } = layout;
  const opens: readonly Tag[] = prefilled
    ? [{ name: tags[0]!, kind: 'open', start: 0, end: 0 }, ...scanned]
    : scanned;
  const isBlock = (k: number, name: string): boolean =>
    opens[k]?.name === name &&
    opens[k]!.kind === 'open' &&
    opens[k + 1]?.name === name &&
    opens[k + 1]!.kind === 'close';
  const finishes = (k: number): boolean => fits(text, opens[k + 1]!.end, text.length, after);
  /** The blocks from the one at tag k on, or undefined. */
  const from = (k: number): Place[] | undefined => {
    const places: Place[] = [];
    for (const [i, name] of tags.entries()) {
      const last = i === tags.length - 1;
      if (i > 0) {
        const end = opens[k + 1]!.end;
        k += 2;
        if (between === 'any') while (k < opens.length && !(isBlock(k, name) && (!last || finishes(k)))) k++;
        else if (k < opens.length && !fits(text, end, opens[k]!.start, between)) return undefined;
      }
      if (!isBlock(k, name) || (last && !finishes(k))) return undefined;
      places.push([opens[k]!.end, opens[k + 1]!.start]);
    }
    return places;
  };
  // Unless anything may stand before it, the first block starts with the first tag.
  const tries = prefilled || before !== 'any' ? 1 : opens.length;
  if (opens.length === 0 || (!prefilled && !fits(text, 0, opens[0]!.start, before))) return undefined;
  for (let k = 0; k < tries; k++) {
    if (!isBlock(k, tags[0]!)) continue;
    const places = from(k);
    // When anything may stand between blocks, a later first block only leaves less room for the rest.
    if (places !== undefined || between === 'any') return places;
  }
  return undefined;
}

/** Contents may hold anything: the earliest place where one block can end and the next begin is always good enough. */
function matchAround(text: string, layout: TagLayout): Place[] | undefined {
  const { tags, before = 'none', between = 'space', after = 'none', prefilled = false } = layout;
  const opening = (i: number) => `<${tags[i]}>`;
  const closing = (i: number) => `</${tags[i]}>`;
  let at = prefilled ? 0 : placeOf(text, opening(0), 0, before);
  if (at < 0) return undefined;
  if (!prefilled) at += opening(0).length;
  const places: Place[] = [];
  for (let i = 0; i + 1 < tags.length; i++) {
    let next = -1;
    let end = text.indexOf(closing(i), at);
    for (; end >= 0; end = text.indexOf(closing(i), end + 1)) {
      next = placeOf(text, opening(i + 1), end + closing(i).length, between);
      if (next >= 0 || between === 'any') break;
    }
    if (end < 0 || next < 0) return undefined;
    places.push([at, end]);
    at = next + opening(i + 1).length;
  }
  const last = closing(tags.length - 1);
  const end = after === 'any' ? text.indexOf(last, at) : text.lastIndexOf(last);
  if (end < at || !fits(text, end + last.length, text.length, after)) return undefined;
  places.push([at, end]);
  return places;
}

/** Where `tag` stands at or after `from`, with only the gap in between; −1 when it does not. */
function placeOf(text: string, tag: string, from: number, gap: Gap): number {
  if (gap === 'any') return text.indexOf(tag, from);
  let at = from;
  if (gap === 'space') while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return text.startsWith(tag, at) ? at : -1;
}

function fits(text: string, start: number, end: number, gap: Gap): boolean {
  return gap === 'any' || (gap === 'none' ? start >= end : blankBetween(text, start, end));
}

/** One line for a person: the first thing that is wrong. */
function diagnose(text: string, scanned: readonly Tag[], layout: TagLayout): string {
  const { tags, before = 'none', between = 'space', after = 'none', prefilled = false } = layout;
  const has = (name: string, kind: Tag['kind']) =>
    scanned.some((tag) => tag.name === name && tag.kind === kind);
  for (const [i, name] of tags.entries()) {
    if (!(prefilled && i === 0) && !has(name, 'open')) return `<${name}> is missing`;
    if (!has(name, 'close')) return `</${name}> is missing`;
  }
  const [first, final] = [tags[0]!, tags.at(-1)!];
  const begin = scanned.find((tag) => tag.name === first && tag.kind === 'open');
  const finish = scanned.findLast((tag) => tag.name === final && tag.kind === 'close')!;
  if (!prefilled && begin && !fits(text, 0, begin.start, before)) return `text stands before <${first}>`;
  if (!fits(text, finish.end, text.length, after)) return `text stands after </${final}>`;
  const inOrder = scanned.filter((tag) => tag !== begin || !prefilled);
  const expected = tags.flatMap((name) => [`<${name}>`, `</${name}>`]).slice(prefilled ? 1 : 0);
  const said = inOrder.map(({ name, kind }) => (kind === 'open' ? `<${name}>` : `</${name}>`));
  if (said.length === expected.length && said.every((tag, i) => tag === expected[i]))
    return between === 'none' ? 'something stands between two blocks' : 'text stands between two blocks';
  return `the tags are not in the order ${expected.join('')}`;
}
