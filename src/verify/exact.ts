import { z } from 'zod';
import { defineReward, type Json, noVerdict, verdict } from '../core/index.ts';
import { detach, normalizations, quote, textNormalize } from '../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from './answer-source.ts';
import { candidateText } from './candidate.ts';

/** 1 if the answer is the reference, letter for letter or in the canonical form chosen; a list of references accepts any of them. */
export const exact = defineReward({
  name: 'exact',
  version: '1',
  summary: 'the answer equals the reference, letter for letter or in a canonical form',
  source:
    'string equality; rulereasoner (relation); with from whole and trim off the reward of CLS-RL without thinking',
  options: z.object({
    ...answerSource('whole'),
    trim: z.boolean().default(true).describe('blanks around the answer and the reference do not count'),
    ignoreCase: z.boolean().default(false).describe('capital and small letters are the same'),
    normalize: z.enum(normalizations).optional().describe('canonical form of both sides; none when left out'),
  }),
  examples: [
    { completion: ' Paris\n', answer: 'Paris', value: 1 },
    { completion: 'The capital is Paris', answer: 'Paris', value: 0 },
    {
      completion: '<answer>no</answer>',
      answer: ['No', 'none'],
      options: { from: 'tag', ignoreCase: true },
      value: 1,
    },
    {
      completion: 'Ann is the mother-in-law of Bo.',
      answer: 'mother',
      options: { normalize: 'relation' },
      value: 1,
    },
    { completion: 'Paris', value: null },
  ],
  create(options) {
    const fold = (text: string) => {
      const kept = options.trim ? text.trim() : text;
      return textNormalize(options.ignoreCase ? kept.toLowerCase() : kept, options.normalize ?? 'none');
    };
    return (sample, context) => {
      const references = referenceTexts(sample.task.answer);
      if (references === undefined) return noVerdict('reference', 'the task has no text as its answer');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const whole = options.from === 'whole' && !options.trim;
      const found = whole ? { value: text, start: 0, end: text.length } : readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const said = fold(found.value);
      const right = references.some((reference) => fold(reference) === said);
      const details = { answer: detach(said.slice(0, 1000)), at: { start: found.start, end: found.end } };
      return right
        ? verdict(1, 'equal to the reference', details)
        : verdict(0, `${quote(found.value)} is not ${quote(references[0]!)}`, details);
    };
  },
});

/** The reference answers of a task as texts; undefined when there is none. */
export function referenceTexts(answer: Json | undefined): string[] | undefined {
  const list = Array.isArray(answer) ? (answer as readonly Json[]) : [answer];
  const texts: string[] = [];
  for (const one of list) {
    if (typeof one === 'string') texts.push(one);
    else if (typeof one === 'number' || typeof one === 'boolean') texts.push(String(one));
    else return undefined;
  }
  return texts.length > 0 ? texts : undefined;
}
