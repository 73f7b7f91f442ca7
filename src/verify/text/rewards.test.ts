import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnyRewardFactory,
  callReward,
  type Json,
  type Reward,
  scoringContext,
  textSample,
  type Verdict,
} from '../../core/index.ts';
import * as rewards from './index.ts';
import {
  label,
  labels,
  language,
  length,
  lengthRatio,
  levenshtein,
  qa,
  regex,
  repetition,
  sequenceRatio,
  toolcall,
  yesno,
} from './index.ts';

function score(
  reward: Reward,
  completion: string,
  answer?: Json,
  data?: { readonly [key: string]: Json },
): Verdict {
  const sample = textSample({ id: '1', prompt: '', answer, data }, completion);
  return (callReward(reward, [sample], scoringContext()) as readonly Verdict[])[0]!;
}
const value = (...args: Parameters<typeof score>) => score(...args).value;

test('labels: exactly one of a closed set, never a substring', () => {
  const sport = label({ labels: ['sport', 'transport'] });
  expect(value(sport, '**Transport**', 'transport')).toBe(1);
  expect(value(sport, 'sport and transport', 'sport')).toBe(0);
  expect(value(sport, 'sport', 'politics')).toBeNull();
  expect(value(label({ invalid: -1 }), 'x', 'a', { labels: ['a'] })).toBe(-1);
  expect(value(label({ labels: ['a', 'b'], numbered: 'from0' }), '1', 'b')).toBe(1);
  expect(value(label(), '7', '7')).toBe(1);
});

test('label lists in every layout', () => {
  const gold = ['support', 'partial_support', 'not_support'];
  const layouts = [
    '["support", "partial_support", "not_support"]',
    "['support', 'partial_support', 'not_support']",
    '{"labels": ["support", "partial_support", "not_support"]}',
    'support\npartial_support\nnot_support',
    '- support\n- partial_support\n- not_support',
    '1. support\n2. partial_support\n3. not_support',
    '<label>support</label><label>partial_support</label><label>not_support</label>',
    'support, partial_support, not_support',
    'support\tpartial_support\tnot_support',
    'support | partial_support | not_support',
  ];
  for (const layout of layouts)
    expect([layout, value(labels({ measure: 'equal' }), layout, gold)]).toEqual([layout, 1]);
  expect(value(labels({ measure: 'jaccard' }), 'support', gold)).toBeCloseTo(1 / 3);
  expect(value(labels({ measure: 'recall' }), 'support, other', gold)).toBeCloseTo(1 / 3);
});

test('yes and no', () => {
  expect(value(yesno(), 'No, it is not correct', 'no')).toBe(1);
  expect(value(yesno(), 'It is not correct.', 'no')).toBe(1);
  expect(value(yesno(), 'Nobody knows', 'no')).toBe(0);
  expect(value(yesno({ read: 'last' }), 'Yes? No!', 'no')).toBe(1);
  expect(value(yesno({ yes: ['oui'], no: ['non'] }), 'Oui.', true)).toBe(1);
  expect(value(yesno(), 'yes', 'maybe')).toBeNull();
});

test('tool calls: names, arguments, order, credit', () => {
  const call = (name: string, args: object) =>
    `<tool_call>${JSON.stringify({ name, arguments: args })}</tool_call>`;
  const gold = [
    { name: 'a', arguments: { x: 1 } },
    { name: 'b', arguments: { y: 'Two' } },
  ];
  const both = `${call('b', { y: 'Two' })} ${call('a', { x: 1 })}`;
  expect(value(toolcall(), both, gold)).toBe(1);
  expect(value(toolcall({ ordered: true }), both, gold)).toBe(0);
  expect(value(toolcall(), call('a', { x: 1 }), gold)).toBe(0);
  expect(value(toolcall({ credit: 'graded' }), call('a', { x: 1 }), gold)).toBe(0.5);
  expect(value(toolcall({ normalize: 'lower' }), both.replace('Two', 'TWO'), gold)).toBe(1);
  expect(value(toolcall({ coerce: true }), call('a', { x: '1' }), gold[0])).toBe(1);
  expect(value(toolcall(), call('a', { x: 1, z: 0 }), gold[0])).toBe(0);
  expect(value(toolcall({ extra: true }), call('a', { x: 1, z: 0 }), gold[0])).toBe(1);
  expect(value(toolcall(), both, 'a()')).toBeNull();
});

test('lengths, repetition, language, patterns', () => {
  expect(value(length({ unit: 'sentences', max: 2 }), 'It costs 3.5 dollars. Dr. Who paid. Fine.')).toBe(0);
  expect(value(length({ unit: 'characters', min: 2 }), '\u{1f600}')).toBe(0);
  expect(value(lengthRatio({ minimum: -1 }), 'x'.repeat(100), 'x')).toBe(-1);
  expect(value(repetition({ weight: 2 }), 'x x x x x')).toBeCloseTo((-2 * 2) / 3);
  expect(value(language({ language: 'zh' }), '今天天气很好，我们去公园吧。')).toBe(1);
  expect(value(language({ language: 'en' }), '12345')).toBe(0);
  expect(score(regex(), 'abc', '(?=a)').cause).toBe('reference');
  expect(value(regex({ pattern: '^b', flags: 'm' }), 'a\nb')).toBe(1);
  expect(value(regex({ match: 'absent', pattern: 'z' }), 'abc')).toBe(1);
});

describe('blame', () => {
  test('the candidate’s length is a value, the reference’s is no verdict, whatever the other is', () => {
    const reward = levenshtein({ maxLength: 100 });
    const [short, long] = ['a', 'a'.repeat(101)];
    expect(score(reward, long, short)).toMatchObject({ value: 0 });
    expect(score(reward, short, long)).toMatchObject({ value: null, cause: 'reference' });
    expect(score(reward, long, long)).toMatchObject({ value: null, cause: 'reference' });
    expect(score(qa(), 'a')).toMatchObject({ value: null, cause: 'reference' });
  });

  test('a matching that goes over its fuel is the candidate’s fault', () => {
    const sample = textSample({ id: '1', prompt: '', answer: 'ab'.repeat(400) }, 'ba'.repeat(400));
    const [verdict] = callReward(
      sequenceRatio(),
      [sample],
      scoringContext({ fuel: 1000 }),
    ) as readonly Verdict[];
    expect(verdict).toMatchObject({ value: 0 });
    expect(verdict!.reason).toMatch(/over the limit of 1000 operations/);
  });
});

const factories = Object.values(rewards as unknown as Record<string, AnyRewardFactory>);

test.each(factories.map((factory) => [factory.definition.name, factory] as const))(
  '%s gives any completion a value between its minimum and 1, twice the same',
  (_, factory) => {
    const { answer, data, options } = factory.definition.examples[0];
    const reward = factory(options as never);
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      '"',
      '<answer>',
      '</answer>',
      '\\boxed{',
      'not ',
      'yes',
      '1,000',
      '\n',
      '```',
      'the ',
      '\ud800',
      '\u0000',
    );
    const completion = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(completion, (text) => {
        const first = score(reward, text, answer, data as { [key: string]: Json });
        expect(first.value).not.toBeNull();
        expect(first.value).toBeGreaterThanOrEqual(reward.minimum ?? 0);
        expect(first.value).toBeLessThanOrEqual(1);
        expect(score(reward, text, answer, data as { [key: string]: Json })).toEqual(first);
      }),
      { seed: 11, numRuns: 150 },
    );
  },
);
