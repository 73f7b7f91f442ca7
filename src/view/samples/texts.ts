import type { Text } from '../api.ts';

/** Surrogates make code points differ from JavaScript's own offsets; most texts have none. */
const surrogate = /[\ud800-\udfff]/;

/** Turns rising UTF-16 offsets of one text into code points, in one walk. */
export function codePointCounter(text: string): (offset: number) => number {
  if (!surrogate.test(text)) return (offset) => Math.min(offset, text.length);
  let unit = 0;
  let count = 0;
  return (offset) => {
    if (offset < unit) [unit, count] = [0, 0];
    const end = Math.min(offset, text.length);
    while (unit < end) {
      const wide = isPair(text, unit) && unit + 1 < end;
      unit += wide ? 2 : 1;
      count++;
    }
    return count;
  };
}

function isPair(text: string, at: number): boolean {
  const [high, low] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

/** A text of at most `chars` code points, with the length of the whole in code points. */
export function cutText(text: string, chars: number): Text {
  if (!surrogate.test(text))
    return { text: text.slice(0, chars), length: text.length, cut: text.length > chars };
  let unit = 0;
  let count = 0;
  let end = text.length;
  while (unit < text.length) {
    if (count === chars) end = unit;
    unit += isPair(text, unit) ? 2 : 1;
    count++;
  }
  return { text: text.slice(0, end), length: count, cut: count > chars };
}
