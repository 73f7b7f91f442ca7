import { createHash } from 'node:crypto';
import { InputError } from '../../core/index.ts';
import {
  chooseFields,
  type FieldNames,
  type Fields,
  type RowBatch,
  rowSamples,
} from '../../dataset/read/index.ts';
import { encodeRow } from './encode-rows.ts';

/** Consecutive rows of a file; a row, and so a group in it, is never split. */
export interface Chunk {
  readonly index: number;
  /** The number of its first row, from 0. */
  readonly first: number;
  readonly lines: readonly number[];
  /** The rows, each encoded. */
  readonly rows: readonly string[];
  /** UTF-16 units of all rows. */
  readonly size: number;
  readonly hash: string;
  readonly fields: Fields;
  /** How much of the file is read, in [0, 1], where that is known. */
  readonly share?: number;
}

export interface ChunkLimits {
  readonly rows: number;
  /** UTF-16 units; a longer row is a chunk by itself. */
  readonly size: number;
}

/** Redis takes values of up to 512 MB; a row is text inside of text on its way. */
const longestRow = 64 << 20;

/**
 * The rows of a file as chunks, the same ones whenever the file is the same, however it came in. Every row is read as
 * scoring would read it: throws the same InputErrors, before anything of the chunk is scored.
 */
export async function* chunksOf(
  batches: AsyncIterable<RowBatch>,
  options: { readonly file: string; readonly names: FieldNames; readonly limits: ChunkLimits },
): AsyncGenerator<Chunk> {
  const { file, names, limits } = options;
  let fields: Fields | undefined;
  let count = 0;
  let index = 0;
  let rows: string[] = [];
  let lines: number[] = [];
  let size = 0;
  const take = (share?: number): Chunk => {
    const hash = createHash('sha256');
    for (const row of rows) hash.update(row).update('\n');
    const first = count - rows.length;
    const chunk = { index, first, lines, rows, size, hash: hash.digest('hex'), fields: fields!, share };
    index++;
    rows = [];
    lines = [];
    size = 0;
    return chunk;
  };
  for await (const batch of batches) {
    for (const [i, row] of batch.rows.entries()) {
      const line = batch.lines[i]!;
      fields ??= chooseFields(names, row, file, line);
      rowSamples(row, fields, { file, line, row: count });
      const text = encodeRow(row, { file, line });
      if (text.length > longestRow)
        throw new InputError(`is over ${longestRow >> 20} Mi characters long, too long for the queue`, {
          file,
          line,
        });
      if (rows.length > 0 && size + text.length > limits.size) yield take(batch.share);
      rows.push(text);
      lines.push(line);
      size += text.length;
      count++;
      if (rows.length === limits.rows) yield take(batch.share);
    }
  }
  if (rows.length > 0) yield take(1);
  if (count === 0) throw new InputError('has no rows', { file });
}
