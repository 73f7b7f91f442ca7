/**
 * The HTTP API of the dashboard, version 1: what every route takes and gives. The page in `web/` uses these types and nothing
 * else of Assay; others may use the same routes. All are under `/api/v1`, all answers are JSON (`live` is a stream of events).
 *
 * - A refusal is `{ error }`, one line for a person: 400 (a parameter), 403 (host, origin, token), 404, 409 (not in this
 *   state), 503 (the store cannot be read now; try again).
 * - Numbers that are not finite are null. Times are milliseconds since 1970, durations seconds.
 * - Offsets into texts (`start`, `end`, `credit`) count Unicode code points, as on every wire of Assay. In a text without
 *   surrogate pairs they are JavaScript's own; else walk it: `[...text].slice(start, end).join('')`.
 * - Texts are what the model wrote, unchanged: show them as text, never as HTML. Long ones are cut at `chars`, see `Text`.
 * - Repeated query parameters are lists: `?name=reward&name=part.correct`.
 * - What changes something (tags, delete) needs the header `x-assay-token` with `session.token`, and an own origin.
 * - The page is served with `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';
 *   connect-src 'self'`: no inline script, no `style="…"` in markup (setting `element.style.x` from script is allowed).
 * - Every path that is not a file and not under /api answers index.html, so that deep links work.
 */
import { z } from 'zod';

export const apiRoot = '/api/v1';
/** Carries `session.token` on what changes something. */
export const tokenHeader = 'x-assay-token';

const number = z.number().nullable();
const time = z.number().describe('milliseconds since 1970');
/** Query parameters arrive as text. */
const asList = (value: unknown) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const list = (of: z.ZodType<string>, max: number) => z.preprocess(asList, z.array(of).max(max));
const wholeParam = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
const numberParam = z
  .string()
  .regex(/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/, 'expected a number')
  .transform(Number)
  .pipe(z.number());
const flagParam = z.enum(['true', 'false']).transform((value) => value === 'true');
const name = z.string().min(1).max(300);
const step = wholeParam(0, Number.MAX_SAFE_INTEGER);

export const json: z.ZodType<unknown> = z.unknown();
export const interval = z.object({ value: number, low: number, high: number, n: z.number() });
export type Interval = z.output<typeof interval>;
export const refusal = z.object({ error: z.string() });
export type Refusal = z.output<typeof refusal>;

// ── GET /session ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const session = z.object({
  version: z.string(),
  /** The file, and whether it can be read: `missing` is normal before the first run, `error` says what is wrong. */
  store: z.object({
    path: z.string(),
    state: z.enum(['ready', 'missing', 'error']),
    error: z.string().optional(),
  }),
  /** For the header `x-assay-token`. */
  token: z.string(),
  /** False: tags and delete are refused (the server is open to other machines and the caller is one). */
  mayChange: z.boolean(),
  now: time,
});
export type Session = z.output<typeof session>;

// ── GET /runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const runStatuses = ['running', 'finished', 'stopped', 'failed'] as const;
export const runSorts = [
  'created',
  'updated',
  'recipe',
  'paper',
  'arm',
  'seed',
  'status',
  'progress',
  'seconds',
  'before',
  'after',
] as const;

export const runsQuery = z.strictObject({
  /** Every word must be in id, recipe, paper, arm or a tag; any case. */
  q: z.string().max(200).optional(),
  status: list(z.enum(runStatuses), 4),
  recipe: list(name, 100),
  paper: list(name, 100),
  arm: list(name, 100),
  tag: list(name, 100),
  sort: z.enum(runSorts).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
  offset: wholeParam(0, 1e9).default(0),
  limit: wholeParam(1, 500).default(50),
});
export type RunsQuery = z.input<typeof runsQuery>;

