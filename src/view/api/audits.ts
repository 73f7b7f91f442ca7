/** `GET /audits` and `GET /audits/:name`: documents of `audit --out`. */
import { z } from 'zod';
import { interval, json, text } from './common.ts';
import { number, time } from './fields.ts';

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
