import { z } from 'zod';
import { splitWords, squeeze } from '../../parse/index.ts';
import { editDistance, intern } from './edit-distance.ts';
import { bestOf, type Comparison, defineSimilarity, round } from './similarity.ts';

const options = {
  form: z
    .enum(['accuracy', 'exponential', 'negative'])
    .default('accuracy')
    .describe('max(0, 1 − rate), exp(−rate) (sophiavl-r1 code) or −rate, not below −1 (its paper)'),
};

/** Word error rate as a reward: word edits divided by the words of the reference (it may pass 1). */
export const wer = defineSimilarity({
  name: 'wer',
  version: '1',
  summary: 'word error rate as a reward: 1 − edits / reference words',
  source: 'Morris et al. 2004; jiwer; sophiavl-r1',
  options,
  minimumOf: ({ form }) => (form === 'negative' ? -1 : 0),
  examples: [{ completion: 'the cat sit on mat', answer: 'the cat sat on the mat', value: 4 / 6 }],
  create: ({ form }) =>
    bestOf((candidate, gold) => rated(splitWords(candidate), splitWords(gold), form, 'word')),
});

/** Character error rate as a reward, code points after white space is squeezed. */
export const cer = defineSimilarity({
  name: 'cer',
  version: '1',
  summary: 'character error rate as a reward: 1 − edits / reference characters',
  source: 'Morris et al. 2004; jiwer',
  options,
  minimumOf: ({ form }) => (form === 'negative' ? -1 : 0),
  examples: [{ completion: 'hallo', answer: 'hello', value: 0.8 }],
  create: ({ form }) =>
    bestOf((candidate, gold) =>
      rated(Array.from(squeeze(candidate)), Array.from(squeeze(gold)), form, 'character'),
    ),
});

function rated(
  candidate: readonly string[],
  gold: readonly string[],
  form: 'accuracy' | 'exponential' | 'negative',
  unit: string,
): Comparison {
  const edits = editDistance(intern(candidate, gold));
  const rate = gold.length > 0 ? edits / gold.length : edits > 0 ? 1 : 0;
  const value =
    form === 'accuracy'
      ? Math.max(0, 1 - rate)
      : form === 'exponential'
        ? Math.exp(-rate)
        : -Math.min(1, rate);
  return { value, reason: `${unit} error rate ${round(rate)} (${edits} edits to ${gold.length})` };
}
