import { fencedBlocks } from './fences.ts';
import { type Found, trimmed } from './found.ts';
import { tagBlock } from './tags.ts';

export const jsonPlaces = ['whole', 'fence', 'tag', 'any'] as const;
export type JsonPlace = (typeof jsonPlaces)[number];

export interface JsonOptions {
  /** `any`: the whole text, else a fenced block, else the first or last balanced value in braces or brackets. */
  readonly from?: JsonPlace;
  readonly tag?: string;
  readonly which?: 'first' | 'last';
  /** Deepest nesting; deeper is `problem`. Default 64. */
  readonly depth?: number;
}

/** A JSON value with its place, or why there is none. */
export type JsonFound = (Found<unknown> & { readonly problem?: undefined }) | { readonly problem: string };

/**
 * The JSON value in a text. Nothing is repaired: what is not JSON is not found. Nesting is bounded before parsing, so that
 * whoever walks the value may recurse. One pass over the text for each place tried.
 */
export function jsonIn(text: string, options: JsonOptions = {}): JsonFound {
  const { from = 'any', tag = 'answer', which = 'last', depth = 64 } = options;
  const whole = trimmed(text, 0, text.length);
  if (from === 'whole') return parse(text, whole, depth);
  if (from === 'tag') {
    const block = tagBlock(text, tag, { which });
    return block ? parse(text, block, depth) : { problem: `there is no <${tag}> block` };
  }
  const fences = fencedBlocks(text);
  const fence = which === 'last' ? fences[fences.length - 1] : fences[0];
  if (from === 'fence') return fence ? parse(text, fence, depth) : { problem: 'there is no fenced block' };
  const asWhole = parse(text, whole, depth);
  if (asWhole.problem === undefined) return asWhole;
  if (fence) {
    const inFence = parse(text, fence, depth);
    if (inFence.problem === undefined) return inFence;
  }
  const spans = balancedSpans(text);
  const span = which === 'last' ? spans[spans.length - 1] : spans[0];
  return span ? parse(text, span, depth) : { problem: asWhole.problem };
}

function parse(text: string, at: { readonly start: number; readonly end: number }, depth: number): JsonFound {
  const { value, start, end } = trimmed(text, at.start, at.end);
  if (value === '') return { problem: 'there is no JSON' };
  if (deeper(value, depth)) return { problem: `JSON nested over ${depth} deep` };
  try {
    return { value: JSON.parse(value) as unknown, start, end };
  } catch {
    return { problem: 'it is not JSON' };
  }
}

/** Do brackets outside strings nest deeper than the limit? */
function deeper(text: string, limit: number): boolean {
  let level = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (quoted) {
      if (unit === 92) i++;
      else if (unit === 34) quoted = false;
    } else if (unit === 34) quoted = true;
    else if (unit === 123 || unit === 91) {
      level++;
      if (level > limit) return true;
    } else if (unit === 125 || unit === 93) level--;
  }
  return false;
}

/**
 * The widest runs from an opening brace or bracket to the one that closes it, strings skipped. A quote outside every brace
 * is prose and opens no string; a bracket that is never closed holds nothing.
 */
function balancedSpans(text: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  const open: { close: number; at: number }[] = [];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (quoted) {
      if (unit === 92) i++;
      else if (unit === 34) quoted = false;
    } else if (unit === 34) quoted = open.length > 0;
    else if (unit === 123 || unit === 91) open.push({ close: unit + 2, at: i });
    else if (unit === 125 || unit === 93) {
      const top = open[open.length - 1];
      if (top?.close !== unit) open.length = 0;
      else {
        open.pop();
        while (spans.length > 0 && spans[spans.length - 1]!.start > top.at) spans.pop();
        spans.push({ start: top.at, end: i + 1 });
      }
    }
  }
  return spans;
}
