/**
 * Verdicts a second over HTTP, client and server on the same machine: single samples at 32 connections and batches of 256,
 * cache off. Where ASSAY_BENCH_PYTHON (or python3) has fastapi, uvicorn and math-verify, the same single requests go to
 * bench/parity/fastapi_math_verify.py as the baseline. `node bench/serve.ts`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { quantile } from '../src/core/statistics.ts';
import type { BenchEntry } from './entry.ts';

const root = resolve(import.meta.dirname, '..');
const connections = 32;
export const batch = 256;
const seconds = 4;

const samples = {
  number: (i: number) => ({
    prompt: 'How many apples are left?',
    completion: `She has ${i % 97} apples, gives away 3, so the answer is ${(i % 97) - 3}.`,
    answer: String((i % 89) - 3),
  }),
  math: (i: number) => ({
    prompt: 'Simplify.',
    completion: `We expand and collect: so \\boxed{\\frac{${i % 41}x + ${2 * (i % 41)}}{${1 + (i % 7)}}}.`,
    answer: `\\frac{${i % 41}(x+2)}{${1 + (i % 7)}}`,
  }),
};
type Kind = keyof typeof samples;

export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Keeps `connections` requests under way for `seconds`, after a warm-up of half a second. */
export async function drive(url: string, bodies: readonly string[], samplesEach: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  const warm = performance.now() + 500;
  const end = warm + 1000 * seconds;
  let sent = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      const status = await send(url, bodies[sent++ % bodies.length]!, agent);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      if (began >= warm) times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
  const perSecond = (times.length * samplesEach) / seconds;
  return { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function send(url: string, body: string, agent: Agent): Promise<number> {
  return new Promise((done, failed) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(url, { method: 'POST', agent, headers }, (reply) => {
      reply.resume();
      reply.on('end', () => done(reply.statusCode ?? 0));
    });
    call.on('error', failed);
    call.end(body);
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export async function ready(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const up = await fetch(url).then(
      (reply) => reply.ok,
      () => false,
    );
    if (up) return;
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error(`nothing answers at ${url}`);
}

async function withServer<T>(
  command: string,
  args: readonly string[],
  probe: string,
  use: () => Promise<T>,
): Promise<T> {
  const child = spawn(command, args, { cwd: root, stdio: 'ignore' });
  try {
    await ready(probe, child);
    return await use();
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function ours(kind: Kind): Promise<{ single: Load; batched: Load }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    '--conditions=assay-source',
    '--disable-warning=ExperimentalWarning',
    'src/cli/main.ts',
    'serve',
  ];
  const options = [
    '--reward',
    kind,
    '--port',
    String(port),
    '--cache',
    '0',
    '--log',
    'silent',
    '--queue',
    '100000',
  ];
  return withServer(process.execPath, [...args, ...options], `${url}/readyz`, async () => ({
    single: await drive(`${url}/v1/score`, singles(kind), 1),
    batched: await drive(`${url}/v1/score`, batches(kind), batch),
  }));
}

export const singles = (kind: Kind) =>
  Array.from({ length: 500 }, (_, i) => JSON.stringify(samples[kind](i)));
export const batches = (kind: Kind) =>
  Array.from({ length: 8 }, (_, b) =>
    JSON.stringify({ samples: Array.from({ length: batch }, (_, i) => samples[kind](b * batch + i)) }),
  );

async function theirs(python: string): Promise<Load> {
  const port = await freePort();
  const script = join(root, 'bench/parity/fastapi_math_verify.py');
  return withServer(python, [script, String(port)], `http://127.0.0.1:${port}/healthz`, () =>
    drive(`http://127.0.0.1:${port}/v1/score`, singles('math'), 1),
  );
}

export async function benchServe(): Promise<BenchEntry[]> {
  const entries: BenchEntry[] = [];
  const python = process.env.ASSAY_BENCH_PYTHON ?? 'python3';
  const has = spawnSync(python, ['-c', 'import fastapi, uvicorn, math_verify']).status === 0;
  const baseline = has ? await theirs(python) : undefined;
  for (const kind of ['number', 'math'] as const) {
    const { single, batched } = await ours(kind);
    const against =
      kind === 'math' && baseline
        ? { baseline: 'FastAPI with Math-Verify', ratio: single.perSecond / baseline.perSecond }
        : {};
    entries.push(
      { name: `serve.${kind}.single`, value: single.perSecond, unit: 'verdicts/s', ...against },
      { name: `serve.${kind}.single.p50`, value: single.p50, unit: 'ms' },
      { name: `serve.${kind}.single.p99`, value: single.p99, unit: 'ms' },
      { name: `serve.${kind}.batch${batch}`, value: batched.perSecond, unit: 'verdicts/s' },
    );
  }
  return entries;
}

if (import.meta.main)
  for (const { name, value, unit, ratio } of await benchServe())
    console.log(`${name}\t${value.toFixed(2)} ${unit}${ratio === undefined ? '' : `\t${ratio.toFixed(2)}×`}`);
