import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../core/engine.ts';
import { InputError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import type { Completion } from '../../core/sample.ts';
import { type EmbeddedOptions, embedded } from './index.ts';
import { layoutOf } from './layout.ts';
import { threadTeam } from './team.ts';
import { wasmKernels, wasmSource } from './wasm/kernels.ts';

const options: EmbeddedOptions = {
  layers: 2,
  width: 32,
  heads: 2,
  context: 24,
  head: 'both',
  tokenizer: { kind: 'character', alphabet: 'abcdefgh' },
};

/** Samples groups, and takes some steps on what came, as training does; returns all that could differ. */
async function train(engine: Engine): Promise<unknown> {
  const contexts = ['abc', 'h', '', 'gfedcba', 'ab', 'aaaaaaaaaaaa', 'c'];
  const said: Completion[][] = [];
  for (let round = 0; round < 3; round++) {
    const requests = Array.from({ length: 45 }, (_, i) => ({
      context: contexts[Math.floor(i / 8)]!,
      seed: 100 * round + i,
    }));
    const completions = await engine.sample(requests, { maxTokens: 10, topP: 0.95 });
    said.push(completions);
    const sequences = completions.map(({ tokens }, i) => ({ context: requests[i]!.context, tokens }));
    const pass = await engine.forward(sequences, { entropies: true, values: true });
    const random = new Random(round);
    const draw = () => Float64Array.from(pass.logprobs, () => random.normal());
    await pass.backward({ dLogprob: draw(), dEntropy: draw(), dValue: draw() });
    await engine.step({ learningRate: 0.01, clipNorm: 5, weightDecay: 0.1 });
  }
  const { tensors } = await engine.save();
  return { said, tensors: [...tensors].map(([name, { data }]) => [name, [...data]]) };
}

describe('threads', () => {
  it('1, 2 and 3 give the same bits', async () => {
    const runs: unknown[] = [];
    for (const threads of [1, 2, 3]) {
      const engine = await embedded(options).create({ seed: 1, threads });
      runs.push(await train(engine));
      await engine.close();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('serve a snapshot beside its engine', async () => {
    const engine = await embedded(options).create({ seed: 1, threads: 2 });
    const reference = await engine.snapshot();
    const requests = Array.from({ length: 16 }, (_, i) => ({ context: 'abc', seed: i }));
    const [a, b] = await Promise.all([
      engine.sample(requests, { maxTokens: 8 }),
      reference.sample(requests, { maxTokens: 8 }),
    ]);
    expect(a).toEqual(b);
    await engine.close();
    expect(await reference.sample(requests, { maxTokens: 8 })).toEqual(b);
    await reference.close();
  });

  it('that die fail what they were asked, with one line', async () => {
    const source = wasmSource(false);
    const shape = { ...options, vocabulary: 9, tied: false, norm: 'layer', activation: 'gelu' } as Parameters<
      typeof layoutOf
    >[0];
    const team = threadTeam(source, shape, 2, new URL('./fixtures/dying-worker.ts', import.meta.url));
    expect(team.layout.count).toBe(layoutOf(shape, wasmKernels(source)).count);
    const ask = () => team.run(1, { do: 'release', pass: 1 });
    await expect(ask()).rejects.toThrow('a worker thread of the engine ended: exit code 3');
    await expect(ask()).rejects.toThrow('a worker thread of the engine ended: exit code 3');
    await team.close();
  });

  it('do not keep a process alive', () => {
    const script = new URL('./fixtures/unclosed.ts', import.meta.url).pathname;
    const out = execFileSync(process.execPath, [...process.execArgv, script], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(out).toBe('3\n');
  });

  it('are one or more', async () => {
    await expect(embedded(options).create({ seed: 1, threads: 0 })).rejects.toThrow(InputError);
  });
});
