import { z } from 'zod';
import { tokenizers, tokenizeText } from '../../parse/index.ts';
import { bleu as bleuScore, gleu as gleuScore, smoothings } from './bleu-scores.ts';
import { defineSimilarity, round } from './similarity.ts';

const tokenize = z.enum(tokenizers).default('13a').describe('how both sides are cut into tokens');
const lowercase = z.boolean().default(false).describe('lower-cases both sides first');

/** Sentence BLEU against one or several references, in [0, 1]; the defaults are sacrebleu's for sentences. */
export const bleu = defineSimilarity({
  name: 'bleu',
  version: '1',
  summary: 'BLEU-1 to BLEU-4 of a sentence against its references',
  source: 'Papineni et al. 2002; smoothing after Chen and Cherry 2014 as in sacrebleu',
  options: {
    order: z.int().min(1).max(8).default(4).describe('highest n-gram order'),
    smoothing: z.enum(smoothings).default('exp').describe('what an order without a match counts'),
    smoothingValue: z.number().positive().optional().describe('for floor (0.1) and add-k (1)'),
    effectiveOrder: z.boolean().default(true).describe('ignore orders for which the candidate is too short'),
    tokenize,
    lowercase,
  },
  examples: [
    { completion: 'The cat sat on the mat.', answer: 'The cat sat on the mat.', value: 1 },
    {
      completion: 'the the the cat',
      answer: ['the cat sat', 'a cat sat there'],
      options: { order: 1, smoothing: 'none' },
      value: 0.5,
    },
  ],
  create: (options) => (candidate, golds) => {
    const cut = (text: string) =>
      tokenizeText(options.lowercase ? text.toLowerCase() : text, options.tokenize);
    const ours = cut(candidate);
    const value = bleuScore(ours, golds.map(cut), options);
    return { value, reason: `BLEU-${options.order} ${round(value)} over ${ours.length} tokens` };
  },
});

/** Google BLEU of a sentence, in [0, 1]: symmetric in precision and recall, so it needs no smoothing. */
export const gleu = defineSimilarity({
  name: 'gleu',
  version: '1',
  summary: 'Google BLEU of a sentence: the smaller of n-gram precision and recall',
  source: 'Wu et al. 2016, section 6; nltk.translate.gleu_score',
  options: {
    order: z.int().min(1).max(8).default(4).describe('highest n-gram order'),
    tokenize,
    lowercase,
  },
  examples: [{ completion: 'the cat sat', answer: 'the cat sat down', value: 0.6 }],
  create:
    ({ order, tokenize: by, lowercase: lower }) =>
    (candidate, golds) => {
      const cut = (text: string) => tokenizeText(lower ? text.toLowerCase() : text, by);
      const value = gleuScore(cut(candidate), golds.map(cut), { order });
      return { value, reason: `GLEU ${round(value)}` };
    },
});
