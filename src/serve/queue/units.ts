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

/** A job that failed is done again in so many pieces. */
const pieces = 16;

/** The jobs of the pieces of a chunk, or of a piece of it, that failed as a whole. */
export function split({ id, job }: Unit, chunk: Chunk): Unit[] {
  const rows = job.lines.length;
  const each = Math.ceil(rows / pieces);
  const units: Unit[] = [];
  for (let at = 0; at < rows; at += each) {
    const start = job.first - chunk.first + at;
    const end = start + Math.min(each, rows - at);
    units.push({
      id: `${id}.${at / each}`,
      job: {
        ...job,
        first: chunk.first + start,
        lines: chunk.lines.slice(start, end),
        rows: `[${chunk.rows.slice(start, end).join(',')}]`,
      },
    });
  }
  return units;
}
