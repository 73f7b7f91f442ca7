import { describe, expect, test } from 'vitest';
import { exactField, parseJsonExactly } from '../../core/index.ts';
import type { Row, RowBatch } from '../../dataset/read/index.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { decodeRows, encodeRow } from './encode-rows.ts';

async function* batches(rows: readonly Row[], each: number): AsyncGenerator<RowBatch> {
  for (let at = 0; at < rows.length; at += each) {
    const some = rows.slice(at, at + each);
    yield { rows: some, lines: some.map((_, i) => at + i + 1) };
  }
}

const where = { file: 'f', line: 3 };
const cut = (rows: readonly Row[], each: number, limits = { rows: 10, size: 1000 }) =>
  Array.fromAsync(chunksOf(batches(rows, each), { file: 'f', names: {}, limits }));

describe('chunks', () => {
  const rows = Array.from({ length: 45 }, (_, i) => ({ completion: 'x'.repeat(i % 7), answer: i }));
  const plain = (chunks: Chunk[]) => chunks.map(({ fields: _, share: __, ...chunk }) => chunk);

  test('are the same however the rows come in', async () => {
    const one = plain(await cut(rows, 45));
    expect(one.map(({ first }) => first)).toEqual([0, 10, 20, 30, 40]);
    expect(one[4]!.lines).toEqual([41, 42, 43, 44, 45]);
    expect(plain(await cut(rows, 4))).toEqual(one);
    expect(one.flatMap((chunk) => decodeRows(`[${chunk.rows.join(',')}]`))).toEqual(rows);
    const other = plain(
      await cut([...rows.slice(0, 12), { ...rows[12]!, answer: -1 }, ...rows.slice(13)], 4),
    );
    expect(other.map(({ hash }, i) => hash === one[i]!.hash)).toEqual([true, false, true, true, true]);
  });

  test('are bounded by their text, but a row is never split', async () => {
    const long = [10, 600, 600, 5000, 10].map((n) => ({ completion: 'y'.repeat(n) }));
    expect((await cut(long, 5)).map((chunk) => chunk.rows.length)).toEqual([2, 1, 1, 1]);
  });

  test('a row that cannot be scored is told with its line', async () => {
    await expect(cut([{ completion: 'a' }, { completion: 4 }], 5)).rejects.toThrow(
      "f, line 2, field 'completion'",
    );
    await expect(cut([], 5)).rejects.toThrow('f: has no rows');
  });
});

describe('rows', () => {
  test.each([
    [{ a: 1, b: ['x\u2028', { c: null, __proto__x: true }] }],
    [{ a: Number.NaN, b: [Number.POSITIVE_INFINITY, { c: -0 }] }],
    [JSON.parse('{"__proto__": {"a": 1}, "n": 1e999}')],
    [{ text: 'lone \ud800 surrogate' }],
  ])('%j is the same after its way', (row) => {
    const [back] = decodeRows(`[${encodeRow(row, where)}]`);
    expect(back).toStrictEqual(row);
    expect(Object.is((back as { b?: { c?: number }[] }).b?.[1]?.c, -0)).toBe(
      Object.is((row as { b?: { c?: number }[] }).b?.[1]?.c, -0),
    );
  });

  test('digits that a double cannot hold travel', () => {
    const text = '{"answer":9007199254740993,"a":[-0,1e400,{"b":-9007199254740993}]}';
    const row = parseJsonExactly(text) as Row;
    expect(encodeRow(row, where)).toBe(text);
    const [back] = decodeRows(`[${text}]`);
    expect(back).toStrictEqual(row);
    expect(exactField(back!, 'answer')).toBe('9007199254740993');
  });

  test('nesting has its limit', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(600)}1${']'.repeat(600)}}`);
    expect(() => encodeRow(deep, where)).toThrow('f, line 3: is nested over 500 deep');
  });
});
