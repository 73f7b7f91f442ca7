import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.ts';
import {
  type Ball,
  containsZero,
  divideBalls,
  fromRational,
  multiplyBalls,
  squareRoot,
  subtractBalls,
  toNumber,
} from './ball.ts';
import { arctan, exp, log, powerOf, sineCosine } from './elementary.ts';
import { bits, decimalFraction, exactRoot, floorRoot, gcd, ratio } from './rational.ts';

const random = new Random('ball');
const fraction = () =>
  ratio(BigInt(random.integer(2_000_000) - 1_000_000) || 1n, BigInt(1 + random.integer(50_000)));

describe('balls', () => {
  const functions: Record<string, (x: Ball, p: number) => Ball | undefined> = {
    exp,
    log: (x, p) => (x.m > 0n ? log(x, p) : undefined),
    sin: (x, p) => sineCosine(x, p)?.sin,
    cos: (x, p) => sineCosine(x, p)?.cos,
    arctan,
    sqrt: (x, p) => (x.m > 0n ? squareRoot(x, p) : undefined),
    power: (x, p) => (x.m > 0n ? powerOf(x, { m: 3n, e: -1, r: 0n }, p) : undefined),
  };
  for (const [name, of] of Object.entries(functions))
    it(`${name}: a result at low precision contains the one at high precision`, () => {
      for (let i = 0; i < 150; i++) {
        const x = fromRational(fraction(), 700);
        for (const p of [64, 160]) {
          const low = of(x, p);
          const high = of(x, 500);
          if (low && high) expect(containsZero(subtractBalls(low, high, 600))).toBe(true);
        }
      }
    });

  it('agree with doubles', () => {
    for (let i = 0; i < 300; i++) {
      const q = fraction();
      const x = Number(q.n) / Number(q.d);
      const ball = fromRational(q, 128);
      const near = (got: Ball | undefined, want: number) => {
        if (got && Number.isFinite(want))
          expect(Math.abs(toNumber(got) - want)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(want)));
      };
      if (Math.abs(x) < 300) near(exp(ball, 96), Math.exp(x));
      if (x > 0) near(log(ball, 96), Math.log(x));
      near(sineCosine(ball, 96)?.sin, Math.sin(x));
      near(arctan(ball, 96), Math.atan(x));
      near(divideBalls(ball, fromRational(ratio(7n, 3n), 128), 96), (x * 3) / 7);
      near(multiplyBalls(ball, ball, 96), x * x);
    }
  });

  it('refuse what they cannot hold', () => {
    expect(exp({ m: 1n, e: 60, r: 0n }, 64)).toBeUndefined();
    expect(sineCosine({ m: 1n, e: 5000, r: 0n }, 64)).toBeUndefined();
    expect(powerOf({ m: 3n, e: 0, r: 0n }, { m: 1n, e: 100_000, r: 0n }, 64)).toBeUndefined();
    expect(divideBalls({ m: 1n, e: 0, r: 0n }, { m: 1n, e: 0, r: 2n }, 64)).toBeUndefined();
  });
});

describe('integers', () => {
  it('bits', () => {
    for (const n of [
      0n,
      1n,
      2n,
      255n,
      256n,
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 53n,
      2n ** 64n - 1n,
      2n ** 1500n,
      3n ** 999n,
    ])
      expect(bits(n)).toBe(n === 0n ? 0 : n.toString(2).length);
  });
  it('roots and divisors', () => {
    expect(exactRoot(3n ** 40n, 5)).toBe(3n ** 8n);
    expect(exactRoot(3n ** 40n + 1n, 5)).toBeUndefined();
    expect(floorRoot(10n ** 60n - 1n, 2)).toBe(10n ** 30n - 1n);
    expect(gcd(-(2n ** 90n) * 15n, 2n ** 80n * 21n)).toBe(2n ** 80n * 3n);
    expect(decimalFraction(1_250n, 4)).toEqual({ n: 1n, d: 8n });
    expect(decimalFraction(0n, 9)).toEqual({ n: 0n, d: 1n });
  });
});
