import { expect, it } from 'vitest';
import { canonicalAnswer } from './index.ts';

it.each([
  ['1/2', '0.5', '\\frac12', '\\frac{2}{4}', '50\\%'],
  ['1000', '1,000', '10^3'],
  ['2\\sqrt2', '\\sqrt8', '\\frac{4}{\\sqrt2}'],
  ['1+\\sqrt2', '\\sqrt{3+2\\sqrt2}'],
  ['x^2+2x+1', '(x+1)^2', '1+2x+x^2'],
  ['\\frac{x^2-1}{x+y}', '\\frac{(x-1)(x+1)}{y+x}'],
  ['\\{1,2\\}', '2, 1', 'x=1 \\text{ or } x=2'],
  ['(1,2]', '1<x\\le2'],
  ['x=3', '3', '{3}'],
  ['y=2x+1', '2x+1'],
  ['2x-y+1=0', '4x-2y+2=0'],
  ['5\\text{ cm}', '50\\text{ mm}'],
  ['\\text{no solution}', '\\emptyset'],
  ['\\text{Yes}', 'yes'],
  ['2:3', '4:6'],
  ['\\begin{pmatrix}1&\\frac12\\end{pmatrix}', '\\begin{bmatrix}1&0.5\\end{bmatrix}'],
  ['\\pm 3', '3, -3'],
])('one text for %s', (...texts) => {
  const all = new Set(texts.map((text) => canonicalAnswer(text)));
  expect([...all]).toHaveLength(1);
  expect(all.has(undefined)).toBe(false);
});

it('different answers have different texts', () => {
  const answers = [
    '1/2',
    '1/3',
    '\\sqrt2',
    '1.41421356',
    '\\pi',
    'e',
    'x',
    'y',
    'x+1',
    '(1,2)',
    '\\{1,2\\}',
    '(2,1)',
    '[1,2)',
    '\\sin x',
    '\\cos x',
    '5\\text{ cm}',
    '5\\text{ kg}',
    'i',
    '-i',
    '\\text{even}',
  ];
  const texts = answers.map((answer) => canonicalAnswer(answer));
  expect(texts).not.toContain(undefined);
  expect(new Set(texts).size).toBe(answers.length);
});

it('has none for what has none', () => {
  for (const text of [
    '',
    '1/0',
    '9^{9^{9^{9}}}',
    'x'.repeat(20_000),
    '\\begin{cases}1&x>0\\\\0&x\\le0\\end{cases}',
  ])
    expect(canonicalAnswer(text)).toBeUndefined();
});
