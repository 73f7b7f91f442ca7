import type { Verdict } from '../core/index.ts';

/** Error rates if verdicts accepted from `threshold` on. A rate of no cases is NaN. */
export interface CurvePoint {
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly falseNegativeRate: number;
  readonly accuracy: number;
}

/** How often each value was given to what is labelled right and wrong; no verdicts apart. */
export interface Scores {
  /** Undefined once there are too many different values: then they are counted by `grain`. */
  grain: number | undefined;
  readonly counts: Map<number, { right: number; wrong: number }>;
  silentRight: number;
  silentWrong: number;
}

const mostValues = 5000;
const coarse = 1e-3;
const mostPoints = 201;

export function emptyScores(): Scores {
  return { grain: undefined, counts: new Map(), silentRight: 0, silentWrong: 0 };
}

/** Counts one verdict, in memory that does not grow with the cases. */
export function noteScore(scores: Scores, label: boolean, { value }: Pick<Verdict, 'value'>): void {
  if (value === null) {
    if (label) scores.silentRight++;
    else scores.silentWrong++;
    return;
  }
  add(scores, rounded(value, scores.grain), label ? 1 : 0, label ? 0 : 1);
  if (scores.counts.size <= mostValues) return;
  scores.grain = scores.grain === undefined ? coarse : 10 * scores.grain;
  const old = [...scores.counts];
  scores.counts.clear();
  for (const [at, { right, wrong }] of old) add(scores, rounded(at, scores.grain), right, wrong);
}

function rounded(value: number, grain: number | undefined): number {
  return grain === undefined ? value : Number((Math.round(value / grain) * grain).toPrecision(12));
}

function add({ counts }: Scores, value: number, right: number, wrong: number): void {
  const entry = counts.get(value);
  if (entry) {
    entry.right += right;
    entry.wrong += wrong;
  } else counts.set(value, { right, wrong });
}

/**
 * What each threshold among the values would give, rising; of many values about 200 of even counts. A no-verdict is an error
 * of its label's side at every threshold.
 */
export function thresholdCurve({ counts, silentRight, silentWrong }: Scores): CurvePoint[] {
  if (counts.size <= 2) return [];
  const values = [...counts].sort(([a], [b]) => a - b);
  let [right, wrong] = [silentRight, silentWrong];
  for (const [, own] of values) {
    right += own.right;
    wrong += own.wrong;
  }
  const every = Math.max(1, Math.ceil(values.length / mostPoints));
  const points: CurvePoint[] = [];
  let [rightBelow, wrongBelow] = [0, 0];
  values.forEach(([threshold, own], i) => {
    if (i % every === 0 || i === values.length - 1) {
      const falsePositives = wrong - wrongBelow; // those without a verdict are among them
      const falseNegatives = rightBelow + silentRight;
      points.push({
        threshold,
        falsePositiveRate: falsePositives / wrong,
        falseNegativeRate: falseNegatives / right,
        accuracy: 1 - (falsePositives + falseNegatives) / (right + wrong),
      });
    }
    rightBelow += own.right;
    wrongBelow += own.wrong;
  });
  return points;
}
