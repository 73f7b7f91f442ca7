/** Strict and loose checks of the recorded responses, and the Python reference where it is. `node bench/instructions.ts`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../src/core/statistics.ts';
import { withoutPrefix } from '../src/verify/instructions/catalogue.ts';
import { evaluate } from '../src/verify/instructions/evaluate.ts';
import { type RecordedRow, recordedFiles } from './parity/instruction-agreement.ts';

export interface BenchEntry {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: string;
  readonly ratio?: number;
}

const rounds = 9;

/** Needs the recorded files of ../shared/data; without them there is nothing to measure. */
export async function benchInstructions(): Promise<BenchEntry[]> {
  const rows = [...recordedFiles()].filter(({ mode }) => mode === 'strict').flatMap((file) => file.rows);
  if (rows.length === 0) {
    console.error('instructions: no recorded responses in ../shared/data, nothing measured');
    return [];
  }
  const startup = performance.now();
  judge(rows);
  const first = performance.now() - startup;
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    judge(rows);
    seconds.push((performance.now() - start) / 1000);
  }
  const rate = rows.length / quantile(seconds, 0.5);
  const python = referenceRate(rows);
  return [
    {
      name: 'instructions.responses',
      value: rate,
      unit: 'responses/s, strict and loose',
      ...(python === undefined
        ? {}
        : { baseline: 'ifbench 0.2.0 on Python, one process', ratio: rate / python }),
    },
    { name: 'instructions.first', value: first, unit: 'ms for the first round, tables unpacked' },
  ];
}

function judge(rows: readonly RecordedRow[]): number {
  let held = 0;
  for (const { response, instructions } of rows)
    for (const mode of ['strict', 'loose'] as const)
      for (const { value } of evaluate(response, instructions, mode)) held += value ?? 0;
  return held;
}

/** Responses a second of the reference over the same rows, or undefined where it cannot be imported. */
function referenceRate(rows: readonly RecordedRow[]): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'assay-instructions-'));
  try {
    const file = join(folder, 'rows.jsonl');
    const written = rows.map(({ response, instructions }) =>
      JSON.stringify({
        text: response,
        instructions: instructions.map(({ id, parameters }) => [withoutPrefix(id), parameters]),
      }),
    );
    writeFileSync(file, written.join('\n'));
    const script = join(import.meta.dirname, 'parity', 'instruction-reference.py');
    const run = spawnSync(process.env.ASSAY_PYTHON ?? 'python3', [script, '--evaluate', file], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (run.status !== 0) return undefined;
    const { responses, seconds } = JSON.parse(run.stdout) as { responses: number; seconds: number };
    return responses / seconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchInstructions(), null, 2));
