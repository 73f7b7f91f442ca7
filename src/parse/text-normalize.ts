/** Names of the ways to bring a short answer into canonical form. */
export const normalizations = [
  'none',
  'trim',
  'lower',
  'squad',
  'punctuationToSpace',
  'loose',
  'money',
  'relation',
] as const;
export type Normalization = (typeof normalizations)[number];

/** White space as Python's `str.split` has it: JavaScript's `\s` lacks U+001C–U+001F and U+0085, and adds U+FEFF. */
const pythonSpace = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const asciiPunctuation = /[!-/:-@[-`{-~]/g;
const anyPunctuation = /[\p{P}\p{S}]/gu;
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
const marks = /\p{M}/gu;
const invisible = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

/**
 * The canonical form of a short answer. Never implicit: every caller names a preset.
 *
 * - `none` leaves the text alone, `trim` strips it, `lower` strips and lower-cases it;
 * - `squad` is the form of the SQuAD 1.1 evaluation script: lower case, ASCII punctuation deleted, the articles a, an and
 *   the replaced by a blank, white space squeezed (router-r1, ssrl and others);
 * - `punctuationToSpace` lower-cases and turns ASCII punctuation into blanks, articles stay (igpo);
 * - `loose` composes compatible characters, drops diacritics, invisible characters, articles and every punctuation mark
 *   and symbol (a mark between word characters becomes a blank, an apostrophe nothing);
 * - `money` is `lower` without currency signs, thousands separators and trailing zero cents;
 * - `relation` is the family relation that a statement ends on, lower-cased and without `-in-law`: `Ann is the mother-in-law
 *   of Bo.` and `Mother` are `mother` (rulereasoner, CLUTRR). The last `is the … of` counts, to the nearest `of`; its
 *   released code takes the longest.
 */
export function textNormalize(text: string, preset: Normalization): string {
  switch (preset) {
    case 'none':
      return text;
    case 'trim':
      return text.trim();
    case 'lower':
      return squeeze(text.toLowerCase());
    case 'squad':
      return squeeze(text.toLowerCase().replace(asciiPunctuation, '').replace(articles, ' '));
    case 'punctuationToSpace':
      return squeeze(text.toLowerCase().replace(asciiPunctuation, ' '));
    case 'loose':
      return squeeze(
        plainLetters(text)
          .toLowerCase()
          .replace(/['’‘`´]/g, '')
          .replace(anyPunctuation, ' ')
          .replace(articles, ' '),
      );
    case 'money':
      return squeeze(
        text
          .toLowerCase()
          .replace(/[$€£¥₹]|\b(?:usd|eur|gbp)\b/g, '')
          .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
          .replace(/(?<=\d)\.0{1,2}(?!\d)/g, ''),
      );
    case 'relation':
      return relation(squeeze(text.toLowerCase()));
  }
}

function relation(text: string): string {
  const opening = 'is the ';
  const from = text.lastIndexOf(opening);
  const until = from < 0 ? -1 : text.indexOf(' of', from + opening.length);
  const named = until < 0 ? text : text.slice(from + opening.length, until);
  return squeeze(named.replace(/[.!?,;:]{1,9}$/, '').replaceAll('-in-law', ''));
}

/** Words separated by white space as Python's `str.split()` would give them; no empty words. */
export function splitWords(text: string): string[] {
  const words = text.split(pythonSpace);
  if (words[0] === '') words.shift();
  if (words[words.length - 1] === '') words.pop();
  return words;
}

/** Runs of white space become one blank, none at the ends. */
export function squeeze(text: string): string {
  return splitWords(text).join(' ');
}

const specialLetters: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  ł: 'l',
  Ł: 'L',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
};

/** The text without diacritics, invisible characters and compatibility forms (full-width letters, ligatures, superscripts). */
export function plainLetters(text: string): string {
  return text
    .replace(invisible, '')
    .normalize('NFKD')
    .replace(marks, '')
    .replace(/[ßæÆœŒøØđĐðÐłŁþÞı]/g, (letter) => specialLetters[letter]!);
}
