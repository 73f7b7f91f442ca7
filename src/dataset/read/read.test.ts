import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { chooseFields, field, type Row, readRows, rowSamples } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, content);
  return path;
}

async function read(path: string): Promise<{ rows: Row[]; lines: number[] }> {
  const rows: Row[] = [];
  const lines: number[] = [];
  for await (const batch of readRows(path)) {
    rows.push(...batch.rows);
    lines.push(...batch.lines);
  }
  return { rows, lines };
}

async function problem(path: string): Promise<string> {
  const error = await read(path).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).not.toContain('\n');
  return (error.message as string).replace(`${folder}/`, '').replace(/^\d+-/, '');
}

describe('JSON lines', () => {
  test('blank lines, CRLF, a byte order mark, no last line break', async () => {
    const path = put('a.jsonl', '\ufeff{"a":1}\r\n\r\n  \n{"a":"ü"}\n{"a":3}');
    expect(await read(path)).toEqual({ rows: [{ a: 1 }, { a: 'ü' }, { a: 3 }], lines: [1, 4, 5] });
  });

  test('rows over many chunks keep their order, packed or not, and long rows are whole', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ i, text: 'é'.repeat(i % 300) }));
    rows.push({ i: 3000, text: 'x'.repeat(1_000_000) });
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    expect((await read(put('b.jsonl', text))).rows).toEqual(rows);
    expect((await read(put('b.jsonl.gz', gzipSync(text)))).rows).toEqual(rows);
    const members = Buffer.concat([gzipSync(`${text}\n`), gzipSync('{"last":true}\n')]);
    expect((await read(put('b.unknown', members))).rows.at(-1)).toEqual({ last: true });
  });

  test.each([
    ['{"a":1}\n{"a":\n', 'c.jsonl, line 2: is not valid JSON: Unexpected end of JSON input'],
    ['{"a":1}\n\n[1]\n', 'c.jsonl, line 3: expected an object, found a list'],
    ['{"a":1}\nnull', 'c.jsonl, line 2: expected an object, found null'],
    ['{"a":1}{"a":2}', /^c.jsonl, line 1: is not valid JSON/],
  ])('%j is refused', async (text, message) => {
    expect(await problem(put('c.jsonl', text))).toMatch(message);
  });

  test('what is not UTF-8, no file, a folder and damaged gzip are refused', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n'),
    ]);
    expect(await problem(put('d.jsonl', bytes))).toBe('d.jsonl, line 2: is not UTF-8');
    expect(await problem(join(folder, '0-none.jsonl'))).toBe('none.jsonl: there is no such file');
    expect(await problem(`${folder}/`)).toMatch(/is a folder, not a file$/);
    const cut = gzipSync('{"a":1}\n'.repeat(9)).subarray(0, 20);
    expect(await problem(put('e.jsonl.gz', cut))).toMatch(/^e.jsonl.gz: its gzip is damaged/);
    expect(await problem(put('f.txt', 'hello'))).toMatch(/^f.txt: its format is not known/);
  });
});

describe('an integer that a double cannot hold', () => {
  const big = 9007199254740992; // as a double
  const text = '9007199254740993';
  const sample = async (name: string, line: string, names: { answer?: string; id?: string } = {}) => {
    const [row] = (await read(put(name, line))).rows;
    const fields = chooseFields({ completion: 'c', ...names }, row!, 'f');
    return rowSamples(row!, fields, { file: 'f', line: 1, row: 0 });
  };

  test('is its text as the answer, in a flat list of answers and as the id, in lines and in an array', async () => {
    const row = `{"c":"","id":${text},"answer":${text},"seed":${text}}`;
    for (const { id, task } of [await sample('big.jsonl', row), await sample('big.json', `[${row}]`)]) {
      expect([id, task.id, task.answer]).toEqual([text, text, text]);
      expect(task.data).toEqual({ c: '', id: big, answer: big, seed: big });
    }
    expect((await sample('a.jsonl', `{"c":"","answer":[${text},5]}`)).task.answer).toEqual([text, 5]);
  });

  test('also where a path names it, but not inside of an answer', async () => {
    const row = `{"c":"","answer":{"id":${text},"of":[${text}]}}`;
    expect((await sample('a.jsonl', row)).task.answer).toEqual({ id: big, of: [big] });
    expect((await sample('a.jsonl', row, { answer: 'answer.id' })).task.answer).toBe(text);
    expect((await sample('a.jsonl', row, { answer: 'answer.of.0' })).task.answer).toBe(text);
  });
});

