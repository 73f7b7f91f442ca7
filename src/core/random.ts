import { hash32 } from './hash.ts';

/** The state of a stream: four 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/**
 * A seeded stream of random numbers (xoshiro128**, Blackman and Vigna). Streams with different names are independent:
 * drawing from one never shifts another, so adding a consumer leaves the rest of a run as it was.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  readonly #seed: string;

  constructor(seed: string | number) {
    this.#seed = String(seed);
    this.load([
      hash32(this.#seed, 0x243f6a88),
      hash32(this.#seed, 0x85a308d3),
      hash32(this.#seed, 0x13198a2e),
      hash32(this.#seed, 0x03707344) | 1, // never the all-zero state
    ]);
  }

  /** An independent stream that depends on this stream's seed and the names alone, not on what was drawn. */
  fork(...names: readonly (string | number)[]): Random {
    return new Random([this.#seed, ...names].join('\u001f'));
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A uniform integer in [0, n), without modulo bias. n is at most 2^32. */
  integer(n: number): number {
    if (!(n >= 1 && n <= 4294967296 && Number.isInteger(n)))
      throw new RangeError(`integer(${n}): n must be 1 to 2^32`);
    const limit = 4294967296 - (4294967296 % n);
    let x = this.bits();
    while (x >= limit) x = this.bits();
    return x % n;
  }

  /** A standard normal number (Box–Muller; one of the pair is used, so the stream has no hidden half). */
  normal(): number {
    const u = 1 - this.next();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next());
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)]!;
  }

  /** Fisher–Yates, in place. */
  shuffle<T extends { [index: number]: unknown; length: number }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = array[i];
      (array as { [index: number]: unknown })[i] = array[j];
      (array as { [index: number]: unknown })[j] = held;
    }
    return array;
  }

  save(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  load(state: RandomState): void {
    this.#a = state[0] | 0;
    this.#b = state[1] | 0;
    this.#c = state[2] | 0;
    this.#d = state[3] | 0;
  }
}

function rotate(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** The stream of a seed and a path of names: `stream(101, 'sample', step, group)`. */
export function stream(seed: string | number, ...names: readonly (string | number)[]): Random {
  return new Random(seed).fork(...names);
}

/** A 32-bit seed from a seed and a path of names, for engines that take a number. */
export function deriveSeed(seed: string | number, ...names: readonly (string | number)[]): number {
  return stream(seed, ...names).bits();
}
