/**
 * The math verifier on the labelled pairs: rate, cold pass, slowest cases, and Math-Verify in the same run when the Python in
 * ASSAY_PYTHON has it. Run alone: `node bench/math.ts`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Random } from '../src/core/random.ts';
import { quantile } from '../src/core/statistics.ts';
import { mathOptions, scoreMath } from '../src/verify/math/index.ts';
import type { BenchEntry } from './entry.ts';

interface Row {
  readonly gold: string;
  readonly pred: string;
  readonly equal: boolean;
  readonly category: string;
}

const data = new URL('../../shared/data/math-equivalence/dev.jsonl', import.meta.url);
const passes = 20;
const options = mathOptions.parse({});

export async function benchMath(): Promise<BenchEntry[]> {
  if (!existsSync(data)) {
    console.error('math: ../shared/data/math-equivalence/dev.jsonl is not here, nothing to measure');
    return [];
  }
  const rows = readFileSync(data, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const cold = pass(rows);
  const random = new Random('bench math');
  const rates: number[] = [];
  const each = new Map<Row, number[]>(rows.map((row) => [row, []]));
  for (let i = 0; i < passes; i++) {
    const order = random.shuffle([...rows]);
    rates.push(rows.length / pass(order));
    for (const row of order) each.get(row)!.push(time(row));
  }
  const rate = quantile(rates, 0.5);
  const typical = new Map([...each].map(([row, seconds]) => [row, quantile(seconds, 0.5)]));
  const p99 = quantile([...typical.values()], 0.99);
  const [slowest, slowestRate] = slowestCategory(typical);
  const ours = errorRates(
    rows,
    rows.map((row) => score(row)),
  );
  const entries: BenchEntry[] = [
    { name: 'math.pairs', value: rate, unit: 'pairs/s' },
    { name: 'math.coldPass', value: cold * 1000, unit: 'ms' },
    { name: 'math.p99', value: p99 * 1000, unit: 'ms' },
    { name: 'math.slowestCategory', value: slowestRate, unit: `pairs/s (${slowest})` },
    ...accuracyEntries('math', ours),
  ];
  const peer = mathVerify(rows);
  if (!peer) return entries;
  const theirs = errorRates(rows, peer.verdicts);
  const name = `${peer.package} ${peer.version}`;
  const their = {
    rate: rows.length / quantile(peer.seconds, 0.5),
    p99: quantile(peer.each, 0.99),
  };
  const against: Record<string, number> = {
    'math.pairs': their.rate,
    'math.p99': their.p99 * 1000,
    'math.accuracy': theirs.accuracy,
    'math.falsePositiveRate': theirs.falsePositiveRate,
    'math.falseNegativeRate': theirs.falseNegativeRate,
  };
  return entries.flatMap((entry): BenchEntry[] => {
    const value = against[entry.name];
    if (value === undefined) return [entry];
    return [
      { ...entry, baseline: name, ratio: entry.value / value },
      { name: entry.name.replace('math.', 'math.peer.'), value, unit: entry.unit, baseline: name },
    ];
  });
}

function score(row: Row): boolean | null {
  const { value } = scoreMath(row.pred, row.gold, options);
  return value === null ? null : value === 1;
}

/** Seconds of one pass. */
function pass(rows: readonly Row[]): number {
  const start = performance.now();
  for (const row of rows) score(row);
  return (performance.now() - start) / 1000;
}

function time(row: Row): number {
  const start = performance.now();
  score(row);
  return (performance.now() - start) / 1000;
}

function slowestCategory(typical: ReadonlyMap<Row, number>): [string, number] {
  const sums = new Map<string, { seconds: number; n: number }>();
  for (const [row, seconds] of typical) {
    const sum = sums.get(row.category) ?? { seconds: 0, n: 0 };
    sums.set(row.category, { seconds: sum.seconds + seconds, n: sum.n + 1 });
  }
  let slowest: [string, number] = ['', Number.POSITIVE_INFINITY];
  for (const [category, { seconds, n }] of sums)
    if (n / seconds < slowest[1]) slowest = [category, n / seconds];
  return slowest;
}

interface Rates {
  readonly accuracy: number;
  readonly falsePositiveRate: number;
  readonly falseNegativeRate: number;
}

/** No verdict is an error, on its label's side. */
function errorRates(rows: readonly Row[], verdicts: readonly (boolean | null)[]): Rates {
  let [positives, negatives, falsePositives, falseNegatives] = [0, 0, 0, 0];
  rows.forEach((row, i) => {
    const wrong = verdicts[i] !== row.equal;
    if (row.equal) {
      positives++;
      if (wrong) falseNegatives++;
    } else {
      negatives++;
      if (wrong) falsePositives++;
    }
  });
  return {
    accuracy: 1 - (falsePositives + falseNegatives) / rows.length,
    falsePositiveRate: falsePositives / negatives,
    falseNegativeRate: falseNegatives / positives,
  };
}

function accuracyEntries(prefix: string, rates: Rates): BenchEntry[] {
  return [
    { name: `${prefix}.accuracy`, value: rates.accuracy, unit: 'share' },
    { name: `${prefix}.falsePositiveRate`, value: rates.falsePositiveRate, unit: 'share' },
    { name: `${prefix}.falseNegativeRate`, value: rates.falseNegativeRate, unit: 'share' },
  ];
}

interface Peer {
  readonly package: string;
  readonly version: string;
  readonly verdicts: readonly boolean[];
  readonly seconds: readonly number[];
  readonly each: readonly number[];
}

/** Math-Verify looks for mathematics between marks; a bare answer gets them. */
function forPeer(row: Row): string {
  return row.category.endsWith('/extract') || row.pred.includes('$') ? row.pred : `$${row.pred}$`;
}

/** Math-Verify on the same pairs; undefined, with one line saying why, when it cannot run. */
function mathVerify(rows: readonly Row[]): Peer | undefined {
  const python = process.env.ASSAY_PYTHON;
  if (!python) {
    console.error('math: ASSAY_PYTHON is not set, Math-Verify is not measured');
    return undefined;
  }
  const script = new URL('./parity/math_verify_peer.py', import.meta.url).pathname;
  const run = spawnSync(python, [script], {
    input: JSON.stringify({ pairs: rows.map((row) => [row.gold, forPeer(row)]), passes: 3 }),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    console.error(`math: Math-Verify does not run (${(run.stderr ?? '').trim().split('\n').at(-1)})`);
    return undefined;
  }
  return JSON.parse(run.stdout) as Peer;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const entry of await benchMath())
    console.log(
      `${entry.name.padEnd(44)} ${entry.value.toPrecision(5).padStart(10)} ${entry.unit}${entry.ratio === undefined ? '' : `  ×${entry.ratio.toPrecision(4)} of ${entry.baseline}`}`,
    );
