import { describe, expect, it } from 'vitest';
import { deriveSeed, Random, stream } from './random.ts';
import { normalCdf, regularizedGamma } from './statistics.ts';

/** P(a chi-square of so many degrees of freedom is larger): small when the counts are not uniform. */
function chiSquareTail(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  const statistic = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  return 1 - regularizedGamma((counts.length - 1) / 2, statistic / 2);
}

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.bits());

describe('Random', () => {
  it('is xoshiro128**', () => {
    // Computed with the recurrence in C (gcc) from the state 1, 2, 3, 4.
    const random = new Random(0);
    random.load([1, 2, 3, 4]);
    expect(draw(random, 5)).toEqual([11520, 0, 5927040, 70819200, 2031721883]);
  });

  it('gives the same numbers for the same seed, others for another', () => {
    expect(draw(new Random(101), 20)).toEqual(draw(new Random('101'), 20));
    const firsts = Array.from({ length: 1000 }, (_, seed) => new Random(seed).bits());
    expect(new Set(firsts).size).toBe(1000);
  });

  it('goes on from a saved state', () => {
    const random = stream(7, 'rollouts');
    draw(random, 13);
    const state = JSON.parse(JSON.stringify(random.save())) as ReturnType<Random['save']>;
    const expected = draw(random, 50);
    const other = new Random('anything');
    other.load(state);
    expect(draw(other, 50)).toEqual(expected);
  });

  it('is uniform', () => {
    const random = new Random('uniform');
    const tenths = new Array<number>(10).fill(0);
    const thirds = new Array<number>(3).fill(0);
    for (let i = 0; i < 30_000; i++) {
      const x = random.next();
      expect(x >= 0 && x < 1).toBe(true);
      tenths[Math.floor(10 * x)]!++;
      thirds[random.integer(3)]!++;
    }
    expect(chiSquareTail(tenths)).toBeGreaterThan(0.001);
    expect(chiSquareTail(thirds)).toBeGreaterThan(0.001);
    const bits = new Array<number>(32).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const x = random.bits();
      for (let b = 0; b < 32; b++) bits[b]! += (x >>> b) & 1;
    }
    for (const ones of bits) expect(Math.abs(ones - 5000)).toBeLessThan(250); // five standard deviations
  });

  it('has no modulo bias, to the largest range', () => {
    const random = new Random('bias');
    const n = 3_221_225_472; // 3/4 of 2^32: modulo would give the lower third twice as often
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (random.integer(n) < n / 3) low++;
    expect(Math.abs(low / 30_000 - 1 / 3)).toBeLessThan(0.014);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
    for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1])
      expect(() => random.integer(bad)).toThrow(RangeError);
  });

  it('is normal', () => {
    const random = new Random('normal');
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) tenths[Math.min(9, Math.floor(10 * normalCdf(random.normal())))]!++;
    expect(chiSquareTail(tenths)).toBeGreaterThan(0.001);
  });

  it('shuffles every order equally often', () => {
    const random = new Random('shuffle');
    const orders = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquareTail([...orders.values()])).toBeGreaterThan(0.001);
    expect([...random.shuffle(Int32Array.of(1, 2, 3))].sort()).toEqual([1, 2, 3]);
    expect(['x', 'y']).toContain(random.pick(['x', 'y']));
  });
});

describe('streams', () => {
  it('do not depend on what was drawn from others', () => {
    const parent = new Random(5);
    const before = draw(parent.fork('sample', 3), 10);
    draw(parent, 100);
    draw(parent.fork('other'), 100);
    expect(draw(parent.fork('sample', 3), 10)).toEqual(before);
    expect(draw(stream(5, 'sample', 3), 10)).toEqual(before);
    expect(draw(new Random(5).fork('sample').fork(3), 10)).toEqual(before);
  });

  it('of different names or seeds are unrelated', () => {
    const names = ['a', 'b', 'ab', 'ba', '', '0', '1', 'a b'];
    for (const one of names)
      for (const other of names) {
        if (one === other) continue;
        const [x, y] = [stream(1, one), stream(1, other)];
        let agree = 0;
        for (let i = 0; i < 4096; i++) agree += x.bits() >>> 31 === y.bits() >>> 31 ? 1 : 0;
        expect(Math.abs(agree - 2048), `${one} and ${other}`).toBeLessThan(5 * 32); // five standard deviations
      }
    expect(stream(1, 'a', 'b').bits()).not.toBe(stream(1, 'ab').bits());
    expect(stream(1, 'step', 11).bits()).not.toBe(stream(1, 'step', 1, 1).bits());
  });

  it('of steps and samples in a row are uniform across streams', () => {
    const counts = new Array<number>(16).fill(0);
    const seeds = new Set<number>();
    for (let step = 0; step < 100; step++)
      for (let sample = 0; sample < 100; sample++) {
        const seed = deriveSeed(101, 'sample', step, sample);
        seeds.add(seed);
        counts[seed >>> 28]!++;
      }
    expect(seeds.size).toBeGreaterThan(9_980); // 10,000 draws of 2^32 collide about 0.01 times
    expect(chiSquareTail(counts)).toBeGreaterThan(0.001);
  });
});