describe('a JSON array', () => {
  test('is read element by element, whatever stands in its strings', async () => {
    const rows = [{ a: '[{"\\"}] , ü\n' }, { b: { c: [1, [2, {}]] } }, {}];
    for (const text of [
      JSON.stringify(rows),
      JSON.stringify(rows, null, 2),
      `\ufeff ${JSON.stringify(rows)}\n`,
    ])
      expect((await read(put('a.json', text))).rows).toEqual(rows);
    expect((await read(put('b.json', JSON.stringify(rows, null, 2)))).lines).toEqual([2, 5, 16]);
    expect((await read(put('c.json', '[]'))).rows).toEqual([]);
    expect((await read(put('d.json', '{"a":1}\n{"a":2}'))).rows).toHaveLength(2);
  });

  test('any array of objects comes out as it went in, over chunk borders', async () => {
    const big = Array.from({ length: 2000 }, (_, i) => ({ i, text: '"\\{[é'.repeat(i % 40) }));
    expect((await read(put('e.json', JSON.stringify(big)))).rows).toEqual(big);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))), async (rows) => {
        const text = JSON.stringify(rows);
        expect((await read(put('p.json', text))).rows).toEqual(JSON.parse(text));
      }),
      { numRuns: 50, seed: 2 },
    );
  });

  test.each([
    ['[{"a":1},\n{"a":}]', /^f.json, line 2: is not valid JSON/],
    ['[{"a":1} {"a":2}]', 'f.json, line 1: a comma is missing between two elements'],
    ['[{"a":1},]', 'f.json, line 1: an element is missing after the last comma'],
    ['[{"a":1},,{}]', /expected an object as each element/],
    ['[{"a":1},\n2]', 'f.json, line 2: expected an object as each element of the array'],
    ['[[1]]', 'f.json, line 1: expected an object, found a list'],
    ['[{"a":1}', 'f.json, line 1: the array is never closed'],
    ['[{"a":1}] x', 'f.json, line 1: something stands after the array'],
    ['[{"a":1}]\n[]', 'f.json, line 2: something stands after the array'],
  ])('%j is refused', async (text, message) => {
    expect(await problem(put('f.json', text))).toMatch(message);
  });
});

describe('CSV and TSV', () => {
  test('quotes, line breaks in values, empty values, packed', async () => {
    const text = '\ufeffid,text\r\n1,"a, ""b""\nc"\r\n\r\n2,\r\n';
    const expected = [
      { id: '1', text: 'a, "b"\nc' },
      { id: '2', text: '' },
    ];
    expect((await read(put('a.csv', text))).rows).toEqual(expected);
    expect((await read(put('a.csv.gz', gzipSync(text)))).rows).toEqual(expected);
    expect((await read(put('a.tsv', 'id\ttext\n1\tsays "hi", so\n'))).rows).toEqual([
      { id: '1', text: 'says "hi", so' },
    ]);
    expect((await read(put('b.csv', `a\n${'x\n'.repeat(2000)}`))).lines.at(-1)).toBe(2001);
  });

  test.each([
    ['a,b\n1,2\n3\n', 'c.csv, line 3: has another number of values than the header'],
    ['a,b\n1,"2\n', /^c.csv, line \d+: a quotation mark is never closed/],
    ['a,a\n1,2\n', "c.csv, line 1, field 'a': the header names it twice"],
  ])('%j is refused', async (text, message) => {
    expect(await problem(put('c.csv', text))).toMatch(message);
  });
});

describe('Parquet', () => {
  test('row groups, text, numbers, lists and missing values', async () => {
    const data = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: [1n, 2n, 2n ** 60n], type: 'INT64' },
        { name: 'text', data: ['a', null, 'ü'], type: 'STRING' },
        { name: 'score', data: [0.5, 1, 2], type: 'DOUBLE' },
      ],
      rowGroupSize: 2,
    });
    const { rows, lines } = await read(put('a.parquet', new Uint8Array(data)));
    expect(rows).toEqual([
      { id: 1, text: 'a', score: 0.5 },
      { id: 2, text: null, score: 1 },
      { id: String(2n ** 60n), text: 'ü', score: 2 },
    ]);
    expect(lines).toEqual([1, 2, 3]);
    expect((await read(put('b.bin', new Uint8Array(data)))).rows).toEqual(rows);
  });

  test('a damaged file is refused', async () => {
    expect(await problem(put('c.parquet', 'PAR1 no'))).toMatch(/^c.parquet: its Parquet cannot be read/);
    expect(await problem(join(folder, '0-none.parquet'))).toBe('none.parquet: there is no such file');
  });
});

