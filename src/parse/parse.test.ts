import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerLadder,
  boxed,
  choiceLetter,
  fencedBlock,
  fencedBlocks,
  lastNumber,
  markedLine,
  numberIn,
  numbersIn,
  quotient,
  statedNumber,
  tagBlock,
  tagSequence,
  visibleAnswer,
} from './index.ts';

describe('boxed', () => {
  test.each([
    ['\\boxed{5}', '5'],
    ['so \\boxed{3} and \\boxed{4}.', '4'],
    ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
    ['\\boxed{\\{1,2\\}}', '\\{1,2\\}'],
    ['\\fbox{7}', '7'],
    ['\\boxed {8}', '8'],
    ['\\boxed{1} then \\boxed{2', undefined],
    ['\\boxed', undefined],
    ['a boxed{5}', undefined],
    ['\\boxed 5 apples', undefined],
    ['', undefined],
  ])('last of %j is %j', (text, value) => {
    expect(boxed(text)?.value).toBe(value);
  });

  test('first, unbraced and window', () => {
    expect(boxed('\\boxed{3} \\boxed{4}', { which: 'first' })?.value).toBe('3');
    expect(boxed('\\boxed{3 \\boxed{4}', { which: 'first' })?.value).toBe('4');
    expect(boxed('\\boxed 5, then', { unbraced: true })?.value).toBe('5');
    expect(boxed(`\\boxed{5}${' '.repeat(500)}`, { window: 500 })).toBeUndefined();
  });

  test('many boxes that are never closed stay linear', () => {
    const text = '\\boxed{'.repeat(100_000);
    expect(boxed(text)).toBeUndefined();
    expect(boxed(text, { which: 'first' })).toBeUndefined();
    expect(boxed('\\boxed '.repeat(100_000))).toBeUndefined();
  });
});

describe('tags', () => {
  const text = 'x<answer>1</answer>\n<answer> 2\n</answer>';
  test('first and last block, one line only, trimmed', () => {
    expect(tagBlock(text, 'answer')).toEqual({ value: '1', start: 9, end: 10 });
    expect(tagBlock(text, 'answer', { which: 'last' })?.value).toBe(' 2\n');
    expect(tagBlock(text, 'answer', { which: 'last', trim: true })).toEqual({
      value: '2',
      start: 29,
      end: 30,
    });
    expect(tagBlock(text, 'answer', { which: 'last', multiline: false })?.value).toBe('1');
    expect(tagBlock('<a>\n</a><a>2</a>', 'a', { multiline: false })?.value).toBe('2');
  });

  test('missing and prefilled', () => {
    expect(tagBlock('42', 'answer')).toBeUndefined();
    expect(tagBlock('42', 'answer', { missing: 'whole' })?.value).toBe('42');
    expect(tagBlock('thought</think>', 'think', { prefilled: true })?.value).toBe('thought');
    expect(tagBlock('thought</think>', 'think', { prefilled: true, which: 'last' })?.value).toBe('thought');
    expect(tagBlock('<think>never closed', 'think')).toBeUndefined();
    expect(tagBlock('<Think>a</Think>', 'think')).toBeUndefined();
  });

  test('one-line blocks among many opening tags stay linear', () => {
    expect(tagBlock(`${'<a>\n'.repeat(100_000)}</a>`, 'a', { multiline: false })).toBeUndefined();
  });

  test('a sequence with its blocks and errors', () => {
    const { tags, blocks, errors } = tagSequence('<think>a<b>c</b></think><answer>1', [
      'think',
      'b',
      'answer',
    ]);
    expect(tags.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'open think',
      'open b',
      'close b',
      'close think',
      'open answer',
    ]);
    expect(blocks.map(({ name, depth }) => [name, depth])).toEqual([
      ['think', 0],
      ['b', 1],
    ]);
    expect(errors).toEqual([{ kind: 'unclosed', name: 'answer', start: 24, end: 32 }]);
    const crossed = tagSequence('<a><b></a></b>');
    expect(crossed.errors.map(({ kind, name }) => [kind, name])).toEqual([
      ['crossed', 'b'],
      ['unopened', 'b'],
    ]);
  });
});

describe('visibleAnswer', () => {
  test.each([
    ['<think>a</think>Text', {}, 'Text'],
    ['Text', {}, 'Text'],
    ['<think>never ended', {}, undefined],
    ['Text', { missing: 'malformed' }, undefined],
    ['a</think>b</think>c', {}, 'c'],
    ['a</think>b</think>c', { which: 'first' }, 'b</think>c'],
    [
      '<response> Hi </response> more',
      { after: '<response>', until: '</response>', opening: '<think>' },
      'Hi',
    ],
    ['<think>a</think>b<think>c', {}, undefined],
  ] as const)('%j %j → %j', (text, options, value) => {
    expect(visibleAnswer(text, options)?.value).toBe(value);
  });
});

