import { countNoVerdict, type Interval, type NoVerdictCount, type Verdict, wilson } from '../core/index.ts';

/** Counts of accepted and rejected, right and wrong, and of no verdicts on either side. */
export interface Tally {
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
  /** No verdict on what is labelled right, and on what is labelled wrong. */
  silentPositive: number;
  silentNegative: number;
  readonly noVerdict: NoVerdictCount;
}

export function emptyTally(): Tally {
  return {
    truePositive: 0,
    falsePositive: 0,
    trueNegative: 0,
    falseNegative: 0,
    silentPositive: 0,
    silentNegative: 0,
    noVerdict: { n: 0, causes: {} },
  };
}

/** Does a verdict accept the answer? Undefined where it is no verdict. */
export function accepted({ value }: Pick<Verdict, 'value'>, threshold: number): boolean | undefined {
  return value === null ? undefined : value >= threshold;
}

export function addTo(tally: Tally, label: boolean, verdict: Verdict, threshold: number): void {
  countNoVerdict(tally.noVerdict, verdict);
  const said = accepted(verdict, threshold);
  if (said === undefined) {
    if (label) tally.silentPositive++;
    else tally.silentNegative++;
  } else if (label) {
    if (said) tally.truePositive++;
    else tally.falseNegative++;
  } else if (said) tally.falsePositive++;
  else tally.trueNegative++;
}

/** Error rates with Wilson's 95 % intervals. A no-verdict is an error of its label's side, and of accuracy. */
export interface Rates {
  readonly n: number;
  readonly accuracy: Interval;
  /** Wrong answers accepted, or left without a verdict, of all wrong answers. */
  readonly falsePositiveRate: Interval;
  /** Right answers rejected, or left without a verdict, of all right answers. */
  readonly falseNegativeRate: Interval;
  readonly noVerdict: NoVerdictCount;
  /** The counts that these are shares of. */
  readonly confusion: Omit<Readonly<Tally>, 'noVerdict'>;
}

export function ratesOf(tally: Tally): Rates {
  const { truePositive, falsePositive, trueNegative, falseNegative, silentPositive, silentNegative } = tally;
  const positives = truePositive + falseNegative + silentPositive;
  const negatives = trueNegative + falsePositive + silentNegative;
  return {
    n: positives + negatives,
    accuracy: wilson(truePositive + trueNegative, positives + negatives),
    falsePositiveRate: wilson(falsePositive + silentNegative, negatives),
    falseNegativeRate: wilson(falseNegative + silentPositive, positives),
    noVerdict: tally.noVerdict,
    confusion: { truePositive, falsePositive, trueNegative, falseNegative, silentPositive, silentNegative },
  };
}
