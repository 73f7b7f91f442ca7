import { CsvError, parse } from 'csv-parse';
import { InputError, oneLine } from '../../core/index.ts';
import type { Bytes } from './bytes.ts';
import { blockRows, type Row, type RowBatch } from './rows.ts';

/** CSV and TSV with a header line. All values are text; an empty one is ''. Quoted values may span lines. */
export async function* readDelimited(
  bytes: Bytes,
  file: string,
  delimiter: ',' | '\t',
): AsyncGenerator<RowBatch> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkHeader(header, file),
    delimiter,
    info: true,
    relax_quotes: delimiter === '\t',
    skip_empty_lines: true,
    max_record_size: 256 << 20,
  });
  let failure: unknown;
  const feed = async () => {
    try {
      for await (const chunk of bytes.chunks())
        if (!parser.write(chunk)) await new Promise<void>((resolve) => parser.once('drain', resolve));
      parser.end();
    } catch (thrown) {
      failure = thrown;
      parser.destroy();
    }
  };
  void feed();
  let rows: Row[] = [];
  let lines: number[] = [];
  let previous = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: { lines: number } }>) {
      rows.push(record);
      // `info.lines` is the line on which the record ends; it began on the one after the record before.
      lines.push(Math.min(previous + 1, info.lines));
      previous = info.lines;
      if (rows.length === blockRows) {
        yield { rows, lines, share: bytes.share() };
        rows = [];
        lines = [];
      }
    }
  } catch (thrown) {
    if (failure !== undefined) throw failure;
    if (thrown instanceof CsvError)
      throw new InputError(csvComplaint(thrown), { file, line: Number(thrown.lines) || undefined });
    throw thrown;
  }
  if (failure !== undefined) throw failure;
  if (rows.length > 0) yield { rows, lines, share: bytes.share() };
}

function checkHeader(header: string[], file: string): string[] {
  const names = header.map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError('the header names it twice', { file, line: 1, field: twice });
  return names;
}

function csvComplaint(error: CsvError): string {
  if (
    error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS' ||
    error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
  )
    return 'has another number of values than the header';
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is never closed';
  return oneLine(error, 160);
}