export const runRow = z.object({
  id: z.string(),
  recipe: z.string(),
  paper: z.string().nullable(),
  arm: z.string().nullable(),
  seed: z.number(),
  status: z.enum(runStatuses),
  /**
   * Of a run that is `running`: `stalled` when it was silent for a minute and for ten times its usual step (killed, or stuck).
   * Null of any other.
   */
  activity: z.enum(['live', 'stalled']).nullable(),
  created: time,
  updated: time,
  /** Steps planned; the last stored one (−1: none); how much of the whole, 0 to 1. */
  steps: z.number(),
  last: z.number(),
  progress: z.number(),
  /** From its first write to its last. Of a running one, what is left at this pace, where that can be said. */
  seconds: z.number(),
  secondsLeft: number,
  /** Greedy solve rate on held-out tasks: before any training, after the warm start, now or at the end. */
  untrained: number,
  before: number,
  after: number,
  /** At the last step. */
  reward: number,
  solveRate: number,
  noVerdict: number,
  tags: z.array(z.string()),
  parent: z.string().nullable(),
  /** Why it failed, in one line. */
  error: z.string().nullable(),
});
export type RunRow = z.output<typeof runRow>;

const facet = z.array(z.object({ value: z.string(), n: z.number() }));
export const runsAnswer = z.object({
  runs: z.array(runRow),
  /** How many there are under the filters, and in the store. */
  total: z.number(),
  all: z.number(),
  /** What may be filtered by, over the whole store, the most frequent first. */
  facets: z.object({ status: facet, recipe: facet, paper: facet, arm: facet, tag: facet }),
});
export type RunsAnswer = z.output<typeof runsAnswer>;

// ── GET /runs/:run   (`last` and a beginning that only one run has are accepted as an id everywhere) ───────────────────

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

// ── PUT /runs/:run/tags   DELETE /runs/:run?confirm=ID ───────────────────────────────────────────────────────────────

export const tagsBody = z.strictObject({
  tags: z.array(z.string().trim().min(1).max(60)).max(50),
});
export type TagsBody = z.input<typeof tagsBody>;
export const tagsAnswer = z.object({ run: z.string(), tags: z.array(z.string()) });

export const deleteQuery = z.strictObject({
  /** The run's whole id again. */
  confirm: z.string(),
  /** Also a run that still writes: its process then ends with an error. Without it 409. */
  force: flagParam.default(false),
  /** Also its folder of checkpoints and pictures. */
  files: flagParam.default(false),
});
export const deleteAnswer = z.object({ deleted: z.string() });

// ── GET /runs/:run/series ────────────────────────────────────────────────────────────────────────────────────────────

export const seriesQuery = z.strictObject({
  /** Names out of `metrics`; an unknown one is an empty series. At most 100. */
  name: list(name, 100),
  /** At most so many buckets a series. */
  points: wholeParam(2, 20_000).default(600),
  /** First and last step, both included. */
  from: step.optional(),
  to: step.optional(),
});
export type SeriesQuery = z.input<typeof seriesQuery>;

/**
 * Columns of equal length, one entry a bucket; ready for a chart. Where there are no more values than `points`, a bucket is one
 * value, and `min`, `max` are null. `band` says what `min` and `max` are else: the range of the bucket, or for held-out rates the
 * 95 % interval.
 */
export const series = z.object({
  steps: z.array(z.number()).describe('first step of each bucket'),
  mean: z.array(number),
  min: z.array(number).nullable(),
  max: z.array(number).nullable(),
  band: z.enum(['range', 'interval']).nullable(),
  /** When the bucket's first step was written. */
  times: z.array(z.number()),
  /** Values that are there but not finite: they are left out of the means. */
  infinite: z.number(),
});
export type Series = z.output<typeof series>;

export const seriesAnswer = z.object({
  run: z.string(),
  /** The newest stored step, −1 for none. */
  last: z.number(),
  series: z.record(z.string(), series),
});
export type SeriesAnswer = z.output<typeof seriesAnswer>;

// ── Samples ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A text, cut after `chars` code points: `length` is the whole one's, in code points. */
export const text = z.object({ text: z.string(), length: z.number(), cut: z.boolean() });
export type Text = z.output<typeof text>;

