/** The embedded engine against plain TypeScript, and PyTorch where it is. Run alone: `node bench/engine.ts`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Engine } from '../src/core/engine.ts';
import { quantile } from '../src/core/statistics.ts';
import { embedded } from '../src/engine/embedded/index.ts';
import { wasmKernels, wasmSource } from '../src/engine/embedded/wasm/kernels.ts';
import { blockedKernels } from './engine/blocked.ts';
import { alphabet, blockedEngine, reference, referenceBatch, timeStep } from './engine/reference.ts';

export interface BenchEntry {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: string;
  readonly ratio?: number;
}

const median = (values: readonly number[]) => quantile(values, 0.5);
const plain = 'blocked Float32Array TypeScript, one thread';

export async function benchEngine(): Promise<BenchEntry[]> {
  return [
    ...matmulRate(),
    ...(await trainSteps()),
    ...(await sampling()),
    ...(await groupStep()),
    ...memory(),
  ];
}

/** 512 × 512 × 512, rounds interleaved: the machine is shared. */
function matmulRate(): BenchEntry[] {
  const n = 512;
  const rate = (k: ReturnType<typeof wasmKernels>) => {
    const [a, b, c] = [k.allocate(n * n), k.allocate(n * n), k.allocate(n * n)];
    for (let i = 0; i < n * n; i++) k.floats[a + i] = k.floats[b + i] = (i % 17) / 17 - 0.5;
    const panels = k.allocate(k.panelSize(n, n));
    return () => {
      const start = performance.now();
      k.pack(panels, b, n, n);
      k.matmul(c, a, panels, n, n, n, 0, false);
      return (2 * n ** 3) / (performance.now() - start) / 1e6;
    };
  };
  const makers = [
    rate(blockedKernels(1 << 22)),
    rate(wasmKernels(wasmSource(false))),
    rate(wasmKernels(wasmSource(true))),
  ];
  const rates = makers.map((): number[] => []);
  for (let round = 0; round < 9; round++) for (const [i, once] of makers.entries()) rates[i]!.push(once());
  const [slow, fast, fused] = rates.map(median) as [number, number, number];
  return [
    { name: 'engine.matmul.baseline', value: slow, unit: 'GFLOP/s' },
    { name: 'engine.matmul', value: fast, unit: 'GFLOP/s', baseline: plain, ratio: fast / slow },
    { name: 'engine.matmul.relaxed', value: fused, unit: 'GFLOP/s', baseline: plain, ratio: fused / slow },
  ];
}

async function trainSteps(): Promise<BenchEntry[]> {
  const engines: [string, Engine][] = [
    ['baseline', blockedEngine()],
    ['1', await embedded(reference).create({ seed: 1, threads: 1 })],
    ['2', await embedded(reference).create({ seed: 1, threads: 2 })],
    ['relaxed.1', await embedded({ ...reference, relaxed: true }).create({ seed: 1, threads: 1 })],
    ['relaxed.2', await embedded({ ...reference, relaxed: true }).create({ seed: 1, threads: 2 })],
  ];
  const sequences = referenceBatch();
  const times = engines.map((): number[] => []);
  for (let round = 0; round < 7; round++)
    for (const [i, [name, engine]] of engines.entries()) {
      await timeStep(engine, sequences); // its code and data back in the caches
      if (name !== 'baseline') await timeStep(engine, sequences);
      times[i]!.push(await timeStep(engine, sequences));
    }
  for (const [, engine] of engines) await engine.close();
  const medians = times.map(median);
  const slow = medians[0]!;
  const entries: BenchEntry[] = [{ name: 'engine.trainStep.baseline', value: slow, unit: 'ms' }];
  for (const [i, threads] of ['1', '2', 'relaxed.1', 'relaxed.2'].entries())
    entries.push({
      name: `engine.trainStep.threads.${threads}`.replace('threads.relaxed', 'relaxed.threads'),
      value: medians[i + 1]!,
      unit: 'ms',
      baseline: plain,
      ratio: slow / medians[i + 1]!,
    });
  return [...entries, ...torch(medians[1]!, medians[2]!)];
}

