import { InputError } from '../../core/index.ts';
import { openBytes } from './bytes.ts';
import { readDelimited } from './delimited.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonl } from './jsonl.ts';
import type { Format, RowBatch } from './rows.ts';

/**
 * The rows of a data file in blocks: JSON lines, a JSON array, CSV or TSV (each also as .gz), or Parquet. The format is
 * told by the name, else by the first bytes; `-` is standard input. Streams in constant memory and goes no further than it
 * is asked. Throws InputError with file and line.
 */
export async function* readRows(file: string, format?: Format): AsyncGenerator<RowBatch> {
  const named = format ?? formatOf(file);
  if (named === 'parquet') {
    yield* readParquetRows(file);
    return;
  }
  const bytes = await openBytes(file);
  const name = nameOf(file);
  if (named === undefined && bytes.head.subarray(0, 4).toString('latin1') === 'PAR1' && file !== '-') {
    await bytes.chunks().return(undefined);
    yield* readParquetRows(file);
    return;
  }
  switch (named === 'json' || named === undefined ? sniffed(bytes.head, named, name) : named) {
    case 'jsonl':
      yield* readJsonl(bytes, name);
      return;
    case 'json':
      yield* readJsonArray(bytes, name);
      return;
    case 'csv':
      yield* readDelimited(bytes, name, ',');
      return;
    default:
      yield* readDelimited(bytes, name, '\t');
  }
}

/** What messages call a file. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** The Parquet reader is loaded only when it is needed. */
async function* readParquetRows(file: string): AsyncGenerator<RowBatch> {
  const { readParquet } = await import('./parquet.ts');
  yield* readParquet(file);
}

const extensions: { readonly [extension: string]: Format } = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
};

function formatOf(file: string): Format | undefined {
  const match = /\.([a-z]+)(?:\.gz)?$/i.exec(file);
  return match ? extensions[match[1]!.toLowerCase()] : undefined;
}

/** A file called .json is an array or JSON lines; one of an unknown name is told by its first character. */
function sniffed(head: Buffer, named: Format | undefined, file: string): Format {
  const first = /[^\s\ufeff]/.exec(head.subarray(0, 4096).toString('utf8'))?.[0];
  if (first === '[') return 'json';
  if (first === '{' || named === 'json' || first === undefined) return 'jsonl';
  throw new InputError('its format is not known; say --format jsonl, json, csv, tsv or parquet', { file });
}
