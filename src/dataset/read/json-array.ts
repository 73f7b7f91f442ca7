import { InputError } from '../../core/index.ts';
import type { Bytes } from './bytes.ts';
import { decode, maxRowBytes, parseRow } from './jsonl.ts';
import { blockRows, type Row, type RowBatch } from './rows.ts';

const [quoteMark, backslash, comma, openBracket, closeBracket, openBrace, closeBrace, newline] = [
  34, 92, 44, 91, 93, 123, 125, 10,
];

/** One JSON array of objects, element by element: the whole file is never in memory. */
export async function* readJsonArray(bytes: Bytes, file: string): AsyncGenerator<RowBatch> {
  let rows: Row[] = [];
  let lines: number[] = [];
  let parts: Buffer[] = []; // of the element that the chunk before left open
  let held = 0;
  let depth = 0; // 1 is inside the array
  let inString = false;
  let escaped = false;
  let line = 1;
  let elementLine = 1;
  let ended = false;
  let next: 'element' | 'first' | 'comma' = 'first';
  let first = true;
  for await (let chunk of bytes.chunks()) {
    if (first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
    first = false;
    let start = 0; // of the open element in this chunk
    const take = (end: number) => {
      const text = decode(Buffer.concat([...parts, chunk.subarray(start, end)]), elementLine, file);
      parts = [];
      held = 0;
      rows.push(parseRow(text, elementLine, file));
      lines.push(elementLine);
    };
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === newline) line++;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quoteMark) inString = false;
        continue;
      }
      if (byte === quoteMark && depth > 1) inString = true;
      else if (byte === openBrace || byte === openBracket) {
        if (ended) throw new InputError('something stands after the array', { file, line });
        if (depth === 1) {
          if (next === 'comma')
            throw new InputError('a comma is missing between two elements', { file, line });
          start = i;
          elementLine = line;
        }
        depth++;
      } else if (byte === closeBrace || byte === closeBracket) {
        depth--;
        if (depth === 1) {
          take(i + 1);
          next = 'comma';
        } else if (depth === 0) {
          if (next === 'element')
            throw new InputError('an element is missing after the last comma', { file, line });
          ended = true;
        }
      } else if (depth === 1 && byte === comma && next === 'comma') next = 'element';
      else if (depth <= 1 && byte > 32)
        throw new InputError(
          ended ? 'something stands after the array' : 'expected an object as each element of the array',
          { file, line },
        );
    }
    if (depth > 1) {
      parts.push(chunk.subarray(start));
      held += chunk.length - start;
      if (held > maxRowBytes)
        throw new InputError(`an element is over ${maxRowBytes >> 20} MiB long`, { file });
    }
    for (; rows.length > 0; rows = rows.slice(blockRows), lines = lines.slice(blockRows))
      yield { rows: rows.slice(0, blockRows), lines: lines.slice(0, blockRows), share: bytes.share() };
  }
  if (!ended) throw new InputError('the array is never closed', { file, line });
}
