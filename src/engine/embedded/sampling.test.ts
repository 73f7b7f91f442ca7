import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, SampleParams } from '../../core/engine.ts';
import { InputError, UnsupportedError } from '../../core/errors.ts';
import { embedded } from './index.ts';
import { pick } from './pick.ts';

const spec = (arithmetic: 'wasm' | 'float64') =>
  embedded({
    layers: 2,
    width: 16,
    heads: 2,
    context: 40,
    tokenizer: { kind: 'character', alphabet: 'abcdefgh' },
    arithmetic,
    initialScale: 0.4,
  });

const prompts = ['abc', 'h', '', 'gfedcba', 'aaaaaaaaaaaaaaaa'];
const requests = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ context: prompts[i % 5]!, seed: 1000 + i }));

describe.each(['wasm', 'float64'] as const)('sampling, %s', (arithmetic) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await spec(arithmetic).create({ seed: 3, threads: 1 });
  });
  afterAll(() => engine.close());

  it('gives the log-probabilities that forward gives', async () => {
    for (const temperature of [1, 0.6]) {
      const completions = await engine.sample(requests(20), { maxTokens: 20, temperature });
      const sequences = completions.map(({ tokens }, i) => ({ context: prompts[i % 5]!, tokens }));
      const pass = await engine.forward(sequences, { temperature, tape: false });
      const sampled = completions.flatMap(({ logprobs }) => [...logprobs]);
      expect(sampled.length).toBe(pass.logprobs.length);
      for (const [i, logprob] of sampled.entries())
        expect(Math.abs(logprob - pass.logprobs[i]!)).toBeLessThan(1e-5);
    }
  });

  it('does not depend on the batch, bit for bit', async () => {
    const params: SampleParams[] = [
      { maxTokens: 20 },
      { maxTokens: 12, topK: 3, temperature: 1.3 },
      { maxTokens: 12, topP: 0.7, stop: ['ab', 'c'] },
      { maxTokens: 9, temperature: 0, prefill: 'ba' },
    ];
    for (const some of params) {
      const whole = await engine.sample(requests(150), some);
      for (const size of [1, 7, 128]) {
        const part = await engine.sample(requests(150).slice(4, 4 + size), some);
        expect(part).toEqual(whole.slice(4, 4 + size));
      }
    }
  });

  it.each<[string, { temperature?: number; topK?: number; topP?: number }]>([
    ['temperature', { temperature: 0.8 }],
    ['top-k', { topK: 4 }],
    ['top-p', { topP: 0.8, temperature: 1.2 }],
  ] as [string, Partial<SampleParams>][])(
    'draws from the distribution that it says: %s',
    async (_, params) => {
      const n = 3000;
      const all = Array.from({ length: 9 }, (_, token) => ({ context: 'abc', tokens: Int32Array.of(token) }));
      const pass = await engine.forward(all, { temperature: params.temperature ?? 1, tape: false });
      // The distribution by hand: the most probable first, as many as the parameters keep.
      const order = [...pass.logprobs.keys()].sort((a, b) => pass.logprobs[b]! - pass.logprobs[a]!);
      let mass = 0;
      const kept = order.filter((token, rank) => {
        const keeps = rank < (params.topK ?? 9) && mass < (params.topP ?? 1);
        mass += Math.exp(pass.logprobs[token]!);
        return keeps;
      });
      const total = kept.reduce((sum, token) => sum + Math.exp(pass.logprobs[token]!), 0);
      const drawn = await engine.sample(
        Array.from({ length: n }, (_, i) => ({ context: 'abc', seed: 7000 + i })),
        { maxTokens: 1, ...params },
      );
      const counts = new Array<number>(9).fill(0);
      for (const { tokens, logprobs } of drawn) {
        counts[tokens[0]!]!++;
        expect(logprobs[0]).toBeCloseTo(pass.logprobs[tokens[0]!]! - Math.log(total), 5);
      }
      let chiSquare = 0;
      for (const token of order) {
        const expected = kept.includes(token) ? (n * Math.exp(pass.logprobs[token]!)) / total : 0;
        if (expected === 0) expect(counts[token]).toBe(0);
        else chiSquare += (counts[token]! - expected) ** 2 / expected;
      }
      // The 99.9 % point for 8 degrees of freedom, the most there can be here.
      expect(kept.length).toBeGreaterThan(2);
      expect(chiSquare).toBeLessThan(26.12);
    },
  );

  it('is greedy at temperature 0, with log-probabilities at temperature 1', async () => {
    const [completion] = await engine.sample([{ context: 'abc', seed: 1 }], { maxTokens: 8, temperature: 0 });
    const pass = await engine.forward([{ context: 'abc', tokens: completion!.tokens }], { tape: false });
    for (const [i, logprob] of completion!.logprobs.entries()) {
      expect(logprob).toBeCloseTo(pass.logprobs[i]!, 5);
      const others = Array.from({ length: 9 }, (_, token) => ({
        context: 'abc',
        tokens: Int32Array.of(...completion!.tokens.slice(0, i), token),
      }));
      const all = await engine.forward(others, { tape: false });
      const last = others.map((_, o) => all.logprobs[all.starts[o + 1]! - 1]!);
      expect(Math.max(...last)).toBeCloseTo(pass.logprobs[i]!, 6);
    }
  });

  it('stops before a stop string and at the end token', async () => {
    const free = await engine.sample(requests(60), { maxTokens: 25 });
    const stopped = await engine.sample(requests(60), { maxTokens: 25, stop: ['de', 'ha'] });
    let strings = 0;
    for (const [i, { text, tokens, finish, offsets }] of stopped.entries()) {
      const full = free[i]!;
      const at = ['de', 'ha'].map((stop) => full.text.indexOf(stop)).filter((place) => place >= 0);
      if (at.length > 0) {
        strings++;
        expect(finish).toBe('stop');
        expect(text).toBe(full.text.slice(0, Math.min(...at)));
        expect(tokens.length).toBe(Math.min(...at) + 2);
      } else expect(stopped[i]).toEqual(full);
      expect(offsets).toEqual(Int32Array.from(tokens, (_, t) => t));
      if (finish === 'length') expect(tokens.length).toBe(25);
      else if (at.length === 0) expect(tokens[tokens.length - 1]).toBe(8);
    }
    expect(strings).toBeGreaterThan(4);
  });

  it('continues a prefill', async () => {
    const [given] = await engine.sample([{ context: 'ab', seed: 9 }], { maxTokens: 10, prefill: 'cd' });
    const [same] = await engine.sample([{ context: 'abcd', seed: 9 }], { maxTokens: 10 });
    expect(given!.text).toBe(`cd${same!.text}`);
    expect(given!.prefilled).toBe(2);
    expect([...given!.logprobs]).toEqual([0, 0, ...same!.logprobs]);
    expect([...given!.tokens.slice(2)]).toEqual([...same!.tokens]);
  });

  it('says candidates only', async () => {
    const candidates = ['ab', 'abc', 'h'];
    const said = await engine.sample(requests(50), { maxTokens: 5, candidates });
    expect(new Set(said.map(({ text }) => text))).toEqual(new Set(candidates));
    // The log-probability of a whole candidate is that of the constrained distribution: they sum to one.
    const mass = new Map(
      said
        .filter((_, i) => i % 5 === 0)
        .map(({ text, logprobs }) => [text, logprobs.reduce((a, b) => a + b, 0)]),
    );
    const total = [...mass.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0);
    if (mass.size === 3) expect(total).toBeCloseTo(1, 5);
    const trie = { next: new Map([[99, { next: new Map() }]]) };
    const [stuck] = await engine.sample([{ context: 'a', seed: 1 }], { maxTokens: 5, trie });
    expect(stuck).toMatchObject({ finish: 'constraint', text: '' });
  });

  it('ends when aborted', async () => {
    const control = new AbortController();
    control.abort();
    const completions = await engine.sample(requests(3), { maxTokens: 30, signal: control.signal });
    expect(completions.every(({ finish }) => finish !== 'length')).toBe(true);
    const later = await engine.sample(requests(3), { maxTokens: 2 });
    expect(later.some(({ finish }) => finish === 'length')).toBe(true);
  });

  it('refuses what it cannot do, before any work', async () => {
    const long = 'a'.repeat(36);
    await expect(engine.sample([{ context: long, seed: 1 }], { maxTokens: 6 })).rejects.toThrow(
      new InputError(
        "request 0 has a context of 36 tokens and maxTokens 6; engine 'embedded' has room for 41 together",
      ),
    );
    await expect(engine.forward([{ context: long, tokens: new Int32Array(6) }])).rejects.toThrow(
      /context of 36 tokens and a completion of 6; engine 'embedded' has room for 41/,
    );
    await expect(engine.forward([{ context: 'a', tokens: Int32Array.of(9) }])).rejects.toThrow(/the token 9/);
    await expect(engine.sample([{ context: 'axb', seed: 1 }], { maxTokens: 6 })).rejects.toThrow(
      /"x" is not in/,
    );
    await expect(engine.sample([{ context: 'a', seed: 1 }], { maxTokens: 6, beams: 2 })).rejects.toThrow(
      UnsupportedError,
    );
    for (const params of [
      { maxTokens: 0 },
      { maxTokens: 3, topK: 0 },
      { maxTokens: 3, topP: 0 },
      { maxTokens: 3, temperature: -1 },
      { maxTokens: 3, stop: [''] },
    ])
      await expect(engine.sample([{ context: 'a', seed: 1 }], params)).rejects.toThrow(InputError);
  });
});

