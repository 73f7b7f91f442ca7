import { z } from 'zod';
import { defineReward, noVerdict, verdict } from '../../core/index.ts';
import { labelForm, labelList, oneLabel, quote, splitWords } from '../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';
import { goldTexts } from './golds.ts';
import { round } from './similarity.ts';
import { setMeasures, setOverlap } from './token-overlap.ts';

const closedSet = {
  labels: z
    .array(z.string().min(1).max(1000))
    .max(10_000)
    .default([])
    .describe('the closed set; task.data.labels when empty; when neither is there, any text is a label'),
};

/** The closed set of a task: the option's, else the record's. */
function labelsOf(given: readonly string[], data: unknown): readonly string[] {
  if (given.length > 0) return given;
  const own = (data as { labels?: unknown } | undefined)?.labels;
  return Array.isArray(own) && own.every((one) => typeof one === 'string') ? own : [];
}

/** Classification with one label: the whole answer is one label of a closed set, and the right one. */
export const label = defineReward({
  name: 'label',
  version: '1',
  summary: 'the answer is exactly one label of a closed set, and it is the reference',
  source: 'gencls-pp (exact label, numbered labels); CLS-RL',
  options: z.object({
    ...answerSource('whole'),
    ...closedSet,
    numbered: z
      .enum(['no', 'from0', 'from1'])
      .default('no')
      .describe('the answer may be the number of a label in the set (gencls-pp)'),
    invalid: z.number().default(0).describe('the value of an answer that is no label of the set'),
  }),
  examples: [
    { completion: ' "Sport". ', answer: 'sport', options: { labels: ['sport', 'transport'] }, value: 1 },
    { completion: 'It is about transport', answer: 'transport', value: 0 },
    { completion: '2', answer: 'b', options: { labels: ['a', 'b'], numbered: 'from1' }, value: 1 },
  ],
  minimumOf: ({ invalid }) => Math.min(0, invalid),
  create(options) {
    const { numbered, invalid } = options;
    return (sample, context) => {
      const golds = goldTexts(sample.task.answer);
      if (golds === undefined) return noVerdict('reference', 'the task has no label as its answer');
      const labels = labelsOf(options.labels, sample.task.data);
      const named = golds.map((gold) => (labels.length > 0 ? oneLabel(gold, labels) : labelForm(gold)));
      if (named.every((one) => one === undefined))
        return noVerdict('reference', `${quote(golds[0]!)} is not in the set of labels`);
      const { text, tooLong } = candidateText(sample, context, Math.min(0, invalid));
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(invalid, nothingAt(options));
      const at = { start: found.start, end: found.end };
      const number = /^\s*(\d{1,5})\s*\.?\s*$/.exec(found.value)?.[1];
      const byNumber =
        number !== undefined && numbered !== 'no'
          ? labels[Number(number) - (numbered === 'from1' ? 1 : 0)]
          : undefined;
      const said = byNumber ?? (labels.length > 0 ? oneLabel(found.value, labels) : labelForm(found.value));
      if (said === undefined) return verdict(invalid, `${quote(found.value)} is no label of the set`, { at });
      return named.includes(said)
        ? verdict(1, `the label is ${quote(said)}`, { answer: said, at })
        : verdict(0, `the label is ${quote(golds[0]!)}, not ${quote(said)}`, { answer: said, at });
    };
  },
});

/** Classification with several labels: overlap of the set that the answer lists with the reference's set. */
export const labels = defineReward({
  name: 'labels',
  version: '1',
  summary: 'the set of labels listed against the reference set: F1, Jaccard, precision, recall or equality',
  source: 'sklearn f1_score(average="samples"); search-gen-v (ten layouts); rulereasoner',
  options: z.object({
    ...answerSource('whole'),
    ...closedSet,
    measure: z.enum(setMeasures).default('f1').describe('what two sets are compared by; equal is 1 or 0'),
    unknown: z
      .enum(['wrong', 'drop'])
      .default('wrong')
      .describe(
        'a listed word outside the closed set: counts as a wrong label, or is ignored (search-gen-v)',
      ),
    split: z.string().min(1).optional().describe('cuts each gold string into labels'),
    without: z
      .array(z.string().min(1).max(100))
      .max(100)
      .optional()
      .describe('words left out of every label, listed or gold: the, and (rulereasoner, lists of things)'),
  }),
  examples: [
    { completion: 'red, blue', answer: ['red', 'green'], value: 0.5 },
    { completion: '["Red","Green"]', answer: ['red', 'green'], options: { measure: 'equal' }, value: 1 },
    {
      completion: '1. red\n2. none of them\n',
      answer: ['red'],
      options: { labels: ['red', 'green'], unknown: 'drop' },
      value: 1,
    },
    {
      completion: 'the apple, and the bill',
      answer: 'the apple, and the coat',
      options: { split: ',', without: ['the', 'and'] },
      value: 0.5,
    },
    { completion: '[]', answer: [], value: 1 },
  ],
  create(options) {
    const { measure, unknown, split } = options;
    const left = new Set(options.without?.map(labelForm));
    const form = (one: string) => {
      const whole = labelForm(one);
      return left.size === 0
        ? whole
        : splitWords(whole)
            .filter((word) => !left.has(word))
            .join(' ');
    };
    return (sample, context) => {
      const { answer } = sample.task;
      const none = Array.isArray(answer) && answer.length === 0;
      const golds = none ? [] : goldTexts(answer, split);
      if (golds === undefined) return noVerdict('reference', 'the task has no list of labels as its answer');
      const known = new Set(labelsOf(options.labels, sample.task.data).map(form));
      const wanted = new Set(golds.map(form));
      const stray = known.size > 0 && golds.find((gold) => !known.has(form(gold)));
      if (stray) return noVerdict('reference', `${quote(stray)} is not in the set of labels`);
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const listed = labelList(found.value)
        .map(form)
        .filter((one) => one !== '');
      const kept = unknown === 'drop' && known.size > 0 ? listed.filter((one) => known.has(one)) : listed;
      const said = new Set(kept);
      const value = setOverlap(said, wanted, measure);
      return verdict(
        value,
        `${measure} ${round(value)}: ${said.size} labels listed, ${wanted.size} expected`,
        {
          answer: [...said].sort().join(', ').slice(0, 1000),
          at: { start: found.start, end: found.end },
        },
      );
    };
  },
});
