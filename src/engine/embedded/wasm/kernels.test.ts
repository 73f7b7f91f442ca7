import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import { float64Kernels } from '../float64/kernels.ts';
import { type Activation, ceil8, type Kernels, segmentFields } from '../kernels.ts';
import { wasmKernels, wasmSource } from './kernels.ts';

/** One call of a kernel: its arrays are named, filled, and after the call those that it writes are compared. */
interface Case {
  readonly floats: Record<string, number[]>;
  readonly ints?: Record<string, number[]>;
  readonly call: (k: Kernels, at: Record<string, number>) => void;
  readonly written: readonly string[];
}

function run(k: Kernels, { floats, ints = {}, call, written }: Case): number[] {
  const at: Record<string, number> = {};
  for (const [name, values] of Object.entries(floats)) {
    at[name] = k.allocate(values.length);
    k.floats.set(values, at[name]);
  }
  for (const [name, values] of Object.entries(ints)) {
    at[name] = k.allocate(values.length);
    k.ints.set(values, at[name]);
  }
  call(k, at);
  return written.flatMap((name) => [...k.floats.subarray(at[name]!, at[name]! + floats[name]!.length)]);
}

const random = new Random('kernels');
const normal = (n: number, scale = 1) =>
  Array.from({ length: n }, () => Math.fround(random.normal() * scale));
const zeros = (n: number) => new Array<number>(n).fill(0);
const integers = (n: number, below: number) => Array.from({ length: n }, () => random.integer(below));

const cases: [string, Case][] = [];
const add = (name: string, one: Case) => cases.push([name, one]);

for (const [rows, inner, columns] of [
  [1, 1, 1],
  [4, 8, 8],
  [7, 12, 20],
  [33, 5, 3],
  [130, 64, 65],
] as const)
  for (const accumulate of [false, true])
    for (const transposed of [false, true])
      add(
        `matmul ${rows}×${inner}×${columns} ${accumulate ? 'added' : ''} ${transposed ? 'transposed' : ''}`,
        {
          floats: {
            c: normal(rows * columns),
            a: normal(rows * inner),
            w: normal(inner * columns),
            bias: normal(columns),
            panels: zeros(inner * ceil8(columns)),
          },
          call: (k, { c, a, w, bias, panels }) => {
            if (transposed) k.packTransposed(panels!, w!, inner, columns);
            else k.pack(panels!, w!, inner, columns);
            k.matmul(c!, a!, panels!, rows, inner, columns, transposed ? 0 : bias!, accumulate);
          },
          written: ['c'],
        },
      );
for (const [rows, m, n] of [
  [1, 1, 1],
  [9, 8, 16],
  [300, 13, 6],
  [520, 20, 65],
] as const)
  add(`matmulTransposed ${rows}×${m}×${n}`, {
    floats: { c: normal(m * n), a: normal(rows * m), b: normal(rows * n) },
    call: (k, { c, a, b }) => k.matmulTransposed(c!, a!, b!, rows, m, n),
    written: ['c'],
  });
add('columnSums', {
  floats: { out: normal(37), x: normal(19 * 37) },
  call: (k, { out, x }) => k.columnSums(out!, x!, 19, 37),
  written: ['out'],
});
for (const accumulate of [false, true])
  add(`gather ${accumulate ? 'added' : ''}`, {
    floats: { out: normal(11 * 12), table: normal(5 * 12) },
    ints: { index: integers(11, 5) },
    call: (k, { out, table, index }) => k.gather(out!, table!, index!, 11, 12, accumulate),
    written: ['out'],
  });
