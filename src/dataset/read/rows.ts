import type { Json } from '../../core/index.ts';

export type Row = { readonly [field: string]: Json | undefined };

/** Some rows of a file, in order. Readers give them in small blocks, so that memory stays constant. */
export interface RowBatch {
  readonly rows: readonly Row[];
  /** Per row, where it stands: the line of the file (1-based; where a row spans lines, its first), or the row's number. */
  readonly lines: readonly number[];
  /** How much of the file is read so far, in [0, 1], where that is known. */
  readonly share?: number;
}

export const formats = ['jsonl', 'json', 'csv', 'tsv', 'parquet'] as const;
export type Format = (typeof formats)[number];

/**
 * At most so many rows in a block. Few enough that what scoring makes of them dies young: at 8192 short rows the garbage
 * collector took a third of the time.
 */
export const blockRows = 256;
