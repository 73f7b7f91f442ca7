/**
 * Scores many rows by workers that are killed with SIGKILL at random, with a killed client and a killed Redis in between,
 * and checks the output against `score` without a queue: `npm run soak:queue -- [--rows N] [--workers N] [--seed N]`.
 * Needs redis-server. Prints what it did and what it checked; exit code 1 when a check fails.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { stream } from '../src/core/random.ts';
import { hasRedis, ownRedis } from '../src/serve/queue/fixtures/redis.ts';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    workers: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
if (!hasRedis) {
  console.error('soak:queue needs redis-server');
  process.exit(2);
}
const rows = Number(flags.rows);
const random = stream(flags.seed, 'soak');
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-soak-'));
const at = (name: string) => join(folder, name);
const node = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];
const begin = (...args: string[]) =>
  spawn(process.execPath, [...node, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout!.on('data', (text) => (out += text));
  child.stderr!.on('data', (text) => (err += text));
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}

/** Costs about a tenth of a millisecond, so that kills come in the middle of chunks. */
const reward = at('reward.ts');
writeFileSync(
  reward,
  `export default (sample) => {
  const text = sample.turns[0].completion.text;
  let h = 1;
  for (let i = 0; i < 60_000; i++) h = (Math.imul(h, 31) + text.length) | 0;
  return Number(text) + (h === 0 ? 1 : 0);
};
`,
);
let text = '';
for (let i = 0; i < rows; i++) text += `{"id":"row-${i}","completion":"${i}"}\n`;
writeFileSync(at('rows.jsonl'), text);
const score = ['score', at('rows.jsonl'), '--reward', reward, '--json', '--out'];
const began = performance.now();
const alone = spawnSync(process.execPath, [...node, ...score, at('alone.jsonl')], {
  cwd: root,
  encoding: 'utf8',
});
if (alone.status !== 0) throw new Error(alone.stderr);
const aloneSeconds = (performance.now() - began) / 1000;

const redis = await ownRedis();
const counts = { workerKills: 0, clientKills: 0, redisKills: 0, stalled: 0 };
const peak = { redis: 0, client: 0, jobs: 0 };
let over = false;

interface SoakWorker {
  readonly child: ChildProcess;
  ready: boolean;
}
const startWorker = (): SoakWorker => {
  const child = begin('worker', '--queue', redis.url, '--concurrency', '1', '--lock-seconds', '5');
  const worker: SoakWorker = { child, ready: false };
  child.stderr!.on('data', (text) => {
    worker.ready ||= String(text).includes('working for');
  });
  void ended(child).then(({ err }) => {
    counts.stalled += err.match(/its worker is lost/g)?.length ?? 0;
  });
  return worker;
};
const workers = Array.from({ length: Number(flags.workers) }, startWorker);
let client: ChildProcess | undefined;

async function watch(): Promise<void> {
  const look = new Redis(redis.url, { maxRetriesPerRequest: null });
  look.on('error', () => {});
  for (; !over; await sleep(250)) {
    const used = /used_memory:(\d+)/.exec(await look.info('memory'))?.[1];
    peak.redis = Math.max(peak.redis, Number(used ?? 0));
    peak.jobs = Math.max(peak.jobs, await look.dbsize());
    const status = client?.pid && existsSync(`/proc/${client.pid}/status`);
    if (status) {
      const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${client!.pid}/status`, 'utf8'))?.[1];
      peak.client = Math.max(peak.client, Number(resident ?? 0) * 1024);
    }
  }
  look.disconnect();
}

/** Kills one of the workers that work, again and again, and now and then the client or Redis. */
async function harm(): Promise<void> {
  for (let i = 0; !over; i++) {
    await sleep(1000 + 4000 * random.next());
    const victims = workers.flatMap(({ ready }, k) => (ready ? [k] : []));
    if (over || victims.length === 0) continue;
    const victim = random.pick(victims);
    workers[victim]!.child.kill('SIGKILL');
    workers[victim] = startWorker();
    counts.workerKills++;
    if (i % 8 === 3) {
      client?.kill('SIGKILL');
      counts.clientKills++;
    }
    if (i % 8 === 6) {
      await redis.stop('SIGKILL');
      await sleep(500);
      await redis.start();
      counts.redisKills++;
    }
  }
}

const queued = performance.now();
const watching = watch();
const harming = harm();
const notes: string[] = [];
let last: Awaited<ReturnType<typeof ended>>;
do {
  client = begin(...score, at('queued.jsonl'), '--queue', redis.url);
  last = await ended(client);
  notes.push(...last.err.trim().split('\n'));
  // It was killed, or Redis was.
} while (last.code === null || last.err.includes('ECONNREFUSED'));
over = true;
const queuedSeconds = (performance.now() - queued) / 1000;
await Promise.all([watching, harming]);
for (const { child } of workers) child.kill('SIGKILL');
if (last.code !== 0) throw new Error(last.err);

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of createReadStream(path)) hash.update(block as Buffer);
  return hash.digest('hex');
}
let inOrder = 0;
const seen = new Uint8Array(rows);
for await (const line of createInterface({ input: createReadStream(at('queued.jsonl')) })) {
  const { id, reward: value } = JSON.parse(line) as { id: string; reward: number };
  const row = Number(id.slice(4));
  seen[row]!++;
  if (row === inOrder && value === row) inOrder++;
}
const summary = JSON.parse(last.out) as { rows: number; scored: number; mean: number };
const left = new Redis(redis.url);
const jobs = (await left.keys('assay:score-*')).filter((key) => /:[0-9a-f]{24}-/.test(key)).length;
left.disconnect();
const checks: [string, boolean][] = [
  [`every one of ${rows} rows is there once`, seen.every((n) => n === 1)],
  ['in the order of the file, with the right value', inOrder === rows],
  [
    'the bytes are those of score without a queue',
    (await digest(at('queued.jsonl'))) === (await digest(at('alone.jsonl'))),
  ],
  ['the totals say so too', summary.rows === rows && summary.mean === JSON.parse(alone.stdout).mean],
  ['no job and no journal is left', jobs === 0 && !existsSync(at('queued.jsonl.queue.json'))],
];
await redis.remove();
rmSync(folder, { recursive: true });

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
console.log(
  `killed: ${counts.workerKills} workers, ${counts.clientKills} clients, ${counts.redisKills} Redis servers`,
);
console.log(`chunks taken up again from lost workers, as living ones said: ${counts.stalled}`);
console.log(
  `seconds: ${queuedSeconds.toFixed(1)} with all that, ${aloneSeconds.toFixed(1)} in one process without a queue`,
);
console.log(`peaks: client ${mib(peak.client)}, Redis ${mib(peak.redis)} and ${peak.jobs} keys`);
console.log(
  `the clients said, among ${notes.length} lines: ${[...new Set(notes.map((line) => line.replace(/\d+/g, 'N')))].slice(0, 12).join(' | ')}`,
);
for (const [what, holds] of checks) console.log(`${holds ? 'yes' : 'NO '}  ${what}`);
process.exit(checks.every(([, holds]) => holds) ? 0 : 1);
