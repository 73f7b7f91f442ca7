import type { DatabaseSync } from 'node:sqlite';
import {
  decodeColumns,
  encodeColumns,
  type RunRecord,
  type StepRecord,
  type Store,
} from '../../store/index.ts';
import { isSettled } from '../settled.ts';

/** Steps of one chunk: of a running run only whole ones are kept. */
const chunkSteps = 512;
/** Names that no metric has. */
const [stepColumn, timeColumn] = ['\u0000step', '\u0000time'];

/** Metrics of consecutive steps as columns, NaN where a step has none. */
export interface Chunk {
  readonly steps: Float64Array;
  readonly times: Float64Array;
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Runs of steps of one stage. */
  readonly stages: readonly (readonly [name: string, steps: number])[];
}

export interface ChunkFiller {
  /** Writes chunks that are missing, for so long; `focus` first. Returns how many steps went in. */
  fill(milliseconds: number, focus?: string): number;
}

/** Keeps the metrics of runs in the index as columns, so that the first chart of a long run needs no reading of its steps. */
export function createChunkFiller(db: DatabaseSync, store: Store): ChunkFiller {
  const whole = new Map<string, number>();

  /** Writes the next chunk of a run, if there is a whole one. */
  const next = ({ id, created, last }: RunRecord): boolean => {
    const resumes = store.events(id, 'resume').length;
    db.prepare('DELETE FROM chunk WHERE run = ? AND created = ? AND resumes <> ?').run(id, created, resumes);
    const before = db
      .prepare('SELECT place, last FROM chunk WHERE run = ? AND created = ? ORDER BY place DESC LIMIT 1')
      .get(id, created) as { place: number; last: number } | undefined;
    if (last - (before?.last ?? -1) < chunkSteps) return false;
    const rows: StepRecord[] = [];
    for (const row of store.steps(id, { from: before && before.last + 1 })) {
      rows.push(row);
      if (rows.length === chunkSteps) break;
    }
    if (rows.length < chunkSteps) return false;
    const { stages, columns } = columnsOf(rows);
    db.prepare(
      'INSERT INTO chunk (run, created, resumes, place, last, stages, columns) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(
      id,
      created,
      resumes,
      (before?.place ?? -1) + 1,
      rows.at(-1)!.step,
      JSON.stringify(stages),
      encodeColumns(rows.length, columns),
    );
    return true;
  };

  return {
    fill: (milliseconds, focus) => {
      const began = performance.now();
      const runs = store.runs().sort((a, b) => Number(b.id === focus) - Number(a.id === focus));
      let added = 0;
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const run of runs) {
          if (whole.get(run.id) === run.updated) continue;
          let more = true;
          while (more && performance.now() - began < milliseconds) {
            more = next(run);
            if (more) added += chunkSteps;
          }
          if (!more && isSettled(run)) whole.set(run.id, run.updated);
          if (performance.now() - began >= milliseconds) break;
        }
        db.exec('COMMIT');
        return added;
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK');
        whole.clear();
        throw thrown;
      }
    },
  };
}

function columnsOf(rows: readonly StepRecord[]) {
  const columns = new Map<string, Float64Array>([
    [stepColumn, Float64Array.from(rows, ({ step }) => step)],
    [timeColumn, Float64Array.from(rows, ({ time }) => time)],
  ]);
  const stages: [string, number][] = [];
  rows.forEach(({ stage, metrics, clock }, i) => {
    for (const [name, value] of [...Object.entries(metrics), ...Object.entries(clock)]) {
      let column = columns.get(name);
      if (!column) {
        column = new Float64Array(rows.length).fill(Number.NaN);
        columns.set(name, column);
      }
      column[i] = value;
    }
    const current = stages.at(-1);
    if (current?.[0] === stage) current[1]++;
    else stages.push([stage, 1]);
  });
  return { stages, columns };
}

/** The chunks of a run that are in the index, from its first step on; none where they are stale. */
export function* readChunks(
  db: DatabaseSync | undefined,
  { id, created }: RunRecord,
  resumes: number,
): Generator<Chunk> {
  const rows = (db
    ?.prepare(
      'SELECT stages, columns FROM chunk WHERE run = ? AND created = ? AND resumes = ? ORDER BY place',
    )
    .iterate(id, created, resumes) ?? []) as Iterable<{ stages: string; columns: Uint8Array }>;
  for (const { stages, columns } of rows) {
    const all = decodeColumns(columns);
    const [steps, times] = [all.get(stepColumn)!, all.get(timeColumn)!];
    all.delete(stepColumn);
    all.delete(timeColumn);
    yield { steps, times, columns: all, stages: JSON.parse(stages) as [string, number][] };
  }
}
