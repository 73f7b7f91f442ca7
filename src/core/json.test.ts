import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, hash32 } from './hash.ts';
import {
  canonicalJson,
  describe as describeValue,
  firstDifference,
  identify,
  isDescribed,
  type Json,
} from './json.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('describe', () => {
  it('gives plain data as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(describeValue(value))).toBe(canonicalJson(value as Json));
      }),
      { seed: 1 },
    );
  });

  it('keeps infinities visible, and leaves undefined fields out', () => {
    expect(describeValue({ a: Number.POSITIVE_INFINITY, b: undefined, c: Number.NaN, d: 3n })).toEqual({
      a: 'Infinity',
      c: 'NaN',
      d: '3',
    });
    expect(describeValue([undefined, Float32Array.of(1, 2), /x+/u])).toEqual([null, [1, 2], '/x+/u']);
  });

  it('tells maps and sets of different content apart', () => {
    expect(describeValue(new Map([['a', 1]]))).toEqual([['a', 1]]);
    expect(describeValue({ seen: new Set([1, 2]) })).toEqual({ seen: [1, 2] });
  });

  it('knows functions by their source, or by the module they are said to come from', () => {
    const check = () => 1;
    const same = { check: () => 1 }.check;
    const other = { check: () => 2 }.check;
    expect(describeValue(check)).toEqual(describeValue(same));
    expect(describeValue(check)).not.toEqual(describeValue(other));
    identify(check, 'module-hash');
    expect(describeValue(check)).toEqual({ function: 'check', hash: 'module-hash' });
  });

  it('takes name, version and options of described values, not their methods', () => {
    const grpo = { name: 'grpo', version: '1', options: { std: 'sample', by: () => 0 }, estimate: () => 0 };
    expect(isDescribed(grpo)).toBe(true);
    expect(describeValue({ estimator: grpo })).toEqual({
      estimator: {
        name: 'grpo',
        version: '1',
        options: { std: 'sample', by: { function: 'by', hash: contentHash('() => 0') } },
      },
    });
    for (const no of [null, 3, { name: 'x' }, { name: 1, version: '1', options: {} }])
      expect(isDescribed(no)).toBe(false);
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
      { seed: 2 },
    );
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
    expect(canonicalJson(undefined)).toBe('null');
  });
});

describe('firstDifference', () => {
  it('names the field', () => {
    const recipe = { stages: [{ steps: 10, reward: { name: 'math' } }], seed: 1 };
    expect(firstDifference(recipe, structuredClone(recipe))).toBeUndefined();
    expect(firstDifference(recipe, { ...recipe, stages: [{ steps: 11, reward: { name: 'math' } }] })).toBe(
      'stages.0.steps',
    );
    expect(firstDifference(recipe, { ...recipe, extra: true })).toBe('extra');
    expect(firstDifference({ a: [1] }, { a: { 0: 1 } })).toBe('a');
    expect(firstDifference({ a: null }, { a: {} })).toBe('a');
    expect(firstDifference(1, 2)).toBe('(whole)');
    expect(firstDifference([1, 2], [1, 2, 3])).toBe('2');
  });

  it('finds one exactly where the canonical forms differ', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(firstDifference(a, a)).toBeUndefined();
        expect(firstDifference(a, b) === undefined).toBe(canonicalJson(a) === canonicalJson(b));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

describe('hashes', () => {
  it('are MurmurHash3 over 16-bit units in their mixing, and spread', () => {
    expect(hash32('')).toBe(0);
    expect(hash32('a')).not.toBe(hash32('b'));
    expect(hash32('a', 1)).not.toBe(hash32('a', 2));
    const seen = new Set(Array.from({ length: 20_000 }, (_, i) => contentHash(`task ${i}`)));
    expect(seen.size).toBe(20_000);
    expect(contentHash('x')).toMatch(/^[0-9a-f]{32}$/);
  });
});
