/** What the rules look at: a run's numbers over its reinforcement steps, its held-out evaluations, and how alike its completions are. */
export interface RunSigns {
  /** Steps that have a reward or no-verdict rate, in order. */
  readonly steps: ArrayLike<number>;
  /** Names of the metrics there are. */
  readonly names: readonly string[];
  /** A metric over these steps, NaN where a step has none; undefined where there is no such metric. */
  metric(name: string): ArrayLike<number> | undefined;
  /** Held-out evaluations in the order of steps. */
  readonly heldOut: readonly { readonly step: number; readonly solveRate: number }[];
  /** Of some steps with stored samples: the share of the commonest completion that was given for several tasks. */
  readonly duplicates: readonly { readonly step: number; readonly share: number }[];
}

/** Where a rule speaks. `open`: it still holds at the newest step. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly text: string;
  readonly metrics: readonly string[];
}

/** A rule that cannot look says why; one that looked says what it found, which is mostly nothing. */
export type Looked = { readonly findings: readonly Finding[] } | { readonly cannot: string };

/** One alarm: a pure function of the signs and its options. */
export interface Rule<Name extends string, Options extends { readonly [name: string]: number }> {
  readonly rule: Name;
  readonly options: Options;
  /** The rule in one sentence, with its numbers. */
  says(options: Options): string;
  look(signs: RunSigns, options: Options): Looked;
}

/** Mean of the values in [from, to) that are there; NaN for none. */
export function windowMean(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  let n = 0;
  for (let i = Math.max(0, from); i < Math.min(values.length, to); i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    sum += value;
    n++;
  }
  return n > 0 ? sum / n : Number.NaN;
}

/** Means of the `window` values that end at each place; NaN before there are so many. In one pass. */
export function trailingMeans(values: ArrayLike<number>, window: number): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN);
  let sum = 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const [enter, leave] = [values[i]!, i >= window ? values[i - window]! : Number.NaN];
    if (Number.isFinite(enter)) {
      sum += enter;
      n++;
    }
    if (Number.isFinite(leave)) {
      sum -= leave;
      n--;
    }
    if (i >= window - 1 && n > 0) out[i] = sum / n;
  }
  return out;
}

/** Stretches of places at which something holds, as findings; shorter ones than `least` are left out. */
export function stretches(
  { steps }: Pick<RunSigns, 'steps'>,
  holds: (i: number) => boolean,
  least: number,
  say: (from: number, to: number) => { readonly text: string; readonly metrics: readonly string[] },
): Finding[] {
  const out: Finding[] = [];
  let start = -1;
  for (let i = 0; i <= steps.length; i++) {
    const now = i < steps.length && holds(i);
    if (now && start < 0) start = i;
    if (now || start < 0) continue;
    if (i - start >= least)
      out.push({ from: steps[start]!, to: steps[i - 1]!, open: i === steps.length, ...say(start, i - 1) });
    start = -1;
  }
  return out;
}

export const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
export const short = (x: number) => String(Number(x.toPrecision(3)));
