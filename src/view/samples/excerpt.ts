import { codePointCounter } from './texts.ts';

const wanted = 200;
/** How much stands before the first match. */
const lead = 60;

/** A short piece of a text around its first mark, and the marks in it in code points. An ellipsis stands for what is left out. */
export function excerpt(
  text: string,
  marks: readonly (readonly [number, number])[],
): { text: string; marks: [number, number][] } {
  const first = marks[0]?.[0] ?? 0;
  let start = text.length <= wanted ? 0 : Math.max(0, Math.min(first - lead, text.length - wanted));
  let end = Math.min(text.length, start + wanted);
  if (splitsPair(text, start)) start--;
  if (splitsPair(text, end)) end++;
  const before = start > 0 ? '…' : '';
  const shown = `${before}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  const toPoint = codePointCounter(shown);
  const shift = before.length - start;
  return {
    text: shown,
    marks: marks.flatMap(([from, to]): [number, number][] =>
      from >= start && from < end ? [[toPoint(from + shift), toPoint(Math.min(to, end) + shift)]] : [],
    ),
  };
}

function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
}
