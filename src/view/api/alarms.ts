/** `GET /runs/:run/alarms` and `GET /alarms`. */
import { z } from 'zod';
import { interval } from './common.ts';
import { wholeParam } from './fields.ts';
import { runRow } from './runs.ts';

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