export const causes = ['reference', 'judge', 'timeout', 'crash', 'unsupported', 'overload'] as const;
export const finishes = ['stop', 'length', 'constraint', 'abort'] as const;

export const span = z.object({
  start: z.number(),
  end: z.number(),
  value: number,
  part: z.string(),
  turn: z.number().optional(),
  at: z.enum(['end', 'each']),
});
export type Span = z.output<typeof span>;

/** `value: null` is no verdict, with its cause: never draw it as 0. */
export interface Verdict {
  value: number | null;
  cause?: string;
  reason?: string;
  /** The candidate's answer, canonical. */
  answer?: string;
  /** Where in the last turn's text it was read. */
  at?: { start: number; end: number };
  confidence?: number;
  reward?: string;
  version?: string;
  spans?: Span[];
  parts?: { [name: string]: Verdict };
}
export const verdict: z.ZodType<Verdict> = z.lazy(() =>
  z.object({
    value: number,
    cause: z.string().optional(),
    reason: z.string().optional(),
    answer: z.string().optional(),
    at: z.object({ start: z.number(), end: z.number() }).optional(),
    confidence: z.number().optional(),
    reward: z.string().optional(),
    version: z.string().optional(),
    spans: z.array(span).optional(),
    parts: z.record(z.string(), verdict).optional(),
  }),
);

/** One exchange. `context` is there only where the policy saw something else than the task's prompt. */
export const turn = z.object({
  context: text.nullable(),
  completion: text,
  finish: z.enum(finishes),
  /** Tokens. */
  length: z.number().nullable(),
  observation: text.nullable(),
  rewards: z.record(z.string(), z.number()).nullable(),
  /**
   * Advantages along the completion by term: `[offset, advantage]`, each holds from its offset until the next. Null where
   * the whole sample has one advantage. `by: 'token'`: no text offsets are known, so they are token numbers.
   */
  credit: z
    .record(
      z.string(),
      z.object({ by: z.enum(['text', 'token']), at: z.array(z.tuple([z.number(), number])) }),
    )
    .nullable(),
});
export type Turn = z.output<typeof turn>;

export const sample = z.object({
  step: z.number(),
  split: z.string(),
  /** Which group of the step, and which sample of the step (over all groups): with step and split its address. */
  group: z.number(),
  position: z.number(),
  id: z.string(),
  turns: z.array(turn),
  length: z.number().nullable(),
  /** Null: not scored. */
  verdict: verdict.nullable(),
  /** By term, mostly `policy`; of token advantages the mean. */
  advantages: z.record(z.string(), number),
  /** Sum of the log-probabilities of its tokens. */
  logprob: number,
});
export type Sample = z.output<typeof sample>;

export const task = z.object({
  id: z.string(),
  /** Messages are joined with their roles; pictures are named. */
  prompt: text,
  answer: json,
  domain: z.string().nullable(),
  difficulty: number,
  /** What else the task file said, cut where it is huge. */
  data: json,
});
export type Task = z.output<typeof task>;

/** GET /runs/:run/steps: which steps have samples. */
export const stepsQuery = z.strictObject({ split: name.default('train') });
export const stepsAnswer = z.object({
  splits: z.array(z.string()),
  split: z.string(),
  steps: z.array(z.number()),
  /** What can be filtered by: `value`, `length`, `logprob`, `part:NAME`, `advantage:TERM`. */
  columns: z.array(z.string()),
});
export type StepsAnswer = z.output<typeof stepsAnswer>;

/** GET /runs/:run/groups?step=N: the groups of a step, side by side. */
export const groupsQuery = z.strictObject({
  step,
  split: name.default('train'),
  offset: wholeParam(0, 1e9).default(0).describe('groups to skip'),
  limit: wholeParam(1, 200).default(16).describe('groups'),
  chars: wholeParam(100, 100_000).default(4000).describe('of each text'),
});
export type GroupsQuery = z.input<typeof groupsQuery>;

