/**
 * A batch of 1,024 samples of 2,048 tokens through estimator and objective on one thread, against the same in NumPy and
 * PyTorch where ASSAY_PYTHON has them.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { type Batch, stream, type TokenBatch, verdict } from '../src/core/index.ts';
import { quantile } from '../src/core/statistics.ts';
import { grpo, reinforcePlusPlus } from '../src/credit/index.ts';
import { clipped } from '../src/objective/index.ts';
import type { BenchEntry } from './entry.ts';

const rows = 1024;
const width = 2048;
const group = 8;
const rounds = 15;
const context = { step: 0, totalSteps: 1, stage: 'bench' };

export function benchCredit(): BenchEntry[] {
  const { batch, tokens } = make();
  const python = reference();
  const entries: BenchEntry[] = [];
  const cases = [
    ['grpo', grpo(), clipped({ high: 0.28 })],
    ['gspo', grpo(), clipped({ ratio: 'sequence', aggregate: 'sequence' })],
    ['reinforcePlusPlus', reinforcePlusPlus(), clipped({ high: 0.28 })],
  ] as const;
  const times = cases.map((): number[] => []);
  for (let round = 0; round < rounds + 3; round++)
    for (const [i, [, estimator, objective]] of cases.entries()) {
      const start = performance.now();
      const { of, values } = estimator.estimate(batch, context).terms.policy!;
      const policy = of === 'token' ? values : tiled(values, tokens);
      const { loss } = objective.loss({ ...tokens, terms: { policy } }, context);
      if (!Number.isFinite(loss)) throw new Error('bench credit: the loss is not finite');
      if (round >= 3) times[i]!.push(performance.now() - start);
    }
  for (const [i, [name]] of cases.entries()) {
    const ours = quantile(times[i]!, 0.5);
    entries.push({ name: `credit.${name}`, value: ours, unit: 'ms' });
    entries.push({ name: `credit.${name}.fastest`, value: Math.min(...times[i]!), unit: 'ms' });
    if (name !== 'grpo') continue;
    for (const [peer, theirs] of Object.entries(python))
      entries.push({
        name: `credit.${name}.${peer}`,
        value: theirs,
        unit: 'ms',
        baseline: 'ours, one thread (below 1: the peer is faster)',
        ratio: theirs / ours,
      });
  }
  return entries;
}

/** One advantage a sample on all its tokens, as the loop lays them out. */
function tiled(values: Float64Array, { starts, mask }: TokenBatch): Float64Array {
  const out = new Float64Array(mask.length);
  values.forEach((a, i) => {
    out.fill(a, starts[i], starts[i + 1]);
  });
  return out;
}

function make(): { batch: Batch; tokens: TokenBatch } {
  const random = stream(1, 'bench');
  const lengths = Array.from({ length: rows }, () => width);
  const starts = new Int32Array(rows + 1);
  lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  const total = starts[rows]!;
  const old = Float64Array.from({ length: total }, () => -2 * random.next());
  const logprobs = old.map((x) => x + 0.2 * (random.next() - 0.5));
  const groups = Array.from({ length: rows / group }, (_, g) => {
    const task = { id: String(g), prompt: '' };
    const samples = Array.from({ length: group }, (_, k) => {
      const i = g * group + k;
      const completion = {
        text: '',
        tokens: new Int32Array(lengths[i]!),
        logprobs: old.subarray(starts[i]!, starts[i + 1]!),
        length: lengths[i]!,
        finish: 'stop' as const,
      };
      return {
        id: String(k),
        task,
        turns: [{ context: '', completion }],
        verdict: verdict(random.integer(2)),
      };
    });
    return { task, samples };
  });
  return {
    batch: { groups },
    tokens: {
      starts,
      groups: Int32Array.from(lengths, (_, i) => Math.floor(i / group)),
      mask: new Uint8Array(total).fill(1),
      logprobs,
      old,
      references: {},
      terms: {},
    },
  };
}

function reference(): Record<string, number> {
  const python = process.env.ASSAY_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, 'credit', 'reference.py');
  const ran = spawnSync(python, [script, ...[rows, width, group, rounds].map(String)], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (ran.status === 0) return JSON.parse(ran.stdout);
  console.error(`bench credit: no NumPy in ${python}; the ratio is left out`);
  return {};
}

if (import.meta.main && isMainThread)
  for (const { name, value, unit, ratio } of benchCredit())
    console.log(
      `${name.padEnd(32)} ${value.toFixed(1).padStart(8)} ${unit} ${ratio === undefined ? '' : `${ratio.toFixed(2)}×`}`,
    );
