import { describe, expect, it } from 'vitest';
import { extractAnswer } from './extract.ts';

function text(completion: string, mode: 'lax' | 'strict' | 'none' = 'lax'): string {
  const found = extractAnswer(completion, mode);
  if ('none' in found) return `none: ${found.none}`;
  if (!found.text.includes(', ')) expect(completion.slice(found.start, found.end)).toBe(found.text);
  return found.text;
}

describe('extractAnswer', () => {
  it.each([
    ['So \\boxed{5}.', '5'],
    ['\\boxed{3} and then \\boxed{4}', '4'],
    ['\\boxed{3} and \\boxed{4}', '3, 4'],
    ['$\\boxed{3}$, $\\boxed{4}$', '3, 4'],
    ['\\boxed{\\boxed{3}}', '\\boxed{3}'],
    ['\\fbox{3}', '3'],
    ['\\boxed{a{b{c}}}', 'a{b{c}}'],
    ['\\boxed{a', 'none: the last box is not closed'],
    ['\\boxed{5} then \\boxed{}', ''],
    ['\\boxed 5 ', '5'],
    ['<think>\\boxed{4}</think>\\boxed{5}', '5'],
    ['<think>It is 5', 'none: the thought is not finished'],
    ['\\boxed{7}<|im_end|> \\boxed{8}', '7'],
    ['The answer is 42.', '42.'],
    ['**Final Answer:** 42', '42'],
    ['**Final Answer: 42**', '42'],
    ['So the final answer is **42**.', '42'],
    ['Final Answer: The final answer is $42$. I hope it is correct.', '$42$'],
    ['work\n#### 42', '42'],
    ['<answer> 42 </answer>', '42'],
    ['Final answer: 41\nNo. Final answer: 42', '42'],
    ['Thus, the answer is `42`.', '42'],
    ['The value is **42**', '42'],
    ['42 is the answer.', '42'],
    ['42', '42'],
    ['答案是 42', '42'],
    ['x**2 + 1', 'x**2 + 1'],
  ])('%s', (completion, answer) => {
    expect(text(completion)).toBe(answer);
  });

  it('modes', () => {
    expect(text('The answer is 5', 'strict')).toBe('none: there is no box');
    expect(text('\\boxed{5}', 'strict')).toBe('5');
    expect(text(' \\boxed{5} ', 'none')).toBe('\\boxed{5}');
  });
});