export const group = z.object({
  group: z.number(),
  task,
  /** Of the verdicts with a value. */
  mean: number,
  std: number,
  /** All verdicts with a value say the same: no learning signal from a group-relative estimator. */
  zeroVariance: z.boolean(),
  noVerdict: z.number(),
  samples: z.array(sample),
});
export type Group = z.output<typeof group>;

export const groupsAnswer = z.object({
  run: z.string(),
  step: z.number(),
  split: z.string(),
  stage: z.string().nullable(),
  /** Groups of the step in all; 0 where none were stored (`samplesEvery`). */
  total: z.number(),
  groups: z.array(group),
  /** The nearest steps with samples. */
  previous: z.number().nullable(),
  next: z.number().nullable(),
});
export type GroupsAnswer = z.output<typeof groupsAnswer>;

/** GET /runs/:run/sample?step=N&position=N: one sample in full (texts up to `chars`). */
export const sampleQuery = z.strictObject({
  step,
  position: wholeParam(0, 1e9),
  split: name.default('train'),
  chars: wholeParam(100, 8_000_000).default(2_000_000),
});
export const sampleAnswer = z.object({ task, sample });
export type SampleAnswer = z.output<typeof sampleAnswer>;

/**
 * GET /runs/:run/samples: search and filter. All filters must hold. In the order of steps, a page at a time: pass `next` as
 * `cursor` for more. A page may have fewer than `limit` (even none) with `next` still set: a rare filter is looked for a stretch of
 * steps at a time, `scanned` says how far it came.
 */
export const samplesQuery = z.strictObject({
  split: name.default('train'),
  /**
   * Words that all must occur in prompt or completion, in any case; "in quotes" next to one another; `word*` a beginning; `-word` must
   * not occur; `prompt:word` and `completion:word` only there. Signs between letters and digits separate words.
   */
  text: z.string().max(500).optional(),
  /** `value`, `length`, `logprob`, `part:NAME`, `advantage:TERM`: at least `above`, at most `below`. */
  column: name.optional(),
  above: numberParam.optional(),
  below: numberParam.optional(),
  /** Two of these columns that are at least `apart` from one another (0.5). */
  first: name.optional(),
  second: name.optional(),
  apart: numberParam.optional(),
  /** No verdict: `any`, or one cause. `none` leaves out samples without a verdict. */
  cause: z.enum([...causes, 'any', 'none']).optional(),
  finish: z.enum(finishes).optional(),
  /** Only samples of groups whose values are all alike (or only of the others). */
  zeroVariance: flagParam.optional(),
  from: step.optional(),
  to: step.optional(),
  order: z.enum(['asc', 'desc']).default('asc'),
  cursor: z.string().max(200).optional(),
  /** Samples to skip, only without filters: `total` is known then, and any place of a long list can be read. */
  offset: wholeParam(0, 1e12).optional(),
  limit: wholeParam(1, 500).default(100),
});
export type SamplesQuery = z.input<typeof samplesQuery>;

/** A row of a long list: `sample` has the rest. */
export const sampleRow = z.object({
  step: z.number(),
  split: z.string(),
  group: z.number(),
  position: z.number(),
  id: z.string(),
  /** Up to 200 code points each; around the first match where there is one. `marks`: what matched in them. */
  prompt: z.string(),
  completion: z.string(),
  marks: z.object({
    prompt: z.array(z.tuple([z.number(), z.number()])),
    completion: z.array(z.tuple([z.number(), z.number()])),
  }),
  value: number,
  cause: z.string().nullable(),
  reason: z.string().nullable(),
  parts: z.record(z.string(), number),
  advantage: number,
  finish: z.enum(finishes).nullable(),
  length: number,
  zeroVariance: z.boolean(),
});
export type SampleRow = z.output<typeof sampleRow>;

