const units = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen'
  )
    .split(' ')
    .map((word, value) => [word, value] as const),
);
const tens = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, i) => [word, 10 * (i + 2)] as const),
);
const scales = new Map([
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);
const ordinals = new Map(
  (
    'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth ' +
    'fifteenth sixteenth seventeenth eighteenth nineteenth'
  )
    .split(' ')
    .map((word, i) => [word, i + 1] as const),
);
for (const [word, value] of tens) ordinals.set(word.replace(/y$/, 'ieth'), value);

/** A number read at the start of a list of lower-case words, and how many words it took. */
export interface NumberReading {
  readonly value: number;
  readonly words: number;
  readonly ordinal: boolean;
}

/**
 * Reads an English cardinal or ordinal from `words[from]` on: digits with thousands marks already removed, number words
 * ("fifty five thousand six hundred and forty six"), scales after digits ("50 million"). Null when none starts there.
 */
export function readNumber(words: readonly string[], from: number): NumberReading | null {
  const first = words[from];
  if (first === undefined) return null;
  const digits = /^(\d{1,15}(?:\.\d{1,10})?)(st|nd|rd|th)?$/.exec(first);
  if (digits) {
    const scale = digits[2] ? undefined : scales.get(words[from + 1] ?? '');
    const value = Number(digits[1]) * (scale ?? 1);
    return { value, words: scale ? 2 : 1, ordinal: digits[2] !== undefined };
  }
  if (first === 'dozen') return { value: 12, words: 1, ordinal: false };
  let total = 0;
  let current = 0;
  let at = from;
  let last: 'none' | 'unit' | 'ten' | 'hundred' | 'scale' = 'none';
  for (; at < words.length; at++) {
    const word = words[at]!;
    const unit = units.get(word);
    const ten = tens.get(word);
    const scale = scales.get(word);
    const ordinal = ordinals.get(word);
    if (unit !== undefined && last !== 'unit' && !(last === 'ten' && (unit === 0 || unit >= 10))) {
      current += unit;
      last = 'unit';
    } else if (ten !== undefined && last !== 'unit' && last !== 'ten') {
      current += ten;
      last = 'ten';
    } else if (word === 'hundred' && last === 'unit' && current < 100) {
      current *= 100;
      last = 'hundred';
    } else if (scale !== undefined && last !== 'none' && last !== 'scale') {
      total += current * scale;
      current = 0;
      last = 'scale';
    } else if (
      word === 'and' &&
      (last === 'hundred' || last === 'scale') &&
      (units.has(words[at + 1] ?? '') || tens.has(words[at + 1] ?? ''))
    ) {
    } else if (ordinal !== undefined && last !== 'unit' && !(last === 'ten' && ordinal >= 10)) {
      return { value: total + current + ordinal, words: at + 1 - from, ordinal: true };
    } else break;
  }
  return last === 'none' ? null : { value: total + current, words: at - from, ordinal: false };
}

/** The value of an upper-case Roman numeral of two letters or more up to 89, as in 'World War II' and 'Henry VIII'. */
export function romanNumeral(word: string): number | null {
  if (word.length < 2 || !/^(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/.test(word)) return null;
  const values: Record<string, number> = { I: 1, V: 5, X: 10, L: 50 };
  let total = 0;
  for (let i = 0; i < word.length; i++) {
    const value = values[word[i]!]!;
    total += value < (values[word[i + 1] ?? ''] ?? 0) ? -value : value;
  }
  return total;
}
