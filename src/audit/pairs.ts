import {
  countNoVerdict,
  type Interval,
  mcnemar,
  type NoVerdictCount,
  pairedTest,
  type Reward,
  scoringContext,
  type Verdict,
  wilson,
} from '../core/index.ts';
import type { Case, CaseBatch } from './cases.ts';
import type { AuditOptions } from './error-rates.ts';
import { accepted, addTo, emptyTally, type Rates, ratesOf } from './rates.ts';
import { scoreCases } from './score-cases.ts';

/** Two verdicts on one case. */
export interface Pair {
  readonly case: Case;
  readonly first: Verdict;
  readonly second: Verdict;
}

async function* scoredPairs(
  batches: AsyncIterable<CaseBatch>,
  first: Reward,
  second: Reward,
  { context, progress }: AuditOptions,
): AsyncGenerator<readonly Pair[]> {
  const full = scoringContext(context);
  let done = 0;
  for await (const { cases, share } of batches) {
    const a = await scoreCases(cases, first, full);
    const b = await scoreCases(cases, second, full);
    yield cases.map((one, i) => ({ case: one, first: a[i]!, second: b[i]! }));
    done += cases.length;
    progress?.(done, share);
  }
}

export interface Agreement {
  readonly n: number;
  /** Both accept or both reject, of the cases on which both gave a verdict. */
  readonly agreement: Interval;
  /** Cohen's kappa of the same cases; NaN when one of them always says the same as chance would. */
  readonly kappa: number;
  readonly table: {
    readonly bothAccept: number;
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly bothReject: number;
  };
  readonly noVerdict: { readonly first: NoVerdictCount; readonly second: NoVerdictCount };
  /** Farthest apart first. */
  readonly disagreements: readonly Pair[];
}

/** How two verifiers agree on the same cases; labels are not needed. */
export async function agreementOf(
  batches: AsyncIterable<CaseBatch>,
  first: Reward,
  second: Reward,
  options: AuditOptions = {},
): Promise<Agreement> {
  const { threshold = 0.5, show = 0 } = options;
  const table = { bothAccept: 0, onlyFirst: 0, onlySecond: 0, bothReject: 0 };
  const noVerdict = { first: emptyTally().noVerdict, second: emptyTally().noVerdict };
  let apart: Pair[] = [];
  let n = 0;
  for await (const pairs of scoredPairs(batches, first, second, options)) {
    for (const pair of pairs) {
      n++;
      countNoVerdict(noVerdict.first, pair.first);
      countNoVerdict(noVerdict.second, pair.second);
      const a = accepted(pair.first, threshold);
      const b = accepted(pair.second, threshold);
      if (a !== undefined && b !== undefined)
        table[a ? (b ? 'bothAccept' : 'onlyFirst') : b ? 'onlySecond' : 'bothReject']++;
      if (a !== b) apart.push(pair);
    }
    if (apart.length > 50 * show + 1000) apart = farthest(apart).slice(0, show);
  }
  const { bothAccept, onlyFirst, onlySecond, bothReject } = table;
  const both = bothAccept + onlyFirst + onlySecond + bothReject;
  const chance =
    ((bothAccept + onlyFirst) * (bothAccept + onlySecond) +
      (onlySecond + bothReject) * (onlyFirst + bothReject)) /
    (both * both);
  const agreement = wilson(bothAccept + bothReject, both);
  const kappa = (agreement.value - chance) / (1 - chance);
  return { n, agreement, kappa, table, noVerdict, disagreements: farthest(apart).slice(0, show) };
}

function farthest(pairs: readonly Pair[]): Pair[] {
  const distance = ({ first, second }: Pair) =>
    first.value === null || second.value === null ? 0 : Math.abs(first.value - second.value);
  return [...pairs].sort((a, b) => distance(b) - distance(a) || a.case.line - b.case.line);
}

export interface Comparison {
  readonly n: number;
  readonly a: Rates;
  readonly b: Rates;
  /** How often only one of them was right. */
  readonly onlyA: number;
  readonly onlyB: number;
  /** Accuracy of a minus that of b, paired. */
  readonly difference: Interval;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
  readonly disagreements: readonly Pair[];
}

/** Paired comparison of two verifiers against labels. A no-verdict is not right. */
export async function comparisonOf(
  batches: AsyncIterable<CaseBatch>,
  a: Reward,
  b: Reward,
  options: AuditOptions = {},
): Promise<Comparison> {
  const { threshold = 0.5, show = 0 } = options;
  const tallies = { a: emptyTally(), b: emptyTally() };
  const right = { a: [] as number[], b: [] as number[] };
  let apart: Pair[] = [];
  for await (const pairs of scoredPairs(batches, a, b, options)) {
    for (const pair of pairs) {
      const label = pair.case.label === true;
      addTo(tallies.a, label, pair.first, threshold);
      addTo(tallies.b, label, pair.second, threshold);
      const rightA = accepted(pair.first, threshold) === label;
      const rightB = accepted(pair.second, threshold) === label;
      right.a.push(rightA ? 1 : 0);
      right.b.push(rightB ? 1 : 0);
      if (rightA !== rightB) apart.push(pair);
    }
    if (apart.length > 50 * show + 1000) apart = farthest(apart).slice(0, show);
  }
  const onlyA = right.a.filter((one, i) => one === 1 && right.b[i] === 0).length;
  const onlyB = right.b.filter((one, i) => one === 1 && right.a[i] === 0).length;
  return {
    n: right.a.length,
    a: ratesOf(tallies.a),
    b: ratesOf(tallies.b),
    onlyA,
    onlyB,
    difference: pairedTest(right.a, right.b).difference,
    p: mcnemar(onlyA, onlyB),
    disagreements: farthest(apart).slice(0, show),
  };
}
