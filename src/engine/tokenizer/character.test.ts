import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { characterTokenizer } from './character.ts';

describe('characterTokenizer', () => {
  const tokenizer = characterTokenizer('ab😀 ');
  it('round-trips, with UTF-16 offsets', () => {
    const tokens = tokenizer.encode('b😀 a');
    expect([...tokens]).toEqual([1, 2, 3, 0]);
    expect(tokenizer.decode(tokens)).toBe('b😀 a');
    expect([...tokenizer.offsets(tokens)]).toEqual([0, 1, 3, 4]);
    expect([...tokenizer.bytes(2)]).toEqual([...new TextEncoder().encode('😀')]);
  });
  it('ends with a token without text', () => {
    expect(tokenizer.size).toBe(5);
    expect(tokenizer.decode([0, tokenizer.end])).toBe('a');
    expect([...tokenizer.offsets([0, tokenizer.end])]).toEqual([0, 1]);
    expect(tokenizer.bytes(tokenizer.end)).toHaveLength(0);
  });
  it('names what it cannot say', () => {
    expect(() => tokenizer.encode('abc')).toThrow(
      new InputError('the character "c" is not in the engine\'s alphabet (4 characters)'),
    );
    expect(() => characterTokenizer('aba')).toThrow(/"a" twice/);
    expect(() => characterTokenizer('')).toThrow(InputError);
  });
});