add('scatter', {
  floats: { table: normal(5 * 12), x: normal(11 * 12) },
  ints: { index: integers(11, 5) },
  call: (k, { table, x, index }) => k.scatter(table!, x!, index!, 11, 12),
  written: ['table'],
});
for (const kind of ['layer', 'rms'] as const)
  for (const accumulate of [false, true])
    add(`${kind} norm and back ${accumulate ? 'added' : ''}`, {
      floats: {
        y: zeros(9 * 20),
        x: normal(9 * 20, 3),
        gain: normal(20),
        bias: normal(20),
        stats: zeros(18),
        dx: normal(9 * 20),
        dgain: normal(20),
        dbias: normal(20),
        dy: normal(9 * 20),
      },
      call: (k, at) => {
        const { y, x, gain, bias, stats, dx, dgain, dbias, dy } = at as Record<string, number> & typeof at;
        if (kind === 'layer') {
          k.layerNorm(y!, x!, gain!, bias!, stats!, 9, 20);
          k.layerNormBackward(dx!, dgain!, dbias!, dy!, x!, gain!, stats!, 9, 20, accumulate);
        } else {
          k.rmsNorm(y!, x!, gain!, stats!, 9, 20);
          k.rmsNormBackward(dx!, dgain!, dy!, x!, gain!, stats!, 9, 20, accumulate);
        }
      },
      written: kind === 'layer' ? ['y', 'dx', 'dgain', 'dbias'] : ['y', 'dx', 'dgain'],
    });
for (const kind of ['gelu', 'silu', 'relu'] as Activation[])
  add(kind, {
    floats: { y: zeros(64), x: [-100, -30, 0, 30, ...normal(60, 3)], dx: zeros(64), dy: normal(64) },
    call: (k, { y, x, dx, dy }) => {
      k.activation(kind, y!, x!, 64);
      k.activationBackward(kind, dx!, dy!, x!, 64);
    },
    written: ['y', 'dx'],
  });

/** Three segments: a prefix of 5 rows, and two that see it. The third is alone. */
function segmentsFor(heads: number): { ints: number[]; probabilities: number; rows: number } {
  const ints: number[] = [];
  let probabilities = 0;
  for (const [start, length, prefixStart, prefix] of [
    [0, 5, 0, 0],
    [5, 3, 0, 5],
    [8, 9, 0, 5],
    [17, 1, 0, 0],
    [18, 21, 0, 0],
  ] as const) {
    ints.push(start, length, prefixStart, prefix, probabilities);
    probabilities += heads * length * ceil8(prefix + length);
  }
  return { ints, probabilities, rows: 39 };
}
for (const [heads, width] of [
  [1, 4],
  [2, 16],
  [3, 36],
] as const) {
  const { ints, probabilities, rows } = segmentsFor(heads);
  add(`attention and back, ${heads} heads of ${width / heads}`, {
    floats: {
      out: zeros(rows * width),
      p: zeros(probabilities),
      qkv: normal(rows * 3 * width, 2),
      dqkv: normal(rows * 3 * width),
      dout: normal(rows * width),
    },
    ints: { segments: ints },
    call: (k, { out, p, qkv, dqkv, dout, segments }) => {
      const count = ints.length / segmentFields;
      k.attention(out!, p!, qkv!, segments!, count, heads, width);
      k.attentionBackward(dqkv!, dout!, p!, qkv!, segments!, count, heads, width);
    },
    written: ['out', 'p', 'dqkv'],
  });
  add(`cached attention, ${heads} heads of ${width / heads}`, {
    floats: { out: zeros(3 * width), cache: zeros(3 * 2 * width * 12), qkv: normal(24 * 3 * width) },
    ints: {
      rows: Array.from({ length: 21 }, (_, i) => i + 3),
      slots: Array.from({ length: 21 }, (_, i) => i % 3),
      positions: Array.from({ length: 21 }, (_, i) => Math.floor(i / 3)),
      at: [6, 3, 0],
      who: [1, 0, 2],
    },
    call: (k, { out, cache, qkv, rows: from, slots, positions, at, who }) => {
      k.cacheWrite(cache!, qkv!, from!, slots!, positions!, 21, heads, width, 12);
      k.cachedAttention(out!, cache!, qkv!, who!, at!, 3, heads, width, 12);
    },
    written: ['out'],
  });
}
for (const columns of [1, 3, 8, 65])
  for (const temperature of [1, 0.5]) {
    add(`softmax of ${columns} at ${temperature}`, {
      floats: { p: zeros(6 * columns), x: normal(6 * columns, 4) },
      call: (k, { p, x }) => k.softmax(p!, x!, 6, columns, temperature),
      written: ['p'],
    });
    add(`log-softmax of ${columns} at ${temperature} and back`, {
      floats: {
        logprobs: zeros(6),
        entropies: zeros(6),
        lse: zeros(6),
        logits: normal(6 * columns, 4),
        dLogprob: normal(6),
        dEntropy: normal(6),
      },
      ints: { targets: integers(6, columns) },
      call: (k, { logprobs, entropies, lse, logits, dLogprob, dEntropy, targets }) => {
        k.logSoftmax(logprobs!, entropies!, lse!, logits!, targets!, 6, columns, temperature);
        k.logSoftmaxBackward(
          logits!,
          lse!,
          targets!,
          dLogprob!,
          entropies!,
          dEntropy!,
          6,
          columns,
          temperature,
        );
      },
      written: ['logprobs', 'entropies', 'lse', 'logits'],
    });
  }
