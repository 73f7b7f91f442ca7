/** Does a reward measure what it should: error rates against labels, comparisons, probes, re-scoring. */
export { type Case, type CaseBatch, type CaseFields, readCases } from './cases.ts';
export type { CurvePoint } from './curve.ts';
export { type AuditOptions, type Disagreement, type ErrorRates, errorRates } from './error-rates.ts';
export { type Drop, type LabelWords, readDrop, readLabel } from './labels.ts';
export { type Agreement, agreementOf, type Comparison, comparisonOf, type Pair } from './pairs.ts';
export { type Probe, probes, type Target } from './probes/probes.ts';
export { falseAlarms, type ProbeReport, type ProbeResult, runProbes } from './probes/run.ts';
export { accepted, type Rates, ratesOf } from './rates.ts';
export { type Difference, type Rescored, rescore } from './rescore.ts';
