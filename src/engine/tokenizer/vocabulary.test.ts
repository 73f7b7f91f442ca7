import { expect, it } from 'vitest';
import { vocabularyTokenizer } from './vocabulary.ts';

it('cuts text into the longest entries, and back', () => {
  const tokenizer = vocabularyTokenizer(['1', '2', '12', '+', '=']);
  const tokens = tokenizer.encode('12+2=21');
  expect([...tokens]).toEqual([2, 3, 1, 4, 1, 0]);
  expect(tokenizer.decode([...tokens, tokenizer.end])).toBe('12+2=21');
  expect([...tokenizer.offsets(tokens)]).toEqual([0, 2, 3, 4, 5, 6]);
  expect(tokenizer.size).toBe(6);
});

it('names what it cannot say, and refuses a bad vocabulary', () => {
  expect(() => vocabularyTokenizer(['1']).encode('13')).toThrow(/starts "3"/);
  expect(() => vocabularyTokenizer([])).toThrow(/one entry or more/);
  expect(() => vocabularyTokenizer(['a', 'a'])).toThrow(/"a" twice/);
  expect(() => vocabularyTokenizer(['a', ''])).toThrow(/empty entry/);
});
