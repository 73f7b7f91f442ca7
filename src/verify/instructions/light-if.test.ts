import { describe, expect, it } from 'vitest';
import { scoringContext } from '../../core/reward.ts';
import { textSample } from '../../core/sample.ts';
import type { Task } from '../../core/task.ts';
import type { Verdict } from '../../core/verdict.ts';
import { evaluate } from './evaluate.ts';
import { englishFields, englishScore } from './light-if.ts';
import { chineseFields, chineseScore } from './light-if-chinese.ts';
import { lightIf } from './light-if-reward.ts';

const answer = 'ALPHA beta *one* and *two*. Use alpha today! Done';
const vector = {
  num_highlights: 2,
  low_word_cnt: 5,
  max_word_cnt: 20,
  keywords: ['alpha'],
  keywords_num: [[1, 1]],
  num_sentences: 3,
  sentences_style: 0,
  end_phrase: 'Done',
  low_capital_cnt: 1,
  max_capital_cnt: -1,
};
const english = (text: string, fields: object, query = '') =>
  englishScore(text, query, englishFields.parse(fields));
const chinese = (text: string, fields: object, released = false) =>
  chineseScore(text, chineseFields.parse(fields), { released });

function score(text: string, data: object, options = {}): Verdict {
  const task = { id: '1', prompt: 'p', data } as Task;
  return (lightIf(options).score([textSample(task, text)], scoringContext()) as readonly Verdict[])[0]!;
}

describe('the dense reward of Light-IF', () => {
  it('is the vectors of the specification', () => {
    expect(english(answer, vector)).toMatchObject({ point: 0.6, acc: 1 });
    expect(english(answer, { ...vector, keywords_num: [[2, -1]] })).toMatchObject({ point: 0.5, acc: 0 });
    const record = { source: 'jqzl-en', query: 'q', jqzl_prompt: vector };
    expect(score(`thinking</think>${answer}`, record).value).toBe(1.6);
    expect(score(answer, record)).toMatchObject({ value: 0, reason: 'the completion has no </think>' });
    expect(score(answer, record, { after: null, value: 'acc' }).value).toBe(1);
    expect(score(answer, record, { after: null, value: 'point' }).value).toBe(0.6);
  });

  it('checks by hand: no comma, two responses, highlights', () => {
    const holds = (text: string, id: string, parameters = {}) =>
      evaluate(text, [{ id, parameters }])[0]!.value;
    expect(holds('a, b', 'punctuation:no_comma')).toBe(0);
    expect(holds('a******a', 'combination:two_responses')).toBe(0);
    expect(holds('**x**', 'detectable_format:number_highlighted_sections', { num_highlights: 1 })).toBe(1);
  });

  it.each([
    [{ low_word_cnt: 3 }, 'one two three', 0.05, 1],
    [{ max_word_cnt: 2 }, 'one two three', 0, 0],
    [{ low_word_cnt: 3, max_word_cnt: 3 }, 'one two three four', 0.05, 1],
    [{ num_placeholders: 1 }, 'dear [name]', 0.05, 1],
    [{ num_bullets: 2 }, '* a\n* b\n- c', 0.1, 1],
    [{ low_capital_cnt: 2, max_capital_cnt: 2 }, 'AB CD e F', 0.1, 1],
    [{ keywords: ['x'], keywords_num: [[0, 0]] }, 'abc', 0.05, 1],
    [{ keywords: ['x'], keywords_num: [[-1, 2]] }, 'xxx', 0, 0],
    [{ num_sentences: 3, sentences_style: -1 }, 'a. b.', 0.05, 1],
    [{ num_sentences: 1, sentences_style: 1 }, 'a. b.', 0.05, 1],
    [{ letter: 'z', max_letter_num: -1 }, 'abc', 0.2, 1],
    [{ letter: 'b', low_letter_num: 2 }, 'abc', 0, 0],
    [{ letter: 'b', max_letter_num: 1 }, 'abc', 0.05, 1],
    [{ paragraphs: '\n\n', paragraphs_num: 2 }, 'a\n\nb', 0.1, 1],
    [{ paragraphs: '***', nth_paragraph: 2, first_word: 'b' }, 'a***b', 0.1, 1],
    [{}, 'anything', 0, 1],
  ])('scores %j', (fields, text, point, acc) => {
    expect(english(text, fields)).toMatchObject({ point, acc });
  });

  it('takes the repeated request out before it counts', () => {
    const fields = { prompt_to_repeat: 'Say hi.', max_word_cnt: 1 };
    expect(english('Say hi. Hi', fields, 'Say hi.')).toMatchObject({ point: 0.15, acc: 1 });
    expect(english('Hi', fields, 'Say hi.')).toMatchObject({ point: 0.05, acc: 0 });
  });

  it('scores the Chinese fields, with the released slips only when asked', () => {
    const fields = {
      topic_style: 1,
      max_topic_word_cnt: 4,
      sentence_num: 2,
      low_word_cnt: 5,
      max_word_cnt: 40,
    };
    const text = '《山水》今天天气好。我们去公园。';
    expect(chinese(text, fields)).toMatchObject({ point: 0.41, acc: 1 });
    expect(chinese(text, { begin_content: '今天', topic_style: 1 })).toMatchObject({ point: 0.06, acc: 1 });
    expect(chinese(text, { begin_content: '今天', topic_style: 1 }, true).acc).toBe(0);
    expect(chinese('没有标题', { topic_style: 1 })).toMatchObject({ point: 0, acc: 0 });
    expect(chinese(text, { end_content: '公园', max_word_cnt: 3 })).toMatchObject({ point: 0.06, acc: 0 });
    const keyword = { keywords: ['天'], keywords_num: [[4, -1]], keywords_req: ['x'] };
    expect(chinese(text, keyword)).toMatchObject({ acc: 0 });
    expect(chinese(text, { ...keyword, sentence_num: 2 }, true)).toMatchObject({ acc: 1 });
    expect(chinese(text, { ...keyword, keywords_req: [] })).toMatchObject({ acc: 1 });
    expect(chinese('a\n\nb', { paragraphs_split: 2, paragraphs_num: 2 })).toMatchObject({
      point: 0.16,
      acc: 1,
    });
  });

  it('blames the record, not the response', () => {
    expect(score('x</think>y', { source: 'jqzl-en', jqzl_prompt: { num_bullets: 'two' } })).toMatchObject({
      value: null,
      cause: 'reference',
      reason: expect.stringContaining('num_bullets'),
    });
    expect(score('x</think>y', { check_code: '…' })).toMatchObject({ value: null, cause: 'unsupported' });
    expect(score('x</think>y', {})).toMatchObject({ value: null, cause: 'reference' });
    const nested = {
      reward_model: { ground_truth: JSON.stringify({ source: 'jqzl-en', jqzl_prompt: { end_phrase: 'y' } }) },
    };
    expect(score('x</think>y', nested).value).toBeCloseTo(1.1, 12);
  });
});
