import data from './data/syllables.json' with { type: 'json' };
import { isDecimalPoint } from './python.ts';

let exceptions: ReadonlySet<string> | undefined;

/**
 * Whether a word has an odd number of syllables: groups of vowels with the usual rules for a last e, and the parity of a
 * word list where that differs. A word with a digit has none. The word is lower case and without ASCII punctuation.
 */
export function hasOddSyllables(word: string): boolean {
  exceptions ??= new Set(data.words.split(' '));
  for (const letter of word) if (isDecimalPoint(letter.codePointAt(0)!)) return false;
  const odd = vowelGroups(word) % 2 === 1;
  return exceptions.has(word) ? !odd : odd;
}

const isVowel = (letter: string | undefined): boolean => letter !== undefined && 'aeiouy'.includes(letter);

function vowelGroups(word: string): number {
  let count = 0;
  for (let i = 0; i < word.length; i++) if (isVowel(word[i]) && !isVowel(word[i - 1])) count++;
  if (word.endsWith('e')) count--;
  if (word.endsWith('le') && word.length > 2 && !isVowel(word[word.length - 3])) count++;
  return count === 0 ? 1 : count;
}
