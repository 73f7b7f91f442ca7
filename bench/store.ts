/**
 * The store at the size it must bear: one run of 10,000 steps × 128 samples. Written in the same process, then opened and read
 * cold, as the dashboard does. Run alone: `node bench/store.ts`.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Group } from '../src/core/sample.ts';
import { quantile } from '../src/core/statistics.ts';
import { openStore } from '../src/store/index.ts';

const groupsPerStep = 16;
const samplesPerGroup = 8;
const metricCount = 30;

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Groups as the countdown recipe makes them: short prompts and completions, a verdict of two parts with a reason. */
export function groupsOf(step: number): Group[] {
  return Array.from({ length: groupsPerStep }, (_, g) => {
    const numbers = [step % 13, g, (step * 7) % 15];
    const task = {
      id: `${step}-${g}`,
      prompt: `numbers ${numbers.join(' ')} target ${(step * g) % 41}`,
      answer: numbers,
    };
    return {
      task,
      samples: Array.from({ length: samplesPerGroup }, (_, i) => {
        const right = (step * 31 + g * 7 + i * 3) % 5 < 2 ? 1 : 0;
        return {
          id: `${step}/${g}/${i}`,
          task,
          turns: [
            {
              context: task.prompt,
              completion: {
                text: `<think>${step % 13}+${g}-${i} = ${step + g - i}</think><answer>${g}+${i}-${step % 40}</answer>`,
                tokens: new Int32Array(40),
                logprobs: Float64Array.from({ length: 40 }, (_, t) => -Math.abs(Math.sin(step + g * i + t))),
                length: 40,
                finish: 'stop' as const,
              },
            },
          ],
          verdict: {
            value: right,
            reason: right ? 'reaches the target' : `gives ${g + i}, not ${step % 40}`,
            reward: 'countdown',
            version: '1',
            answer: `${g}+${i}`,
            parts: { correct: { value: right }, format: { value: 1 } },
          },
        };
      }),
    };
  });
}

function timed(body: () => unknown): number {
  const start = performance.now();
  body();
  return performance.now() - start;
}

export async function store(options: { readonly steps?: number } = {}): Promise<Figure[]> {
  const steps = options.steps ?? 10_000;
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const path = join(folder, 'assay.db');
  try {
    const writer = openStore(path);
    const run = writer.createRun({ recipe: 'bench', config: {}, seed: 1, steps });
    const writes: number[] = [];
    for (let step = 0; step < steps; step++) {
      const groups = groupsOf(step);
      const values = Float64Array.from(
        { length: groupsPerStep * samplesPerGroup },
        (_, i) => Math.sin(i % 8) + (step % 7),
      );
      const metrics = Object.fromEntries(
        Array.from({ length: metricCount }, (_, k) => [`metric/${k}`, Math.sin(step * k)]),
      );
      const advantages = { policy: { of: 'sample' as const, values } };
      const clock = { seconds: step };
      writes.push(
        timed(() => writer.writeStep({ run, step, stage: 'rl', metrics, clock, groups, advantages })),
      );
    }
    writer.close();
    const bytes = statSync(path).size;

    // Each round opens the store anew: what a person waits for.
    const rounds = {
      runs: [] as number[],
      series: [] as number[],
      step: [] as number[],
      sample: [] as number[],
    };
    const scans: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      const reader = openStore(path, { readOnly: true });
      reader.runs();
      rounds.runs.push(performance.now() - start);
      rounds.series.push(timed(() => reader.series(run, ['metric/3'], { points: 1000 })));
      rounds.step.push(timed(() => reader.samples(run, Math.floor(steps / 2) + round)));
      rounds.sample.push(timed(() => reader.sample(run, Math.floor(steps / 3) + round, 77)));
      scans.push(
        timed(() => {
          let right = 0;
          for (const { columns } of reader.columns(run, ['part:correct']))
            for (const value of columns.get('part:correct')!) right += value;
          return right;
        }),
      );
      reader.close();
    }
    const median = (times: readonly number[]) => quantile(times, 0.5);
    const first = rounds.runs[0]! + rounds.series[0]! + rounds.step[0]!;
    return [
      { name: 'store.write', value: 1000 * median(writes), unit: 'µs/step' },
      { name: 'store.write.p99', value: 1000 * quantile(writes, 0.99), unit: 'µs/step' },
      { name: 'store.bytes', value: bytes / 1e6, unit: 'MB' },
      { name: 'store.open', value: median(rounds.runs), unit: 'ms' },
      { name: 'store.series', value: median(rounds.series), unit: 'ms' },
      { name: 'store.step', value: median(rounds.step), unit: 'ms' },
      { name: 'store.sample', value: median(rounds.sample), unit: 'ms' },
      { name: 'store.filter', value: median(scans), unit: 'ms' },
      { name: 'store.first', value: first, unit: 'ms' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main)
  for (const { name, value, unit } of await store()) console.log(`${name}\t${value.toFixed(2)} ${unit}`);
