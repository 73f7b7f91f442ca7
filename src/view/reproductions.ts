import { z } from 'zod';
import type { Reproduction, ReproductionsAnswer } from './api.ts';
import { type Document, readDocuments } from './documents.ts';
import { finite } from './metrics.ts';

/** JSON has no NaN: what was not finite is a word or null there. */
const number = z.unknown().transform((value) => finite(typeof value === 'number' ? value : null));
const range = z.object({ mean: number, low: number, high: number });

/** What `reproduce --out` writes, as far as the page shows it. */
const schema = z.object({
  recipe: z.string(),
  paper: z.string().nullish(),
  metric: z.string(),
  holds: z.boolean(),
  seconds: z.number(),
  arms: z.array(
    z.object({
      name: z.string(),
      seeds: z.array(z.number()),
      metric: z.object({ ...range.shape, values: z.array(number) }),
      all: z.record(z.string(), z.array(number)).default({}),
    }),
  ),
  expected: z.array(
    z.object({
      arm: z.string(),
      over: z.union([z.string(), z.literal(0)]),
      direction: z.string(),
      by: z.number().nullish(),
      metric: z.string().nullish(),
      difference: range,
      holds: z.boolean(),
    }),
  ),
});

/** The results of `reproduce` in some folders, the newest first. */
export function reproductionsIn(folders: readonly string[]): ReproductionsAnswer {
  const { documents, unreadable } = readDocuments(folders);
  const reproductions = documents.flatMap((document) => {
    if (isSweep(document.json)) return []; // settings tried on seeds for tuning: nothing that was reproduced
    const read = schema.safeParse(document.json);
    if (read.success) return [present(document, read.data)];
    const { path, message } = read.error.issues[0]!;
    unreadable.push({ file: document.file, error: `field '${path.join('.')}': ${message}` });
    return [];
  });
  return { reproductions, unreadable };
}

const sweep = z.object({ kind: z.literal('sweep') });
const isSweep = (json: unknown) => sweep.safeParse(json).success;

function present({ file, time }: Document, read: z.output<typeof schema>): Reproduction {
  return {
    ...read,
    file,
    time,
    paper: read.paper ?? null,
    expected: read.expected.map(({ arm, over, direction, by, metric, difference, holds }) => {
      const of = `${metric ?? read.metric} of ${arm}${over === 0 ? '' : ` over ${over}`}`;
      const how =
        direction === 'notHigher' ? 'not above 0' : `${direction}${by ? ` by more than ${by}` : ''}`;
      const says = `${of}: ${how}`;
      return { arm, over, direction, by: by ?? null, metric: metric ?? null, says, difference, holds };
    }),
  };
}
