import type { Found } from './found.ts';
import { canonical, nextNumber, numbersIn, quotient } from './numbers.ts';

/**
 * The number that a short statement gives as its answer: `$1,200.`, `**18** eggs`, `9 × 2 = 18`, `2 1/2 hours`.
 *
 * - After `=` or `≈` the end of the chain counts.
 * - One number, or one and the same number several times, is the answer, whatever its unit; `%` is a unit.
 * - `\frac{1}{2}`, `1/2` and `2 1/2` are one number each.
 * - `2 million` is 2000000; the bare 2 is kept as an alternative, since the question may have asked for millions.
 * - Several numbers with words between them: the first counts (`18 eggs in 7 days`), unless the words take it back or
 *   leave it open (`18 or 20`, `18, no, 20`, `18 and 20`, `not 18 but 20`, `18-20`, `18, 20`): that is no answer.
 */
export type StatedNumber =
  | (Found & { readonly kind: 'number'; readonly alternative?: string })
  | {
      readonly kind: 'open';
      readonly numbers: readonly string[];
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'none' };

export function statedNumber(text: string, start = 0, end = text.length): StatedNumber {
  const from = chainEnd(text, start, end);
  const terms = readTerms(text, from, end);
  const [first] = terms;
  if (first === undefined) return { kind: 'none' };
  const whole = text.slice(start, Math.min(end, start + maxStatement));
  const given = from === start ? terms : [...readTerms(text, start, from), ...terms];
  const several = given.some(({ value }) => value !== first.value);
  if (several && opensAnywhere.test(whole)) return open(given, start, end);
  if (denied.test(text.slice(Math.max(from, first.start - 40), first.start))) return open(terms, start, end);
  for (let i = 1; i < terms.length; i++) {
    const term = terms[i]!;
    if (term.value === first.value) continue;
    const between = text.slice(terms[i - 1]!.end, term.start);
    if (joins.test(between) || opens.test(between)) return open(terms, start, end);
  }
  return { kind: 'number', ...first };
}

const maxStatement = 2000;

/** Nothing but punctuation between two numbers, or `to` or `x`: an expression, a list or a range; no bracket. */
const joins = /^(?:[^\p{L}\p{N}([]*|\s{0,9}(?:to|x)\s{0,9}\D{0,2})$/u;
const opens = /\b(?:and|but|wait|actually|sorry|rather|instead|correction|no)\b/i;
const opensAnywhere = /\b(?:or|either|maybe|perhaps|possibly|alternatively|between|versus|vs|not)\b/i;
const denied = /\b(?:not|isn't|never)\s+\W{0,4}$/i;

function open(numbers: readonly Found[], start: number, end: number): StatedNumber {
  return { kind: 'open', numbers: [...new Set(numbers.map(({ value }) => value))].slice(0, 4), start, end };
}

/** Where the last link of a chain of equations starts, if a number follows there. */
function chainEnd(text: string, start: number, end: number): number {
  const at = Math.max(text.lastIndexOf('=', end - 1), text.lastIndexOf('≈', end - 1)) + 1;
  return at > start && nextNumber(text, at, end) !== undefined ? at : start;
}

interface Term extends Found {
  readonly alternative?: string;
}

/** The numbers of a statement with fractions, mixed numbers and scales put together. */
function readTerms(text: string, start: number, end: number): Term[] {
  const numbers = numbersIn(text, start, end, 64);
  const terms: Term[] = [];
  for (let i = 0; i < numbers.length; i++) {
    let term: Term = numbers[i]!;
    const below = numbers[i + 1];
    const latex = text.slice(Math.max(start, term.start - 6), term.start);
    const over = below && text.slice(term.end, below.start).replace(/\s/g, '');
    if (below && (over === '/' || (over === '}{' && latex.endsWith('frac{')))) {
      const value = quotient(term.value, below.value);
      if (value !== undefined) {
        const before = terms.at(-1);
        term = {
          value,
          start: term.start,
          end: below.end + (over === '}{' && text[below.end] === '}' ? 1 : 0),
        };
        i++;
        if (before && isMixed(text, before, numbers[i - 1]!, below)) {
          terms.pop();
          const sum = mixed(before.value, numbers[i - 1]!.value, below.value);
          if (sum !== undefined) term = { value: sum, start: before.start, end: term.end };
        }
      }
    }
    terms.push(scaled(text, term, end));
  }
  return terms;
}

/** `2 1/2`: a whole number, blanks, and a proper fraction. */
function isMixed(text: string, whole: Found, above: Found, below: Found): boolean {
  const between = text.slice(whole.end, above.start);
  return (
    /^(?:\s+|\s*\\[dt]?frac\{)$/.test(between) &&
    /^-?\d{1,15}$/.test(whole.value) &&
    /^\d{1,15}$/.test(above.value) &&
    /^\d{1,15}$/.test(below.value) &&
    Number(above.value) < Number(below.value)
  );
}

function mixed(whole: string, above: string, below: string): string | undefined {
  const negative = whole.startsWith('-');
  const n = BigInt(whole.replace('-', '')) * BigInt(below) + BigInt(above);
  return quotient(String(negative ? -n : n), below);
}

const scales: { readonly [word: string]: number } = {
  k: 3,
  thousand: 3,
  million: 6,
  billion: 9,
  trillion: 12,
};
const scaleWord = /^(?:k\b|\s{0,2}(?:thousand|million|billion|trillion)s?\b)/i;

function scaled(text: string, term: Term, end: number): Term {
  const match = scaleWord.exec(text.slice(term.end, Math.min(end, term.end + 12)));
  if (!match || term.value.includes('/')) return term;
  const power =
    scales[
      match[0]
        .trim()
        .toLowerCase()
        .replace(/(?<=n|d)s$/, '')
    ]!;
  const [whole, fraction = ''] = term.value.replace('-', '').split('.') as [string, string?];
  return {
    value: canonical(term.value.startsWith('-'), whole, fraction, power),
    start: term.start,
    end: term.end + match[0].length,
    alternative: term.value,
  };
}
