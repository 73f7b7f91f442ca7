import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { verdictCache } from './cache.ts';
import { isTooDeep, parseJson } from './json-body.ts';
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

test('the depth of JSON counts brackets outside of strings', () => {
  expect(isTooDeep('[[[]]]', 2)).toBe(true);
  expect(isTooDeep('[[],[]]', 2)).toBe(false);
  expect(isTooDeep(JSON.stringify({ a: '[[[["\\' }), 2)).toBe(false);
  expect(isTooDeep('["\\\\", [[1]]]', 2)).toBe(true);
  expect(() => parseJson(`${'['.repeat(201)}${']'.repeat(201)}`)).toThrow('nested over 200 deep');
  expect(parseJson('{"__proto__": 1}')).toHaveProperty('__proto__', 1);
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
