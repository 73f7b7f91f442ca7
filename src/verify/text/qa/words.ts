import { plainLetters } from '../../../parse/text-normalize.ts';
import { sentencesOf } from '../../../parse/tokenize-text.ts';
import { readNumber, romanNumeral } from './number-words.ts';

/** A word of an answer, folded for comparison. */
export interface Word {
  /** Lower case, no diacritics; a number as '#55646' or, as an ordinal, '#4th'. */
  readonly key: string;
  /** As it was written. */
  readonly raw: string;
  /** UTF-16 units into the text. */
  readonly start: number;
  readonly end: number;
  /** Which sentence it is in. */
  readonly sentence: number;
  /** Starts with an upper-case letter. */
  readonly capital: boolean;
  /** What stands between the word before and this one. */
  readonly before: string;
}

const unitNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    metre: 'm meter meters metre metres',
    kilometre: 'km kms kilometer kilometers kilometre kilometres',
    centimetre: 'cm centimeter centimeters centimetre centimetres',
    millimetre: 'mm millimeter millimeters millimetre millimetres',
    kilogram: 'kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes',
    foot: 'ft foot feet',
    pound: 'lb lbs pound pounds',
    percent: 'percent percentage',
    mile: 'mi mile miles',
    hour: 'hr hrs hour hours',
    minute: 'min mins minute minutes',
    and: 'and',
    saint: 'st saint',
    mount: 'mt mount',
    versus: 'vs versus',
  }).flatMap(([name, forms]) => forms.split(' ').map((form) => [form, name] as const)),
);

const months = 'january february march april may june july august september october november december'.split(
  ' ',
);

/** The word for a month, its usual abbreviation undone; undefined for anything else. */
export function monthOf(key: string): string | undefined {
  if (key.length < 3) return undefined;
  return months.find((month) => month === key || (key.length <= 4 && month.startsWith(key) && key !== 'ma'));
}

/** British spellings and the like, folded to one form. Applies to lower-case words of five letters or more. */
function spelling(word: string): string {
  if (word.length < 5) return word;
  return word
    .replace(/our(s|ed|ing|ful|ite)?$/, 'or$1')
    .replace(/is(e|ed|es|ing|ation)$/, 'iz$1')
    .replace(/tre(s)?$/, 'ter$1')
    .replace(/ogue(s)?$/, 'og$1')
    .replace(/ae(?=[a-z]{3})/, 'e');
}

/** The singular of a plural noun, by its ending alone. */
export function singular(word: string): string {
  if (word.length < 4 || !word.endsWith('s') || word.startsWith('#')) return word;
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:sh|ch|x|z|ss|o)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

const wordPattern =
  /\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+|\p{Lu}(?:\.\p{Lu})+\.?|\p{L}[\p{L}\p{N}]*(?:['’]\p{L}+)*|[%&]|\p{Emoji_Presentation}/gu;

interface Token {
  /** Lower case, no diacritics. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly raw: string;
}

/** What the pattern finds, with ordinal endings and decades joined to their digits. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(wordPattern)) {
    const raw = match[0];
    const start = match.index;
    let key = plainLetters(raw)
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/(?<!\d)[.,'’]|[.,'’](?!\d)|,/g, '');
    if (key === '&') key = 'and';
    if (key === '%') key = 'percent';
    const last = tokens[tokens.length - 1];
    if (last !== undefined && last.end === start && /^\d+$/.test(last.key)) {
      if (/^(?:st|nd|rd|th|s)$/.test(key)) {
        tokens[tokens.length - 1] = { ...last, key: last.key + key, end: start + raw.length };
        continue;
      }
      const money = /[$€£¥]\s?$/.test(text.slice(Math.max(0, last.start - 2), last.start));
      if ((key === 'm' && money) || key === 'mn') key = 'million';
      else if (key === 'bn' || (key === 'b' && money)) key = 'billion';
      else if (key === 'k') key = 'thousand';
    }
    tokens.push({ key, raw, start, end: start + raw.length });
  }
  return tokens;
}

/**
 * The words of an answer. Numbers in words, digits and Roman numerals become one key, units and months their full name;
 * articles are left out. Linear in the text.
 */
export function wordsOf(text: string): Word[] {
  const sentences = sentencesOf(text);
  const tokens = tokensOf(text);
  const keys = tokens.map(({ key }) => key);
  const words: Word[] = [];
  let sentence = 0;
  let previousEnd = 0;
  for (let i = 0; i < tokens.length; i++) {
    const { key, raw, start } = tokens[i]!;
    while (sentence < sentences.length - 1 && start >= sentences[sentence]!.end) sentence++;
    const article = key === 'a' || key === 'an' || key === 'the';
    if (key === '' || (article && !(key === 'a' && tokens.length === 1))) continue;
    const number = key === 'one' && keys[i + 1] === 'of' ? null : readNumber(keys, i);
    const roman = words.length > 0 ? romanNumeral(raw) : null;
    const last = number === null ? i : i + number.words - 1;
    const end = tokens[last]!.end;
    words.push({
      key:
        number !== null
          ? numberKey(number.value, number.ordinal, keys[i - 1], keys[last + 1], keys[last + 2])
          : roman !== null
            ? `#${roman}`
            : /^\d+s$/.test(key)
              ? `#${key}`
              : (monthOf(key) ?? unitNames.get(key) ?? spelling(key)),
      raw: text.slice(start, end),
      start,
      end,
      sentence,
      capital: /^\p{Lu}/u.test(raw),
      before: text.slice(previousEnd, start),
    });
    previousEnd = end;
    i = last;
  }
  return words;
}

/** An ordinal beside a month is a day, written like any other number. */
function numberKey(value: number, ordinal: boolean, before = '', after = '', second = ''): string {
  const day =
    ordinal && [before, after, after === 'of' ? second : ''].some((word) => monthOf(word) !== undefined);
  return ordinal && !day ? `#${value}th` : `#${value}`;
}
