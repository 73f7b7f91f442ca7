import { type Found, isBlank, lineEnd, trimmed } from './found.ts';

export interface MarkedLineOptions {
  /** What the line starts with, as in `A:` or `####`. Several: the last or first of any of them. */
  readonly markers: readonly string[];
  /** Default 'last'. */
  readonly which?: 'first' | 'last';
  /** Letters of a marker in either case. Default false. */
  readonly ignoreCase?: boolean;
}

/**
 * The rest of the line that starts with a marker, without the blanks around it. Emphasis, list and quote marks may stand
 * before the marker (`**A:** 18`). When nothing follows on that line, the next line that is not blank is it.
 */
export function markedLine(text: string, options: MarkedLineOptions): Found | undefined {
  const { which = 'last', ignoreCase = false } = options;
  const fold = (word: string) => (ignoreCase ? word.toLowerCase() : word);
  const markers = options.markers.map(fold);
  const longest = Math.max(0, ...markers.map((marker) => marker.length));
  const match = (lineStart: number): number => {
    let end = lineStart; // of the marks before the words; `#` may be a heading or the marker itself
    while (end < text.length && end - lineStart < 64 && isMark(text, end)) end++;
    for (let at = lineStart; at <= end; at++) {
      const head = fold(text.slice(at, at + longest));
      for (const marker of markers) if (head.startsWith(marker)) return at + marker.length;
    }
    return -1;
  };
  if (which === 'first') {
    for (let line = 0; line <= text.length; line = lineEnd(text, line) + 1) {
      const from = match(line);
      if (from >= 0) return restOfLine(text, from);
    }
    return undefined;
  }
  for (let end = text.length; end >= 0; ) {
    const line = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    const from = match(line);
    if (from >= 0) return restOfLine(text, from);
    end = line - 1;
  }
  return undefined;
}

const decoration = '*_#>`-•|';

function isMark(text: string, at: number): boolean {
  return text[at] !== '\n' && (isBlank(text.charCodeAt(at)) || decoration.includes(text[at]!));
}

function restOfLine(text: string, from: number): Found {
  const line = lineEnd(text, from);
  const closing = /^[*_`]{1,3}(?=\s|$)/.exec(text.slice(from, Math.min(line, from + 4)));
  const rest = trimmed(text, from + (closing?.[0].length ?? 0), line);
  if (rest.value !== '') return rest;
  let next = line;
  while (next < text.length && isBlank(text.charCodeAt(next))) next++;
  return next < text.length ? trimmed(text, next, lineEnd(text, next)) : rest;
}
