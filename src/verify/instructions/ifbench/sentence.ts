import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { count, nonEmpty, none, outcome, place, quote } from '../outcome.ts';
import { first, occurrences, punctuation, split, stripOf, withoutPunctuation } from '../python.ts';
import { splitSentences } from '../sentences.ts';

export const sentence: readonly Constraint[] = [
  constraint('sentence:alliteration_increment', none, (text) => {
    let before = -1;
    for (const [i, found] of splitSentences(text).entries()) {
      const words = alliterative(found);
      if (words <= before)
        return outcome(false, `sentence ${i + 1} has ${words} alliterative words, more than ${before} asked`);
      before = words;
    }
    return outcome(true, 'each sentence has more alliterative words than the one before');
  }),
  constraint('sentence:keyword', z.object({ word: nonEmpty, N: place }), (text, { word, N: n }) => {
    const sentences = splitSentences(text);
    if (sentences.length < n)
      return outcome(false, `has ${sentences.length} sentences, a word in sentence ${n} asked`);
    const found = !occurrences(sentences[n - 1]!, word, true).next().done;
    return outcome(found, `sentence ${n} ${found ? 'has' : 'lacks'} the word ${quote(word)}`);
  }),
  constraint('sentence:increment', z.object({ small_n: count }), (text, { small_n: step }) => {
    const lengths = splitSentences(text).map((found) => split(withoutPunctuation(found)).length);
    for (let i = 1; i < lengths.length; i++)
      if (lengths[i] !== lengths[i - 1]! + step)
        return outcome(false, `sentence ${i + 1} has ${lengths[i]} words, ${lengths[i - 1]! + step} asked`);
    return outcome(true, `each sentence has ${step} more words than the one before`);
  }),
];

/** How many words start like a neighbour. */
function alliterative(sentence: string): number {
  const letters = split(sentence.toLowerCase())
    .map((word) => first(stripOf(word, `${punctuation} `, 'left')))
    .filter((letter) => letter !== '');
  let found = 0;
  let inRun = false;
  for (let i = 1; i < letters.length; i++) {
    if (letters[i] === letters[i - 1]) found += inRun ? 1 : 2;
    inRun = letters[i] === letters[i - 1];
  }
  return found;
}