/** Where PyTorch is importable: its time for the same step, and how many times ours that is (below 1: it is faster). */
function torch(one: number, two: number): BenchEntry[] {
  const python = process.env.ASSAY_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, 'engine', 'pytorch_step.py');
  const ran = spawnSync(python, [script, '20'], { encoding: 'utf8', timeout: 120_000 });
  if (ran.status !== 0) {
    console.error(`bench engine: no PyTorch in ${python}; its figures are left out`);
    return [];
  }
  const times = JSON.parse(ran.stdout) as { 1: number; 2: number };
  return ([1, 2] as const).map((threads) => ({
    name: `engine.trainStep.pytorch.threads.${threads}`,
    value: times[threads],
    unit: 'ms',
    baseline: `embedded engine, WASM, ${threads === 1 ? 'one thread' : 'two threads'}`,
    ratio: times[threads] / (threads === 1 ? one : two),
  }));
}

/** Reference model, 128 different contexts of one character, up to 63 tokens each, log-probabilities and text out. */
async function sampling(): Promise<BenchEntry[]> {
  const entries: BenchEntry[] = [];
  for (const threads of [1, 2]) {
    const engine = await embedded(reference).create({ seed: 1, threads });
    const requests = Array.from({ length: 128 }, (_, i) => ({ context: alphabet[i % 63]!, seed: i }));
    const rates: number[] = [];
    for (let round = 0; round < 8; round++) {
      const start = performance.now();
      const completions = await engine.sample(requests, { maxTokens: 63 });
      const tokens = completions.reduce((sum, one) => sum + one.logprobs.length, 0);
      if (round > 0) rates.push((1000 * tokens) / (performance.now() - start));
    }
    await engine.close();
    entries.push({ name: `engine.sample.threads.${threads}`, value: median(rates), unit: 'tokens/s' });
  }
  return entries;
}

/**
 * A group-relative step end to end at the size of the main job: 32 prompts × 8 samples of up to 12 tokens, a reward that
 * reads the text, advantages, forward, backward, step. Two layers of width 64.
 */
async function groupStep(): Promise<BenchEntry[]> {
  const engine = await embedded({
    layers: 2,
    width: 64,
    heads: 4,
    context: 40,
    tokenizer: { kind: 'character', alphabet: '0123456789+-,=:' },
  }).create({ seed: 1, threads: 2 });
  const times: number[] = [];
  for (let round = 0; round < 12; round++) {
    const start = performance.now();
    const requests = Array.from({ length: 256 }, (_, i) => ({
      context: `${(i >> 3) % 15},${(i >> 3) % 7},${(i >> 3) % 4}=${i >> 3}:`,
      seed: 1000 * round + i,
    }));
    const completions = await engine.sample(requests, { maxTokens: 12 });
    const rewards = completions.map(({ text }) => [...text].filter((c) => c === '+').length);
    const sequences = completions.map(({ tokens }, i) => ({ context: requests[i]!.context, tokens }));
    const pass = await engine.forward(sequences);
    const dLogprob = new Float64Array(pass.logprobs.length);
    for (const [i, reward] of rewards.entries()) {
      const group = rewards.slice(i & ~7, (i & ~7) + 8);
      const mean = group.reduce((sum, one) => sum + one, 0) / 8;
      dLogprob.fill((mean - reward) / dLogprob.length, pass.starts[i], pass.starts[i + 1]);
    }
    await pass.backward({ dLogprob });
    await engine.step({ learningRate: 1e-4, clipNorm: 1 });
    if (round > 1) times.push(performance.now() - start);
  }
  await engine.close();
  return [{ name: 'engine.groupStep.threads.2', value: median(times), unit: 'ms' }];
}

function memory(): BenchEntry[] {
  const ran = spawnSync(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, 'engine', 'memory.ts')],
    {
      encoding: 'utf8',
    },
  );
  if (ran.status !== 0) throw new Error(`bench engine: the memory run failed: ${ran.stderr}`);
  return [{ name: 'engine.trainStep.peakMemory', value: Number(ran.stdout), unit: 'MB' }];
}

if (import.meta.main && isMainThread)
  for (const { name, value, unit, baseline, ratio } of await benchEngine())
    console.log(
      `${name.padEnd(36)} ${value.toPrecision(4).padStart(9)} ${unit.padEnd(8)}${ratio === undefined ? '' : ` ${ratio.toFixed(2)}× (${baseline})`}`,
    );
