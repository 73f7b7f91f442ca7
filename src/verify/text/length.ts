import { z } from 'zod';
import { defineReward, noVerdict, type Sample, sampleLength, verdict } from '../../core/index.ts';
import { sentencesOf, tokenizeText } from '../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';
import { goldTexts } from './golds.ts';
import { round } from './similarity.ts';

const units = ['tokens', 'words', 'characters', 'sentences', 'lines'] as const;

/** Is the answer's length within a band? Outside it the value falls linearly over `decay` units, at once when 0. */
export const length = defineReward({
  name: 'length',
  version: '1',
  summary: 'the length in tokens, words, characters, sentences or lines lies within a band',
  source: 'the length terms of several recipes in their plainest form; restl for relative lengths',
  options: z.object({
    ...answerSource('whole'),
    unit: z.enum(units).default('words').describe('tokens are those that the policy sampled, all turns'),
    min: z.number().min(0).default(0).describe('least length'),
    max: z.number().min(0).optional().describe('greatest length; none when left out'),
    decay: z.number().min(0).default(0).describe('so many units outside the band the value has fallen to 0'),
  }),
  examples: [
    { completion: 'one two three', options: { min: 2, max: 4 }, value: 1 },
    { completion: 'one two three four five', options: { max: 4 }, value: 0 },
    { completion: 'one two three four five', options: { max: 4, decay: 4 }, value: 0.75 },
    { completion: 'text alone', options: { unit: 'tokens', max: 9 }, value: null },
  ],
  create(options) {
    const { unit, min, max = Number.POSITIVE_INFINITY, decay } = options;
    return (sample, context) => {
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const measured = measure(found.value, unit, sample);
      if (measured === undefined)
        return noVerdict('unsupported', 'the completion came as text: its tokens are not known');
      const outside = Math.max(min - measured, measured - max, 0);
      const value = outside === 0 ? 1 : decay > 0 ? Math.max(0, 1 - outside / decay) : 0;
      const band = `${min} to ${max === Number.POSITIVE_INFINITY ? 'any number' : max}`;
      return verdict(value, `${measured} ${unit}, the band is ${band}`);
    };
  },
});

function measure(text: string, unit: (typeof units)[number], sample: Sample<unknown>): number | undefined {
  switch (unit) {
    case 'tokens':
      return sampleLength(sample);
    case 'words':
      return tokenizeText(text, 'whitespace').length;
    case 'characters':
      return tokenizeText(text, 'character').length;
    case 'sentences':
      return sentencesOf(text).length;
    case 'lines':
      return text === '' ? 0 : text.split(/\r\n|[\n\r]/).length;
  }
}

/** 1 − |len y* − len ŷ| / len y*, in characters. Not clipped by itself: −1 at three times the length. */
export const lengthRatio = defineReward({
  name: 'lengthRatio',
  version: '1',
  summary: '1 − |reference length − answer length| / reference length, in characters',
  source: 'restl',
  options: z.object({
    ...answerSource('whole'),
    minimum: z.number().max(1).default(-10).describe('the value is not below this'),
  }),
  examples: [
    { completion: 'abcd', answer: 'abcde', value: 0.8 },
    { completion: 'abcdefghi', answer: 'abc', value: -1 },
  ],
  minimumOf: ({ minimum }) => minimum,
  create(options) {
    return (sample, context) => {
      const golds = goldTexts(sample.task.answer);
      if (golds === undefined) return noVerdict('reference', 'the task has no text as its answer');
      const { text, tooLong } = candidateText(sample, context, options.minimum);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(options.minimum, nothingAt(options));
      const ours = Array.from(found.value).length;
      const values = golds.map((gold) => {
        const theirs = Array.from(gold).length;
        return 1 - Math.abs(theirs - ours) / theirs;
      });
      const value = Math.max(options.minimum, ...values);
      return verdict(value, `${ours} characters, length ratio ${round(value)}`);
    };
  },
});
