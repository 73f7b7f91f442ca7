/** Scoring the rows of a file. */
export { type LineWriter, lineWriter } from './line-writer.ts';
export { type ScoredBatch, type ScoredRow, scoreRead, scoreRows } from './score-rows.ts';
export { wireLine } from './wire-line.ts';
