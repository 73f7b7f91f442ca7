/**
 * `npm run soak:serve -- [--minutes 10]`: the server at several times what it can do. It must keep its memory, lose and double
 * no verdict, and answer what it admits within twice the time without load, plus its queue's. Prints what it found; exit code 1
 * when one of these does not hold.
 */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantile } from '../../src/core/statistics.ts';
import { startServe } from '../../src/serve/fixtures/process.ts';
import config from './assay.config.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');

/** Samples of a request, and requests under way: many more than fit into the queue. */
const batch = 16;
const clients = 128;

const server = await startServe(['--config', join(import.meta.dirname, 'assay.config.ts')]);
const agent = new Agent({ keepAlive: true, maxSockets: clients });

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number;
}

function post(body: string): Promise<Reply> {
  return new Promise((done, failed) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(`${server.url}/v1/score`, { method: 'POST', agent, headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const retryAfter = Number(reply.headers['retry-after'] ?? 0);
        done({ status: reply.statusCode!, text: Buffer.concat(chunks).toString(), retryAfter });
      });
      reply.on('error', failed);
    });
    call.on('error', failed);
    call.end(body);
  });
}

/** Every id that was asked for gets one verdict, the right one; what is admitted is counted with its time. */
let next = 0;
let verdicts = 0;
let wrong = 0;
let refused = 0;
let strange = 0;

async function ask(times: number[]): Promise<void> {
  const samples = Array.from({ length: batch }, () => {
    const id = next++;
    return { id: String(id), completion: id % 997 === 0 ? 'broken' : String(id) };
  });
  const body = JSON.stringify({ samples });
  for (;;) {
    const began = performance.now();
    const { status, text, retryAfter } = await post(body);
    if (status === 200) {
      times.push(performance.now() - began);
      check(samples, JSON.parse(text));
      return;
    }
    if (status !== 429 && status !== 503) strange++;
    refused++;
    await new Promise((later) => setTimeout(later, 1000 * retryAfter * (0.5 + Math.random())));
  }
}

function check(samples: readonly { id: string }[], { verdicts: got }: { verdicts: Verdict[] }): void {
  verdicts += got.length;
  for (const [i, { id }] of samples.entries()) {
    const one = got[i];
    const expected = Number(id) % 997 === 0 ? null : Number(Number(id) % 2 === 0);
    if (one?.id !== id || one.reward !== expected) wrong++;
  }
  if (got.length !== samples.length) wrong++;
}
interface Verdict {
  readonly id: string;
  readonly reward: number | null;
}

async function during(seconds: number, clientCount: number, times: number[]): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  await Promise.all(
    Array.from({ length: clientCount }, async () => {
      while (performance.now() < end) await ask(times);
    }),
  );
}

await during(3, 1, []);
const unloaded: number[] = [];
await during(Math.min(20, 10 * minutes), 1, unloaded);

const memory: number[] = [];
const sampler = setInterval(() => memory.push(server.memory()), 500);
/** Verdicts a second over windows of 1 s: the queue's time is that of the slowest, since other work may take the cores. */
const rates: number[] = [];
let counter = verdicts;
const meter = setInterval(() => {
  rates.push(verdicts - counter);
  counter = verdicts;
}, 1000);
const loaded: number[] = [];
const before = verdicts;
const began = performance.now();
await during(60 * minutes, clients, loaded);
const seconds = (performance.now() - began) / 1000;
clearInterval(sampler);
clearInterval(meter);
const perSecond = (verdicts - before) / seconds;

const metrics = await (await fetch(`${server.url}/metrics`)).text();
const counted = [...metrics.matchAll(/^assay_verdicts_total\{[^}]*\} (\d+)$/gm)].reduce(
  (sum, [, count]) => sum + Number(count),
  0,
);
agent.destroy();
const code = await server.stop();

// The first fifth is warm-up: heaps grow to their working size.
const settled = memory.slice(Math.ceil(memory.length / 5));
const third = Math.ceil(settled.length / 3);
const early = quantile(settled.slice(0, third), 0.5);
const late = quantile(settled.slice(-third), 0.5);
const slow = rates.length > 2 ? Math.max(1, quantile(rates.slice(1, -1), 0.02)) : perSecond;
const queueMs = (1000 * config.queue) / slow;
const [p99, idle99] = [quantile(loaded, 0.99), quantile(unloaded, 0.99)];

const findings: [string, boolean, string][] = [
  [
    'memory is flat',
    late <= early * 1.1 + 16,
    `${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late, ${Math.max(...memory).toFixed(0)} MiB at most`,
  ],
  [
    'no verdict lost or doubled',
    wrong === 0 && verdicts === next && counted === next,
    `${next} asked for, ${verdicts} came, ${counted} by the server's count, ${wrong} wrong`,
  ],
  ['refused clearly', strange === 0, `${refused} refusals, ${strange} of them neither 429 nor 503`],
  [
    'it was overload',
    refused > 0,
    `${perSecond.toFixed(0)} verdicts/s (${slow.toFixed(0)} in the slowest seconds) from ${clients} clients with ${batch} samples each, queue ${config.queue}`,
  ],
  [
    'p99 of what was admitted',
    p99 <= 2 * idle99 + queueMs,
    `${p99.toFixed(0)} ms (p50 ${quantile(loaded, 0.5).toFixed(0)} ms); unloaded ${idle99.toFixed(1)} ms, queue ${queueMs.toFixed(0)} ms in the slowest seconds (${((1000 * config.queue) / perSecond).toFixed(0)} ms at the mean rate), so at most ${(2 * idle99 + queueMs).toFixed(0)} ms`,
  ],
  ['it went down cleanly', code === 0, `exit code ${code}`],
];
console.log(`${seconds.toFixed(0)} s at overload`);
for (const [what, holds, figures] of findings) console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${figures}`);
process.exitCode = findings.every(([, holds]) => holds) ? 0 : 1;
