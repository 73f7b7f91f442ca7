import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactField, exactFields, exactJson, isInexact, parseJsonExactly } from './exact-json.ts';

const big = '9007199254740993';
const read = (text: string) => parseJsonExactly(text) as { [key: string]: never };

describe('parseJsonExactly', () => {
  it('is JSON.parse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseJsonExactly(text)).toEqual(JSON.parse(text));
      }),
      { seed: 3, numRuns: 500 },
    );
    const text = `{"a":${big},"b":[-${big},{"c":1e400}],"__proto__":{"d":${big}}}`;
    expect(parseJsonExactly(text)).toStrictEqual(JSON.parse(text));
    expect(() => parseJsonExactly(`{"a":${big}`)).toThrow(SyntaxError);
  });

  it('knows whether a number was inexact, however deep', () => {
    expect(isInexact(read(`{"a":[{"b":{"c":${big}}}]}`))).toBe(true);
    expect(
      isInexact(
        read('{"a":[{"b":{"c":9007199254740991,"d":1234567890123456.5,"e":100000000000000000000}}]}'),
      ),
    ).toBe(false);
  });
});

describe('exactField', () => {
  it('gives numbers that a double cannot hold, and those of a flat list, as their text', () => {
    const row = read(`{"a":${big},"b":[-${big},12,"x",null],"c":1e400,"d":0.5,"e":"${big}","f":[1,2]}`);
    expect(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'toString'].map((key) => exactField(row, key))).toEqual([
      big,
      [`-${big}`, 12, 'x', null],
      '1e400',
      0.5,
      big,
      [1, 2],
      undefined,
      undefined,
    ]);
    expect(exactField(row.b, 0)).toBe(`-${big}`);
  });

  it('leaves objects and lists with objects or lists in them as they are', () => {
    const row = read(`{"a":{"b":${big}},"c":[${big},{"d":${big}}],"e":[[${big}]]}`);
    for (const key of ['a', 'c', 'e']) expect(exactField(row, key)).toBe(row[key]);
  });

  it('gives what stands there now', () => {
    const row = read(`{"a":${big}}`) as { [key: string]: unknown };
    row.a = 3;
    expect(exactField(row, 'a')).toBe(3);
    expect(exactJson(row)).toBe('{"a":3}');
  });
});

it('exactFields copies, and only what it must', () => {
  const row = read(`{"a":${big},"b":${big}}`);
  expect(exactFields(row, ['a', 'z'])).toEqual({ a: big, b: Number(big) });
  expect(row.a).toBe(Number(big));
  for (const same of [{ a: 1 }, null, 'x', undefined]) expect(exactFields(same, ['a'])).toBe(same);
});

it('exactJson writes numbers as they were read, also into a copy with fields of its own', () => {
  const text = `{"a":${big},"b":[-0,1e400,{"c":-${big}}],"d":${big}}`;
  const row = read(text);
  expect(exactJson(row)).toBe(text);
  expect(exactJson({ ...row, d: 1, e: 2 }, row)).toBe(text.replace(/"d".*/, '"d":1,"e":2}'));
  expect(exactJson({ ...row })).toBe(
    JSON.stringify(row)
      .replace('[0,null', '[-0,1e400')
      .replace(/"c":-\d+/, `"c":-${big}`),
  );
});