describe('fences', () => {
  const text = 'a\n```js\none\n```\n~~~\ntwo\n~~~\n```python\nthree';
  test('first, last, by language, incomplete', () => {
    expect(fencedBlock(text)).toMatchObject({ value: 'one', language: 'js', complete: true });
    expect(fencedBlock(text, { which: 'last' })?.value).toBe('two');
    expect(fencedBlock(text, { languages: ['Python'] })).toBeUndefined();
    expect(fencedBlock(text, { languages: ['Python'], incomplete: true })?.value).toBe('three');
    expect(text.slice(...Object.values(span(fencedBlock(text)!)))).toBe('one');
  });
  test('a longer fence holds a shorter one; an empty block; inline', () => {
    expect(fencedBlock('````md\n```js\nx\n```\n````')?.value).toBe('```js\nx\n```');
    expect(fencedBlock('```\n```')?.value).toBe('');
    expect(fencedBlock('see ```json {"a":1}``` there', { inline: true })).toMatchObject({
      value: '{"a":1}',
      language: 'json',
    });
    expect(fencedBlock('see ```json {"a":1}``` there')).toBeUndefined();
    expect(fencedBlocks('```js\r\nx\r\n```', {})[0]?.value).toBe('x');
  });
});

function span({ start, end }: { start: number; end: number }) {
  return { start, end };
}

describe('markedLine', () => {
  test.each([
    ['A: 1\nA: 2', '2'],
    ['**A:** 18', '18'],
    ['> #### 5', '5'],
    ['**#### 6', '6'],
    ['#### A: 7', '7'],
    ['A:\n\n 18 eggs\n', '18 eggs'],
    ['DNA: 4', undefined],
    ['a: 4', undefined],
    ['A: \nthe end of it', 'the end of it'],
  ])('%j → %j', (text, value) => {
    const found = markedLine(text, { markers: ['A:', '####'] });
    expect(found?.value.replace(/^A: /, '')).toBe(value);
  });
  test('first, and letters in either case', () => {
    expect(markedLine('A: 1\nA: 2', { markers: ['A:'], which: 'first' })?.value).toBe('1');
    expect(markedLine('ANSWER: 3', { markers: ['answer:'], ignoreCase: true })?.value).toBe('3');
  });
});

describe('numbers', () => {
  test.each([
    ['1,200.50', ['1200.5']],
    ['1,2345', ['1', '2345']],
    ['-3 and +4 and −5', ['-3', '4', '-5']],
    ['7-5', ['7', '5']],
    ['-$5, $-6, - 7', ['-5', '-6', '7']],
    ['.5 0.50 00.5', ['0.5', '0.5', '0.5']],
    ['18.', ['18']],
    ['1e3 2.5E-2 3em', ['1000', '0.025', '3']],
    ["1'000 1{,}000 1\\,000 1\u202f000", ['1000', '1000', '1000', '1000']],
    ['-0.0', ['0']],
    ['x2y', ['2']],
    ['no digits', []],
  ])('%j → %j', (text, values) => {
    expect(numbersIn(text).map(({ value }) => value)).toEqual(values);
    expect(lastNumber(text)?.value).toBe(values.at(-1));
  });

  test.each([
    ['3.14', '3.14'],
    [' -3.50 ', '-3.5'],
    ['1e2', '100'],
    ['', undefined],
    ['1/2', undefined],
    ['1,000', undefined],
    ['.', undefined],
    ['5 apples', undefined],
  ])('the literal %j is %j', (text, value) => {
    expect(numberIn(text)).toBe(value);
  });

  test('quotients', () => {
    expect(quotient('1', '2')).toBe('0.5');
    expect(quotient('1', '3')).toBe('1/3');
    expect(quotient('-2', '-6')).toBe('1/3');
    expect(quotient('0.5', '0.25')).toBe('2');
    expect(quotient('1', '0')).toBeUndefined();
  });
});

describe('statedNumber', () => {
  test.each([
    ['$1,200.', '1200'],
    ['**18**', '18'],
    ['18 eggs', '18'],
    ['18 eggs in 7 days', '18'],
    ['18%', '18'],
    ['9 * 2 = $18', '18'],
    ['18 (18.00)', '18'],
    ['1/2', '0.5'],
    ['2 1/2 hours', '2.5'],
    ['\\frac{1}{3}', '1/3'],
    ['2\\frac{1}{2}', '2.5'],
    ['-1.8 billion', '-1800000000'],
    ['$5k', '5000'],
    ['18 or so', '18'],
  ])('%j states %j', (text, value) => {
    expect(statedNumber(text)).toMatchObject({ kind: 'number', value });
  });
  test.each([
    '18 or 20',
    'either 18, 20',
    '18, 20',
    '18-20',
    '18 to 20',
    '18 and 20',
    '18 20',
    '7:30',
    '9 * 2',
    '3 x 6',
  ])('%j is left open', (text) => {
    expect(statedNumber(text).kind).toBe('open');
  });
  test.each([
    'not 18',
    '18. No wait, 20',
    'maybe 18, maybe 20',
    '18 (or 20)',
    'x = 5 or x = 6',
    '18 eggs and 20 hens',
  ])('%j is left open too', (text) => {
    expect(statedNumber(text).kind).toBe('open');
  });
  test('no number is none', () => {
    expect(statedNumber('eighteen').kind).toBe('none');
  });
});

