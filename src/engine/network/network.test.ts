import { describe, expect, it } from 'vitest';
import type { Engine, Sequence } from '../../core/engine.ts';
import { InputError, UnsupportedError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import type { Prompt } from '../../core/task.ts';
import { type NetworkOptions, network } from './index.ts';

const actions = ['left', 'right', 'stay'];
const create = (options: Partial<NetworkOptions> = {}) =>
  network({ actions, inputs: { kind: 'features', size: 3 }, hidden: [5, 4], ...options }).create({ seed: 1 });

const features = (...values: number[]): Prompt => [
  { role: 'user', content: [{ type: 'features', features: Float32Array.from(values) }] },
];
const random = new Random('contexts');
const sequences: Sequence[] = Array.from({ length: 9 }, (_, i) => ({
  context: features(random.normal(), random.normal(), random.normal()),
  tokens: i === 4 ? new Int32Array(0) : Int32Array.of(i % 3),
}));

describe('the network engine', () => {
  it('agrees with finite differences', async () => {
    for (const activation of ['gelu', 'silu'] as const) {
      const engine = await create({ values: true, activation });
      const draw = () => Float64Array.from({ length: 8 }, () => random.normal());
      const given = { dLogprob: draw(), dEntropy: draw(), dValue: draw() };
      const asked = { entropies: true, values: true, temperature: 0.7 };
      const state = await engine.save();
      for (const { data } of state.tensors.values())
        for (let i = 0; i < data.length; i++) data[i]! += 0.3 * random.normal();
      await engine.load(state);
      const pass = await engine.forward(sequences, asked);
      expect([...pass.starts]).toEqual([0, 1, 2, 3, 4, 4, 5, 6, 7, 8]);
      await pass.backward(given);
      await engine.step({ learningRate: 0, beta1: 0 });
      const gradient = await engine.save();
      const loss = async () => {
        const { logprobs, entropies, values } = await engine.forward(sequences, { ...asked, tape: false });
        let sum = 0;
        for (let i = 0; i < 8; i++)
          sum +=
            given.dLogprob[i]! * logprobs[i]! +
            given.dEntropy[i]! * entropies![i]! +
            given.dValue[i]! * values![i]!;
        return sum;
      };
      for (const [name, { data }] of state.tensors)
        for (let i = 0; i < data.length; i++) {
          const held = data[i]!;
          const at: number[] = [];
          for (const h of [1e-4, -1e-4, 2e-4, -2e-4]) {
            data[i] = held + h;
            await engine.load(state);
            at.push(await loss());
          }
          data[i] = held;
          const numeric = (8 * (at[0]! - at[1]!) - (at[2]! - at[3]!)) / 12e-4;
          const exact = gradient.tensors.get(`adam.first.${name}`)!.data[i]!;
          expect(Math.abs(exact - numeric), `${name}[${i}]`).toBeLessThan(1e-6 * (1 + Math.abs(numeric)));
        }
    }
  });

  it('samples what forward says, one row independent of the others', async () => {
    const engine = await create();
    const requests = sequences.map(({ context }, i) => ({ context, seed: i }));
    for (const params of [{ maxTokens: 1 }, { maxTokens: 1, temperature: 0.5 }]) {
      const said = await engine.sample(requests, params);
      const pass = await engine.forward(
        said.map(({ tokens }, i) => ({ context: requests[i]!.context, tokens })),
        { ...params, tape: false },
      );
      for (const [i, one] of said.entries()) {
        expect(one.logprobs[0]).toBeCloseTo(pass.logprobs[i]!, 12);
        expect(one.text).toBe(actions[one.tokens[0]!]);
        expect((await engine.sample([requests[i]!], params))[0]).toEqual(one);
      }
    }
    const only = await engine.sample(requests, { maxTokens: 1, candidates: ['stay'] });
    expect(only.every(({ text, logprobs }) => text === 'stay' && logprobs[0] === 0)).toBe(true);
  });

  /** Each context has its own right action; REINFORCE with a baseline finds it. */
  async function learns(engine: Engine, contexts: readonly Prompt[]): Promise<number> {
    let right = 0;
    for (let step = 0; step < 150; step++) {
      const requests = Array.from({ length: 30 }, (_, i) => ({
        context: contexts[i % contexts.length]!,
        seed: 1000 * step + i,
      }));
      const said = await engine.sample(requests, { maxTokens: 1 });
      const rewards = said.map(({ text }, i) => (text === actions[(i % contexts.length) % 3] ? 1 : 0));
      right = rewards.reduce<number>((sum, reward) => sum + reward, 0) / 30;
      const pass = await engine.forward(
        said.map(({ tokens }, i) => ({ context: requests[i]!.context, tokens })),
      );
      await pass.backward({ dLogprob: Float64Array.from(rewards, (reward) => (0.4 - reward) / 30) });
      await engine.step({ learningRate: 0.03 });
    }
    return right;
  }

  it('learns from features, one-hot texts and hashed texts', async () => {
    const texts = ['go to 3 from 5', 'go to 5 from 3', 'rest'];
    expect(
      await learns(await create(), [features(1, 0, 0), features(0, 1, 0), features(0, 0, 1)]),
    ).toBeGreaterThan(0.9);
    expect(
      await learns(await create({ inputs: { kind: 'oneHot', texts }, hidden: [] }), texts),
    ).toBeGreaterThan(0.9);
    expect(await learns(await create({ inputs: { kind: 'hashed', size: 64 } }), texts)).toBeGreaterThan(0.9);
  });

  it('saves, loads and freezes', async () => {
    const engine = await create({ values: true });
    const step = async (e: Engine) => {
      const pass = await e.forward(sequences, { values: true });
      await pass.backward({ dLogprob: pass.logprobs.map(() => -1), dValue: pass.values });
      await e.step({ learningRate: 0.01, weightDecay: 0.1 });
      return [...pass.logprobs];
    };
    await step(engine);
    const reference = await engine.snapshot();
    const before = await engine.forward(sequences, { tape: false });
    const other = await network({
      actions,
      inputs: { kind: 'features', size: 3 },
      hidden: [5, 4],
      values: true,
    }).create({
      seed: 2,
    });
    await other.load(await engine.save());
    for (let i = 0; i < 2; i++) expect(await step(other)).toEqual(await step(engine));
    expect((await reference.forward(sequences, { tape: false })).logprobs).toEqual(before.logprobs);
    await expect(reference.step({ learningRate: 1 })).rejects.toThrow(UnsupportedError);
    await reference.close();
    await expect(reference.forward(sequences)).rejects.toThrow(/closed/);
    expect((await engine.forward(sequences, { tape: false })).logprobs).not.toEqual(before.logprobs);
  });

  it('refuses what it does not know, in one line', async () => {
    const engine = await create();
    await expect(engine.sample([{ context: 'text', seed: 1 }], { maxTokens: 1 })).rejects.toThrow(
      /features part/,
    );
    await expect(engine.sample([{ context: features(1), seed: 1 }], { maxTokens: 1 })).rejects.toThrow(
      new InputError('a prompt has 1 features, expected 3'),
    );
    await expect(engine.sample([], { maxTokens: 1, stop: ['a'] })).rejects.toThrow(UnsupportedError);
    await expect(engine.forward([{ context: features(1, 2, 3), tokens: new Int32Array(2) }])).rejects.toThrow(
      /one action/,
    );
    await expect(engine.forward([{ context: features(1, 2, 3), tokens: Int32Array.of(3) }])).rejects.toThrow(
      /token 3/,
    );
    await expect(engine.forward(sequences, { values: true })).rejects.toThrow(/no scalar head/);
    expect(() => engine.encode('up')).toThrow("'up' is not an action of engine 'network'");
    expect([...engine.encode('stay')]).toEqual([2]);
    expect(engine.decode(Int32Array.of(2))).toBe('stay');
    await expect(
      (await create({ inputs: { kind: 'oneHot', texts: ['a'] } })).sample([{ context: 'b', seed: 1 }], {
        maxTokens: 1,
      }),
    ).rejects.toThrow(/'b' is none of the 1 texts/);
    expect(() => network({ actions: ['a', 'a'], inputs: { kind: 'hashed', size: 8 } })).toThrow(InputError);
  });
});
