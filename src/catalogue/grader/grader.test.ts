import { describe, expect, test } from 'vitest';
import { callReward, type Json, scoringContext, textSample, type Verdict } from '../../core/index.ts';
import { buildReward } from '../index.ts';
import { readExpression } from './expression.ts';

function grade(grader: object, completion: string, data: { [key: string]: Json } = {}): Verdict {
  const task = { id: '0', prompt: 'the question', answer: 'gold', data };
  return (callReward(buildReward(grader), [textSample(task, completion)], scoringContext()) as Verdict[])[0]!;
}

const check = (operation: string, over: object = {}) => ({
  type: 'string_check',
  name: 'check',
  input: '{{ sample.output_text }}',
  reference: '{{item.word}}',
  operation,
  ...over,
});
const similar = (evaluation_metric: string) => ({
  type: 'text_similarity',
  name: 'similar',
  input: '{{sample.output_text}}',
  reference: '{{item.answer}}',
  evaluation_metric,
});

describe('string_check', () => {
  test.each([
    ['eq', 'Cat', 1],
    ['eq', 'cat', 0],
    ['ne', 'cat', 1],
    ['like', 'a Cat here', 1],
    ['like', 'a cat here', 0],
    ['ilike', 'a cAT here', 1],
  ])('%s of %j', (operation, completion, value) => {
    expect(grade(check(operation), completion, { word: 'Cat' }).value).toBe(value);
  });

  test('what the record lacks is no verdict, what the completion lacks is 0', () => {
    expect(grade(check('eq'), 'Cat')).toMatchObject({ value: null, cause: 'reference' });
    const json = check('eq', { input: '{{sample.output_json.a[0].b}}' });
    expect(grade(json, '{"a":[{"b":"Cat"}]}', { word: 'Cat' }).value).toBe(1);
    expect(grade(json, 'no JSON', { word: 'Cat' })).toMatchObject({ value: 0 });
    expect(grade(json, '{"a":{"__proto__":1}}', { word: 'Cat' })).toMatchObject({ value: 0 });
  });
});

test.each([
  ['fuzzy_match', 8 / 9],
  ['rouge_1', 0],
  ['rouge_l', 0],
])('text_similarity by %s', (metric, value) => {
  expect(grade(similar(metric), 'golds').value).toBeCloseTo(value, 10);
});

test("text_similarity with the threshold of Evals' definitions passes or fails, and keeps its score", () => {
  const graded = (pass_threshold: number) =>
    grade({ ...similar('fuzzy_match'), pass_threshold }, 'golds', { answer: 'gold' });
  const parts = { similarity: { value: 8 / 9 } };
  expect(graded(0.8)).toMatchObject({ value: 1, parts });
  expect(graded(8 / 9)).toMatchObject({ value: 1, parts });
  expect(graded(0.9)).toMatchObject({ value: 0, parts, reason: `${8 / 9} is below 0.9` });
});

describe('multi', () => {
  const both = (
    calculate_output: string,
    graders: object = { a: check('eq'), b: similar('fuzzy_match') },
  ) => ({
    type: 'multi',
    name: 'both',
    graders,
    calculate_output,
  });

  test('calculates from its graders, and keeps them as parts', () => {
    const verdict = grade(both('0.5 * a + max(b, 0) / 2'), 'gold', { word: 'gold' });
    expect(verdict).toMatchObject({ value: 1, parts: { a: { value: 1 }, b: { value: 1 } } });
  });

  test('one without a verdict leaves the whole without', () => {
    expect(grade(both('a + b'), 'gold')).toMatchObject({
      value: null,
      cause: 'reference',
      parts: { b: { value: 1 } },
    });
  });

  test('a single grader is known by its own name, and a division by zero is no verdict', () => {
    expect(grade(both('check * 3', check('eq')), 'x', { word: 'x' }).value).toBe(3);
    expect(grade(both('a / 0'), 'gold', { word: 'gold' })).toMatchObject({ value: null, cause: 'crash' });
  });

  test.each([
    ['a + c', "there is no grader 'c'"],
    ['a +', 'ends too early'],
    ['a b', "'b' is not expected here"],
    ['system(a)', "there is no function 'system'"],
    ['('.repeat(200), 'nests over 100 deep'],
    ['2 ^ '.repeat(400), 'nests over 100 deep'],
  ])('%.30s is an input error', (expression, message) => {
    expect(() => buildReward(both(expression))).toThrow(message);
  });
});

test('arithmetic as it is written', () => {
  const value = (text: string) => readExpression(text).evaluate({ a: 3 });
  expect(value('1 - 2 - 3 * -a')).toBe(8);
  expect(value('2 ^ 3 ^ 2')).toBe(512);
  expect(value('-2 ** 2')).toBe(-4);
  expect(value('min(a, 2, abs(-1.5)) + floor(1e0 + .5)')).toBe(2.5);
});

test.each([
  [{ type: 'score_model', name: 'm' }, 'ask a model'],
  [{ type: 'label_model', name: 'm' }, 'ask a model'],
  [{ type: 'python', name: 'm', source: '' }, 'run foreign code'],
  [similar('cosine'), "the metric 'cosine'"],
  [check('eq', { input: '{{sample.choices}}' }), 'sample.choices is not supported'],
  [check('eq', { input: '{{env.x}}' }), 'names item.… or sample.…'],
  [check('eq', { input: '{{item.x' }), 'never closed'],
  [check('is'), "field 'operation'"],
])('%j is said to be wrong or unsupported', (grader, message) => {
  expect(() => buildReward(grader)).toThrow(message);
});
