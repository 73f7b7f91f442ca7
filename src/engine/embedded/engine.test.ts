import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine, Sequence } from '../../core/engine.ts';
import { InputError, UnsupportedError } from '../../core/errors.ts';
import { type EmbeddedOptions, embedded } from './index.ts';

const options: EmbeddedOptions = {
  layers: 2,
  width: 16,
  heads: 2,
  context: 16,
  tokenizer: { kind: 'character', alphabet: '0123456789+=' },
};
const pairs = Array.from({ length: 24 }, (_, i) => [`${i % 5}+${i % 7}=`, `${(i % 5) + (i % 7)}`] as const);

function sequencesFor(engine: Engine): Sequence[] {
  return pairs.map(([context, text]) => ({ context, tokens: engine.encode(text, { end: true }) }));
}

/** One supervised step on all pairs; returns the mean log-probability before it. */
async function step(engine: Engine, rate = 0.01): Promise<number> {
  const pass = await engine.forward(sequencesFor(engine));
  const n = pass.logprobs.length;
  await pass.backward({ dLogprob: new Float64Array(n).fill(-1 / n) });
  await engine.step({ learningRate: rate, clipNorm: 1, weightDecay: 0.01 });
  return pass.logprobs.reduce((sum, x) => sum + x, 0) / n;
}

async function weights(engine: Engine): Promise<Record<string, number[]>> {
  const { tensors } = await engine.save();
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...data]]));
}

describe.each(['wasm', 'float64'] as const)('the embedded engine, %s', (arithmetic) => {
  const create = (seed = 1, threads = 1) => embedded({ ...options, arithmetic }).create({ seed, threads });

  it('learns a small task by heart, and says it', async () => {
    const engine = await create();
    let logprob = 0;
    for (let i = 0; i < 120; i++) logprob = await step(engine);
    expect(logprob).toBeGreaterThan(-0.02);
    const said = await engine.sample(
      pairs.map(([context]) => ({ context, seed: 1 })),
      { maxTokens: 4, temperature: 0 },
    );
    expect(said.map(({ text }) => text)).toEqual(pairs.map(([, text]) => text));
    await engine.close();
  });

  it('is decided by its seed', async () => {
    const [a, b, c] = [await create(), await create(), await create(2)];
    for (let i = 0; i < 3; i++) expect(await step(a)).toBe(await step(b));
    expect(await weights(a)).toEqual(await weights(b));
    expect((await a.save()).tensors.get('tokens')).not.toEqual((await c.save()).tensors.get('tokens'));
    await Promise.all([a.close(), b.close(), c.close()]);
  });

  it('continues from what it saved, bit for bit', async () => {
    const a = await create();
    for (let i = 0; i < 3; i++) await step(a);
    const state = await a.save();
    const b = await create(99);
    await b.load(state);
    for (let i = 0; i < 3; i++) expect(await step(b)).toBe(await step(a));
    expect(await weights(b)).toEqual(await weights(a));
    expect((await b.save()).numbers).toEqual({ steps: 6 });
    await Promise.all([a.close(), b.close()]);
  });

  it('refuses a saved engine of another shape and stays as it was', async () => {
    const a = await create();
    const other = await embedded({ ...options, arithmetic, width: 8 }).create({ seed: 1, threads: 1 });
    const before = await weights(a);
    await expect(a.load(await other.save())).rejects.toThrow(
      new InputError("tensor 'tokens' is 13×8 in the saved engine and 13×16 here"),
    );
    await expect(a.load({ tensors: new Map(), numbers: {} })).rejects.toThrow(/no tensor 'tokens'/);
    expect(await weights(a)).toEqual(before);
    await Promise.all([a.close(), other.close()]);
  });

  it('gives frozen snapshots', async () => {
    const engine = await create();
    const reference = await engine.snapshot();
    const before = (await reference.forward(sequencesFor(engine), { tape: false })).logprobs;
    for (let i = 0; i < 2; i++) await step(engine);
    const after = (await reference.forward(sequencesFor(engine), { tape: false })).logprobs;
    expect(after).toEqual(before);
    expect((await engine.forward(sequencesFor(engine), { tape: false })).logprobs).not.toEqual(before);
    expect(reference.capabilities.train).toBe(false);
    await expect(reference.step({ learningRate: 1 })).rejects.toThrow(UnsupportedError);
    await engine.close();
    const [said] = await reference.sample([{ context: '1+1=', seed: 1 }], { maxTokens: 3 });
    expect(said!.tokens.length).toBeGreaterThan(0);
    await reference.close();
    await expect(reference.sample([{ context: '1+1=', seed: 1 }], { maxTokens: 3 })).rejects.toThrow(
      /closed/,
    );
  });

  it('adds gradients up until a step, over several passes alive at once, and discards them', async () => {
    const [a, b] = [await create(), await create()];
    const sequences = sequencesFor(a);
    const ones = (n: number) => ({ dLogprob: new Float64Array(n).fill(-1) });
    const first = await a.forward(sequences.slice(0, 8));
    const second = await a.forward(sequences.slice(8));
    const unused = await a.forward(sequences);
    await second.backward(ones(second.logprobs.length));
    await first.backward(ones(first.logprobs.length));
    unused.release();
    await expect(first.backward({})).rejects.toThrow(/once/);
    const { gradientNorm } = await a.step({ learningRate: 0.01 });

    const thrown = await b.forward(sequences);
    await thrown.backward(ones(thrown.logprobs.length));
    b.discard();
    const whole = await b.forward(sequences);
    await whole.backward(ones(whole.logprobs.length));
    const report = await b.step({ learningRate: 0.01 });
    expect(gradientNorm / report.gradientNorm).toBeCloseTo(1, 5);
    expect(await b.step({ learningRate: 0.01 })).toEqual({ gradientNorm: 0 });
    const early = await b.forward(sequences);
    const late = await b.forward(sequences);
    await early.backward(ones(early.logprobs.length));
    await b.step({ learningRate: 0.01 });
    await expect(late.backward(ones(late.logprobs.length))).rejects.toThrow(/weights have changed/);
    await Promise.all([a.close(), b.close()]);
  });

  it('says the same with a tape and without, however many sequences there are', async () => {
    const engine = await create();
    const sequences = Array.from({ length: 2400 }, (_, i) => sequencesFor(engine)[i % 24]!);
    const [whole, free] = [await engine.forward(sequences), await engine.forward(sequences, { tape: false })];
    expect(free.logprobs).toEqual(whole.logprobs);
    expect(whole.logprobs.subarray(whole.starts[24], whole.starts[48])).toEqual(
      (await engine.forward(sequences.slice(0, 24), { tape: false })).logprobs,
    );
    whole.release();
    await expect(free.backward({})).rejects.toThrow(/without a tape/);
    await engine.close();
  });

  it('has a scalar head where asked', async () => {
    const critic = await embedded({ ...options, arithmetic, head: 'scalar' }).create({ seed: 1, threads: 1 });
    const sequences = sequencesFor(critic);
    let error = Infinity;
    for (let i = 0; i < 150; i++) {
      const pass = await critic.forward(sequences, { values: true });
      const dValue = pass.values!.map((value, t) => (value - (t % 3)) / pass.values!.length);
      error = pass.values!.reduce((sum, value, t) => sum + Math.abs(value - (t % 3)), 0) / dValue.length;
      await pass.backward({ dValue });
      await critic.step({ learningRate: 0.01 });
    }
    expect(error).toBeLessThan(0.3);
    await expect(critic.sample([{ context: '1', seed: 1 }], { maxTokens: 1 })).rejects.toThrow(
      UnsupportedError,
    );
    const talker = await create();
    await expect(talker.forward(sequences, { values: true })).rejects.toThrow(/no scalar head/);
    const pass = await talker.forward(sequences);
    await expect(pass.backward({ dValue: new Float64Array(3) })).rejects.toThrow(UnsupportedError);
    await expect(pass.backward({ dLogprob: new Float64Array(3) })).rejects.toThrow(InputError);
    await Promise.all([critic.close(), talker.close()]);
  });
});

