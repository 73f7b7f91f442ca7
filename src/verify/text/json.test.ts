import { expect, test } from 'vitest';
import {
  callReward,
  InputError,
  type Json,
  type Reward,
  scoringContext,
  textSample,
  type Verdict,
} from '../../core/index.ts';
import { json } from './json.ts';
import { formats } from './json-formats.ts';

function score(reward: Reward, completion: string, data?: { readonly [key: string]: Json }): Verdict {
  const sample = textSample({ id: '1', prompt: '', data }, completion);
  return (callReward(reward, [sample], scoringContext()) as readonly Verdict[])[0]!;
}

test('finds JSON as the whole text, in a fence, in a tag or in prose, and repairs nothing', () => {
  const any = json({ schema: 'none' });
  expect(score(any, ' {"a": 1} ').value).toBe(1);
  expect(score(any, 'Here: {"a": [1, "}"]} and so on').value).toBe(1);
  expect(score(any, 'a [note and {"a": 1}').value).toBe(1);
  expect(score(any, '```\n{"a": 1,}\n```').value).toBe(0);
  expect(score(json({ schema: 'none', from: 'whole' }), 'so {"a": 1}').value).toBe(0);
  expect(score(json({ schema: 'none', from: 'tag' }), '<answer>[1]</answer>').value).toBe(1);
  expect(score(json({ schema: 'none', from: 'fence' }), '[1]').reason).toBe('there is no fenced block');
});

test('names from the prototype are names like any other', () => {
  const closed = json({ schema: { properties: { a: {} }, additionalProperties: false } });
  for (const name of ['constructor', '__proto__', 'toString'])
    expect(score(closed, `{"${name}": 1}`).value).toBe(0);
  expect(score(json({ schema: { required: ['constructor'] } }), '{}').value).toBe(0);
  const own = JSON.parse('{"properties": {"__proto__": {"type": "number"}}}') as Json;
  expect(score(json(), '{"__proto__": "x"}', { schema: own }).cause).toBe('reference');
});

test('patterns are linear, nesting is bounded, comparisons of items are counted', () => {
  const text = JSON.stringify(`${'a'.repeat(50_000)}!`);
  expect(score(json({ schema: { type: 'string', pattern: '^(a+)+$' } }), text).value).toBe(0);
  expect(
    score(json({ schema: { patternProperties: { '^(x+)+$': false } } }), `{"${'x'.repeat(1000)}!": 1}`).value,
  ).toBe(1);
  const list = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ i })));
  expect(score(json({ schema: { uniqueItems: true }, maxLength: 1_000_000 }), list).reason).toMatch(
    /too long/,
  );
  expect(score(json({ schema: 'none' }), '['.repeat(90_000)).reason).toBe('JSON nested over 64 deep');
});

test('a broken schema is the reference’s fault, or an error where it is the option', () => {
  expect(score(json(), '{}').cause).toBe('reference');
  expect(score(json(), '{}', { schema: '{oops' }).cause).toBe('reference');
  expect(score(json(), '{}', { schema: { type: 7 } }).cause).toBe('reference');
  expect(score(json(), '{}', { schema: { $ref: 'http://example.org/x' } }).cause).toBe('reference');
  expect(score(json(), '{}', { schema: { pattern: '(?=a)' } }).cause).toBe('reference');
  expect(() => json({ schema: { type: 'nothing' } })).toThrow(InputError);
});

test('drafts differ where they differ', () => {
  const tuple = { items: [{ type: 'string' }], additionalItems: false };
  const old = { $schema: 'http://json-schema.org/draft-07/schema#', ...tuple };
  expect(score(json(), '["a", 1]', { schema: old }).value).toBe(0);
  expect(score(json(), '["a"]', { schema: old }).value).toBe(1);
  const now = { prefixItems: [{ type: 'string' }], items: false, unevaluatedProperties: false };
  expect(score(json(), '["a", 1]', { schema: now }).value).toBe(0);
});

test('formats', () => {
  const cases: [string, string, boolean][] = [
    ['date', '2024-02-29', true],
    ['date', '2023-02-29', false],
    ['time', '23:59:60Z', true],
    ['time', '24:00:00Z', false],
    ['date-time', '2024-02-29T10:00:00+02:00', true],
    ['email', 'a.b@example.org', true],
    ['email', 'a@', false],
    ['ipv4', '256.1.1.1', false],
    ['ipv6', '::1', true],
    ['ipv6', '1:2:3:4:5:6:7:8:9', false],
    ['ipv6', '::ffff:1.2.3.4', true],
    ['uri', 'https://example.org/a?b#c', true],
    ['uri', 'not a uri', false],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', true],
    ['hostname', '-bad-.org', false],
    ['duration', 'P1DT2H', true],
    ['duration', 'PT', false],
    ['json-pointer', '/a~1b', true],
  ];
  for (const [name, text, valid] of cases)
    expect([name, text, formats[name]!(text)]).toEqual([name, text, valid]);
});
