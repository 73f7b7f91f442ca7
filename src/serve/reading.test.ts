import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { exactField, exactJson } from '../core/index.ts';
import { verdictCache } from './cache.ts';
import { parseJson, scanJson } from './json-body.ts';
import { readLines } from './protocols/lines.ts';

async function linesOf(blocks: readonly (string | Buffer)[], limit = 100, window = 2) {
  const windows: (readonly string[])[] = [];
  const stream = Readable.from(blocks.map((block) => Buffer.from(block)));
  for await (const lines of readLines(stream, limit, window)) windows.push(lines);
  return windows;
}

describe('lines of a stream', () => {
  test('come in windows, whatever the blocks are', async () => {
    expect(await linesOf(['a\nb\nc', 'd\n\n  \ne'])).toEqual([['a', 'b'], ['cd'], ['e']]);
    expect(await linesOf([])).toEqual([]);
  });

  test('a letter may be cut between blocks', async () => {
    const bytes = Buffer.from('😀\n');
    expect(await linesOf([bytes.subarray(0, 2), bytes.subarray(2)])).toEqual([['😀']]);
  });

  test('one that is too long is one empty line, and not kept', async () => {
    const blocks = ['a\n', ...new Array(50).fill('x'.repeat(30)), '\nb'];
    expect((await linesOf(blocks)).flat()).toEqual(['a', '', 'b']);
  });
});

describe('JSON of a stranger', () => {
  const limits = { depth: 100, values: 100 };

  test('depth and values are counted outside of strings', () => {
    expect(scanJson('[[[]]]', limits)).toEqual({ depth: 3, values: 3, inexact: false });
    expect(scanJson('[[],[]]', limits)).toEqual({ depth: 2, values: 3, inexact: false });
    expect(scanJson(JSON.stringify({ a: '[[[[",,\\' }), limits)).toMatchObject({ depth: 1, values: 1 });
    expect(scanJson('["\\\\", [[1]]]', limits)).toMatchObject({ depth: 3 });
    expect(() => parseJson(`${'['.repeat(201)}${']'.repeat(201)}`, 1e6)).toThrow('nested over 200 deep');
    expect(parseJson('{"__proto__": 1}', 10)).toHaveProperty('__proto__', 1);
    expect(parseJson('["1","2","3"]', 3)).toEqual(['1', '2', '3']);
    expect(() => parseJson('["1","2","3","4"]', 3)).toThrow(
      "the JSON has over 3 values (option 'values'); send fewer samples a request",
    );
    expect(() => parseJson('{"a":{},"b":{},"c":{}}', 3)).toThrow('the JSON has over 3 values');
  });

  test('ten numbers of a list are one value, unless one of them is looked at again', () => {
    const values = (text: string) => scanJson(text, { depth: 10, values: 1e6 }).values;
    const list = (...items: string[]) => `[${Array(100).fill(items).flat().join(', ')}]`;
    expect(values(list('1'))).toBe(10);
    expect(values(list('-0.5'))).toBe(10);
    expect(values(list('null'))).toBe(10);
    expect(values(list('""'))).toBe(100);
    expect(values(list('{}'))).toBe(101);
    expect(values(list('1', '{"a":1,"b":2}'))).toBe(1 + 100 * 2 + 9);
    expect(values(`[12345678901234567${',1'.repeat(100)}]`)).toBe(101);
    expect(() => parseJson(list('1'), 9)).toThrow('over 9 values');
    expect(() => parseJson(`[${', \n'.repeat(20)}]`, 9)).toThrow('over 9 values');
  });

  test('digits of numbers that a double cannot hold are remembered', () => {
    const text = '{"a":9007199254740993,"b":[-9007199254740993,{"c":12}],"d":-1E+999,"e":"9007199254740993"}';
    const read = parseJson(text, 100) as object;
    expect(read).toStrictEqual(JSON.parse(text));
    expect(['a', 'd', 'e'].map((key) => exactField(read, key))).toEqual([
      '9007199254740993',
      '-1E+999',
      '9007199254740993',
    ]);
    expect(exactJson(read)).toBe(text);
  });

  test('and all others are numbers, for which there is no second look', () => {
    const text = '[123456789012345,0.30000000000000004,-1.5e-300,1e22,-0,12.5,"1234567890123456789"]';
    expect(scanJson(text, limits).inexact).toBe(false);
    expect(parseJson(text, 100)).toEqual(JSON.parse(text));
    const beyond = '[9007199254740991,1e200,1234567890123456.5,100000000000000000000]';
    expect(parseJson(beyond, 100)).toEqual(JSON.parse(beyond));
  });
});

test('the cache drops what was not used longest, and keeps values only', () => {
  const cache = verdictCache(2);
  cache.set('a', { value: 1 });
  cache.set('b', { value: 2 });
  expect(cache.get('a')).toEqual({ value: 1 });
  cache.set('c', { value: 3 });
  cache.set('d', { value: null, cause: 'timeout' });
  expect([cache.get('a')?.value, cache.get('b'), cache.get('c')?.value, cache.get('d')]).toEqual([
    1,
    undefined,
    3,
    undefined,
  ]);
  expect(cache.size).toBe(2);
  cache.set('e', { value: 1, parts: { long: { value: 1, reason: 'x'.repeat(10_000) } } });
  expect(cache.get('e')).toBeUndefined();
});
