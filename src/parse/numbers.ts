import type { Found } from './found.ts';

/**
 * Numbers in text. Values are canonical decimal strings, exact at any length: no leading or trailing zeros, no `+`, no
 * `-0` (`1,200.50` → `1200.5`); fractions that do not end are `n/d` in lowest terms. Equal strings are equal numbers.
 */

/** Every number of a text in order, at most `limit`. Thousands separators belong to a number; so does a minus sign. */
export function numbersIn(text: string, start = 0, end = text.length, limit = 1000): Found[] {
  const found: Found[] = [];
  for (let at = start; found.length < limit; ) {
    const next = nextNumber(text, at, end);
    if (next === undefined) break;
    found.push(next);
    at = next.end;
  }
  return found;
}

/** The first number at or after `from`. */
export function nextNumber(text: string, from = 0, end = text.length): Found | undefined {
  for (let i = from; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (
      isDigit(unit) ||
      (unit === 46 && i + 1 < end && isDigit(text.charCodeAt(i + 1)) && !isDigit(text.charCodeAt(i - 1)))
    )
      return numberAt(text, i, from, end);
  }
  return undefined;
}

/** The last number of a text. */
export function lastNumber(text: string, start = 0, end = text.length): Found | undefined {
  // Back to the last digit, then back over all that can belong to its number, and from there forward.
  let at = end - 1;
  while (at >= start && !isDigit(text.charCodeAt(at))) at--;
  if (at < start) return undefined;
  let back = at;
  while (back > start && partOfNumber.has(text.charCodeAt(back - 1))) back--;
  let last: Found | undefined;
  for (let next = nextNumber(text, back, end); next !== undefined; next = nextNumber(text, next.end, end))
    last = next;
  return last;
}

/** Digits, separators, points, signs, exponents and currency marks. */
const partOfNumber = new Set(
  [..."0123456789.,_'eE+-−{}\\!$€£¥ \u00a0\u2009\u202f"].map((c) => c.charCodeAt(0)),
);

/**
 * Is the whole text, blanks aside, one number literal, and which: `-3.50` → `-3.5`. Empty is not 0; `1/2` and `1,000` are
 * not literals.
 */
export function numberIn(text: string): string | undefined {
  const literal = text.trim();
  if (literal.length > maxDigits || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(literal))
    return undefined;
  const [mantissa, exponent] = literal.toLowerCase().split('e') as [string, string?];
  const unsigned = mantissa.replace(/^[+-]/, '');
  const [whole, fraction = ''] = unsigned.split('.') as [string, string?];
  return canonical(mantissa.startsWith('-'), whole, fraction, Number(exponent ?? 0));
}

const maxDigits = 10_000;

/** The number whose first digit or point is at `at`; its sign may stand before, but not before `from`. */
function numberAt(text: string, at: number, from: number, end: number): Found {
  let i = at;
  let whole = '';
  const digits = (): string => {
    const start = i;
    while (i < end && isDigit(text.charCodeAt(i))) i++;
    return text.slice(start, i);
  };
  if (text.charCodeAt(i) !== 46) {
    whole = digits();
    if (whole.length <= 3)
      for (let skip = separator(text, i, end); skip > 0; skip = separator(text, i, end)) {
        whole += text.slice(i + skip, i + skip + 3);
        i += skip + 3;
      }
  }
  let fraction = '';
  if (text.charCodeAt(i) === 46 && i + 1 < end && isDigit(text.charCodeAt(i + 1))) {
    i++;
    fraction = digits();
  }
  let exponent = 0;
  if (i < end && (text[i] === 'e' || text[i] === 'E')) {
    const match = /^[eE][+-]?\d{1,3}(?![\w.])/.exec(text.slice(i, Math.min(end, i + 7)));
    if (match) {
      exponent = Number(match[0].slice(1));
      i += match[0].length;
    }
  }
  const sign = signBefore(text, at, from);
  return { value: canonical(sign >= 0, whole, fraction, exponent), start: sign >= 0 ? sign : at, end: i };
}

