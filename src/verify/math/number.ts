import { decimalFraction, type Rational, ratio } from './rational.ts';

export interface NumberOptions {
  /** The text uses LaTeX commands, so that spaces between digits inside braces mean nothing. */
  readonly latex: boolean;
  /** Commas are followed by spaces somewhere, so that a comma without one groups digits. */
  readonly spacedCommas: boolean;
}

export interface ScannedNumber {
  readonly q: Rational;
  /** The digits before the point, or all of them for an integer, as written without separators. */
  readonly digits: string;
  /** How many decimals were written; undefined for an integer and for a recurring decimal. */
  readonly places?: number;
  readonly end: number;
}

const isDigit = (code: number) => code >= 48 && code <= 57;

function digitsEnd(text: string, from: number, to: number): number {
  while (from < to && isDigit(text.charCodeAt(from))) from++;
  return from;
}

/**
 * Reads the number that starts at `from`: digits with separators (1,000 1{,}000 1\,000 1 000), a decimal part, a
 * recurring part (bar, dots, brackets, trailing dots) and a decimal exponent (3.2e5). Linear in its length.
 */
export function scanNumber(
  text: string,
  from: number,
  to: number,
  inBrackets: boolean,
  inBraces: boolean,
  options: NumberOptions,
): ScannedNumber {
  let end = digitsEnd(text, from, to);
  let digits = text.slice(from, end);
  if (digits.length <= 3 && digits.length > 0) {
    const grouped = groups(text, end, to, inBrackets, digits, options);
    if (grouped) {
      digits += grouped.digits;
      end = grouped.end;
    }
  }
  if (inBraces && options.latex)
    for (;;) {
      let next = end;
      while (text.charCodeAt(next) === 32) next++;
      if (next === end || !isDigit(text.charCodeAt(next))) break;
      const stop = digitsEnd(text, next, to);
      digits += text.slice(next, stop);
      end = stop;
    }
  let decimals = '';
  let recurring = '';
  let places: number | undefined;
  if (text.charCodeAt(end) === 46 && end < to) {
    const start = end + 1;
    const stop = digitsEnd(text, start, to);
    const repeat = recurringPart(text, stop, to);
    if (repeat) {
      decimals = text.slice(start, stop) + repeat.before;
      recurring = repeat.digits;
      end = repeat.end;
    } else if (stop > start) {
      decimals = text.slice(start, stop);
      const dots = trailingDots(text, stop, to);
      const period = dots > stop ? shortestPeriod(decimals) : 0;
      if (period > 0) {
        recurring = decimals.slice(decimals.length - period);
        end = dots;
      } else {
        places = decimals.length;
        end = stop;
      }
    } else if (!isDigit(text.charCodeAt(start)) && text[start] !== '.') {
      end = start; // "5." at the end of a sentence
      places = digits === '' ? undefined : 0;
    }
  }
  let q = decimal(digits, decimals, recurring);
  const scale = exponent(text, end, to);
  if (scale && digits !== '') {
    const ten = 10n ** BigInt(Math.abs(scale.value));
    q = scale.value < 0 ? ratio(q.n, q.d * ten) : ratio(q.n * ten, q.d);
    end = scale.end;
  }
  return places === undefined ? { q, digits, end } : { q, digits, places, end };
}

/** The exact value of digits.decimals(recurring). */
function decimal(digits: string, decimals: string, recurring: string): Rational {
  if (decimals === '' && recurring === '') return { n: BigInt(digits === '' ? '0' : digits), d: 1n };
  const whole = BigInt(`${digits}${decimals}` || '0');
  if (recurring === '') return decimalFraction(whole, decimals.length);
  const shift = 10n ** BigInt(decimals.length);
  const nines = 10n ** BigInt(recurring.length) - 1n;
  return ratio(whole * nines + BigInt(recurring), shift * nines);
}

/** Groups of three digits after `end`, if all separators there are of that kind. */
function groups(
  text: string,
  end: number,
  to: number,
  inBrackets: boolean,
  first: string,
  options: NumberOptions,
): { digits: string; end: number } | undefined {
  if (first.length > 1 && first[0] === '0') return undefined;
  let digits = '';
  let at = end;
  let plain = false;
  for (;;) {
    const separator = separatorLength(text, at);
    if (separator === 0) break;
    const start = at + separator;
    const stop = digitsEnd(text, start, to);
    const isPlainComma = text[at] === ',' && separator === 1;
    const isSpace = text[at] === ' ' && separator === 1;
    if (stop - start !== 3) {
      // "1,2,3": the comma chain is a list after all.
      if (isPlainComma && stop > start && plain) return undefined;
      break;
    }
    if (isPlainComma) {
      if (inBrackets && !options.spacedCommas && text[start] !== '0') return undefined;
      plain = true;
    }
    if (isSpace && (text[stop] === '/' || text[stop] === '.' || first === '0')) break;
    digits += text.slice(start, stop);
    at = stop;
  }
  return digits === '' ? undefined : { digits, end: at };
}