add('adamw, twice', {
  floats: { w: normal(21), g: normal(21), m: zeros(21), v: zeros(21) },
  call: (k, { w, g, m, v }) => {
    for (const step of [1, 2])
      k.adamw(w!, g!, m!, v!, 21, 0.01, 0.9, 0.99, 1e-8, 0.1, 1 - 0.9 ** step, 1 - 0.99 ** step, 0.7);
  },
  written: ['w', 'm', 'v'],
});
add('add, fill and copy', {
  floats: { out: zeros(30), a: normal(30), b: normal(30), c: zeros(30) },
  call: (k, { out, a, b, c }) => {
    k.add(out!, a!, b!, 30);
    k.fill(a!, 2.5, 30);
    k.copy(c!, b!, 29);
  },
  written: ['out', 'a', 'c'],
});

describe.each([
  ['plain', false],
  ['relaxed', true],
] as const)('WASM kernels agree with the oracle, %s', (_, relaxed) => {
  it.each(cases)('%s', (_name, one) => {
    const exact = run(float64Kernels(), one);
    const fast = run(wasmKernels(wasmSource(relaxed)), one);
    expect(fast.length).toBe(exact.length);
    // Sums cancel, so an element is held to the size of its array.
    const scale = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (const [i, value] of exact.entries())
      expect(Math.abs(fast[i]! - value), `element ${i}`).toBeLessThan(1e-5 * scale);
  });

  it('sumSquares', () => {
    const values = normal(1003);
    const sums = [float64Kernels(), wasmKernels(wasmSource(relaxed))].map((k) => {
      const at = k.allocate(1003);
      k.floats.set(values, at);
      return k.sumSquares(at, 1003);
    });
    expect(sums[1]! / sums[0]!).toBeCloseTo(1, 12);
  });

  it('exponentials are good to float32 over their whole range', () => {
    const k = wasmKernels(wasmSource(relaxed));
    const n = 4000;
    const x = Array.from({ length: n }, (_, i) => Math.fround(-86 + (86 * i) / n));
    // Against a column of 0, the probability of the other is e^x / (1 + e^x).
    const at = k.allocate(2 * n);
    k.floats.set(
      x.flatMap((value) => [value, 0]),
      at,
    );
    k.softmax(at, at, n, 2, 1);
    for (const [i, value] of x.entries()) {
      const exact = Math.exp(value) / (1 + Math.exp(value));
      expect(Math.abs(k.floats[at + 2 * i]! / exact - 1)).toBeLessThan(1e-6);
    }
  });
});

describe('memory', () => {
  it('ends with one line at the limit, and goes on', () => {
    const k = wasmKernels(wasmSource(false));
    expect(() => k.allocate(2 ** 30)).toThrow(/more than the 4 GiB/);
    const at = k.allocate(1 << 20);
    k.fill(at, 3, 1 << 20);
    expect(k.floats[at + (1 << 20) - 1]).toBe(3);
    k.free(at);
    expect(k.allocate(1 << 20)).toBe(at);
    expect(() => k.free(at + 4)).toThrow(/not held/);
  });
});
