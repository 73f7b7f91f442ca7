import { isAscii, isUtf8 } from 'node:buffer';
import { InputError, oneLine, parseJsonExactly } from '../../core/index.ts';
import type { Bytes } from './bytes.ts';
import { blockRows, type Row, type RowBatch } from './rows.ts';

/** A row longer than this is taken for a file of another kind. */
export const maxRowBytes = 256 << 20;

/** JSON lines: one object a line. Blank lines, CRLF and a byte order mark are passed over. */
export async function* readJsonl(bytes: Bytes, file: string): AsyncGenerator<RowBatch> {
  let line = 1;
  for await (const lines of lineBlocks(bytes, file)) {
    const text = decode(lines, line, file);
    for (const batch of parseLines(text, line, file)) {
      line = batch.next;
      if (batch.rows.length > 0) yield { rows: batch.rows, lines: batch.lines, share: bytes.share() };
    }
  }
}

/** Whole lines, in blocks as the chunks come. */
async function* lineBlocks(bytes: Bytes, file: string): AsyncGenerator<Buffer> {
  let open: Buffer[] = [];
  let held = 0;
  for await (const chunk of bytes.chunks()) {
    const end = chunk.lastIndexOf(10) + 1;
    if (end === 0) {
      open.push(chunk);
      held += chunk.length;
      if (held > maxRowBytes) throw new InputError(`a line is over ${maxRowBytes >> 20} MiB long`, { file });
      continue;
    }
    const head = chunk.subarray(0, end);
    yield open.length > 0 ? Buffer.concat([...open, head]) : head;
    open = end < chunk.length ? [chunk.subarray(end)] : [];
    held = chunk.length - end;
  }
  if (held > 0) yield Buffer.concat(open);
}

interface ParsedLines {
  readonly rows: Row[];
  readonly lines: number[];
  /** The number of the line after these. */
  readonly next: number;
}

/** The rows of some whole lines, a block at a time. */
function* parseLines(text: string, firstLine: number, file: string): Generator<ParsedLines> {
  let line = firstLine;
  for (let at = 0; at < text.length; ) {
    const rows: Row[] = [];
    const lines: number[] = [];
    for (; at < text.length && rows.length < blockRows; line++) {
      let end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      if (text.charCodeAt(at) === 123 || text.slice(at, end).trim() !== '') {
        rows.push(parseRow(text.slice(at, end), line, file));
        lines.push(line);
      }
      at = end + 1;
    }
    yield { rows, lines, next: line };
  }
}

/** Text from bytes, plain ASCII, the usual case, as one-byte strings. Throws InputError with a line that is not UTF-8. */
export function decode(block: Buffer, firstLine: number, file: string): string {
  if (isAscii(block)) return block.toString('latin1');
  if (!isUtf8(block)) {
    let line = firstLine;
    for (let at = 0; at < block.length; line++) {
      const end = block.indexOf(10, at);
      if (!isUtf8(block.subarray(at, end < 0 ? undefined : end)))
        throw new InputError('is not UTF-8', { file, line });
      at = end < 0 ? block.length : end + 1;
    }
  }
  const text = block.toString('utf8');
  return text.charCodeAt(0) === 0xfeff && firstLine === 1 ? text.slice(1) : text;
}

/** One row; throws InputError with its place when it is no JSON object. */
export function parseRow(text: string, line: number, file: string): Row {
  let row: unknown;
  try {
    row = parseJsonExactly(text);
  } catch (thrown) {
    throw new InputError(`is not valid JSON: ${complaint(thrown)}`, { file, line });
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new InputError(`expected an object, found ${kindOf(row)}`, { file, line });
  return row as Row;
}

/** The parser's complaint without the piece of text that it may quote. */
function complaint(thrown: unknown): string {
  return oneLine(thrown, 200)
    .replace(/,? (?:\.\.\.)?".*$/, '')
    .replace(/ in JSON at position (\d+).*$/, ' at character $1');
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