describe('tokenizers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-engine-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'bpe.json');
  const merges: [number, number][] = [
    [104, 101],
    [256, 108],
  ];
  writeFileSync(path, JSON.stringify({ merges }));

  it.each([
    [{ kind: 'byte' } as const, 'ü', 2],
    [{ kind: 'bpe', merges } as const, 'hello ü', 6],
    [{ kind: 'bpe', path } as const, 'hello ü', 6],
  ])('%o', async (tokenizer, text, length) => {
    const engine = await embedded({ ...options, tokenizer }).create({ seed: 1, threads: 1 });
    const tokens = engine.encode(text, { end: true });
    expect(tokens).toHaveLength(length + 1);
    expect(engine.decode(tokens)).toBe(text);
    // Stop strings work on bytes, whatever tokens they are in.
    const requests = Array.from({ length: 40 }, (_, i) => ({ context: text, seed: i }));
    const free = await engine.sample(requests, { maxTokens: 10 });
    const stop = [...new Set(free.flatMap((one) => [...one.text.slice(0, 3)]))].filter((c) => c !== '\ufffd');
    const stopped = await engine.sample(requests, { maxTokens: 10, stop });
    for (const one of stopped) expect(stop.some((string) => one.text.includes(string))).toBe(false);
    await engine.close();
  });

  it('say what is wrong with a file', async () => {
    writeFileSync(join(folder, 'bad.json'), '{ "merges": [[1, 999]] }');
    const make = (tokenizer: EmbeddedOptions['tokenizer']) =>
      embedded({ ...options, tokenizer }).create({ seed: 1, threads: 1 });
    await expect(make({ kind: 'bpe', path: join(folder, 'bad.json') })).rejects.toThrow(
      /bad\.json: .*merges\.0/,
    );
    await expect(make({ kind: 'bpe', path: join(folder, 'none.json') })).rejects.toThrow(
      /none\.json: cannot be read/,
    );
    expect(() => embedded({ ...options, tokenizer: { kind: 'bpe' } })).toThrow(/merges or a path/);
  });
});

describe('options', () => {
  it('are checked by name', () => {
    expect(() => embedded({ ...options, width: 10 })).toThrow(/10 over 4 heads|10 over 2 heads/);
    expect(() => embedded({ ...options, depth: 3 } as EmbeddedOptions)).toThrow(/no option 'depth'/);
    expect(() => embedded({ ...options, layers: 0 })).toThrow(/option 'layers'/);
    expect(embedded(options)).toMatchObject({
      name: 'embedded',
      options: { norm: 'layer', arithmetic: 'wasm' },
    });
  });
});
