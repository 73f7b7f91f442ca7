import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, none, outcome, quote } from '../outcome.ts';
import { characters, first, punctuation, split, strip, stripOf, withoutPunctuation } from '../python.ts';
import { sentenceSpans } from '../sentences.ts';
import { hasOddSyllables } from '../syllables.ts';
import { startsWithVerb } from '../tagger.ts';
import { tokenizeSentence } from '../tokens.ts';

const primes = new Set([
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
]);

const wordsOf = (text: string): string[] => split(withoutPunctuation(text.toLowerCase()));

/** Rules about single words, one after the other. */
export const words: readonly Constraint[] = [
  constraint('words:alphabet', none, (text) => {
    const found = split(withoutPunctuation(text));
    if (found.length === 0) return outcome(false, 'has no words');
    const initial = first(found[0]!).toLowerCase();
    if (!/^[a-z]$/.test(initial))
      return outcome(false, `starts with ${quote(found[0]!)}, a letter from a to z asked`);
    const start = initial.charCodeAt(0) - 97;
    for (let i = 1; i < found.length; i++) {
      const letter = String.fromCharCode(97 + ((start + i) % 26));
      if (found[i]!.toLowerCase()[0] !== letter)
        return outcome(false, `word ${i + 1} is ${quote(found[i]!)}, one with ${letter} asked`);
    }
    return outcome(true, 'goes through the alphabet word by word');
  }),
  constraint('words:vowel', none, (text) => {
    const paragraph = strip(text);
    if (paragraph.includes('\n')) return outcome(false, 'has more than one paragraph');
    const lowered = paragraph.toLowerCase();
    const vowels = [...'aeiou'].filter((vowel) => lowered.includes(vowel));
    return outcome(vowels.length <= 3, `has the vowels ${vowels.join(' ') || '(none)'}, at most 3 asked`);
  }),
  constraint('words:consonants', none, (text) => {
    const without = split(text.toLowerCase()).find((word) => !/[b-df-hj-np-tv-z]{2}/.test(word));
    return outcome(
      without === undefined,
      without === undefined
        ? 'has two consonants together in each word'
        : `${quote(without)} has no two consonants together`,
    );
  }),
  constraint('words:palindrome', none, (text) => {
    const found = split(withoutPunctuation(text).toLowerCase()).filter(isLongPalindrome);
    return compared(found.length, 'at least', 10, 'palindromes of five or more letters');
  }),
  constraint('words:prime_lengths', none, (text) => {
    const other = split(withoutPunctuation(text)).find((word) => !primes.has(characters(word)));
    return outcome(
      other === undefined,
      other === undefined
        ? 'has only words of prime length'
        : `${quote(other)} has ${characters(other)} letters, a prime number asked`,
    );
  }),
  constraint('words:start_verb', none, (text) => {
    const tokens: string[] = [];
    for (const [start, end] of sentenceSpans(text)) {
      tokens.push(...tokenizeSentence(text.slice(start, end)));
      if (tokens.length >= 3) break; // the tagger looks two words ahead
    }
    const ok = startsWithVerb(tokens);
    return outcome(ok, `starts with ${quote(tokens[0] ?? '')}, ${ok ? 'a verb' : 'a verb asked'}`);
  }),
  constraint('words:repeats', z.object({ small_n: count }), (text, { small_n: bound }) => {
    const times = new Map<string, number>();
    for (const word of wordsOf(text)) times.set(word, (times.get(word) ?? 0) + 1);
    for (const [word, found] of times)
      if (found > bound) return outcome(false, `has ${quote(word)} ${found} times, at most ${bound} asked`);
    return outcome(true, `has no word more than ${bound} times`);
  }),
  constraint('words:odd_even_syllables', none, (text) => {
    const found = wordsOf(text);
    const same = found.findIndex(
      (word, i) => i > 0 && hasOddSyllables(word) === hasOddSyllables(found[i - 1]!),
    );
    return outcome(
      same < 0,
      same < 0
        ? 'alternates odd and even numbers of syllables'
        : `${quote(found[same - 1]!)} and ${quote(found[same]!)} are both ${hasOddSyllables(found[same]!) ? 'odd' : 'even'}`,
    );
  }),
  constraint('words:no_consecutive', none, (text) => {
    const found = wordsOf(text);
    const same = found.findIndex((word, i) => i > 0 && first(word) === first(found[i - 1]!));
    return outcome(
      same < 0,
      same < 0
        ? 'has no two neighbours with one first letter'
        : `${quote(found[same - 1]!)} and ${quote(found[same]!)} start alike`,
    );
  }),
  constraint('words:paragraph_last_first', none, (text) => {
    for (const paragraph of text.split('\n')) {
      const found = split(stripOf(strip(paragraph).toLowerCase(), `${punctuation} `));
      if (found.length > 0 && found[0] !== found[found.length - 1])
        return outcome(
          false,
          `a paragraph starts with ${quote(found[0]!)} and ends with ${quote(found[found.length - 1]!)}`,
        );
    }
    return outcome(true, 'each paragraph ends with its first word');
  }),
];

function isLongPalindrome(word: string): boolean {
  const letters = [...word];
  return letters.length >= 5 && letters.every((letter, i) => letter === letters[letters.length - 1 - i]);
}
