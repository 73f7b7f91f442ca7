/**
 * `npm run soak:connections -- [--connections 10000]`: so many idle connections, half of them new and half kept alive after a
 * request, while other clients are served. Prints latencies with and without them; exit code 1 when someone was not served.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { quantile } from '../../src/core/statistics.ts';
import { startServe } from '../../src/serve/fixtures/process.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '10000' } } });
const count = Number(values.connections);
const server = await startServe(['--reward', 'number', '--workers', '1', '--cache', '0']);
const port = Number(new URL(server.url).port);
const body = JSON.stringify({ completion: 'it is 5', answer: 5 });

let failed = 0;
async function measure(seconds: number): Promise<{ p50: number; p99: number; n: number }> {
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (performance.now() < end) {
        const began = performance.now();
        const reply = await fetch(`${server.url}/v1/score`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        if (((await reply.json()) as { reward: number }).reward !== 1) failed++;
        times.push(performance.now() - began);
      }
    }),
  );
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), n: times.length };
}

async function idle(i: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  if (i % 2 === 0) return socket.resume();
  socket.write(`GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n`);
  await once(socket, 'data');
  return socket.resume();
}

await measure(2);
const alone = await measure(5);
const empty = server.memory();
const sockets: Socket[] = [];
for (let i = 0; i < count; i += 250)
  sockets.push(
    ...(await Promise.all(Array.from({ length: Math.min(250, count - i) }, (_, k) => idle(i + k)))),
  );
const open = () => sockets.filter(({ destroyed }) => !destroyed).length;
const held = open();
const among = await measure(10);
const show = (name: string, { p50, p99, n }: typeof alone) =>
  console.log(`${name}\t${n} requests\tp50 ${p50.toFixed(2)} ms\tp99 ${p99.toFixed(1)} ms`);
show('alone', alone);
show(`among ${held} idle connections`, among);
console.log(`memory ${empty.toFixed(0)} MiB, then ${server.memory().toFixed(0)} MiB; ${failed} failed`);
console.log(`${open()} still open: those that never sent a request are closed after headerSeconds`);
for (const socket of sockets) socket.destroy();
const code = await server.stop();
process.exitCode = failed === 0 && held === count && code === 0 ? 0 : 1;
