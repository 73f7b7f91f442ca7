import { z } from 'zod';
import { type Constraint, constraint } from '../constraint.ts';
import { compared, count, exactly, nonEmpty, outcome, place, quote, relation } from '../outcome.ts';
import { countWords, isBlank, spaces, split, strip, stripOf } from '../python.ts';
import { sentenceSpans } from '../sentences.ts';

const divider = new RegExp(`[${spaces}]?\\*\\*\\*[${spaces}]?`);

export const length: readonly Constraint[] = [
  constraint(
    'length_constraints:number_sentences',
    z.object({ num_sentences: count, relation }),
    (text, { num_sentences: bound, relation: asked }) =>
      compared(sentenceSpans(text).length, asked, bound, 'sentences'),
  ),
  constraint(
    'length_constraints:number_words',
    z.object({ num_words: count, relation }),
    (text, { num_words: bound, relation: asked }) => compared(countWords(text), asked, bound, 'words'),
  ),
  constraint(
    'length_constraints:number_paragraphs',
    z.object({ num_paragraphs: count }),
    (text, { num_paragraphs: asked }) => {
      const paragraphs = text.split(divider);
      let found = paragraphs.length;
      for (const [i, paragraph] of paragraphs.entries()) {
        if (!isBlank(paragraph)) continue;
        if (i > 0 && i < paragraphs.length - 1)
          return outcome(false, 'has two dividers with nothing between');
        found--;
      }
      return exactly(found, asked, 'paragraphs between dividers');
    },
  ),
  constraint(
    'length_constraints:nth_paragraph_first_word',
    z
      .object({ num_paragraphs: place, nth_paragraph: place, first_word: nonEmpty })
      .refine(({ num_paragraphs, nth_paragraph }) => nth_paragraph <= num_paragraphs, {
        path: ['nth_paragraph'],
        message: 'must not be over num_paragraphs',
      }),
    (text, { num_paragraphs: asked, nth_paragraph: nth, first_word: wanted }) => {
      const paragraphs = text.split('\n\n');
      const found = paragraphs.filter((paragraph) => !isBlank(paragraph)).length;
      const paragraph = nth <= found ? strip(paragraphs[nth - 1]!) : '';
      if (paragraph === '') return outcome(false, `has no paragraph ${nth}`);
      const word = firstWord(paragraph);
      if (found !== asked) return exactly(found, asked, 'paragraphs');
      return outcome(
        word === wanted.toLowerCase(),
        `paragraph ${nth} starts with ${quote(word)}, ${quote(wanted)} asked`,
      );
    },
  ),
];

/** The first word without quotes before it, up to a mark, in lower case. */
function firstWord(paragraph: string): string {
  const word = stripOf(stripOf(split(paragraph)[0]!, "'", 'left'), '"', 'left');
  const end = word.search(/[.,?!'"]/);
  // Letter by letter, as the reference does: a final sigma stays the common one.
  return [...(end < 0 ? word : word.slice(0, end))].map((letter) => letter.toLowerCase()).join('');
}