describe('fields', () => {
  const row = {
    'a.b': 1,
    a: { b: 2, c: [{ d: 3 }] },
    question: 'Q',
    response: 'R',
    ground_truth: 'G',
    uid: 'u',
  };
  const place = { file: 'f', line: 4, row: 3 };

  test('dotted names go into objects and lists; a field of that very name comes first', () => {
    expect(field('a.b').get(row)).toBe(1);
    expect(field('a.c.0.d').get(row)).toBe(3);
    expect(field('a.x.y').get(row)).toBeUndefined();
    expect(field('toString').get(row)).toBeUndefined();
    expect(field('a.constructor').get(row)).toBeUndefined();
  });

  test('are guessed by their usual names, but not one that is taken', () => {
    const fields = chooseFields({}, row, 'f');
    expect([fields.prompt, fields.completion, fields.answer, fields.id].map((one) => one?.name)).toEqual([
      'question',
      'response',
      'ground_truth',
      'uid',
    ]);
    expect(chooseFields({ completion: 'question' }, row, 'f').prompt).toBeUndefined();
    expect(() => chooseFields({}, { x: 1 }, 'f', 1)).toThrow('f, line 1: no field looks like a completion');
  });

  test('a row becomes a task with its samples, a list a group', () => {
    const one = rowSamples(row, chooseFields({}, row, 'f'), place);
    expect(one).toMatchObject({
      id: 'u',
      isGroup: false,
      task: { id: 'u', prompt: 'Q', answer: 'G', data: row },
    });
    const group = { prompt: [{ role: 'user', content: 'hi' }], completions: ['a', 'b'], data: { k: 1 } };
    const many = rowSamples(group, chooseFields({}, group, 'f'), place);
    expect(many).toMatchObject({ id: 3, isGroup: true, task: { prompt: group.prompt, data: { k: 1 } } });
    expect(many.samples.map(({ turns }) => turns[0]!.completion.text)).toEqual(['a', 'b']);
    const chat = { completion: [{ role: 'assistant', content: 'said' }] };
    expect(rowSamples(chat, chooseFields({}, chat, 'f'), place).samples[0]!.turns[0]!.completion.text).toBe(
      'said',
    );
  });

  test('the number of tokens comes with a row, one for each of a group', () => {
    const lengths = (of: Row, names = {}) =>
      rowSamples(of, chooseFields(names, of, 'f'), place).samples.map(
        ({ turns }) => turns[0]!.completion.length,
      );
    expect(lengths({ completion: 'a', completion_tokens: 3 })).toEqual([3]);
    expect(lengths({ completion: 'a', n: 0 }, { tokens: 'n' })).toEqual([0]);
    expect(lengths({ completions: ['a', 'b'], completion_tokens: [3, 4] })).toEqual([3, 4]);
    expect(lengths({ completion: 'a', completion_tokens: '12' })).toEqual([12]); // of a CSV
    for (const other of [null, [5, 6], 1.5, 'many'])
      expect(lengths({ completion: 'a', completion_tokens: other })).toEqual([undefined]);
  });

  test.each([
    [
      { completion: 'a', completion_tokens: 1.5 },
      { tokens: 'completion_tokens' },
      "f, line 4, field 'completion_tokens': expected a number of tokens, found a number",
    ],
    [{ completion: 'a' }, { tokens: 'n' }, "f, line 4, field 'n': is missing"],
    [
      { completion: ['a', 'b'], n: [1] },
      { tokens: 'n' },
      "f, line 4, field 'n': expected a list of 2 numbers of tokens, found a list",
    ],
    [
      { completion: 5 },
      {},
      "f, line 4, field 'completion': expected a text or a list of texts, found a number",
    ],
    [{}, { completion: 'x.y' }, "f, line 4, field 'x.y': is missing"],
    [{ completion: ['a', null] }, {}, "f, line 4, field 'completion.1': expected a text, found null"],
    [{ completion: 'a' }, { answer: 'gold' }, "f, line 4, field 'gold': is missing"],
    [{ completion: 'a' }, { prompt: 'p' }, "f, line 4, field 'p': is missing"],
    [{ completion: 'a' }, { id: 'i' }, "f, line 4, field 'i': is missing"],
  ])('%j with %j: %s', (bad, names, message) => {
    expect(() => rowSamples(bad, chooseFields(names, { completion: '' }, 'f'), place)).toThrow(message);
  });
});
