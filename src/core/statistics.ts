import type { Random } from './random.ts';

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Arithmetic mean; NaN for nothing. */
export function mean(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
}

/** Variance around the mean: 'sample' divides by n − 1 (NaN for n < 2), 'population' by n. Two passes. */
export function variance(x: ArrayLike<number>, kind: 'sample' | 'population' = 'sample'): number {
  const centre = mean(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - centre) ** 2;
  return sum / (kind === 'sample' ? x.length - 1 : x.length);
}

export function standardDeviation(x: ArrayLike<number>, kind: 'sample' | 'population' = 'sample'): number {
  return Math.sqrt(variance(x, kind));
}

/** The p-quantile with linear interpolation between order statistics (type 7). NaN for nothing. */
export function quantile(x: ArrayLike<number>, p: number): number {
  if (x.length === 0) return Number.NaN;
  const sorted = Float64Array.from(x).sort();
  const place = Math.min(Math.max(p, 0), 1) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/** Mean with its Student-t interval. One observation has no interval: low and high are infinite. */
export function meanInterval(x: ArrayLike<number>, confidence = 0.95): Interval {
  const n = x.length;
  const value = mean(x);
  if (n < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n };
  const half = (studentQuantile(0.5 + confidence / 2, n - 1) * standardDeviation(x)) / Math.sqrt(n);
  return { value, low: value - half, high: value + half, n };
}

/** A proportion with Wilson's score interval. For n = 0 the value is NaN and the interval is [0, 1]. */
export function wilson(successes: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { value: Number.NaN, low: 0, high: 1, n };
  const z = normalQuantile(0.5 + confidence / 2);
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / scale;
  return {
    value: p,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
    n,
  };
}

/** Percentile bootstrap of any statistic; the random stream makes it repeatable. */
export function bootstrap(
  x: readonly number[],
  statistic: (resample: readonly number[]) => number,
  random: Random,
  { rounds = 2000, confidence = 0.95 } = {},
): Interval {
  if (x.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN, n: 0 };
  const results = Float64Array.from({ length: rounds }, () => statistic(x.map(() => random.pick(x))));
  return {
    value: statistic(x),
    low: quantile(results, 0.5 - confidence / 2),
    high: quantile(results, 0.5 + confidence / 2),
    n: x.length,
  };
}

export interface PairedTest {
  /** Mean of a − b with its interval. */
  readonly difference: Interval;
  /** Two-sided. */
  readonly p: number;
}

/** Paired t-test of a − b: same seeds, same problems. Throws RangeError when lengths differ. */
export function pairedTest(a: ArrayLike<number>, b: ArrayLike<number>, confidence = 0.95): PairedTest {
  if (a.length !== b.length)
    throw new RangeError(`paired arrays differ in length: ${a.length} and ${b.length}`);
  const differences = Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
  const difference = meanInterval(differences, confidence);
  if (a.length < 2) return { difference, p: Number.NaN };
  const error = standardDeviation(differences) / Math.sqrt(a.length);
  if (error === 0) return { difference, p: difference.value === 0 ? 1 : 0 };
  return { difference, p: 2 * (1 - studentCdf(Math.abs(difference.value / error), a.length - 1)) };
}

/** Welch's interval of mean(a) − mean(b) for unpaired runs. */
export function differenceInterval(a: ArrayLike<number>, b: ArrayLike<number>, confidence = 0.95): Interval {
  const value = mean(a) - mean(b);
  const n = Math.min(a.length, b.length);
  if (n < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n };
  const u = variance(a) / a.length;
  const v = variance(b) / b.length;
  if (u + v === 0) return { value, low: value, high: value, n };
  const freedom = (u + v) ** 2 / (u ** 2 / (a.length - 1) + v ** 2 / (b.length - 1));
  const half = studentQuantile(0.5 + confidence / 2, freedom) * Math.sqrt(u + v);
  return { value, low: value - half, high: value + half, n };
}

/**
 * McNemar's exact test on paired yes/no outcomes: how often only a, and only b, was right. Two-sided binomial p.
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  if (n === 0) return 1;
  const k = Math.min(onlyA, onlyB);
  // P(X ≤ k) for X ~ Binomial(n, ½), by the incomplete beta function
  const tail = k === n ? 1 : 1 - regularizedBeta(0.5, k + 1, n - k);
  return Math.min(1, 2 * tail);
}

/** pass@k from n attempts with c right: 1 − C(n − c, k) / C(n, k) (Chen et al. 2021, unbiased). NaN for n < k. */
export function passAtK(n: number, c: number, k: number): number {
  if (n < k) return Number.NaN;
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = n - c + 1; i <= n; i++) miss *= 1 - k / i;
  return 1 - miss;
}

/** The standard normal quantile (Acklam's rational approximation with one Halley step; about 1e-15). */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const horner = (coefficients: number[], x: number) => coefficients.reduce((sum, next) => sum * x + next, 0);
  const tail = (q: number) => horner(c, q) / horner([...d, 1], q);
  let x: number;
  if (p < 0.02425) x = tail(Math.sqrt(-2 * Math.log(p)));
  else if (p > 0.97575) x = -tail(Math.sqrt(-2 * Math.log(1 - p)));
  else {
    const q = p - 0.5;
    x = (horner(a, q * q) * q) / horner([...b, 1], q * q);
  }
  const e = normalCdf(x) - p;
  const u = e * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
  return x - u / (1 + (x * u) / 2);
}

export function normalCdf(x: number): number {
  const half = 0.5 * regularizedGamma(0.5, (x * x) / 2);
  return x >= 0 ? 0.5 + half : 0.5 - half;
}

export function studentCdf(t: number, freedom: number): number {
  const tail = 0.5 * regularizedBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t >= 0 ? 1 - tail : tail;
}

/** The quantile of Student's t by bisection on its distribution function. */
export function studentQuantile(p: number, freedom: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  let low = 0;
  let high = 1;
  while (studentCdf(high, freedom) < p && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-13 * Math.max(1, high); i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ln Γ(x) for x > 0 (Lanczos, g = 7). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const g = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  let sum = 0.9999999999998099;
  for (let i = 0; i < g.length; i++) sum += g[i]! / (x + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularised lower incomplete gamma function P(a, x): series below a + 1, continued fraction above. */
export function regularizedGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 1000 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= x / (a + n);
      sum += term;
    }
    return sum * scale;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 1000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / guard(an * d + b);
    c = guard(b + an / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return 1 - scale * h;
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz). */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (front * h) / a;
}

function guard(x: number): number {
  return Math.abs(x) < 1e-300 ? 1e-300 : x;
}