/** How far the full-text index of a run has come. */
export const indexState = z.object({
  /** Samples in the index and in the store. */
  done: z.number(),
  total: z.number(),
  state: z.enum(['ready', 'working', 'failed']),
  error: z.string().optional(),
});
export type IndexState = z.output<typeof indexState>;

export const samplesAnswer = z.object({
  samples: z.array(sampleRow),
  next: z.string().nullable(),
  /** How many there are, where that is known without looking at all: always without filters, else null. */
  total: z.number().nullable(),
  /** The last step that was looked at, of so many that have samples. */
  scanned: z.object({ step: z.number(), done: z.number(), of: z.number() }),
  /** Set when `text` was asked for: what is not in the index yet is not found yet. */
  index: indexState.nullable(),
});
export type SamplesAnswer = z.output<typeof samplesAnswer>;

// ── GET /runs/:run/alarms ────────────────────────────────────────────────────────────────────────────────────────────

export const alarmRules = [
  'reward-without-heldout',
  'length-runaway',
  'part-saturating',
  'no-verdicts',
  'duplicates',
] as const;

/** Measured on stored clean runs by `npm run alarms:measure`: the share of runs in which the rule spoke. */
export const falseAlarms = z.object({
  runs: z.number(),
  alarmed: z.number(),
  rate: interval,
});
export type FalseAlarms = z.output<typeof falseAlarms>;

export const alarm = z.object({
  rule: z.enum(alarmRules),
  /** From this step on, until that (the newest while it lasts). */
  from: z.number(),
  to: z.number(),
  /** It still holds at the run's last step. */
  open: z.boolean(),
  /** What was seen, in one line with numbers. */
  text: z.string(),
  /** The charts to look at. */
  metrics: z.array(z.string()),
});
export type Alarm = z.output<typeof alarm>;

export const alarmsAnswer = z.object({
  alarms: z.array(alarm),
  /** Every rule, also those that are silent, and those that could not look (`looked: false` with `why`). */
  rules: z.array(
    z.object({
      rule: z.enum(alarmRules),
      /** The rule in one sentence, with its numbers. */
      says: z.string(),
      options: z.record(z.string(), z.number()),
      looked: z.boolean(),
      why: z.string().nullable(),
      falseAlarms: falseAlarms.nullable(),
    }),
  ),
});
export type AlarmsAnswer = z.output<typeof alarmsAnswer>;

/** GET /alarms: every rule, and the newest runs with what the rules say of them. */
export const alarmsListQuery = z.strictObject({
  offset: wholeParam(0, 1e9).default(0).describe('runs to skip, the newest first'),
  limit: wholeParam(1, 200).default(25).describe('runs'),
});
export const alarmsListAnswer = z.object({
  rules: z.array(
    z.object({
      rule: z.enum(alarmRules),
      says: z.string(),
      options: z.record(z.string(), z.number()),
      falseAlarms: falseAlarms.nullable(),
    }),
  ),
  /** Also runs of which no rule speaks: their list is empty. */
  runs: z.array(z.object({ run: runRow, alarms: z.array(alarm) })),
  /** Runs in the store. */
  total: z.number(),
});
export type AlarmsListAnswer = z.output<typeof alarmsListAnswer>;

// ── GET /compare ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const compareQuery = z.strictObject({
  /** Runs, 1 to 50. */
  run: list(name, 50),
  /** Metrics, as in `series`. */
  metric: list(name, 20),
  /** What makes an arm: runs alike in recipe and arm are its seeds; or each run alone. */
  by: z.enum(['arm', 'run']).default('arm'),
  points: wholeParam(2, 5000).default(300),
});
export type CompareQuery = z.input<typeof compareQuery>;

