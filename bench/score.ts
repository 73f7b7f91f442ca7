/**
 * Scoring of files by the real command, `score --reward gsm8k --out`, each in a process of its own: rows and bytes a
 * second as the command reports them, and the process's peak memory. Run alone: `node bench/score.ts`.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { quantile } from '../src/core/statistics.ts';
import type { BenchEntry } from './entry.ts';

const rounds = 3;

/** A row of 60 bytes, ids and answers varied. */
function shortRow(i: number): string {
  const id = String(i).padStart(13, '0');
  return `{"id":"${id}","completion":"A: ${100 + (i % 97)}","answer":"${100 + (i % 91)}"}`;
}

const words =
  'each day she sells the eggs that are left at the market for two dollars and buys bread with it'.split(' ');

/** A row of 800 bytes or more, as a word problem with its solutions is. */
function longRow(i: number): { id: number; question: string; ground_truth: string; solution: string } {
  const story = (length: number, from: number) => {
    let text = '';
    for (let k = from; text.length < length; k++) text += `${words[(k * 7 + (k >> 3)) % words.length]} `;
    return text.trimEnd();
  };
  const [eggs, price] = [10 + (i % 23), 2 + (i % 7)];
  return {
    id: i,
    question: `${story(300, i)}. How much does she make with ${eggs} eggs at $${price}?`,
    ground_truth: `${story(120, i + 1)} ${eggs} * ${price} = <<${eggs}*${price}=${eggs * price}>>${eggs * price}\nA: ${eggs * price}`,
    solution: `${story(260, i + 2)}\n${eggs} * ${price} = ${eggs * price}\nA: ${eggs * price + (i % 3 === 0 ? 1 : 0)}`,
  };
}

async function writeLines(path: string, rows: number, line: (i: number) => string): Promise<number> {
  const file = createWriteStream(path);
  const packer = path.endsWith('.gz') ? createGzip({ level: 6 }) : undefined;
  packer?.pipe(file);
  const out = packer ?? file;
  let bytes = 0;
  for (let i = 0; i < rows; ) {
    let block = '';
    for (const end = Math.min(rows, i + 2000); i < end; i++) block += `${line(i)}\n`;
    bytes += block.length; // ASCII
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(file, 'finish');
  return bytes;
}

interface Run {
  readonly rowsPerSecond: number;
  readonly seconds: number;
  /** Peak resident set, bytes. */
  readonly memory: number;
}

const main = join(import.meta.dirname, '../src/cli/main.ts');

function runNode(args: readonly string[], folder: string): { stdout: string; memory: number } {
  const memoryFile = join(folder, 'memory');
  const hook = `import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(${JSON.stringify(memoryFile)}, String(process.resourceUsage().maxRSS)));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      `--import=data:text/javascript,${encodeURIComponent(hook)}`,
      ...args,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the command failed: ${stderr}`);
  return { stdout, memory: Number(readFileSync(memoryFile, 'utf8')) * 1024 };
}

function score(path: string, folder: string): Run {
  const out = join(folder, 'out.jsonl');
  const { stdout, memory } = runNode(
    [main, 'score', path, '--reward', 'gsm8k', '--out', out, '--json'],
    folder,
  );
  const { rowsPerSecond, seconds } = JSON.parse(stdout) as Run;
  return { rowsPerSecond, seconds, memory };
}

/** The idiomatic loop that only reads: node:readline and JSON.parse, no verdicts and no output. */
function readOnly(path: string, folder: string): Run {
  const code = `
    import { createReadStream } from 'node:fs'; import { createInterface } from 'node:readline';
    const began = performance.now(); let rows = 0;
    for await (const line of createInterface({ input: createReadStream(${JSON.stringify(path)}) })) { JSON.parse(line); rows++; }
    const seconds = (performance.now() - began) / 1000;
    console.log(JSON.stringify({ rowsPerSecond: rows / seconds, seconds }));`;
  const { stdout, memory } = runNode(['--input-type=module', '-e', code], folder);
  return { ...(JSON.parse(stdout) as Run), memory };
}

const median = (runs: readonly Run[], of: (run: Run) => number) => quantile(runs.map(of), 0.5);

export async function benchScore({ rows = 1_000_000 }: { rows?: number } = {}): Promise<BenchEntry[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-score-'));
  try {
    const few = Math.ceil(rows / 5);
    const files = {
      long: { path: join(folder, 'long.jsonl'), bytes: 0 },
      short: { path: join(folder, 'short.jsonl'), bytes: 0 },
      gz: { path: join(folder, 'long.jsonl.gz'), bytes: 0 },
      parquet: { path: join(folder, 'long.parquet'), bytes: 0 },
    };
    files.long.bytes = await writeLines(files.long.path, rows, (i) => JSON.stringify(longRow(i)));
    files.short.bytes = await writeLines(files.short.path, rows, shortRow);
    files.gz.bytes = await writeLines(files.gz.path, few, (i) => JSON.stringify(longRow(i)));
    const columns = Array.from({ length: few }, (_, i) => longRow(i));
    await parquetWriteFile({
      filename: files.parquet.path,
      columnData: (['id', 'question', 'ground_truth', 'solution'] as const).map((name) => ({
        name,
        data: columns.map((row) => row[name]),
        type: name === 'id' ? ('INT32' as const) : ('STRING' as const),
      })),
      rowGroupSize: 10_000,
    });
    files.parquet.bytes = files.gz.bytes;

    const runs = { long: [] as Run[], short: [] as Run[], gz: [] as Run[], parquet: [] as Run[] };
    const baseline: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const kind of ['long', 'short', 'gz', 'parquet'] as const)
        runs[kind].push(score(files[kind].path, folder));
      baseline.push(readOnly(files.long.path, folder));
    }
    const entries: BenchEntry[] = [];
    for (const kind of ['long', 'short', 'gz', 'parquet'] as const) {
      const rate = median(runs[kind], ({ rowsPerSecond }) => rowsPerSecond);
      const bytes = files[kind].bytes / 1e6;
      const against =
        kind === 'long'
          ? {
              baseline: 'node:readline and JSON.parse, only reading',
              ratio: rate / median(baseline, (run) => run.rowsPerSecond),
            }
          : {};
      entries.push(
        { name: `score.${kind}.rows`, value: rate, unit: 'rows/s', ...against },
        {
          name: `score.${kind}.bytes`,
          value: median(runs[kind], ({ seconds }) => bytes / seconds),
          unit: 'MB/s',
        },
        {
          name: `score.${kind}.memory`,
          value: Math.max(...runs[kind].map(({ memory }) => memory)) / 1e6,
          unit: 'MB',
        },
      );
    }
    entries.push(
      { name: 'score.long.row', value: files.long.bytes / rows, unit: 'bytes' },
      { name: 'score.short.row', value: files.short.bytes / rows, unit: 'bytes' },
      { name: 'score.parquet.file', value: statSync(files.parquet.path).size / 1e6, unit: 'MB' },
    );
    return entries;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main)
  for (const { name, value, unit } of await benchScore()) console.log(`${name}\t${value.toFixed(1)} ${unit}`);
