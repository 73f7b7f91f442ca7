import { InputError, pairedTest } from '../core/index.ts';

/**
 * What metric(arm) − metric(over) should do, by the 95 % interval of its mean over seeds, paired by seed: `higher` – lie above
 * `by`; `lower` – lie below −`by`; `notHigher` – lie at or below `by`, the margin that does not matter: an interval that is merely
 * wide does not hold. `over: 0` compares with zero itself. One seed has no interval, and nothing holds by it.
 */
export interface Expectation {
  readonly arm: string;
  readonly over: string | 0;
  readonly direction: (typeof directions)[number];
  /** Default 0. */
  readonly by?: number;
  /** In place of the recipe's or study's. */
  readonly metric?: string;
}

export const directions = ['higher', 'lower', 'notHigher'] as const;

export interface Judged {
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number };
  readonly holds: boolean;
}

/** What one expectation comes to on values by seed of its arm and of the one it is compared with. */
export function judgeValues(
  { direction, by = 0 }: Pick<Expectation, 'direction' | 'by'>,
  arm: readonly number[],
  over: readonly number[],
): Judged {
  // Values that differ by rounding alone are equal: without it 0.1 + 0.2 is higher than 0.3 on every seed.
  const same = arm.map((a, i) => (Math.abs(a - over[i]!) <= 1e-12 * Math.abs(a) ? over[i]! : a));
  const { value: mean, low, high } = pairedTest(same, over).difference;
  const holds = direction === 'higher' ? low > by : direction === 'lower' ? high < -by : high <= by;
  return { difference: { mean, low, high }, holds };
}

/** What it demands, in a few words. */
export function demandOf({ direction, by = 0 }: Pick<Expectation, 'direction' | 'by'>): string {
  if (direction === 'notHigher') return `not above ${by}`;
  return by === 0 ? direction : `${direction} by more than ${by}`;
}

/** Throws InputError naming the field of the first expectation that can never be judged. */
export function checkExpectations(
  of: string,
  arms: readonly string[],
  expected: Expectation | readonly Expectation[] | undefined,
): void {
  const list = expected === undefined ? [] : Array.isArray(expected) ? expected : [expected as Expectation];
  const fail = (i: number, field: string, message: string): never => {
    const place = Array.isArray(expected) ? `expected.${i}` : 'expected';
    throw new InputError(message, { file: of, field: `${place}.${field}` });
  };
  const quoted = (from: unknown) => JSON.stringify(from) ?? String(from);
  list.forEach((each: Expectation, i) => {
    if (typeof each !== 'object' || each === null)
      fail(i, 'arm', 'an expectation is { arm, over, direction }');
    const { arm, over, direction, by, metric, ...others } = each;
    const [extra] = Object.keys(others);
    if (extra !== undefined) fail(i, extra, 'an expectation has arm, over, direction, by and metric');
    const known = `the arms are ${arms.join(', ')}`;
    if (!arms.includes(arm)) fail(i, 'arm', `there is no arm ${quoted(arm)}; ${known}`);
    if (over !== 0 && !arms.includes(over))
      fail(i, 'over', `there is no arm ${quoted(over)}; ${known}, or 0`);
    if (!directions.includes(direction))
      fail(i, 'direction', `is one of ${directions.join(', ')}, not ${quoted(direction)}`);
    if (by !== undefined && !Number.isFinite(by)) fail(i, 'by', `must be a number, not ${quoted(by)}`);
    if (metric !== undefined && (typeof metric !== 'string' || metric === ''))
      fail(i, 'metric', 'must be the name of a metric');
  });
}

/** Throws InputError for a name that cannot be that of a file and a line of a table. */
export function checkName(kind: string, name: unknown): void {
  if (typeof name !== 'string' || !/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$/u.test(name))
    throw new InputError(
      `a ${kind}'s name is letters, digits, blanks and . _ - (80 at most, a letter or digit first), not ${JSON.stringify(name)?.slice(0, 100)}`,
      { field: 'name' },
    );
}
