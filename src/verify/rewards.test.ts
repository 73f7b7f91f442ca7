import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Json,
  type Reward,
  scoringContext,
  type Task,
  textSample,
  type Verdict,
} from '../core/index.ts';
import { choice } from './choice.ts';
import { countdown } from './countdown.ts';
import { exact } from './exact.ts';
import { gsm8k } from './gsm8k.ts';
import { number } from './number.ts';
import { tagFormat } from './tag-format.ts';

function score(reward: Reward, completion: string, task: Partial<Task> = {}, fuel = 1_000_000): Verdict {
  const sample = textSample({ id: '1', prompt: '', ...task }, completion);
  return (reward.score([sample], scoringContext({ fuel })) as Verdict[])[0]!;
}

describe('tagFormat', () => {
  const value = (completion: string, options: Parameters<typeof tagFormat>[0] = {}) =>
    score(tagFormat(options), completion).value;
  const lazy = { once: false, nested: true } as const;

  test('the vectors of BNPO: blocks touch, each tag once', () => {
    const options = { between: 'none' } as const;
    expect(value('<think>a</think><answer>4</answer>', options)).toBe(1);
    expect(value('<think>a</think>\n<answer>4</answer>', options)).toBe(0);
    expect(value('<think>a</think><answer>4</answer> done', options)).toBe(0);
    expect(value('<think>a</think><answer>4</answer><answer>4</answer>', options)).toBe(0);
  });

  test('the vectors of VLM-R1: a full match with lazy contents', () => {
    expect(value('<think>a</think>\n<answer>b</answer>', lazy)).toBe(1);
    expect(value('<think>a</think>\n<answer>b</answer>\n', lazy)).toBe(0);
    expect(value('so <think>a</think>\n<answer>b</answer>', lazy)).toBe(0);
    expect(value('<think>a</think>\n<answer>b</answer><answer>c</answer>', lazy)).toBe(1);
  });

  test('the vectors of R1-Reward: touching blocks, one opening tag each, after the end of turn is cut', () => {
    const options = { between: 'none', once: 'open', trim: true, endOfTurn: true } as const;
    expect(value(' <think>x</think><answer>2</answer><|im_end|>', options)).toBe(1);
    expect(value('<think>x</think>\n<answer>2</answer>', options)).toBe(0);
    expect(value('<think></think><answer></answer>', options)).toBe(1);
    expect(value('<think>a<think>b</think></think><answer>2</answer>', options)).toBe(0);
  });

  test('the vectors of SophiaVL-R1: text between and after is tolerated, before is not', () => {
    const options = { between: 'any', after: 'any', ...lazy } as const;
    expect(value('so <think>a</think><answer>b</answer>', options)).toBe(0);
    expect(value('<think>a</think> well <answer>b</answer> done', options)).toBe(1);
  });

  test('the index order of RuleReasoner: a missing opening tag passes, any other missing tag fails', () => {
    const options = { order: 'index', ok: 0, bad: -1 } as const;
    expect(value('<think>a</think><answer>b</answer>', options)).toBe(0);
    expect(value('a</think><answer>b</answer>', options)).toBe(0);
    expect(value('<think>a<answer>b</answer>', options)).toBe(-1);
    expect(value('<think>a</think>b</answer>', options)).toBe(-1);
    expect(value('<think>a</think><answer>b', options)).toBe(-1);
    expect(value('<answer>b</answer><think>a</think>', options)).toBe(-1);
  });

  test('the count of SWE-RL: each tag once, thought not empty, text outside tolerated', () => {
    const options = { tags: ['think', 'solution'], order: 'count', empty: false, bad: -1 } as const;
    const call = (text: string) => value(text, { ...options, tags: [...options.tags] });
    expect(call('so <think>a</think> and <solution>b</solution> done')).toBe(1);
    expect(call('<think> </think><solution>b</solution>')).toBe(-1);
    expect(call('<think>a</think><solution>b</solution></solution>')).toBe(-1);
  });

  test('prefilled, nested, case and three blocks', () => {
    expect(value('a</think><answer>b</answer>', { prefilled: true })).toBe(1);
    expect(value('<think>a</think><answer>b</answer>', { prefilled: true })).toBe(0);
    expect(value('<think><answer>a</answer></think>')).toBe(0);
    expect(value('<Think>a</Think><answer>b</answer>')).toBe(0);
    expect(value('<a>1</a><b>2</b> <c>3</c>', { tags: ['a', 'b', 'c'] })).toBe(1);
    expect(value('<a>1</a><c>3</c><b>2</b>', { tags: ['a', 'b', 'c'] })).toBe(0);
    expect(value('<think>1</think><think>2</think><answer>b</answer>', { before: 'any', once: false })).toBe(
      1,
    );
  });

  test.each([
    ['<answer>b</answer>', '<think> is missing'],
    ['<think>a</think><answer>b', '</answer> is missing'],
    ['so <think>a</think><answer>b</answer>', 'text stands before <think>'],
    ['<think>a</think><answer>b</answer>.', 'text stands after </answer>'],
    ['<think>a</think> then <answer>b</answer>', 'text stands between two blocks'],
    ['<think>a<answer>b</answer></think>', 'text stands after </answer>'],
    ['<think>a</think><answer>b</answer><answer>c</answer>', '<answer> occurs 2 times'],
  ])('%j: %s', (completion, reason) => {
    expect(score(tagFormat(), completion)).toMatchObject({ value: 0, reason });
  });

  test('agrees with the regular expression that the papers use', () => {
    const reference = /^<think>.*?<\/think>\s*<answer>.*?<\/answer>$/s;
    const reward = tagFormat(lazy);
    const piece = fc.constantFrom('<think>', '</think>', '<answer>', '</answer>', ' ', '\n', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(score(reward, text).value).toBe(reference.test(text) ? 1 : 0);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  test('where the answer stood, and the minimum', () => {
    expect(score(tagFormat({ trim: true }), ' <think>a</think><answer>b</answer>').at).toEqual({
      start: 25,
      end: 26,
    });
    expect(tagFormat({ bad: -1 }).minimum).toBe(-1);
  });
});

describe('countdown', () => {
  const data = { numbers: [3, 5, 5, 10], target: 10 };
  const check = (completion: string, options: Parameters<typeof countdown>[0] = {}, other: object = {}) =>
    score(countdown(options), completion, { data: { ...data, ...other } });

  test.each([
    ['5+5', 1, 'makes 10'],
    ['10', 1, 'makes 10'],
    ['(3+5)/(5/10)-3', 0, 'uses 3 too often'],
    ['10*5/5 = 10', 1, 'makes 10'],
    ['10 × 5 ÷ 5', 1, 'makes 10'],
    ['5+5 = 11', 0, "says it makes '11', the target is 10"],
    ['5+5=10=10', 0, 'there is more than one ='],
    ['3+5', 0, 'makes 8, not 10'],
    ['3/5', 0, 'makes 3/5, not 10'],
    ['5+5+5-5', 0, 'uses 5 too often'],
    ['2*5', 0, 'uses 2, which is not given'],
    ['5/(5-5)', 0, 'uses 5 too often'],
    ['10/(5-5)', 0, 'divides by zero'],
    ['-5+10+5', 0, 'a number is missing before -'],
    ['(5+5', 0, 'a bracket is not closed'],
    ['5+5)', 0, 'an operator is missing before )'],
    ['5 5', 0, 'an operator is missing before 5'],
    ['5+', 0, 'the expression breaks off'],
    ['', 0, 'there is no answer'],
    ['()', 0, 'uses no number'],
    ['5+five', 0, "'five' does not belong in an expression"],
    ['5.0+5', 0, "'.0+5' does not belong in an expression"],
    [`${'('.repeat(60)}10${')'.repeat(60)}`, 0, 'brackets over 50 deep'],
    ['9'.repeat(3000), 0, 'the expression has over 2000 characters'],
  ])('%j is worth %d: %s', (completion, value, reason) => {
    expect(check(completion)).toMatchObject({ value, reason });
  });

  test('options', () => {
    expect(check('10', { useAll: true }).reason).toBe('does not use 3, 5, 5');
    expect(check('10*5/5', { operators: '+-' }).reason).toBe('uses *, which is not allowed');
    expect(check('so <answer>5+5</answer>', { from: 'tag' }).at).toEqual({ start: 11, end: 14 });
    expect(check('3*3+1', {}, { numbers: ['3', 3, 1] }).value).toBe(1);
  });

  test('a task without numbers or target is no verdict', () => {
    for (const wrong of [
      { numbers: 'x' },
      { numbers: [] },
      { numbers: [1.5] },
      { target: 'x' },
      { numbers: [-1] },
    ])
      expect(check('5+5', {}, wrong)).toMatchObject({ value: null, cause: 'reference' });
    const fromAnswer = score(countdown(), '5+5', { answer: 10, data: { numbers: [5, 5] } });
    expect(fromAnswer.value).toBe(1);
  });

  test('agrees with exact evaluation on random expressions', () => {
    const leaf = fc.integer({ min: 1, max: 9 }).map(String);
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc
          .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/'), tie('tree'))
          .map(([a, op, b]) => `(${a}${op}${b})`),
      ),
    }));
    fc.assert(
      fc.property(tree, (expression) => {
        const numbers = (expression.match(/\d/g) ?? []).map(Number);
        const value = Number(new Function(`return ${expression}`)());
        fc.pre(numbers.length <= 20 && Number.isFinite(value));
        const target = Math.round(value);
        const verdict = score(countdown(), expression, { data: { numbers, target } });
        if (Math.abs(value - target) > 1e-9) expect(verdict.value).toBe(0);
        if (value === target && Math.abs(target) < 1e6 && !expression.includes('/'))
          expect(verdict.value).toBe(1);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('choice', () => {
  const options = ['Gout', 'Hepatitis', 'Flu'];
  const check = (completion: string, answer: Json, over: object = {}, data: object = {}) =>
    score(choice(over), completion, { answer, data: { ...data } }).value;

  test.each([
    ['The answer is (C).', 'C', 1],
    ['**B**', '(b)', 1],
    ['B and C', 'B', 0],
    ['none', 'B', 0],
    ['', 'B', 0],
    ['C, A', 'A,C', 1],
    ['A', 'A,C', 0],
    ['A, C, C', 'A,C', 0],
    ['yes', 'Yes', 1],
    ['No, but yes', 'yes', 0],
    ['It is not known: yes or no', 'yes', 0],
    ['The answer is no.', false, 1],
  ])('%j for %j is worth %d', (completion, answer, value) => {
    expect(check(completion, answer)).toBe(value);
  });

  test('options by text, index, object and labels', () => {
    expect(check('Hepatitis.', 'B', {}, { options })).toBe(1);
    expect(check('Hepatitis', 'B', { optionText: false }, { options })).toBe(0);
    expect(check('B', 'hepatitis', {}, { options })).toBe(1);
    expect(check('B', 1, {}, { choices: options })).toBe(1);
    expect(check('D', 'A', {}, { options })).toBe(0);
    expect(check('B', 'Flu', {}, { options: { A: 'Gout', B: 'Flu' } })).toBe(1);
    expect(check('B', 'B', {}, { choices: { text: ['Gout', 'Flu'], label: ['A', 'B'] } })).toBe(1);
  });

  test('sets with repeats as SophiaVL-R1 counts them', () => {
    expect(check('A, A', 'A,C', { repeats: 'pass' })).toBe(1);
    expect(check('A, A', 'A,C')).toBe(0);
  });

  test('references that name nothing are no verdict', () => {
    for (const answer of ['neither of them', 3.5, null, {}, []]) expect(check('A', answer)).toBeNull();
  });
});

test('number: places, tolerance and open answers', () => {
  const check = (completion: string, answer: Json, options: Parameters<typeof number>[0] = {}) =>
    score(number(options), completion, { answer });
  expect(check('\\boxed{1,200.50}', '1200.5').value).toBe(1);
  expect(check('It costs $3.', 3).value).toBe(1);
  expect(check('<answer>2 1/2</answer>', 2.5, { from: 'tag' }).value).toBe(1);
  expect(check('99', 100, { relative: 0.01 }).value).toBe(1);
  expect(check('98.9', 100, { relative: 0.01 }).value).toBe(0);
  expect(check('1e999', 100, { tolerance: 1 }).value).toBe(0);
  expect(check('9'.repeat(400), '9'.repeat(400)).value).toBe(1);
  expect(check('no number', 3)).toMatchObject({ value: 0, reason: 'there is no answer' });
  for (const answer of ['', 'none', '1 or 2', null, Number.NaN])
    expect(check('3', answer).cause).toBe('reference');
});

test('exact: a list accepts any, and nothing is trimmed when told so', () => {
  const check = (completion: string, answer: Json, options: Parameters<typeof exact>[0] = {}) =>
    score(exact(options), completion, { answer });
  expect(check('cat\n', 'cat').value).toBe(1);
  expect(check('cat\n', 'cat', { trim: false }).value).toBe(0);
  expect(check('cat', ['dog', 'cat']).value).toBe(1);
  expect(check('4', 4).value).toBe(1);
  expect(check('cat', { text: 'cat' }).cause).toBe('reference');
  expect(check('no box', 'x', { from: 'boxed' }).reason).toBe('there is no \\boxed{}');
});

test.each([exact(), number(), gsm8k(), choice(), tagFormat({ bad: -1 }), countdown()])(
  '$name: an oversized completion is the minimum, and no text makes it throw',
  (reward) => {
    const task = { answer: '5', data: { numbers: [5], target: 5 } };
    const long = score(reward, 'x'.repeat(101), reward.name === 'choice' ? { answer: 'A' } : task, 100);
    expect(long).toMatchObject({
      value: reward.minimum ?? 0,
      reason: expect.stringContaining('the limit is 100'),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (text) => {
        expect(score(reward, text, task).cause).not.toBe('crash');
        expect(score(reward, `A: ${text}`, task).cause).not.toBe('crash');
      }),
      { numRuns: 200, seed: 5 },
    );
  },
);