describe('pick', () => {
  const p = Float64Array.of(0.05, 0.3, 0.1, 0.3, 0.05, 0.2);
  /** How often each token comes, and the probability that its log-probability says. */
  function draw(params: { topK?: number; topP?: number }): { counts: number[]; said: number[] } {
    const counts = new Array<number>(6).fill(0);
    const said = new Array<number>(6).fill(0);
    const n = 20000;
    for (let i = 0; i < n; i++) {
      const { token, logprob } = pick(p, 0, 6, { temperature: 1, ...params }, () => (i + 0.5) / n);
      counts[token]!++;
      said[token] = Math.exp(logprob);
    }
    return { counts, said };
  }
  it.each([
    [{}, [0.05, 0.3, 0.1, 0.3, 0.05, 0.2]],
    [{ topK: 3 }, [0, 0.375, 0, 0.375, 0, 0.25]],
    [{ topK: 1 }, [0, 1, 0, 0, 0, 0]],
    [{ topK: 5 }, [0.05 / 0.95, 0.3 / 0.95, 0.1 / 0.95, 0.3 / 0.95, 0, 0.2 / 0.95]],
    [{ topP: 0.6 }, [0, 0.5, 0, 0.5, 0, 0]],
    [{ topP: 0.61 }, [0, 0.375, 0, 0.375, 0, 0.25]],
    [{ topP: 0.5, topK: 3 }, [0, 0.5, 0, 0.5, 0, 0]],
    [{ topP: 1, topK: 9 }, [0.05, 0.3, 0.1, 0.3, 0.05, 0.2]],
  ])('%o', (params, expected) => {
    const { counts, said } = draw(params);
    for (const [token, probability] of expected.entries()) {
      expect(counts[token]! / 20000).toBeCloseTo(probability, 3);
      expect(said[token]).toBeCloseTo(probability, 10);
    }
  });
});
