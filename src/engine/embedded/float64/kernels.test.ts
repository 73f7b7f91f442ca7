import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import { type Activation, ceil8, type Kernels, segmentFields } from '../kernels.ts';
import { float64Kernels } from './kernels.ts';

/**
 * A kernel and its way back. `inputs` are drawn at random and differentiated one by one; `forth` writes `output`, whose
 * gradient is drawn at random; `back` fills the gradient of each input, which starts at zero, so that what is added and
 * what is stored both show.
 */
interface Case {
  readonly inputs: Record<string, number>;
  readonly output: number;
  /** Room for what the kernels keep between the two. */
  readonly rooms?: Record<string, number>;
  readonly ints?: Record<string, readonly number[]>;
  forth(k: Kernels, at: Record<string, number>): void;
  back(k: Kernels, at: Record<string, number>): void;
}

function check({ inputs, output, rooms = {}, ints = {}, forth, back }: Case): void {
  const k = float64Kernels();
  const random = new Random('finite differences');
  const at: Record<string, number> = {};
  const draw = (place: number, n: number) => {
    for (let i = 0; i < n; i++) k.floats[place + i] = random.normal();
  };
  for (const [name, n] of Object.entries(inputs)) {
    at[name] = k.allocate(n);
    draw(at[name], n);
    at[`d_${name}`] = k.allocate(n);
    k.fill(at[`d_${name}`]!, 0, n);
  }
  for (const [name, n] of Object.entries(rooms)) at[name] = k.allocate(n);
  for (const [name, values] of Object.entries(ints)) {
    at[name] = k.allocate(values.length);
    k.ints.set(values, at[name]);
  }
  at.out = k.allocate(output);
  at.d_out = k.allocate(output);
  draw(at.d_out, output);
  const weights = Float64Array.from(k.floats.subarray(at.d_out, at.d_out + output));

  const value = () => {
    forth(k, at);
    return weights.reduce((sum, weight, i) => sum + weight * k.floats[at.out! + i]!, 0);
  };
  value();
  back(k, at);
  for (const [name, n] of Object.entries(inputs)) {
    const exact = k.floats.slice(at[`d_${name}`], at[`d_${name}`]! + n);
    let difference = 0;
    let norm = 0;
    for (let i = 0; i < n; i++) {
      const place = at[name]! + i;
      const held = k.floats[place]!;
      const h = 1e-4;
      const [a, b, c, d] = [h, -h, 2 * h, -2 * h].map((shift) => {
        k.floats[place] = held + shift;
        return value();
      }) as [number, number, number, number];
      k.floats[place] = held;
      const numeric = (8 * (a - b) - (c - d)) / (12 * h);
      difference += (exact[i]! - numeric) ** 2;
      norm += numeric ** 2;
    }
    expect(norm, name).toBeGreaterThan(0);
    expect(Math.sqrt(difference / norm), name).toBeLessThan(1e-6);
  }
}