/** Where the minus sign of the number at `at` stands, or −1. Currency may stand between: `-$5`. A hyphen is none: `7-5`. */
function signBefore(text: string, at: number, from: number): number {
  let i = at - 1;
  while (i >= from && (currency.includes(text[i]!) || text[i] === '\\')) i--;
  if (i < from || (text[i] !== '-' && text[i] !== '−')) return -1;
  const before = i > 0 ? text[i - 1]! : ' ';
  return /[\p{L}\p{N})\]}%.-]/u.test(before) ? -1 : i;
}

export const currency = '$€£¥₹';

/** The length of the thousands separator at `at` when exactly three digits follow it, else 0. */
function separator(text: string, at: number, end: number): number {
  const unit = text.charCodeAt(at);
  let length = 0;
  if (unit === 44) length = text.startsWith('\\!', at + 1) ? 3 : 1;
  else if (unit === 39 || unit === 95 || unit === 0xa0 || unit === 0x2009 || unit === 0x202f) length = 1;
  else if (unit === 123 && text.startsWith('{,}', at)) length = 3;
  else if (unit === 92 && (text[at + 1] === ',' || text[at + 1] === '!')) length = 2;
  if (length === 0 || at + length + 3 > end) return 0;
  for (let i = at + length; i < at + length + 3; i++) if (!isDigit(text.charCodeAt(i))) return 0;
  return isDigit(text.charCodeAt(at + length + 3)) ? 0 : length;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** The canonical string of ±whole.fraction · 10^exponent. */
export function canonical(negative: boolean, whole: string, fraction: string, exponent = 0): string {
  if (exponent > 0) {
    const padded = fraction.padEnd(exponent, '0');
    whole += padded.slice(0, exponent);
    fraction = padded.slice(exponent);
  } else if (exponent < 0) {
    const padded = whole.padStart(-exponent, '0');
    fraction = padded.slice(padded.length + exponent) + fraction;
    whole = padded.slice(0, padded.length + exponent);
  }
  let first = 0;
  while (first < whole.length && whole.charCodeAt(first) === 48) first++;
  let last = fraction.length;
  while (last > 0 && fraction.charCodeAt(last - 1) === 48) last--;
  const digits = first === whole.length ? '0' : whole.slice(first);
  const value = last === 0 ? digits : `${digits}.${fraction.slice(0, last)}`;
  return negative && value !== '0' ? `-${value}` : value;
}

/** The canonical string of a quotient of two canonical decimals; undefined for 0 below or numbers over 60 digits. */
export function quotient(above: string, below: string): string | undefined {
  if (above.length > 60 || below.length > 60 || above.includes('/') || below.includes('/')) return undefined;
  const places = (value: string) => (value.includes('.') ? value.length - value.indexOf('.') - 1 : 0);
  const scale = Math.max(places(above), places(below));
  const integer = (value: string) => BigInt(value.replace('.', '') + '0'.repeat(scale - places(value)));
  let n = integer(above);
  let d = integer(below);
  if (d === 0n) return undefined;
  if (d < 0n) [n, d] = [-n, -d];
  const common = gcd(n < 0n ? -n : n, d);
  n /= common;
  d /= common;
  let rest = d;
  let twos = 0;
  let fives = 0;
  for (; rest % 2n === 0n; twos++) rest /= 2n;
  for (; rest % 5n === 0n; fives++) rest /= 5n;
  if (rest !== 1n) return `${n}/${d}`;
  const decimals = Math.max(twos, fives);
  const scaled = (n < 0n ? -n : n) * 2n ** BigInt(decimals - twos) * 5n ** BigInt(decimals - fives);
  return canonical(n < 0n, String(scaled), '', -decimals);
}

export function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The nearest double to a canonical value. */
export function toNumber(value: string): number {
  const slash = value.indexOf('/');
  return slash < 0 ? Number(value) : Number(value.slice(0, slash)) / Number(value.slice(slash + 1));
}
