import { z } from 'zod';
import { defineReward, noVerdict, promptText, verdict } from '../../../core/index.ts';
import { detach, normalizations, quote, splitWords, textNormalize } from '../../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../../answer-source.ts';
import { candidateText } from '../../candidate.ts';
import { goldTexts } from '../golds.ts';
import { round } from '../similarity.ts';
import { tokenF1 } from '../token-overlap.ts';
import { judgeByRules } from './rules.ts';

/** Golds beyond this are a broken reference. */
const mostGolds = 2000;

/**
 * A short answer to a question against one or several golds. `rules` reads a free-form answer: does its first sentence
 * claim a gold, however it is written, or deny or dodge it? The other matches are the field's plain ones.
 */
export const qa = defineReward({
  name: 'qa',
  version: '1',
  summary: 'a short answer against gold answers: by rules, exactly, by containment or by token F1',
  source:
    'Rajpurkar et al. 2016 (exact, F1); router-r1, igpo, btl-ui (F1 variants); the rules are this project’s own',
  options: z.object({
    ...answerSource('whole'),
    match: z
      .enum(['rules', 'exact', 'contains', 'f1'])
      .default('rules')
      .describe('exact and contains compare normal forms; f1 is graded'),
    normalize: z.enum(normalizations).default('squad').describe('canonical form for exact, contains and f1'),
    split: z.string().min(1).optional().describe('cuts each gold string into alternatives'),
    count: z
      .enum(['multiset', 'set'])
      .default('multiset')
      .describe('f1: repeated tokens count each time (SQuAD, router-r1) or once (igpo)'),
    threshold: z.number().min(0).max(1).optional().describe('f1: 1 above it, else 0 (btl-ui: 0.5)'),
    polar: z
      .boolean()
      .default(false)
      .describe('f1: 0 when either side is yes, no or noanswer and they differ (router-r1)'),
    lead: z
      .int()
      .min(0)
      .default(12)
      .describe('rules: only the sentences that hold so many first words are the claim; 0 for all'),
    lenient: z
      .boolean()
      .default(false)
      .describe('rules: lets inflection, a slip of spelling, nicknames and bracketed parts of a gold pass'),
    maxLength: z.int().positive().default(10_000).describe('longest completion in UTF-16 units'),
  }),
  examples: [
    {
      prompt: 'Who shot Abraham Lincoln?',
      completion: 'He was shot by John Wilkes Booth at Ford’s Theatre.',
      answer: ['John Wilkes Booth', 'Booth'],
      value: 1,
    },
    {
      prompt: 'Which three countries does Luxembourg border?',
      completion: 'Belgium to the west, Germany to the east and France to the south.',
      answer: 'France, Germany and Belgium',
      value: 1,
    },
    {
      prompt: 'What is the capital of Australia?',
      completion: 'It is Sydney, not Canberra.',
      answer: 'Canberra',
      value: 0,
    },
    { completion: 'the Beatles!', answer: 'Beatles', options: { match: 'exact' }, value: 1 },
    { completion: 'Barack Hussein Obama', answer: 'Barack Obama', options: { match: 'f1' }, value: 0.8 },
  ],
  create(options) {
    const { match, normalize, split, maxLength } = options;
    const form = (text: string) => textNormalize(text, normalize);
    return (sample, context) => {
      const golds = goldTexts(sample.task.answer, split);
      if (golds === undefined) return noVerdict('reference', 'the task has no answer text to compare with');
      if (golds.length > mostGolds)
        return noVerdict('reference', `the task has ${golds.length} golds, the limit is ${mostGolds}`);
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      if (found.value.length > maxLength)
        return verdict(0, `the answer has ${found.value.length} characters, the limit is ${maxLength}`);
      if (match === 'rules') {
        const { correct, reason, at } = judgeByRules(
          found.value,
          golds,
          promptText(sample.task.prompt),
          options,
        );
        const place = at && { start: at.start + found.start, end: at.end + found.start };
        return verdict(correct ? 1 : 0, reason, place && { at: place });
      }
      const ours = form(found.value);
      const details = { answer: detach(ours.slice(0, 1000)), at: { start: found.start, end: found.end } };
      if (match === 'f1') {
        const best = Math.max(...golds.map((gold) => f1(ours, form(gold), options)));
        const value = options.threshold === undefined ? best : best > options.threshold ? 1 : 0;
        const over = golds.length === 1 ? quote(golds[0]!) : `the best of ${golds.length} golds`;
        return verdict(value, `token F1 ${round(best)} against ${over}`, details);
      }
      const right = golds.find((gold) => {
        const theirs = form(gold);
        return match === 'exact' ? ours === theirs : theirs !== '' && ours.includes(theirs);
      });
      const verb = match === 'exact' ? 'is' : 'contains';
      return right === undefined
        ? verdict(0, `${quote(ours)} ${verb} no gold`, details)
        : verdict(1, `${quote(ours)} ${verb} ${quote(right)}`, details);
    };
  },
});

function f1(
  ours: string,
  theirs: string,
  { count, polar }: { count: 'multiset' | 'set'; polar: boolean },
): number {
  if (polar && ours !== theirs && [ours, theirs].some((side) => /^(?:yes|no|noanswer)$/.test(side))) return 0;
  return tokenF1(splitWords(ours), splitWords(theirs), count).f1;
}

/**
 * Deliberately weak: 1 wherever a gold occurs in the completion, whatever stands around it. It ships so that probes have
 * something to find; do not train on it.
 */
export const contains = defineReward({
  name: 'contains',
  version: '1',
  summary: 'deliberately weak: is a gold a substring of the completion? For showing what probes find',
  options: z.object({
    caseSensitive: z.boolean().default(false).describe('keeps upper and lower case apart'),
    split: z.string().min(1).optional().describe('cuts each gold string into alternatives'),
  }),
  examples: [
    { completion: 'It is 4, or 5, or 6.', answer: '5', value: 1 },
    { completion: 'Rome', answer: ['Paris', 'Lutetia'], value: 0 },
  ],
  create:
    ({ caseSensitive, split }) =>
    (sample, context) => {
      const golds = goldTexts(sample.task.answer, split);
      if (golds === undefined) return noVerdict('reference', 'the task has no answer text to look for');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const form = (of: string) => (caseSensitive ? of : of.toLowerCase());
      const ours = form(text);
      const found = golds.find((gold) => ours.includes(form(gold).trim()));
      return found === undefined ? verdict(0, 'no gold is in it') : verdict(1, `${quote(found)} is in it`);
    },
});
