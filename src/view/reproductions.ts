import { z } from 'zod';
import { meanInterval } from '../core/index.ts';
import type { JobRecord, ReproductionRecord, Store } from '../store/index.ts';
import { demandOf, directions } from '../train/index.ts';
import type { Reproduction, ReproductionAnswer, ReproductionsAnswer } from './api.ts';
import { type Document, readDocuments, type Unreadable } from './documents.ts';
import { finite } from './metrics.ts';

/** JSON has no NaN: what was not finite is a word or null there. */
const number = z.unknown().transform((value) => finite(typeof value === 'number' ? value : null));
const range = z.object({ mean: number, low: number, high: number });

const expectation = z.object({
  arm: z.string(),
  over: z.union([z.string(), z.literal(0)]),
  direction: z.enum(directions),
  by: z.number().nullish(),
  metric: z.string().nullish(),
  difference: range,
  holds: z.boolean(),
  /** The values of a sweep at which the two arms are compared. */
  at: z.union([z.string(), z.number(), z.boolean()]).optional(),
  overAt: z.union([z.string(), z.number(), z.boolean()]).optional(),
});

/** What `reproduce` says of arms, as far as the page shows it. */
const armSchema = z.object({
  name: z.string(),
  seeds: z.array(z.number()),
  metric: z.object({ ...range.shape, values: z.array(number) }),
  all: z.record(z.string(), z.array(number)).default({}),
});

/** What `reproduce --out` writes. */
const schema = z.object({
  recipe: z.string(),
  paper: z.string().nullish(),
  metric: z.string(),
  holds: z.boolean(),
  seconds: z.number(),
  arms: z.array(armSchema),
  expected: z.array(expectation),
});

/** What the store has as the result of one; the arms of a sweep are another shape, which its jobs stand for. */
const resultSchema = z.object({
  kind: z.string().optional(),
  holds: z.boolean(),
  arms: z.array(z.unknown()),
  expected: z.array(expectation),
});

const sweep = z.object({ kind: z.literal('sweep') });
const isSweep = (json: unknown) => sweep.safeParse(json).success;

/** Those that the page lists; older ones are in the store still. */
const mostStored = 200;

/**
 * What the store has of `reproduce`, and results of it in some folders: those under way first, the last begun before the others,
 * so that they keep their places while they are written; then those last written.
 */
export function reproductionsIn(store: Store | undefined, folders: readonly string[]): ReproductionsAnswer {
  const { documents, unreadable } = readDocuments(folders);
  const read = <T>(schema: z.ZodType<T>, file: string, json: unknown): T | undefined => {
    const found = schema.safeParse(json);
    if (found.success) return found.data;
    const { path, message } = found.error.issues[0]!;
    unreadable.push({ file, error: `field '${path.join('.')}': ${message}` } satisfies Unreadable);
    return undefined;
  };
  const files = documents.flatMap((document) => {
    if (isSweep(document.json)) return []; // settings tried on seeds for tuning: nothing that was reproduced
    const found = read(schema, document.file, document.json);
    return found ? [ofFile(document, found)] : [];
  });
  const records = store?.reproductions.list().slice(0, mostStored) ?? [];
  const stored = records.flatMap((record) => {
    const result = record.status === 'finished' ? read(resultSchema, record.id, record.result) : undefined;
    if (record.status === 'finished' && !result) return [];
    const arms =
      result && result.kind !== 'sweep' ? read(z.array(armSchema), record.id, result.arms) : undefined;
    return [ofRecord(record, result, arms ?? armsOf(record, store!.reproductions.jobs(record.id)))];
  });
  const underWay = new Map(
    records.map(({ id, status, standing, created }) => [
      id,
      status === 'running' && standing !== 'stopped' ? created : 0,
    ]),
  );
  const begun = ({ id }: Reproduction) => (id === null ? 0 : underWay.get(id)!);
  const reproductions = [...stored, ...files].sort((a, b) => begun(b) - begun(a) || b.time - a.time);
  return { reproductions, unreadable };
}

/** The jobs of one reproduction in the store. Throws StoreError ('unknown'). */
export function reproductionIn(store: Store, id: string): ReproductionAnswer {
  const { metric } = store.reproductions.get(id);
  const jobs = store.reproductions.jobs(id);
  const runs = new Set(jobs.some(({ run }) => run !== undefined) ? store.runs().map(({ id }) => id) : []);
  const now = Date.now();
  return {
    id,
    metric,
    jobs: jobs.map(({ arm, seed, variation, status, run, started, ended, metrics, error }) => ({
      arm,
      seed,
      variation: variation ?? null,
      status,
      run: run !== undefined && runs.has(run) ? run : null,
      value: finite(metrics?.[metric]),
      seconds: Math.max(0, ((ended ?? now) - started) / 1000),
      error: error ?? null,
    })),
  };
}

function ofFile({ file, time }: Document, read: z.output<typeof schema>): Reproduction {
  return {
    ...read,
    id: null,
    file,
    time,
    paper: read.paper ?? null,
    status: 'finished',
    error: null,
    jobs: null,
    variations: [],
    expected: read.expected.map((each) => stated(each, read.metric)),
  };
}

function ofRecord(
  record: ReproductionRecord,
  result: z.output<typeof resultSchema> | undefined,
  arms: Reproduction['arms'],
): Reproduction {
  const { id, name, paper, metric, updated, seconds, jobs, done, variations, error } = record;
  return {
    id,
    file: null,
    time: updated,
    recipe: name,
    paper: paper ?? null,
    status: record.standing,
    error: error ?? null,
    jobs: { total: jobs, done },
    variations: [...variations],
    metric,
    holds: result?.holds ?? null,
    seconds,
    arms,
    expected: result?.expected.map((each) => stated(each, metric)) ?? [],
  };
}

/** The arms, in a sweep each with each variation, over the jobs that are finished; those without any are left out. */
function armsOf(
  { arms, variations, metric }: ReproductionRecord,
  jobs: readonly JobRecord[],
): Reproduction['arms'] {
  const done = jobs.filter(({ status }) => status === 'finished');
  const each = variations.length > 0 ? variations : [undefined];
  return arms
    .flatMap((arm) => each.map((variation) => ({ arm, variation })))
    .flatMap(({ arm, variation }) => {
      const own = done.filter((job) => job.arm === arm && job.variation === variation);
      if (own.length === 0) return [];
      const values = own.map(({ metrics }) => metrics?.[metric] ?? Number.NaN);
      const { value, low, high } = meanInterval(values);
      return [
        {
          name: variation === undefined ? arm : `${arm} · ${variation}`,
          seeds: own.map(({ seed }) => seed),
          metric: { mean: finite(value), low: finite(low), high: finite(high), values: values.map(finite) },
          all: {},
        },
      ];
    });
}

function stated(
  { arm, over, direction, by, metric, difference, holds, at, overAt }: z.output<typeof expectation>,
  usual: string,
): Reproduction['expected'][number] {
  const named = (name: string, value: typeof at) => (value === undefined ? name : `${name} at ${value}`);
  const of = `${metric ?? usual} of ${named(arm, at)}${over === 0 ? '' : ` over ${named(over, overAt)}`}`;
  return {
    arm,
    over,
    direction,
    by: by ?? null,
    metric: metric ?? null,
    says: `${of}: ${demandOf({ direction, by: by ?? 0 })}`,
    difference,
    holds,
  };
}
