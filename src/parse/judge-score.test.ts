import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeScore } from './index.ts';

describe('judgeScore', () => {
  it.each([
    ['<answer>0.7</answer>', 0.7, 'tag'],
    ['Score: 1', 1, 'line'],
    ['no number', undefined, undefined],
    ['<think>0.3 of it is wrong</think> I give 0.8', 0.8, 'number'],
    ['\\box{0.6}', 0.6, 'box'],
    ['\\boxes{0.4}, no: \\boxed{ 0.5 }', 0.5, 'box'],
    ['\\boxed{0.4}, no: \\box{0.5}', 0.5, 'box'],
    ['<answer>good</answer> 0.9', 0.9, 'number'],
    ['3 mistakes, so 0.4', 0.4, 'number'],
    ['1.5', undefined, undefined],
    ['version 0.7.1 of v1 got 100%', undefined, undefined],
    ['<answer>1.7</answer>', 1, 'tag'],
    ['', undefined, undefined],
  ])('sophiavl-r1 (vector 9) and its kind: %j is %j', (text, value, form) => {
    const found = judgeScore(text);
    expect(found?.value).toBe(value);
    expect(found?.form).toBe(form);
  });

  it.each([
    ['### score: 8', 0.8],
    ['### score: 7.5', 0.75],
    ['Some words.\n**Score**: 3\nmore\n**Score**: 4\n', 0.4],
    ['score: 4/5', 0.8],
    ['score: 4/0', undefined],
    ['[[3]] … [[9]]', 0.9],
    ['[[12]]', 1],
  ])('a scale from 0 to 10 (critic-v, vector 11; light-if): %j is %j', (text, value) => {
    expect(judgeScore(text, { high: 10, forms: ['brackets', 'line'] })?.value).toBe(value);
  });

  it.each([
    ['<score>7</score> of <max_score>10</max_score>', 0.7, false],
    ['<score>12</score><max_score>10</max_score>', 1, true],
    ['<score>7</score><max_score>0</max_score>', undefined, undefined],
    ['seven', undefined, undefined],
  ])('pairs (ppr, vectors 7 to 9): %j is %j', (text, value, clamped) => {
    const found = judgeScore(text, { forms: ['pair'] });
    expect(found?.value).toBe(value);
    expect(found?.clamped).toBe(clamped);
  });

  it('says where it read it, and brings a scale from 1 to 5 to 0 to 1', () => {
    const text = 'It is fine: [[4]].';
    const found = judgeScore(text, { low: 1, high: 5 })!;
    expect(found).toMatchObject({ value: 0.75, said: 4, clamped: false });
    expect(text.slice(found.start, found.end)).toBe('4');
    expect(() => judgeScore(text, { low: 1, high: 1 })).toThrow('empty');
  });

  it('never throws, stays on the scale, and reads long texts in no time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const value = judgeScore(text)?.value;
        expect(value === undefined || (value >= 0 && value <= 1)).toBe(true);
      }),
      { seed: 1 },
    );
    for (const unit of ['[[', '\\box{', 'score: ', '<score>', '1', '0.', '\n#', ' - '])
      expect(judgeScore(unit.repeat(50_000))?.value ?? 0).toBeLessThanOrEqual(1);
  });
});
