import { describe, expect, it } from 'vitest';
import { conflicts } from './conflicts.ts';
import { promptClasses } from './difficulty.ts';

const words = (relation: string, num_words: number) => ({
  id: 'length_constraints:number_words',
  parameters: { relation, num_words },
});
const plain = (id: string, parameters: { [name: string]: unknown } = {}) => ({ id, parameters });

describe('conflicts', () => {
  it.each([
    [words('at least', 300), words('less than', 300), 'at least 300 and at most 299 words'],
    [words('at least', 300), plain('count:word_count_range', { min_words: 10, max_words: 20 }), 'words'],
    [plain('change_case:english_capital'), plain('change_case:english_lowercase'), 'all capital'],
    [
      plain('change_case:english_lowercase'),
      plain('language:response_language', { language: 'de' }),
      'another language',
    ],
    [
      plain('change_case:english_lowercase'),
      plain('change_case:capital_word_frequency', { capital_frequency: 2, capital_relation: 'at least' }),
      'capital letters',
    ],
    [plain('punctuation:no_comma'), plain('startend:end_checker', { end_phrase: 'Yes, please.' }), 'comma'],
    [plain('punctuation:no_comma'), plain('custom:csv_city'), 'commas'],
    [
      plain('combination:repeat_prompt', { prompt_to_repeat: 'Say yes or no.' }),
      plain('keywords:forbidden_words', { forbidden_words: ['yes'] }),
      "'yes' is required and forbidden",
    ],
    [
      plain('combination:repeat_prompt', { prompt_to_repeat: 'Say yes.' }),
      plain('startend:quotation'),
      'quote',
    ],
    [
      plain('detectable_format:json_format'),
      plain('combination:repeat_prompt', { prompt_to_repeat: 'Say yes.' }),
      'JSON',
    ],
    [
      plain('detectable_format:number_bullet_lists', { num_bullets: 2 }),
      plain('detectable_format:number_bullet_lists', { num_bullets: 3 }),
      'bullet',
    ],
    [
      plain('startend:end_checker', { end_phrase: 'one' }),
      plain('startend:end_checker', { end_phrase: 'two' }),
      'two endings',
    ],
    [plain('format:no_whitespace'), plain('format:output_template'), 'white space'],
    [
      plain('keywords:letter_frequency', { letter: 'o', let_frequency: 2, let_relation: 'less than' }),
      plain('keywords:existence', { keywords: ['book'] }),
      'letter o',
    ],
  ])('finds %j against %j', (a, b, reason) => {
    for (const pair of [
      [a, b],
      [b, a],
    ])
      expect(conflicts([plain('detectable_format:title'), ...pair])).toEqual([
        { first: 1, second: 2, reason: expect.stringContaining(reason) },
      ]);
  });

  it.each([
    [words('at least', 300), words('less than', 301)],
    [
      plain('startend:end_checker', { end_phrase: 'all for now' }),
      plain('startend:end_checker', { end_phrase: 'now' }),
    ],
    // "yellow" ends with the phrase without having the word.
    [
      plain('startend:end_checker', { end_phrase: 'low' }),
      plain('keywords:forbidden_words', { forbidden_words: ['low'] }),
    ],
    [
      plain('keywords:existence', { keywords: ['cat'] }),
      plain('keywords:forbidden_words', { forbidden_words: ['cat'] }),
    ],
    // A string of JSON may hold the separator.
    [plain('detectable_format:json_format'), plain('combination:two_responses')],
    [plain('no:such'), plain('punctuation:no_comma')],
  ])('leaves %j with %j', (a, b) => {
    expect(conflicts([a, b])).toEqual([]);
  });
});

describe('promptClasses', () => {
  it('sorts by pass rate', () => {
    expect(promptClasses([0, 0.124, 0.125, 0.49, 0.5, 1, Number.NaN])).toEqual([
      'hard',
      'hard',
      'easy',
      'easy',
      'pass',
      'pass',
      undefined,
    ]);
    expect(promptClasses([0, 0.3], { pass: 0.9, easy: 0 })).toEqual(['easy', 'easy']);
    expect(() => promptClasses([1.2])).toThrow(RangeError);
    expect(() => promptClasses([], { pass: 0.1, easy: 0.2 })).toThrow(RangeError);
  });
});
