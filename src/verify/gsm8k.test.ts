import { expect, test } from 'vitest';
import { scoringContext, textSample, type Verdict } from '../core/index.ts';
import { gsm8k } from './gsm8k.ts';

function score(completion: string, answer: unknown = '18', options: { lax?: boolean } = {}): Verdict {
  const sample = textSample({ id: '1', prompt: 'How many?', answer: answer as string }, completion);
  return (gsm8k(options).score([sample], scoringContext()) as Verdict[])[0]!;
}

test.each([
  ['A: 18', 1],
  ['A: $18', 1],
  ['A: 18.', 1],
  ['A: 18.00', 1],
  ['A: 18 eggs', 1],
  ['A: **18**', 1],
  ['**A: 18**', 1],
  ['**A:** 18', 1],
  ['A: `18`', 1],
  ['A:18', 1],
  ['A:\n18', 1],
  ['#### 18', 1],
  ['Answer: 18 dollars per day', 1],
  ['A: 9 * 2 = 18', 1],
  ['A: \\boxed{18}', 1],
  ['A: $18$', 1],
  ['A: 18%', 1],
  ['A: 18 eggs in 7 days', 1],
  ['A: 18\n\nI hope this helps!', 1],
  ['A: 18\nCheck: 9 * 2 = 18', 1],
  ['A: 18\nActually, let me check: 20 - 2 = 18', 1],
  ['A: 20\nA: 18', 1],
  ['A: 20\nWait, the answer is 18.', 1],
  ['A: 18\nQ: What is 2 + 2?\nA: 4', 1],
  ['A: 18<|im_end|>\nA: 4', 1],
  ['Q: How many?\nA: 18', 1],
  ['A: 18 or 20', 0],
  ['A: 20 or 18', 0],
  ['A: 18, 20', 0],
  ['A: 18-20', 0],
  ['A: 18 to 20', 0],
  ['A: 18/20', 0],
  ['A: 18 and 20', 0],
  ['A: either 18', 1],
  ['A: not 18', 0],
  ['A: 18\nA: 20', 0],
  ['A: 18 A: 20', 0],
  ['A: 20 A: 18', 1],
  ['A: 18\nWait, that is wrong, it is 20.', 0],
  ['A: 18\nThe answer is 20.', 0],
  ['A: 18\nNo, A: 20', 0],
  ['A: 18. A: 20', 0],
  ['A: 18\nOr 20.', 0],
  ['A: 18 eggs, or maybe 20', 0],
  ['A: -18', 0],
  ['A: 180', 0],
  ['A: 1.8', 0],
  ['A: eighteen', 0],
  ['A:', 0],
  ['18', 0],
  ['DNA: 18', 0],
  ['', 0],
])('%j is worth %d', (completion, value) => {
  expect(score(completion)).toMatchObject({ value });
});

test('lax takes the last number where there is no answer line', () => {
  expect(score('so she makes $18.', '18', { lax: true }).value).toBe(1);
  expect(score('The answer is 18, from 9 and 2.', '18', { lax: true }).value).toBe(0);
  expect(score('A: 20\nso 18', '18', { lax: true }).value).toBe(0);
});

test('references are solutions, texts or numbers; anything else is no verdict', () => {
  expect(score('A: 1200', 'so <<600*2=1200>>1200\n#### 1,200').value).toBe(1);
  expect(score('A: 2,125', 'A: 2,125').value).toBe(1);
  expect(score('A: 0.5', 0.5).value).toBe(1);
  for (const answer of ['', 'none', null, undefined, {}])
    expect(score('A: 18', answer)).toMatchObject(
      answer === undefined ? { value: 1 } : { value: null, cause: 'reference' },
    );
});

test('the verdict says where the answer stood and why it is wrong', () => {
  const verdict = score('so\nA: $20 a day');
  expect(verdict).toMatchObject({ answer: '20', reason: '20 is not 18', at: { start: 7, end: 9 } });
  expect(score('A: 18 or 20').reason).toBe("more than one number is left standing: '18', '20'");
});
