/** One line of a plot. NaN is a gap. */
export interface PlotSeries {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export interface PlotArea {
  readonly x: Bounds;
  readonly y: Bounds;
}

/** Finite, and so far from the largest number that differences and margins stay finite too. */
export function drawable(value: number): boolean {
  return Math.abs(value) <= 1e300;
}

/** The ranges of all drawable points, y with `yRange` instead where it is given; undefined when there is no point. */
export function areaOf(
  series: readonly PlotSeries[],
  yRange?: readonly [number, number],
): PlotArea | undefined {
  let [xLow, xHigh, yLow, yHigh] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of series)
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      if (!drawable(x[i]!) || !drawable(y[i]!)) continue;
      xLow = Math.min(xLow, x[i]!);
      xHigh = Math.max(xHigh, x[i]!);
      yLow = Math.min(yLow, y[i]!);
      yHigh = Math.max(yHigh, y[i]!);
    }
  if (xLow > xHigh) return undefined;
  const [low, high] = yRange ?? [yLow, yHigh];
  return { x: widened(xLow, xHigh), y: widened(low, high) };
}

/** A single value, or one but for rounding, has a range around it, so that it can be drawn. */
function widened(low: number, high: number): Bounds {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > 1e-12 * size && high - low > 1e-290) return { low, high };
  const around = size > 1e-280 ? size * 0.1 : 1;
  return { low: low - around, high: high + around };
}

/** Round numbers within bounds, about `count` of them: steps of 1, 2 or 5 times a power of ten. Never none. */
export function ticks({ low, high }: Bounds, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999)! * power;
  const out: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9) && out.length < 100; k++)
    out.push(Number((k * step).toPrecision(12)));
  return out.length > 0 ? out : [Number(low.toPrecision(3))];
}

/** A number for an axis: short, with k, M, G for thousands. */
export function tickLabel(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e15) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  for (const [unit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const)
    if (size >= unit) {
      const scaled = unit === 1e4 ? value / 1000 : value / unit;
      return `${Number(scaled.toPrecision(4))}${suffix}`;
    }
  return String(Number(value.toPrecision(4)));
}