export const compareAnswer = z.object({
  /** In the order of the runs. The first is what the others are compared with. */
  arms: z.array(
    z.object({
      /** `countdown · main`, or the run's id. */
      name: z.string(),
      runs: z.array(runRow),
      /** By metric: mean over seeds and its 95 % interval (null where there is one seed) at each bucket of steps. */
      series: z.record(
        z.string(),
        z.object({
          steps: z.array(z.number()),
          mean: z.array(number),
          low: z.array(number),
          high: z.array(number),
          /** Seeds that have a value there. */
          n: z.array(z.number()),
        }),
      ),
      /** Over seeds: `untrained`, `before`, `after`, `gain`, `seconds`. `values` are in the order of `runs`. */
      outcomes: z.record(z.string(), z.object({ ...interval.shape, values: z.array(number) })),
    }),
  ),
  /** Each arm's `after` less the first arm's: paired where both have the same seeds. */
  differences: z.array(
    z.object({ arm: z.string(), over: z.string(), paired: z.boolean(), ...interval.shape }),
  ),
  /** Where the recipes differ: a dotted path and each run's value (undefined: not there). At most 500. */
  config: z.array(z.object({ path: z.string(), values: z.record(z.string(), json) })),
  /** Every metric that one of the runs has. */
  metrics: z.array(metric),
});
export type CompareAnswer = z.output<typeof compareAnswer>;

// ── GET /reproductions ───────────────────────────────────────────────────────────────────────────────────────────────

const difference = z.object({ mean: number, low: number, high: number });
export const reproduction = z.object({
  /** The file it was read from, and when that was written. */
  file: z.string(),
  time,
  recipe: z.string(),
  paper: z.string().nullable(),
  metric: z.string(),
  holds: z.boolean(),
  seconds: z.number(),
  arms: z.array(
    z.object({
      name: z.string(),
      seeds: z.array(z.number()),
      metric: z.object({ mean: number, low: number, high: number, values: z.array(number) }),
      all: z.record(z.string(), z.array(number)),
    }),
  ),
  expected: z.array(
    z.object({
      arm: z.string(),
      /** Another arm, or 0. */
      over: z.union([z.string(), z.literal(0)]),
      direction: z.string(),
      by: number,
      metric: z.string().nullable(),
      /** In words: 'after of main over supervised: higher by more than 0.15'. */
      says: z.string(),
      difference,
      holds: z.boolean(),
    }),
  ),
});
export type Reproduction = z.output<typeof reproduction>;
export const reproductionsAnswer = z.object({
  reproductions: z.array(reproduction),
  /** Files that could not be read, and why, in one line each. */
  unreadable: z.array(z.object({ file: z.string(), error: z.string() })),
});
export type ReproductionsAnswer = z.output<typeof reproductionsAnswer>;

// ── GET /audits   GET /audits/:name ──────────────────────────────────────────────────────────────────────────────────

export const auditKinds = ['rates', 'agreement', 'comparison', 'probes', 'rescore'] as const;
const noVerdictCount = z.object({ n: z.number(), causes: z.record(z.string(), z.number()) });

/** Counts of one category; a no-verdict is counted on its label's side. */
export const confusion = z.object({
  truePositive: z.number(),
  falsePositive: z.number(),
  trueNegative: z.number(),
  falseNegative: z.number(),
  silentPositive: z.number(),
  silentNegative: z.number(),
});
export const rates = z.object({
  n: z.number(),
  accuracy: interval,
  falsePositiveRate: interval,
  falseNegativeRate: interval,
  noVerdict: noVerdictCount,
  /** Missing in documents of older versions. */
  confusion: confusion.nullable(),
});
export type Rates = z.output<typeof rates>;

const reading = z.object({
  value: number,
  cause: z.string().nullable(),
  reason: z.string().nullable(),
  /** The candidate's answer as this reward read it. */
  answer: z.string().nullable(),
});
export const auditDisagreement = z.object({
  kind: z.enum(['falsePositive', 'falseNegative', 'noVerdict', 'apart']),
  id: z.string(),
  line: z.number(),
  column: z.string(),
  category: z.string().nullable(),
  label: z.boolean().nullable(),
  /** Null in documents that were written without texts. */
  prompt: text.nullable(),
  completion: text.nullable(),
  /** The reference, as the file has it. */
  reference: z.string().nullable(),
  /** What the reward read, and where there are two rewards, what the second read. */
  first: reading,
  second: reading.nullable(),
});
export type AuditDisagreement = z.output<typeof auditDisagreement>;

