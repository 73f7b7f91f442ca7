import { noVerdict } from '../../core/index.ts';
import { rowSamples } from '../../dataset/read/index.ts';
import { wireLine } from '../../dataset/score/index.ts';
import { decodeRows } from './encode-rows.ts';
import { type ChunkJob, type ChunkResult, fieldsOf } from './job.ts';

/** The line of a row whose job failed for good: no verdict (`crash`) and why. */
export function deadRow(job: ChunkJob, reason: string): ChunkResult {
  const [row] = decodeRows(job.rows);
  const line = job.lines[0]!;
  const read = rowSamples(row!, fieldsOf(job), { file: job.file, line, row: job.first });
  const verdict = noVerdict('crash', `no worker could score it: ${reason}`);
  const verdicts = read.samples.map(() => verdict);
  const text = wireLine({ ...read, row: row!, line, verdicts });
  return { text, rows: 1, outcomes: verdicts.map(() => 'crash') };
}
