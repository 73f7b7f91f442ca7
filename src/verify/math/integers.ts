import type { Fuel } from '../../core/fuel.ts';
import { bits } from './rational.ts';

/** What multiplying two integers of these many bits costs, in operations. */
export function multiplicationCost(a: number, b: number): number {
  const words = Math.max(1, a >> 6) * Math.max(1, b >> 6);
  return 1 + (words >> 3);
}

/** The product low·(low+step)·…·high by halves, which keeps factors of one size together. */
function productRange(low: number, high: number, step: number, fuel: Fuel): bigint {
  if (high < low) return 1n;
  const count = Math.floor((high - low) / step) + 1;
  if (count <= 8) {
    let result = BigInt(low);
    for (let x = low + step; x <= high; x += step) result *= BigInt(x);
    fuel.burn(count);
    return result;
  }
  const middle = low + step * Math.floor(count / 2);
  const left = productRange(low, middle - step, step, fuel);
  const right = productRange(middle, high, step, fuel);
  fuel.burn(multiplicationCost(bits(left), bits(right)));
  return left * right;
}

/** Largest n whose factorial is written out: 35 660 digits. */
export const largestFactorial = 10_000;

export function factorial(n: number, fuel: Fuel): bigint {
  return productRange(2, n, 1, fuel);
}

/** n(n−2)(n−4)… down to 1 or 2; (−1)!! = 0!! = 1. */
export function doubleFactorial(n: number, fuel: Fuel): bigint {
  return n <= 0 ? 1n : productRange(n % 2 === 0 ? 2 : 1, n, 2, fuel);
}

/** n(n−1)…(n−k+1)/k! for 0 ≤ k; 0 for k > n ≥ 0. Undefined when it is too long. */
export function binomial(n: bigint, k: bigint, fuel: Fuel): bigint | undefined {
  if (k < 0n) return 0n;
  if (n >= 0n) {
    if (k > n) return 0n;
    if (k > n - k) k = n - k;
  }
  if (k > 20_000n || Number(k) * bits(n) > 400_000) return undefined;
  let result = 1n;
  for (let i = 1n; i <= k; i++) {
    fuel.burn(1 + (bits(result) >> 7));
    result = (result * (n - k + i)) / i;
  }
  return result;
}

/** Small primes, for taking squares and other powers out of integers. */
const primes: bigint[] = (() => {
  const limit = 2000;
  const composite = new Uint8Array(limit);
  const found: bigint[] = [];
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    found.push(BigInt(i));
    for (let j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return found;
})();
const provenPrimeBelow = 3_996_001n; // 1999²

export interface Factored {
  /** Prime (or unfactored rest) and exponent. */
  readonly factors: readonly (readonly [bigint, number])[];
  /** Whether all factors are known to be prime. */
  readonly complete: boolean;
}

/** The factors of a positive integer by trial division up to 2000; what is left over stays one factor. */
export function factorize(n: bigint, fuel: Fuel): Factored {
  const factors: [bigint, number][] = [];
  let rest = n;
  for (const prime of primes) {
    if (prime * prime > rest) break;
    fuel.burn(rest < 9007199254740992n ? 0 : 1 + (bits(rest) >> 7));
    let exponent = 0;
    while (rest % prime === 0n) {
      rest /= prime;
      exponent++;
    }
    if (exponent > 0) factors.push([prime, exponent]);
  }
  if (rest > 1n) factors.push([rest, 1]);
  return { factors, complete: rest < provenPrimeBelow };
}
