import { type Reward, type RewardContext, scoringContext, type Verdict } from '../core/index.ts';
import type { Case, CaseBatch } from './cases.ts';
import { type CurvePoint, emptyScores, noteScore, thresholdCurve } from './curve.ts';
import { accepted, addTo, emptyTally, type Rates, ratesOf, type Tally } from './rates.ts';
import { scoreCases } from './score-cases.ts';

/** A case on which verdict and label disagree, or without a verdict. */
export interface Disagreement {
  readonly case: Case;
  readonly verdict: Verdict;
  readonly kind: 'falsePositive' | 'falseNegative' | 'noVerdict';
}

export interface ErrorRates extends Rates {
  /** By category, where cases have one. */
  readonly byCategory: { readonly [category: string]: Rates };
  /** By completion field, where there are several. */
  readonly byColumn: { readonly [column: string]: Rates };
  /** The worst first, `show` of them. */
  readonly disagreements: readonly Disagreement[];
  /** What other thresholds would have given, rising; empty where the reward has no more than two values. */
  readonly curve: readonly CurvePoint[];
  readonly dropped: number;
  readonly seconds: number;
}

export interface AuditOptions {
  /** From this value on a verdict accepts. Default 0.5. */
  readonly threshold?: number;
  /** How many disagreements to keep. Default 0. */
  readonly show?: number;
  readonly context?: Partial<RewardContext>;
  readonly progress?: (done: number, share?: number) => void;
}

/** Error rates of a reward against labels. Reads the cases once, in constant memory but for what it shows. */
export async function errorRates(
  batches: AsyncIterable<CaseBatch>,
  reward: Reward,
  options: AuditOptions = {},
): Promise<ErrorRates> {
  const { threshold = 0.5, show = 0, progress } = options;
  const context = scoringContext(options.context);
  const began = performance.now();
  const all = emptyTally();
  const categories = new Map<string, Tally>();
  const columns = new Map<string, Tally>();
  const scores = emptyScores();
  let worst: Disagreement[] = [];
  let dropped = 0;
  let done = 0;
  for await (const batch of batches) {
    const verdicts = await scoreCases(batch.cases, reward, context);
    batch.cases.forEach((one, i) => {
      const verdict = verdicts[i]!;
      const label = one.label === true;
      addTo(all, label, verdict, threshold);
      noteScore(scores, label, verdict);
      if (one.category !== undefined) addTo(tallyOf(categories, one.category), label, verdict, threshold);
      addTo(tallyOf(columns, one.column), label, verdict, threshold);
      const said = accepted(verdict, threshold);
      if (show > 0 && said !== label)
        worst.push({
          case: one,
          verdict,
          kind: said === undefined ? 'noVerdict' : said ? 'falsePositive' : 'falseNegative',
        });
    });
    if (worst.length > 50 * show + 1000) worst = ranked(worst).slice(0, show);
    dropped = batch.dropped;
    done += batch.cases.length;
    progress?.(done, batch.share);
  }
  return {
    ...ratesOf(all),
    byCategory: named(categories),
    byColumn: columns.size > 1 ? named(columns) : {},
    disagreements: ranked(worst).slice(0, show),
    curve: thresholdCurve(scores),
    dropped,
    seconds: (performance.now() - began) / 1000,
  };
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name);
  if (tally === undefined) {
    tally = emptyTally();
    tallies.set(name, tally);
  }
  return tally;
}

function named(tallies: ReadonlyMap<string, Tally>): { [name: string]: Rates } {
  const rates: { [name: string]: Rates } = Object.create(null);
  for (const name of [...tallies.keys()].sort()) rates[name] = ratesOf(tallies.get(name)!);
  return rates;
}

const kinds = ['falsePositive', 'falseNegative', 'noVerdict'] as const;

/** Farthest from the label first; of equals, what was wrongly accepted first, then in the order of the file. */
function ranked(all: readonly Disagreement[]): Disagreement[] {
  const distance = ({ case: { label }, verdict: { value } }: Disagreement) =>
    value === null ? 0 : Math.abs(value - (label ? 1 : 0));
  return [...all].sort(
    (a, b) =>
      distance(b) - distance(a) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.case.line - b.case.line,
  );
}
