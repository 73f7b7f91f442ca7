import { oneLine } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { type Block, decodeSamples, type StoredSample } from './block.ts';
import { decodeColumns } from './columns.ts';
import type { Database } from './database.ts';
import { StoreError } from './errors.ts';
import { readNumbers } from './numbers.ts';
import type {
  EvaluationRecord,
  EventKind,
  EventRecord,
  Range,
  RunRecord,
  RunStatus,
  RunWithConfig,
  Series,
  StepRecord,
} from './records.ts';

interface RunRow {
  id: string;
  recipe: string;
  paper: string | null;
  arm: string | null;
  seed: number;
  status: RunStatus;
  created: number;
  updated: number;
  planned: number;
  last: number;
  parent: string | null;
  summary: string | null;
  tags: string;
}

const runColumns =
  'id, recipe, paper, arm, seed, status, created, updated, planned, last, parent, summary, tags';

function runRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    recipe: row.recipe,
    paper: row.paper ?? undefined,
    arm: row.arm ?? undefined,
    seed: row.seed,
    steps: row.planned,
    status: row.status,
    created: row.created,
    updated: row.updated,
    last: row.last,
    parent: row.parent ?? undefined,
    summary: row.summary === null ? undefined : (JSON.parse(row.summary) as Json),
    tags: JSON.parse(row.tags) as string[],
  };
}

export function runs(db: Database): RunRecord[] {
  return db.all<RunRow>(`SELECT ${runColumns} FROM run ORDER BY key DESC`).map(runRecord);
}

export function run(db: Database, id: string): RunWithConfig {
  const query = `SELECT ${runColumns}, config FROM run`;
  type Found = RunRow & { config: string };
  let found =
    db.get<Found>(`${query} WHERE id = ?`, id) ??
    (id === 'last' ? db.get<Found>(`${query} ORDER BY key DESC LIMIT 1`) : undefined);
  if (!found && id !== '') {
    const near = db.all<Found>(`${query} WHERE substr(id, 1, ?) = ? LIMIT 3`, id.length, id);
    if (near.length > 1)
      throw new StoreError(
        db.path,
        'unknown',
        `several runs begin with '${id.slice(0, 80)}': ${near.map((one) => one.id).join(', ')}`,
      );
    found = near[0];
  }
  if (!found) throw new StoreError(db.path, 'unknown', `there is no run '${id.slice(0, 80)}'`);
  return { ...runRecord(found), config: JSON.parse(found.config) as Json };
}

/** Both ends of a range; one that is left out, or undefined, is open. */
const ends = ({ from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER }: Range) => ({ from, to });

interface StepRow {
  step: number;
  stage: string;
  time: number;
  metrics: string;
  clock: string;
}

function stepRows(db: Database, run: number, range: Range): Generator<StepRow> {
  const { from, to } = ends(range);
  return db.iterate<StepRow>(
    'SELECT step, stage, time, metrics, clock FROM step WHERE run = ? AND step BETWEEN ? AND ? ORDER BY step',
    run,
    from,
    to,
  );
}

export function* steps(db: Database, run: number, range: Range): Generator<StepRecord> {
  for (const row of stepRows(db, run, range))
    yield { ...row, metrics: readNumbers(row.metrics), clock: readNumbers(row.clock) };
}

export function metricNames(db: Database, run: number): { metrics: string[]; clock: string[] } {
  const row = db.get<{ metric_names: string; clock_names: string }>(
    'SELECT metric_names, clock_names FROM run WHERE key = ?',
    run,
  )!;
  return {
    metrics: JSON.parse(row.metric_names) as string[],
    clock: JSON.parse(row.clock_names) as string[],
  };
}

export function series(
  db: Database,
  run: number,
  names: readonly string[],
  options: Range & { points?: number },
): { [name: string]: Series } {
  const clockNames = new Set(metricNames(db, run).clock);
  const wantsClock = names.some((name) => clockNames.has(name));
  const found = new Map(names.map((name) => [name, { steps: [] as number[], values: [] as number[] }]));
  for (const row of stepRows(db, run, options)) {
    const metrics = readNumbers(row.metrics);
    const clock = wantsClock ? readNumbers(row.clock) : {};
    for (const [name, { steps, values }] of found) {
      const value = metrics[name] ?? clock[name];
      if (value === undefined) continue;
      steps.push(row.step);
      values.push(value);
    }
  }
  const out: Record<string, Series> = {};
  for (const [name, { steps, values }] of found) {
    const whole = { steps: Int32Array.from(steps), values: Float64Array.from(values) };
    out[name] = options.points === undefined ? whole : downsample(whole, options.points);
  }
  return out;
}