/** The length of a thousands separator at `at` that a digit follows: , {,} \, ,\! ~ space; 0 for none. */
function separatorLength(text: string, at: number): number {
  const length = (n: number) => (isDigit(text.charCodeAt(at + n)) ? n : 0);
  switch (text.charCodeAt(at)) {
    case 44: // ,
      return text.startsWith(',\\!', at) ? length(3) : length(1);
    case 123: // {
      return text.startsWith('{,}', at) ? length(3) : text.startsWith('{\\,}', at) ? length(4) : 0;
    case 92: // backslash
      return text[at + 1] === ',' || text[at + 1] === ';' || text[at + 1] === ' ' || text[at + 1] === ':'
        ? length(2)
        : 0;
    case 126:
    case 32:
      return length(1);
    default:
      return 0;
  }
}

/** A marked recurring part: \overline{..}, \bar{..}, \dot{1}..\dot{7}, (..), [..] directly after the decimals. */
function recurringPart(
  text: string,
  at: number,
  to: number,
): { before: string; digits: string; end: number } | undefined {
  const character = text[at];
  if (character === '(' || character === '[') {
    const stop = digitsEnd(text, at + 1, to);
    const close = character === '(' ? ')' : ']';
    if (stop === at + 1 || text[stop] !== close) return undefined;
    // 2.5(3) with nothing after is a recurring decimal; so are the forms with a longer period.
    return { before: '', digits: text.slice(at + 1, stop), end: stop + 1 };
  }
  if (character !== '\\' && character !== '{') return undefined;
  const match = /^\{?\\(overline|bar|dot)\s*(?:\{\s*(\d{1,200})\s*\}|(\d))\}?/.exec(text.slice(at, at + 240));
  if (!match) return undefined;
  let end = at + match[0].length;
  // Neighbouring marks make one period: \bar{1}\bar{6}; with dots, first and last digit are marked.
  let digits = (match[2] ?? match[3])!;
  if (match[1] === 'dot') {
    const middle = /^(\d{0,200})\\dot\s*\{?\s*(\d)\s*\}?/.exec(text.slice(end, end + 240));
    if (middle) {
      digits += middle[1]! + middle[2]!;
      end += middle[0].length;
    }
  } else
    for (;;) {
      const more = /^\\(?:overline|bar)\s*\{\s*(\d{1,200})\s*\}/.exec(text.slice(end, end + 240));
      if (!more) break;
      digits += more[1];
      end += more[0].length;
    }
  return { before: '', digits, end };
}

function trailingDots(text: string, at: number, to: number): number {
  if (text.startsWith('...', at)) {
    let end = at + 3;
    while (end < to && text[end] === '.') end++;
    return end;
  }
  const match = /^\s?\\(?:l|c)?dots(?![a-zA-Z])/.exec(text.slice(at, at + 12));
  return match ? at + match[0].length : at;
}

/**
 * The length of the shortest block that the decimals end with at least twice (once for a single digit); 0 for none.
 * A block of n digits has to be seen for 2n digits.
 */
function shortestPeriod(decimals: string): number {
  const limit = Math.min(60, Math.floor(decimals.length / 2));
  for (let period = 1; period <= limit; period++) {
    let same = true;
    for (let i = 0; i < period && same; i++)
      same = decimals[decimals.length - 1 - i] === decimals[decimals.length - 1 - i - period];
    if (same) return period;
  }
  return decimals.length === 1 ? 1 : 0;
}

/** e5, E-3 right behind a number, when no letter or subscript follows. Larger exponents than 9999 are not numerals here. */
function exponent(text: string, at: number, to: number): { value: number; end: number } | undefined {
  const code = text.charCodeAt(at);
  if (at >= to || (code !== 101 && code !== 69)) return undefined;
  const sign = text[at + 1] === '-' || text[at + 1] === '+' ? 1 : 0;
  const start = at + 1 + sign;
  const stop = digitsEnd(text, start, to);
  if (stop === start || stop - start > 4) return undefined;
  const next = text.charCodeAt(stop);
  if ((next >= 97 && next <= 122) || (next >= 65 && next <= 90) || next === 95) return undefined;
  const value = Number(text.slice(start, stop));
  return { value: text[at + 1] === '-' ? -value : value, end: stop };
}
