import type { FieldNames } from '../../dataset/read/index.ts';
import type { Chunk } from './chunks.ts';
import { type ChunkJob, namesOf } from './job.ts';
import type { Unit } from './window.ts';

/** What all jobs of a run say. */
export interface Common
  extends Pick<ChunkJob, 'spec' | 'seconds' | 'memory' | 'reward' | 'identity' | 'file'> {
  /** A hash of all of it that verdicts depend on, and of how the file is cut. */
  readonly run: string;
  readonly named: FieldNames;
}

/** The job of a chunk. Its id says what is scored how: equal chunks at the same place are the same job. */
export function unitOf({ run, named, ...common }: Common, chunk: Chunk): Unit {
  const { fields, first, lines, rows } = chunk;
  const job: ChunkJob = {
    ...common,
    fields: namesOf(fields),
    named: { ...named },
    first,
    lines: [...lines],
    rows: `[${rows.join(',')}]`,
  };
  return { id: `${run}-${chunk.index}-${chunk.hash.slice(0, 16)}`, job };
}

/** The job of one row of a chunk that failed as a whole. */
export function rowUnit({ id, job }: Unit, { first, lines, rows }: Chunk, i: number): Unit {
  return { id: `${id}-${i}`, job: { ...job, first: first + i, lines: [lines[i]!], rows: `[${rows[i]}]` } };
}
