import { z } from 'zod';
import { defineReward, type Json, noVerdict, verdict } from '../../core/index.ts';
import { quote } from '../../parse/index.ts';
import { answerSource, nothingAt, readAnswer } from '../answer-source.ts';
import { candidateText } from '../candidate.ts';

const word = z.string().regex(/^[\p{L}\p{N}]{1,40}$/u, 'expected one word');

/**
 * A yes/no answer. The words stand alone, in any case; an answer that says both, or denies one ('not true'), says neither
 * unless it opens with the word (`opening`).
 */
export const yesno = defineReward({
  name: 'yesno',
  version: '1',
  summary: 'the answer says yes or no, and it is the reference',
  source: 'wethink (yes/no rule); vlm-r1 (yes/no matcher)',
  options: z.object({
    ...answerSource('whole'),
    read: z
      .enum(['opening', 'only', 'last'])
      .default('opening')
      .describe(
        'opening: the first word when it is one of them, else the only one said; only: the only one said; last: the last one said',
      ),
    yes: z.array(word).min(1).default(['yes', 'true', 'correct']).describe('words that say yes'),
    no: z.array(word).min(1).default(['no', 'false', 'incorrect']).describe('words that say no'),
    gold: z.string().optional().describe('the answer where the tasks have none of their own: yes or no'),
  }),
  examples: [
    { completion: 'Yes, because it is even.', answer: true, value: 1 },
    { completion: 'The claim is not true.', answer: 'yes', value: 0 },
    { completion: 'Yes and no', answer: 'no', options: { read: 'only' }, value: 0 },
    { completion: '<answer>No</answer>', answer: 'no', options: { from: 'tag' }, value: 1 },
  ],
  create(options) {
    const sides = new Map<string, 'yes' | 'no'>();
    for (const one of options.yes) sides.set(one.toLowerCase(), 'yes');
    for (const one of options.no) sides.set(one.toLowerCase(), 'no');
    const side = (answer: Json | undefined) =>
      typeof answer === 'boolean' || answer === 1 || answer === 0
        ? answer
          ? 'yes'
          : 'no'
        : typeof answer === 'string'
          ? sides.get(answer.trim().toLowerCase().replace(/\.$/, ''))
          : undefined;
    return (sample, context) => {
      const gold = side(sample.task.answer ?? options.gold);
      if (gold === undefined) return noVerdict('reference', 'the task has no yes or no as its answer');
      const { text, tooLong } = candidateText(sample, context);
      if (tooLong) return tooLong;
      const found = readAnswer(text, options);
      if (found === undefined) return verdict(0, nothingAt(options));
      const at = { start: found.start, end: found.end };
      const said = sideOf(found.value, sides, options.read);
      if (said === undefined) return verdict(0, `${quote(found.value)} says neither yes nor no`, { at });
      return verdict(said === gold ? 1 : 0, `it says ${said}, the reference is ${gold}`, {
        answer: said,
        at,
      });
    };
  },
});

const deny = /^(?:not|never|n['’]t|isn['’]t|wasn['’]t|aren['’]t|cannot)$/i;

function sideOf(
  text: string,
  sides: ReadonlyMap<string, 'yes' | 'no'>,
  read: 'opening' | 'only' | 'last',
): 'yes' | 'no' | undefined {
  const words = text.match(/[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu) ?? [];
  const opening = sides.get(words[0]?.toLowerCase() ?? '');
  if (read === 'opening' && opening !== undefined) return opening;
  const said: ('yes' | 'no')[] = [];
  for (let i = 0; i < words.length; i++) {
    const one = sides.get(words[i]!.toLowerCase());
    if (one === undefined) continue;
    const denied = i > 0 && deny.test(words[i - 1]!);
    said.push(denied ? (one === 'yes' ? 'no' : 'yes') : one);
  }
  if (read === 'last') return said[said.length - 1];
  return said.every((one) => one === said[0]) ? said[0] : undefined;
}
