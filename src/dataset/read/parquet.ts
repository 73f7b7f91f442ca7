import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { InputError, type Json, oneLine } from '../../core/index.ts';
import { blockRows, type Row, type RowBatch } from './rows.ts';

/** Parquet, one row group after another; memory holds one row group. */
export async function* readParquet(file: string): AsyncGenerator<RowBatch> {
  if (file === '-') throw new InputError('Parquet is read from a file, not from standard input');
  const damaged = (thrown: unknown) =>
    new InputError(`its Parquet cannot be read: ${oneLine(thrown)}`, { file });
  let source: Awaited<ReturnType<typeof asyncBufferFromFile>>;
  let metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>;
  try {
    source = await asyncBufferFromFile(file);
    metadata = await parquetMetadataAsync(source);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
      throw new InputError('there is no such file', { file });
    throw damaged(thrown);
  }
  const total = Number(metadata.num_rows);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Row[];
    try {
      const objects = await parquetReadObjects({ file: source, metadata, compressors, rowStart, rowEnd });
      rows = objects.map((row) => plain(row, 0) as Row);
    } catch (thrown) {
      throw damaged(thrown);
    }
    for (let at = 0; at < rows.length; at += blockRows) {
      const some = rows.slice(at, at + blockRows);
      yield {
        rows: some,
        lines: some.map((_, i) => rowStart + at + i + 1),
        share: (rowStart + at + some.length) / total,
      };
    }
    rowStart = rowEnd;
  }
}

/** Column values as JSON has them: whole numbers as numbers where they fit, else as text; times as ISO text. */
function plain(value: unknown, depth: number): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (depth > 32) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, (one) => plain(one, depth + 1));
  const out: Record<string, Json> = {};
  for (const [key, field] of Object.entries(value)) out[key] = plain(field, depth + 1);
  return out;
}
