/** A mean with its interval: in words, and as a whisker on a scale that a column of them shares. */
import { number, percent } from '../format.ts';

interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

export function IntervalWords({
  mean,
  low,
  high,
  share = false,
  sign = false,
}: Range & { mean: number | null; share?: boolean; sign?: boolean }) {
  const shown = (x: number | null) => {
    // The difference of two shares is in points, not in percent of one of them.
    const text = share ? (sign ? percent(x).replace('%', 'pts') : percent(x)) : number(x, 3);
    return sign && x !== null && x > 0 ? `+${text}` : text.replace(/^-/, '−');
  };
  return (
    <>
      <b>{shown(mean)}</b>{' '}
      {low !== null && high !== null && (
        <span class="interval">
          [{shown(low)}, {shown(high)}]
        </span>
      )}
    </>
  );
}

const width = 160;

export function Whisker({
  mean,
  low,
  high,
  scale,
  values = [],
  at,
}: Range & {
  mean: number | null;
  scale: readonly [number, number];
  /** Single seeds, as small dots. */
  values?: readonly (number | null)[];
  /** A value to compare with, as a line: zero, or a limit. */
  at?: number;
}) {
  const [from, to] = scale;
  const x = (value: number) => 4 + Math.min(1, Math.max(0, (value - from) / (to - from || 1))) * (width - 8);
  return (
    <svg class="whisker" viewBox={`0 0 ${width} 16`} aria-hidden="true">
      <line class="axis" x1="4" x2={width - 4} y1="8" y2="8" />
      {at !== undefined && at >= from && at <= to && <line class="at" x1={x(at)} x2={x(at)} y1="0" y2="16" />}
      {values.map((value, i) =>
        value === null ? null : <circle key={i} class="seed" cx={x(value)} cy="8" r="2" />,
      )}
      {low !== null && high !== null && <line class="range" x1={x(low)} x2={x(high)} y1="8" y2="8" />}
      {mean !== null && <circle class="mean" cx={x(mean)} cy="8" r="3.5" />}
    </svg>
  );
}

/** A scale that holds all of these. */
export function scaleOf(
  values: readonly (number | null | undefined)[],
  include: readonly number[] = [],
): [number, number] {
  const known = [...values, ...include].filter(
    (value): value is number => value != null && Number.isFinite(value),
  );
  if (known.length === 0) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}