/** Keeps of each stretch of steps its lowest and highest value, so that no peak is lost; at most about `points` in all. */
export function downsample({ steps, values }: Series, points: number): Series {
  const buckets = Math.max(1, Math.floor(points / 2));
  if (steps.length <= 2 * buckets) return { steps, values };
  const kept: number[] = [];
  for (let b = 0; b < buckets; b++) {
    const start = Math.floor((b * steps.length) / buckets);
    const end = Math.floor(((b + 1) * steps.length) / buckets);
    let low = -1;
    let high = -1;
    for (let i = start; i < end; i++) {
      if (Number.isNaN(values[i]!)) continue;
      if (low === -1 || values[i]! < values[low]!) low = i;
      if (high === -1 || values[i]! > values[high]!) high = i;
    }
    if (low === -1) kept.push(start);
    else if (low === high) kept.push(low);
    else kept.push(Math.min(low, high), Math.max(low, high));
  }
  return {
    steps: Int32Array.from(kept, (i) => steps[i]!),
    values: Float64Array.from(kept, (i) => values[i]!),
  };
}

export function samples(db: Database, run: number, step: number, split: string): StoredSample[] {
  return db
    .all<Block>(
      'SELECT first, n, columns, texts FROM block WHERE run = ? AND split = ? AND step = ? ORDER BY first',
      run,
      split,
      step,
    )
    .flatMap((block) => decoded(db, step, split, block));
}

export function sampleSteps(db: Database, run: number, split: string, range: Range): number[] {
  const { from, to } = ends(range);
  return db
    .all<{ step: number }>(
      `SELECT DISTINCT step FROM block INDEXED BY block_place
       WHERE run = ? AND split = ? AND step BETWEEN ? AND ? ORDER BY step`,
      run,
      split,
      from,
      to,
    )
    .map(({ step }) => step);
}

/** By skipping through the index: a look-up a split instead of a scan of all blocks. */
export function splits(db: Database, run: number): string[] {
  return db
    .all<{ split: string }>(
      `WITH RECURSIVE own (split) AS (
         SELECT min(split) FROM block WHERE run = ?1
         UNION ALL
         SELECT (SELECT min(split) FROM block WHERE run = ?1 AND split > own.split) FROM own WHERE own.split IS NOT NULL
       )
       SELECT split FROM own WHERE split IS NOT NULL`,
      run,
    )
    .map(({ split }) => split);
}

export function sample(
  db: Database,
  run: number,
  step: number,
  position: number,
  split: string,
): StoredSample | undefined {
  const block = db.get<Block>(
    `SELECT first, n, columns, texts FROM block
     WHERE run = ? AND split = ? AND step = ? AND first <= ? ORDER BY first DESC LIMIT 1`,
    run,
    split,
    step,
    position,
  );
  return block && decoded(db, step, split, block)[position - block.first];
}

/** Where a block of samples lies: `n` samples of a step from its `first` on. */
export interface BlockPlace {
  readonly step: number;
  readonly first: number;
  readonly n: number;
}

export function blocks(db: Database, run: number, split: string, range: Range): BlockPlace[] {
  const { from, to } = ends(range);
  return db.all<BlockPlace>(
    `SELECT step, first, n FROM block
     WHERE run = ? AND split = ? AND step BETWEEN ? AND ? ORDER BY step, first`,
    run,
    split,
    from,
    to,
  );
}

export function blockSamples(
  db: Database,
  run: number,
  split: string,
  { step, first }: Pick<BlockPlace, 'step' | 'first'>,
): StoredSample[] {
  const block = db.get<Block>(
    'SELECT first, n, columns, texts FROM block WHERE run = ? AND split = ? AND step = ? AND first = ?',
    run,
    split,
    step,
    first,
  );
  return block ? decoded(db, step, split, block) : [];
}

function decoded(db: Database, step: number, split: string, block: Block): StoredSample[] {
  try {
    return decodeSamples({ step, split }, block);
  } catch (thrown) {
    throw new StoreError(db.path, 'corrupt', `the samples of step ${step} are damaged (${oneLine(thrown)})`);
  }
}

/** The numbers of a block of samples; row i is the sample at `first + i` of its step. */
export interface ColumnBlock {
  readonly step: number;
  readonly first: number;
  readonly n: number;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

export function* columns(
  db: Database,
  run: number,
  names: readonly string[] | undefined,
  split: string,
  range: Range,
): Generator<ColumnBlock> {
  const { from, to } = ends(range);
  for (const row of db.iterate<{ step: number; first: number; n: number; columns: Uint8Array }>(
    `SELECT step, first, n, columns FROM block
     WHERE run = ? AND split = ? AND step BETWEEN ? AND ? ORDER BY step, first`,
    run,
    split,
    from,
    to,
  ))
    yield { ...row, columns: decodeColumns(row.columns, names) };
}

export function events(db: Database, run: number, kind?: EventKind): EventRecord[] {
  return db
    .all<{ step: number; kind: EventKind; time: number; body: string }>(
      'SELECT step, kind, time, body FROM event WHERE run = ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY key',
      run,
      kind ?? null,
    )
    .map((row) => ({ ...row, body: JSON.parse(row.body) as Json }));
}

export function evaluations(db: Database, run: number, name?: string): EvaluationRecord[] {
  return db
    .all<{ step: number; name: string; time: number; metrics: string; clock: string }>(
      `SELECT step, name, time, metrics, clock FROM evaluation
       WHERE run = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY step, name`,
      run,
      name ?? null,
    )
    .map((row) => ({ ...row, metrics: readNumbers(row.metrics), clock: readNumbers(row.clock) }));
}