describe('choiceLetter', () => {
  test.each([
    ['\\boxed{B}', 'B'],
    ['\\boxed{\\text{B}}', 'B'],
    ['\\boxed{(b)}', 'B'],
    ['\\boxed{B. Hepatitis}', 'B'],
    ['\\boxed{A, B}', undefined],
    ['\\boxed{A or B}', undefined],
    ['B', 'B'],
    ['b.', 'B'],
    ['(C) because', 'C'],
    ['**D**', 'D'],
    ['The answer is (C).', 'C'],
    ['The answer is C, not B', 'C'],
    ['the answer is a dog', undefined],
    ['I think it is B', 'B'],
    ['A man walks', undefined],
    ['It is B or C', undefined],
    ['42', undefined],
    ['A is right', 'A'],
  ])('%j → %j', (text, value) => {
    expect(choiceLetter(text)?.value).toBe(value);
  });
  test('isolated is what the reference of tspo does, false hits included', () => {
    const options = { rules: ['isolated'], letters: 'ABCDE' } as const;
    expect(
      ['B.', 'The answer is (C)', 'a dog', '42'].map((text) => choiceLetter(text, options)?.value),
    ).toEqual(['B', 'C', 'A', undefined]);
  });
  test('keywordScored prefers letters near its words and late ones', () => {
    const options = { rules: ['keywordScored'] } as const;
    expect(
      choiceLetter('A. is out; we can look at this for long. The answer should be B.', options)?.value,
    ).toBe('B');
    expect(choiceLetter('c!', options)?.value).toBe('C');
  });
});

describe('answerLadder', () => {
  test.each([
    ['The final answer is $5$. I hope it is correct.', '5', 'minerva'],
    ['\\boxed{3} … \\boxed{4}', '4', 'boxed'],
    ['\\boxed{7}<|im_end|> \\boxed{8}', '7', 'boxed'],
    ['The answer is 42.', '42', 'answerIs'],
    ['答案是 12\n\n完', '12', 'chinese'],
    ['we get 1,234 apples', '1234', 'lastNumber'],
  ])('%j → %j by %s', (text, value, rung) => {
    expect(answerLadder(text)).toMatchObject({ value, rung });
  });
  test('nothing, and rungs switched off', () => {
    expect(answerLadder('')).toBeUndefined();
    expect(answerLadder('The answer is 42', { rungs: ['boxed'] })).toBeUndefined();
    expect(answerLadder('x\n#### 9', { rungs: ['marked'] })?.value).toBe('9');
  });
});

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\\boxed{',
      '}',
      '{',
      '\\',
      '<think>',
      '</think>',
      '<answer>',
      '</answer>',
      '```',
      '\n',
      '~~~',
    ),
    fc.constantFrom(
      'A:',
      '####',
      '1,200',
      '18',
      '-',
      '$',
      '.',
      '/',
      ' or ',
      '=',
      'B',
      '(',
      ')',
      ' ',
      'e5',
      '答案是',
    ),
    fc.string({ maxLength: 6, unit: 'binary' }),
  ),
  { maxLength: 40 },
);

test('no parser throws on any text, and every span is inside it', () => {
  const parsers: ((text: string) => { start: number; end: number } | undefined)[] = [
    boxed,
    (text) => boxed(text, { which: 'first', unbraced: true }),
    (text) => tagBlock(text, 'answer', { which: 'last', multiline: false }),
    (text) => tagBlock(text, 'think', { prefilled: true, trim: true }),
    (text) => fencedBlock(text, { incomplete: true }),
    (text) => fencedBlock(text, { inline: true, which: 'last', incomplete: true }),
    (text) => markedLine(text, { markers: ['A:', '####'] }),
    (text) => visibleAnswer(text),
    lastNumber,
    (text) => choiceLetter(text),
    (text) => choiceLetter(text, { rules: ['keywordScored'] }),
    (text) => answerLadder(text),
    (text) => tagSequence(text).blocks[0],
    (text) => {
      const stated = statedNumber(text);
      return stated.kind === 'none' ? undefined : stated;
    },
  ];
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      for (const parse of parsers) {
        const found = parse(text);
        if (found === undefined) continue;
        expect(found.start).toBeGreaterThanOrEqual(0);
        expect(found.end).toBeGreaterThanOrEqual(found.start);
        expect(found.end).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 500, seed: 7 },
  );
});
