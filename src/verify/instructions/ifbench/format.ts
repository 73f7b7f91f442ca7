import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { isEmoji } from '../emoji.ts';
import { nonEmpty, none, outcome, quote } from '../outcome.ts';
import {
  isAlphaPoint,
  isLower,
  isSpaceAt,
  isUpper,
  punctuation,
  split,
  strip,
  stripOf,
  withoutPunctuation,
} from '../python.ts';
import { splitSentences } from '../sentences.ts';
import { tokenize } from '../tokens.ts';

const marks = `${punctuation} `;
const pairs: { readonly [close: string]: string } = { ')': '(', ']': '[', '}': '{' };

/** Rules about how the text is set. */
export const format: readonly Constraint[] = [
  constraint('format:parentheses', none, (text) => {
    const open: string[] = [];
    let deepest = 0;
    for (const letter of text) {
      if ('([{'.includes(letter)) {
        open.push(letter);
        deepest = Math.max(deepest, open.length);
      } else if (pairs[letter] !== undefined) {
        if (open.at(-1) === pairs[letter]) {
          open.pop();
          if (deepest >= 5) return outcome(true, 'nests brackets five deep');
        } else {
          open.length = 0;
          deepest = 0;
        }
      }
    }
    return outcome(false, 'nests no brackets five deep');
  }),
  constraint('format:quotes', none, (text) => {
    const open: string[] = [];
    let deepest = 0;
    for (const letter of text) {
      if (letter !== '"' && letter !== "'") continue;
      if (letter === open.at(-1)) {
        open.pop();
        if (deepest - open.length >= 3) return outcome(true, 'nests quotes three deep');
      } else {
        open.push(letter);
        deepest = Math.max(deepest, open.length);
      }
    }
    return outcome(false, 'nests no alternating quotes three deep');
  }),
  constraint('format:options', z.object({ options: nonEmpty }), (text, { options }) => {
    const separator = options.includes('/') ? '/' : options.includes('or') ? 'or' : ',';
    const allowed = options.split(separator).map(strip);
    // Lists like a), b), c) must be met letter by letter.
    const exact = /^[^\p{L}\p{N}_]*a[^\p{L}\p{N}_]*b[^\p{L}\p{N}_]*c/iu.test(options);
    const ok = exact
      ? allowed.includes(text)
      : allowed.some((option) => stripOf(option, marks).toLowerCase() === stripOf(text, marks).toLowerCase());
    return outcome(ok, `${quote(text)} is ${ok ? '' : 'not '}one of ${quote(options, 80)}`);
  }),
  constraint('format:newline', none, (text) => {
    const plain = withoutPunctuation(text);
    const lines = strip(plain)
      .split('\n')
      .filter((line) => line !== '').length;
    const words = split(plain).length;
    return outcome(lines === words, `has ${words} words on ${lines} lines, one a line asked`);
  }),
  constraint('format:emoji', none, (text) => {
    const sentences = splitSentences(text).map((sentence) => [...strip(withoutPunctuation(sentence))]);
    for (const [i, letters] of sentences.entries()) {
      if (letters.length === 0) return outcome(false, `sentence ${i + 1} has nothing but marks`);
      if (isEmoji(letters.at(-1)) || isEmoji(letters.at(-2))) continue;
      // It may have been cut off to the next sentence.
      if (!isEmoji(sentences[i + 1]?.[0]))
        return outcome(false, `sentence ${i + 1} does not end with an emoji`);
    }
    return outcome(true, 'each sentence ends with an emoji');
  }),
  constraint('format:quote_unquote', none, (text) => {
    const dense = split(text.replaceAll(`'"'`, '')).join('');
    if (dense.includes('""')) return outcome(false, 'has two quotes with nothing between');
    const last = stripOf(dense, `0123456789${punctuation.replace('"', '')}`).at(-1);
    return outcome(last !== '"', last === '"' ? 'ends with a quote' : 'has text after each quote');
  }),
  constraint('format:thesis', none, (text) => {
    const start = text.includes('<i>') ? text.indexOf('<i>') : text.indexOf('<em>');
    if (start < 0) return outcome(false, 'has no text in HTML italics');
    const rest = text.slice(start);
    const end = rest.includes('</i>') ? rest.indexOf('</i>') : rest.indexOf('</em>');
    if (end < 0) return outcome(false, 'does not close the HTML italics');
    // Three and four characters are the tags of <i>; of <em> one is left over, as in the reference.
    if (strip(rest.slice(3, end)) === '') return outcome(false, 'has nothing in the HTML italics');
    const ok = strip(rest.slice(end + 4)) !== '';
    return outcome(ok, ok ? 'has text after one in HTML italics' : 'has no text after the HTML italics');
  }),
  constraint('format:title_case', none, (text) => {
    const wrong = tokenize(text).find(breaksTitleCase);
    return outcome(
      wrong === undefined,
      wrong === undefined ? 'is in title case' : `${quote(wrong)} is not in title case`,
    );
  }),
  constraint('format:output_template', none, (text) => {
    const missing = ['My Answer:', 'My Conclusion:', 'Future Outlook:'].find(
      (heading) => !text.includes(heading),
    );
    return outcome(
      missing === undefined,
      missing === undefined ? 'follows the template' : `lacks "${missing}"`,
    );
  }),
  constraint('format:no_whitespace', none, (text) => {
    for (let i = 0; i < text.length; i++) if (isSpaceAt(text, i)) return outcome(false, 'has white space');
    return outcome(true, 'has no white space');
  }),
];

/** A word with a small first letter whose others are all small or all capital. */
function breaksTitleCase(token: string): boolean {
  const letters = [...token];
  if (!isAlphaPoint(letters[0]!.codePointAt(0)!)) return false;
  const rest = letters.slice(1).join('');
  return isLower(letters[0]!) && (letters.length === 1 || isLower(rest) || isUpper(rest));
}