export const auditRow = z.object({
  /** What `GET /audits/:name` takes. */
  name: z.string(),
  kind: z.enum(auditKinds),
  time,
  /** The audited file or run, and the reward (two of them: the second too). */
  source: z.string().nullable(),
  reward: z.string().nullable(),
  second: z.string().nullable(),
  /** One line: 'accuracy 98.2 %, false positives 0.4 %'. */
  headline: z.string(),
  /** It kept within its limits. */
  ok: z.boolean(),
});
export type AuditRow = z.output<typeof auditRow>;
export const auditsAnswer = z.object({
  audits: z.array(auditRow),
  unreadable: z.array(z.object({ file: z.string(), error: z.string() })),
  /** Where `audit --out` puts them. */
  folder: z.string(),
});
export type AuditsAnswer = z.output<typeof auditsAnswer>;

export const auditAnswer = z.object({
  audit: auditRow,
  /** kind `rates`. */
  rates: rates.nullable(),
  byCategory: z.record(z.string(), rates),
  byColumn: z.record(z.string(), rates),
  /** Where the reward is graded (more than two values): accepted from each threshold on. Rising thresholds. */
  curve: z.array(
    z.object({
      threshold: z.number(),
      falsePositiveRate: number,
      falseNegativeRate: number,
      accuracy: number,
    }),
  ),
  /** The threshold that was used. */
  threshold: number,
  disagreements: z.array(auditDisagreement),
  /** kind `agreement` and `comparison`: how two rewards relate. */
  pair: z
    .object({
      agreement: interval.nullable(),
      kappa: number,
      table: z.record(z.string(), z.number()),
      first: rates.nullable(),
      second: rates.nullable(),
      difference: interval.nullable(),
      p: number,
    })
    .nullable(),
  /** kind `probes`. */
  probes: z
    .object({
      tasks: z.number(),
      limit: z.number(),
      probes: z.array(
        z.object({
          name: z.string(),
          family: z.string(),
          accepted: interval,
          noVerdict: noVerdictCount,
          hole: z.boolean(),
          examples: z.array(z.object({ task: z.string(), text: z.string(), reason: z.string() })),
        }),
      ),
      falseAlarms: interval.nullable(),
    })
    .nullable(),
  /** kind `rescore`: the document as `audit --rescore --json` prints it. */
  rescore: json,
});
export type AuditAnswer = z.output<typeof auditAnswer>;

// ── GET /live ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Server-sent events. Without `run`: event `run` (a RunRow that is new or changed) and `gone` (`{ id }`). With `run`: `step` (LiveStep,
 * each new step after `from`; a long gap comes as one `behind`), `run`, `event` (RunEvent), `evaluation` (Evaluation), `gone`, and
 * `truncated` (`{ last }`: steps after it were dropped by a resume; load the series anew). A comment every 15 s keeps the
 * connection. The id of a `step` event is its step, so that a browser that reconnects misses nothing.
 */
export const liveQuery = z.strictObject({
  run: name.optional(),
  /** The last step that the page has; without it only what is new from now on. */
  from: wholeParam(-1, Number.MAX_SAFE_INTEGER).optional(),
});
export const liveStep = z.object({
  step: z.number(),
  stage: z.string(),
  time,
  /** By the names that `series` takes (clock metrics too). */
  metrics: z.record(z.string(), number),
});
export type LiveStep = z.output<typeof liveStep>;
/** `behind`: more than 200 steps are new; load the series up to `last` instead. */
export const liveBehind = z.object({ last: z.number() });

export type LiveEvents = {
  run: RunRow;
  gone: { id: string };
  step: LiveStep;
  behind: { last: number };
  truncated: { last: number };
  event: RunEvent;
  evaluation: Evaluation;
};
