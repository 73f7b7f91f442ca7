/**
 * Something read from a text, and where it stood: UTF-16 code units, end exclusive. Parsers give `undefined` when it is
 * not there; they never throw, and take time linear in the text.
 */
export interface Found<T = string> {
  readonly value: T;
  readonly start: number;
  readonly end: number;
}

/** The text between two places, without the blanks around it. */
export function trimmed(text: string, start: number, end: number): Found {
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return { value: text.slice(start, end), start, end };
}

/** White space as `String.prototype.trim` sees it. */
export function isBlank(unit: number): boolean {
  return (
    unit === 32 ||
    (unit >= 9 && unit <= 13) ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000 ||
    unit === 0xfeff
  );
}

/** Whether all between two places is white space. */
export function blankBetween(text: string, start: number, end: number): boolean {
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  return start >= end;
}

/** Where the line that holds `at` ends: its line break, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found;
}