describe('every kernel agrees with finite differences', () => {
  it('matmul with a bias: pack, packTransposed, matmulTransposed, columnSums', () =>
    check({
      inputs: { x: 5 * 4, w: 4 * 3, b: 3 },
      output: 5 * 3,
      rooms: { panels: 12 },
      forth(k, { out, x, w, b, panels }) {
        k.pack(panels!, w!, 4, 3);
        k.matmul(out!, x!, panels!, 5, 4, 3, b!, false);
      },
      back(k, { d_out, x, d_x, d_w, d_b, w, panels }) {
        k.packTransposed(panels!, w!, 3, 4);
        k.matmul(d_x!, d_out!, panels!, 5, 3, 4, 0, true);
        k.matmulTransposed(d_w!, x!, d_out!, 5, 4, 3);
        k.columnSums(d_b!, d_out!, 5, 3);
      },
    }));

  it('matmul with a transposed matrix', () =>
    check({
      inputs: { x: 5 * 4, w: 3 * 4 },
      output: 5 * 3,
      rooms: { panels: 12 },
      forth(k, { out, x, w, panels }) {
        k.packTransposed(panels!, w!, 4, 3);
        k.matmul(out!, x!, panels!, 5, 4, 3, 0, false);
      },
      back(k, { d_out, x, d_x, d_w, w, panels }) {
        k.pack(panels!, w!, 3, 4);
        k.matmul(d_x!, d_out!, panels!, 5, 3, 4, 0, false);
        k.matmulTransposed(d_w!, d_out!, x!, 5, 3, 4);
      },
    }));

  it('gather and scatter', () =>
    check({
      inputs: { table: 4 * 3 },
      output: 6 * 3,
      ints: { index: [2, 0, 2, 3, 1, 2] },
      forth: (k, { out, table, index }) => k.gather(out!, table!, index!, 6, 3, false),
      back: (k, { d_out, d_table, index }) => k.scatter(d_table!, d_out!, index!, 6, 3),
    }));

  it('layer norm', () =>
    check({
      inputs: { x: 4 * 6, gain: 6, bias: 6 },
      output: 4 * 6,
      rooms: { stats: 8 },
      forth: (k, { out, x, gain, bias, stats }) => k.layerNorm(out!, x!, gain!, bias!, stats!, 4, 6),
      back: (k, { d_out, x, gain, stats, d_x, d_gain, d_bias }) =>
        k.layerNormBackward(d_x!, d_gain!, d_bias!, d_out!, x!, gain!, stats!, 4, 6, false),
    }));

  it('RMS norm', () =>
    check({
      inputs: { x: 4 * 6, gain: 6 },
      output: 4 * 6,
      rooms: { stats: 8 },
      forth: (k, { out, x, gain, stats }) => k.rmsNorm(out!, x!, gain!, stats!, 4, 6),
      back: (k, { d_out, x, gain, stats, d_x, d_gain }) =>
        k.rmsNormBackward(d_x!, d_gain!, d_out!, x!, gain!, stats!, 4, 6, true),
    }));

  it.each(['gelu', 'silu', 'relu'] as Activation[])('%s', (kind) =>
    check({
      inputs: { x: 20 },
      output: 20,
      forth: (k, { out, x }) => k.activation(kind, out!, x!, 20),
      back: (k, { d_out, d_x, x }) => k.activationBackward(kind, d_x!, d_out!, x!, 20),
    }),
  );

  it('attention over segments with shared prefixes', () => {
    const segments: number[] = [];
    let probabilities = 0;
    for (const [start, length, prefixStart, prefix] of [
      [0, 3, 0, 0],
      [3, 2, 0, 3],
      [5, 4, 0, 3],
      [9, 1, 0, 0],
    ] as const) {
      segments.push(start, length, prefixStart, prefix, probabilities);
      probabilities += 2 * length * ceil8(prefix + length);
    }
    const count = segments.length / segmentFields;
    check({
      inputs: { qkv: 10 * 3 * 6 },
      output: 10 * 6,
      rooms: { p: probabilities },
      ints: { segments },
      forth: (k, at) => k.attention(at.out!, at.p!, at.qkv!, at.segments!, count, 2, 6),
      back: (k, at) => k.attentionBackward(at.d_qkv!, at.d_out!, at.p!, at.qkv!, at.segments!, count, 2, 6),
    });
  });

  it('log-softmax: log-probabilities and entropies', () =>
    check({
      inputs: { x: 4 * 5 },
      output: 8, // log-probabilities, then entropies
      rooms: { lse: 4 },
      ints: { targets: [0, 4, 2, 2] },
      forth: (k, { out, lse, x, targets }) => k.logSoftmax(out!, out! + 4, lse!, x!, targets!, 4, 5, 0.7),
      back(k, { out, d_out, lse, x, d_x, targets }) {
        k.copy(d_x!, x!, 20);
        k.logSoftmaxBackward(d_x!, lse!, targets!, d_out!, out! + 4, d_out! + 4, 4, 5, 0.7);
      },
    }));
});

describe('adamw', () => {
  it('repeats a step worked out by hand', () => {
    const k = float64Kernels();
    const at = k.allocate(4);
    const [w, g, m, v] = [at, at + 1, at + 2, at + 3];
    k.floats.set([1, 0.5, 0.1, 0.2], at);
    k.adamw(w!, g!, m!, v!, 1, 0.01, 0.9, 0.99, 1e-8, 0.1, 1 - 0.9 ** 3, 1 - 0.99 ** 3, 2);
    // The scaled gradient is 1: m = 0.09 + 0.1, v = 0.198 + 0.01.
    expect(k.floats[m!]).toBeCloseTo(0.19, 12);
    expect(k.floats[v!]).toBeCloseTo(0.208, 12);
    const update = 0.19 / 0.271 / (Math.sqrt(0.208 / 0.029701) + 1e-8);
    expect(k.floats[w!]).toBeCloseTo(1 - 0.01 * (update + 0.1), 12);
  });
});
