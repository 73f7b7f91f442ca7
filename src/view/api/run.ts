/** One run: `GET /runs/:run`. `last` and a beginning that only one run has are accepted as an id everywhere. */
import { z } from 'zod';
import { json } from './common.ts';
import { number, time } from './fields.ts';
import { runRow } from './runs.ts';

export const metricGroups = [
  'reward',
  'parts',
  'heldout',
  'verdicts',
  'policy',
  'length',
  'curriculum',
  'speed',
  'other',
] as const;

/** A chart that can be asked for. `name` is what `series` takes. */
export const metric = z.object({
  name: z.string(),
  /** Where it belongs on the page, in this order, and within a group in the order of the list. */
  group: z.enum(metricGroups),
  /** Short, for a person: 'solve rate', 'part: correct'. */
  label: z.string(),
  /** One line that explains it; empty for a metric of the recipe's own. */
  help: z.string(),
  unit: z.enum(['share', 'nats', 'tokens', 'seconds', 'tokens/s', 'number']),
  source: z.enum(['metric', 'clock', 'evaluation']),
  /** Its newest value. */
  last: number,
});
export type Metric = z.output<typeof metric>;

export const runEvent = z.object({
  step: z.number(),
  /** `checkpoint`, `resume`, `alarm`, `stage`, `note`. */
  kind: z.string(),
  time,
  /** One line. */
  text: z.string(),
  body: json,
});
export type RunEvent = z.output<typeof runEvent>;

export const evaluation = z.object({
  step: z.number(),
  name: z.string(),
  time,
  metrics: z.record(z.string(), number),
  /** Its samples are stored: the split of this name. */
  hasSamples: z.boolean(),
});
export type Evaluation = z.output<typeof evaluation>;

export const runAnswer = z.object({
  run: runRow,
  /** The recipe as JSON. */
  config: json,
  /** What `train` found at the end, or null. */
  summary: json,
  /** In order, each with the first and last of its stored steps. */
  stages: z.array(z.object({ name: z.string(), from: z.number(), to: z.number() })),
  metrics: z.array(metric),
  /** The newest 2,000, in order of time. */
  events: z.array(runEvent),
  evaluations: z.array(evaluation),
  /** Runs of the same recipe and arm with other seeds, and the other arms: what to compare with. */
  siblings: z.array(runRow.pick({ id: true, arm: true, seed: true, status: true, after: true })),
  /** `train` and evaluations whose samples are stored. */
  splits: z.array(z.string()),
});
export type RunAnswer = z.output<typeof runAnswer>;
