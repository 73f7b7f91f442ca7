import { describe, expect, it } from 'vitest';
import { type Engine, stream } from '../../core/index.ts';
import { type TabularOptions, tabular } from './index.ts';

const create = (options: TabularOptions) => tabular(options).create({ seed: 1 });
const sequence = (context: string, ...tokens: number[]) => ({ context, tokens: Int32Array.from(tokens) });

/** Σ signed weights · (log-probabilities, entropies, values): a scalar whose gradient is known by differences. */
async function total(
  engine: Engine,
  weights: { l: Float64Array; h: Float64Array; v: Float64Array },
): Promise<number> {
  const pass = await engine.forward(sequences, { entropies: true, values: true, temperature: 0.7 });
  const sum = (x: Float64Array, w: Float64Array) => x.reduce((s, value, t) => s + value * w[t]!, 0);
  return sum(pass.logprobs, weights.l) + sum(pass.entropies!, weights.h) + sum(pass.values!, weights.v);
}
const sequences = [sequence('p', 0, 2, 1), sequence('q', 1), sequence('p', 2, 2)];

describe('tabular', () => {
  it('has exact gradients: policy, entropy and value', async () => {
    const options: TabularOptions = {
      actions: ['a', 'b', 'c'],
      length: 3,
      values: true,
      initial: [0.3, -0.2, 0.5],
    };
    const engine = await create(options);
    const random = stream(3, 'weights');
    const draw = () => Float64Array.from({ length: 6 }, () => random.normal());
    const weights = { l: draw(), h: draw(), v: draw() };
    await total(engine, weights); // makes the rows
    const pass = await engine.forward(sequences, { entropies: true, values: true, temperature: 0.7 });
    await pass.backward({ dLogprob: weights.l, dEntropy: weights.h, dValue: weights.v });
    // Plain gradient descent would move by −rate·g; Adam's first step hides g, so it is read off the norm and the moments.
    await engine.step({ learningRate: 0, beta1: 0, beta2: 0 });
    const state = await engine.save();
    let checked = 0;
    for (const [name, tensor] of state.tensors) {
      if (!name.includes('.weights:')) continue;
      const gradient = state.tensors.get(name.replace('.weights:', '.first:'))!.data;
      for (let i = 0; i < tensor.data.length; i++) {
        const at = async (shift: number) => {
          const moved = new Map(state.tensors);
          const data = Float64Array.from(tensor.data);
          data[i] = data[i]! + shift;
          moved.set(name, { shape: [data.length], data });
          const other = await create(options);
          await other.load({ ...state, tensors: moved });
          return total(other, weights);
        };
        const numeric = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
        expect(gradient[i]).toBeCloseTo(numeric, 6);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(15);
  });

  it('samples from its softmax, and says with what probability', async () => {
    const engine = await create({ actions: ['x', 'y'], initial: [Math.log(3), 0] });
    const requests = Array.from({ length: 4000 }, (_, seed) => ({ context: 'p', seed }));
    const completions = await engine.sample(requests, { maxTokens: 1 });
    const share = completions.filter(({ text }) => text === 'x').length / 4000;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    for (const { text, logprobs } of completions.slice(0, 20))
      expect(logprobs[0]).toBeCloseTo(Math.log(text === 'x' ? 0.75 : 0.25), 12);
    const greedy = await engine.sample(requests.slice(0, 5), { maxTokens: 1, temperature: 0 });
    expect(greedy.every(({ text }) => text === 'x')).toBe(true);
    const top = await engine.sample(requests.slice(0, 50), { maxTokens: 1, topK: 1 });
    expect(top.every(({ text, logprobs }) => text === 'x' && Math.abs(logprobs[0]!) < 1e-12)).toBe(true);
  });

  it('ends with its end token, and encodes what it says', async () => {
    const engine = await create({ actions: ['a', 'ab'], end: true });
    expect([...engine.encode('aba', { end: true })]).toEqual([1, 0, 2]);
    expect(engine.decode(Int32Array.of(1, 0, 2))).toBe('aba');
    expect(() => engine.encode('abc')).toThrow(/'c' does not start with an action/);
    const [completion] = await engine.sample([{ context: 'p', seed: 4 }], { maxTokens: 50 });
    expect(completion!.finish).toBe('stop');
    expect(completion!.tokens.at(-1)).toBe(2);
  });

  it('goes on bit for bit after save and load; a snapshot stays as it was', async () => {
    const train = async (engine: Engine) => {
      const pass = await engine.forward(sequences.slice(0, 1));
      await pass.backward({ dLogprob: Float64Array.of(-1, -0.5, 0.25) });
      return engine.step({ learningRate: 0.1, weightDecay: 0.01, clipNorm: 0.5 });
    };
    const engine = await create({ actions: ['a', 'b', 'c'], length: 3 });
    await train(engine);
    const frozen = await engine.snapshot();
    const before = (await frozen.forward(sequences)).logprobs;
    const copy = await create({ actions: ['a', 'b', 'c'], length: 3 });
    await copy.load(await engine.save());
    await train(engine);
    await train(copy);
    expect((await copy.forward(sequences)).logprobs).toEqual((await engine.forward(sequences)).logprobs);
    expect((await frozen.forward(sequences)).logprobs).toEqual(before);
  });

  it('is linear in features where asked', async () => {
    const engine = await create({ actions: ['l', 'r'], features: 2 });
    const context = [
      { role: 'user' as const, content: [{ type: 'features' as const, features: Float32Array.of(1, -2) }] },
    ];
    for (let i = 0; i < 50; i++) {
      const pass = await engine.forward([{ context, tokens: Int32Array.of(1) }]);
      await pass.backward({ dLogprob: Float64Array.of(-1) });
      await engine.step({ learningRate: 0.1 });
    }
    const [said] = await engine.sample([{ context, seed: 1 }], { maxTokens: 1, temperature: 0 });
    expect(said!.text).toBe('r');
    await expect(engine.sample([{ context: 'text', seed: 1 }], { maxTokens: 1 })).rejects.toThrow(
      /features part/,
    );
  });

  it('refuses what it cannot do', async () => {
    const engine = await create({ actions: ['a', 'b'] });
    await expect(engine.sample([{ context: 'p', seed: 1 }], { maxTokens: 1, topP: 0.5 })).rejects.toThrow(
      /cannot sample with topP/,
    );
    expect(() => tabular({ actions: ['a', 'b'], initial: [1] })).toThrow(/1 logits, expected 2/);
  });
});
