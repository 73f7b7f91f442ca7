import { describe, expect, it } from 'vitest';
import type { Engine, EngineState, ForwardOptions, Sequence } from '../../core/engine.ts';
import { Random } from '../../core/random.ts';
import { type EmbeddedOptions, embedded } from './index.ts';

const base: EmbeddedOptions = {
  layers: 2,
  width: 8,
  heads: 2,
  context: 12,
  tokenizer: { kind: 'character', alphabet: 'abcde' },
  arithmetic: 'float64',
  initialScale: 0.3,
};

/** Two sequences share a context, so that the gradient of a shared prefix is checked too. */
const sequences: Sequence[] = [
  { context: 'abc', tokens: Int32Array.of(1, 2, 5) },
  { context: 'abc', tokens: Int32Array.of(4, 0, 3, 5) },
  { context: '', tokens: Int32Array.of(3) },
  { context: 'edcbaab', tokens: Int32Array.of(0, 0, 2, 1, 5) },
  { context: 'abc', tokens: Int32Array.of(2) },
];
for (let i = 0; i < 18; i++) sequences.push({ context: 'abc', tokens: Int32Array.of(i % 5, 1, 5) });

/** Σ of signed random weights times what the pass returned: the loss whose gradient is checked. */
function lossOf(needs: ForwardOptions & { logprobs?: false }) {
  const n = sequences.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const random = new Random('weights');
  const draw = () => Float64Array.from({ length: n }, () => random.normal());
  const gradients = {
    dLogprob: needs.logprobs === false ? undefined : draw(),
    dEntropy: needs.entropies ? draw() : undefined,
    dValue: needs.values ? draw() : undefined,
  };
  const dot = (a?: Float64Array, b?: Float64Array) => a?.reduce((sum, x, i) => sum + x * b![i]!, 0) ?? 0;
  return {
    gradients,
    async value(engine: Engine): Promise<number> {
      const pass = await engine.forward(sequences, { ...needs, tape: false });
      return (
        dot(gradients.dLogprob, pass.logprobs) +
        dot(gradients.dEntropy, pass.entropies) +
        dot(gradients.dValue, pass.values)
      );
    },
  };
}

/**
 * The gradient as the optimiser saw it: with beta1 = 0 and clipNorm off, the first moment after one step is the gradient.
 */
async function gradientOf(engine: Engine): Promise<EngineState> {
  await engine.step({ learningRate: 0, beta1: 0 });
  return engine.save();
}

async function check(
  options: Partial<EmbeddedOptions>,
  needs: ForwardOptions & { logprobs?: false },
): Promise<void> {
  const engine = await embedded({ ...base, ...options }).create({ seed: 5 });
  const loss = lossOf(needs);
  // Biases and gains start at 0 and 1, where a wrong gradient could hide.
  const state = await engine.save();
  const random = new Random('shake');
  for (const { data } of state.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal();
  await engine.load(state);
  const pass = await engine.forward(sequences, needs);
  await pass.backward(loss.gradients);
  const gradient = await gradientOf(engine);

  let difference = 0;
  let norm = 0;
  for (const [name, { data }] of state.tensors) {
    const exact = gradient.tensors.get(`adam.first.${name}`)!.data;
    // A few entries of each parameter; all of the small ones.
    const step = Math.max(1, Math.floor(data.length / 6));
    for (let i = 0; i < data.length; i += step) {
      const held = data[i]!;
      const values: number[] = [];
      for (const h of [1e-4, -1e-4, 2e-4, -2e-4]) {
        data[i] = held + h;
        await engine.load(state);
        values.push(await loss.value(engine));
      }
      data[i] = held;
      // Fourth-order central difference.
      const numeric = (8 * (values[0]! - values[1]!) - (values[2]! - values[3]!)) / (12 * 1e-4);
      difference += (exact[i]! - numeric) ** 2;
      norm += numeric ** 2;
      expect(Math.abs(exact[i]! - numeric), `${name}[${i}]`).toBeLessThan(1e-6 * (1 + Math.abs(numeric)));
    }
  }
  expect(norm).toBeGreaterThan(0);
  expect(Math.sqrt(difference / norm)).toBeLessThan(1e-6);
  await engine.close();
}

describe('the gradient of the whole model agrees with finite differences', () => {
  it('language head, layer norm, GELU', () => check({}, {}));
  it('entropies and a temperature', () => check({}, { entropies: true, temperature: 0.7 }));
  it('tied head, RMS norm, SiLU', () =>
    check({ tied: true, norm: 'rms', activation: 'silu' }, { entropies: true }));
  it('both heads, one layer', () => check({ head: 'both', layers: 1 }, { values: true, entropies: true }));
  it('scalar head alone', () => check({ head: 'scalar' }, { values: true, logprobs: false }));
  it('both heads, values not asked for', () => check({ head: 'both', activation: 'silu' }, {}));
});

describe('WASM agrees with the oracle', () => {
  it.each([
    ['plain', { head: 'both' }],
    [
      'tied, RMS norm, SiLU, relaxed',
      { head: 'both', tied: true, norm: 'rms', activation: 'silu', relaxed: true },
    ],
    ['ReLU', { head: 'both', activation: 'relu' }],
  ] as [string, Partial<EmbeddedOptions>][])('%s', async (_, options) => {
    const needs = { entropies: true, values: true, temperature: 0.8 };
    const loss = lossOf(needs);
    const both = await Promise.all(
      (['float64', 'wasm'] as const).map((arithmetic) =>
        embedded({ ...base, ...options, arithmetic }).create({ seed: 5, threads: 1 }),
      ),
    );
    await both[0]!.load(await both[1]!.save()); // the same float32 weights
    const [exact, fast] = await Promise.all(
      both.map(async (engine) => {
        const pass = await engine.forward(sequences, needs);
        await pass.backward(loss.gradients);
        const { gradientNorm } = await engine.step({ learningRate: 0, beta1: 0 });
        return { pass, gradientNorm, state: await engine.save() };
      }),
    );
    for (const field of ['logprobs', 'entropies', 'values'] as const)
      for (const [i, value] of exact!.pass[field]!.entries())
        expect(Math.abs(fast!.pass[field]![i]! - value), `${field} ${i}`).toBeLessThan(
          1e-5 * (1 + Math.abs(value)),
        );
    let difference = 0;
    for (const [name, { data }] of exact!.state.tensors)
      if (name.startsWith('adam.first.'))
        for (const [i, value] of data.entries())
          difference += (fast!.state.tensors.get(name)!.data[i]! - value) ** 2;
    expect(Math.sqrt(difference) / exact!.gradientNorm).toBeLessThan(1e-5);
    await Promise.all(both.map((engine) => engine.close()));
  });
});
