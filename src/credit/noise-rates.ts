import type { NoiseRates } from './noise-correction.ts';

export interface Appeals {
  /** What the rule accepted and rejected. */
  readonly positives: number;
  readonly negatives: number;
  /** Rejections that a second verifier looked at, and those that it overturned. */
  readonly sampled: number;
  readonly overturned: number;
  /** How often the second verifier accepts what is wrong and rejects what is right. Default 0. */
  readonly appealFalsePositive?: number;
  readonly appealFalseNegative?: number;
  /** Pseudo-counts of overturned and upheld appeals. Default none. */
  readonly prior?: readonly [overturned: number, upheld: number];
}

/**
 * The false-negative rate of a rule from appeals against its rejections: with u of n looked-at rejections overturned, N u/n
 * of N were right, and ρ1 = F/(F + P), accepted ones taken as right. A second verifier with error rates f and g gives u/n as
 * (u/n − f)/(1 − f − g). Within [0, 0.49]; 0 when nothing was looked at. The estimator is ours; the paper gives none.
 */
export function falseNegativeRate(appeals: Appeals): number {
  const { positives, negatives, sampled, overturned, prior = [0, 0] } = appeals;
  const { appealFalsePositive: f = 0, appealFalseNegative: g = 0 } = appeals;
  const n = sampled + prior[0] + prior[1];
  if (n === 0) return 0;
  const share = Math.min(1, Math.max(0, ((overturned + prior[0]) / n - f) / Math.max(1e-9, 1 - f - g)));
  const wronged = negatives * share;
  return wronged + positives > 0 ? Math.min(0.49, wronged / (wronged + positives)) : 0;
}

/** One rate as an audit reports it, with its interval. */
export interface AuditedRate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The rates of `assay audit --json`, at their estimates or at an end of their intervals: to see what the doubt does. */
export function auditedRates(
  audit: { readonly falsePositiveRate: AuditedRate; readonly falseNegativeRate: AuditedRate },
  at: keyof AuditedRate = 'value',
): NoiseRates {
  const read = (rate: AuditedRate) => (Number.isFinite(rate[at]) ? Math.min(rate[at], 0.49) : 0);
  return { falsePositive: read(audit.falsePositiveRate), falseNegative: read(audit.falseNegativeRate) };
}
