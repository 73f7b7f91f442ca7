/**
 * The random numbers of Python's random.Random(0): the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with its
 * array seeding of the key [0]. Kept to what language detection draws.
 */
export class PythonRandom {
  static #seeded: Int32Array | undefined;
  readonly #state: Int32Array;
  #index = 624;
  #spare: number | undefined;

  constructor() {
    PythonRandom.#seeded ??= seeded();
    this.#state = PythonRandom.#seeded.slice();
  }

  bits(count: number): number {
    if (this.#index === 624) this.#twist();
    let y = this.#state[this.#index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return (y >>> 0) >>> (32 - count);
  }

  /** Uniform in [0, 1). */
  next(): number {
    const high = this.bits(27);
    return (high * 67108864 + this.bits(26)) / 9007199254740992;
  }

  /** A uniform integer in [0, n). */
  below(n: number): number {
    const width = 32 - Math.clz32(n);
    let drawn = this.bits(width);
    while (drawn >= n) drawn = this.bits(width);
    return drawn;
  }

  /** Standard normal; numbers come in pairs, the second is kept for the next call. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const angle = this.next() * 2 * Math.PI;
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    this.#spare = Math.sin(angle) * radius;
    return Math.cos(angle) * radius;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < 624; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
      state[i] = state[(i + 397) % 624]! ^ (y >>> 1) ^ ((y & 1) * 0x9908b0df);
    }
    this.#index = 0;
  }
}

function seeded(): Int32Array {
  const state = new Int32Array(624);
  state[0] = 19650218;
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  let i = 1;
  for (let k = 0; k < 624; k++) {
    state[i] = state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1664525); // the key is zero
    if (++i === 624) {
      state[0] = state[623]!;
      i = 1;
    }
  }
  for (let k = 0; k < 623; k++) {
    state[i] = (state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1566083941)) - i;
    if (++i === 624) {
      state[0] = state[623]!;
      i = 1;
    }
  }
  state[0] = 0x80000000 | 0;
  return state;
}
