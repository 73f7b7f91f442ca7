import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServeProcess, startServe } from '../src/serve/fixtures/process.ts';

let server: ServeProcess;
beforeAll(async () => {
  server = await startServe(['--config', resolve(import.meta.dirname, '../src/serve/fixtures/impatient.ts')]);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

/** A normal client: it must be served whatever the others do. */
async function score(): Promise<unknown> {
  const reply = await fetch(`${server.url}/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ completion: 'it is 5', answer: 5 }),
  });
  return reply.json();
}
const served = { reward: 1, reason: 'equal to 5', answer: '5' };

function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  return once(socket, 'connect').then(() => socket);
}

/** Sends a piece every 100 ms until the server ends the connection; gives what it said. */
async function drip(socket: Socket, pieces: Iterable<string>): Promise<string> {
  let said = '';
  socket.on('data', (chunk) => (said += chunk));
  const closed = once(socket, 'close');
  const timer = setInterval(() => socket.writable && socket.write(next()), 100);
  const source = pieces[Symbol.iterator]();
  const next = () => source.next().value ?? 'x';
  await closed;
  clearInterval(timer);
  return said;
}

const head = (...headers: string[]) =>
  ['POST /v1/score HTTP/1.1', 'host: a', 'content-type: application/json', ...headers, '', ''].join('\r\n');

test('a client that sends its headers a drop at a time is cut off, the others are served', async () => {
  const slow = Promise.all(
    Array.from({ length: 50 }, async () => drip(await open(), head('x-slow: yes').slice(0, 60))),
  );
  for (let i = 0; i < 5; i++) expect(await score()).toEqual(served);
  for (const said of await slow) expect(said).toMatch(/^HTTP\/1\.1 408 /);
});

test.each(['application/json', 'application/x-ndjson'])(
  'one that sends its body so, or not at all, too (%s)',
  async (type) => {
    const begun = `POST /v1/score HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 5000\r\n\r\n`;
    const still = Array.from({ length: 20 }, async () => {
      const socket = await open();
      socket.write(`${begun}{"completion":`);
      let said = '';
      socket.on('data', (chunk) => (said += chunk));
      await once(socket, 'close');
      return said;
    });
    const dripping =
      type === 'application/json'
        ? Array.from({ length: 20 }, async () => drip(await open(), [`${begun}{"completion": "`]))
        : [];
    for (let i = 0; i < 5; i++) expect(await score()).toEqual(served);
    for (const said of await Promise.all([...still, ...dripping])) expect(said).toMatch(/HTTP\/1\.1 408 /);
  },
);

test('a stream that goes on is not cut off, however long it takes', async () => {
  const line = `${JSON.stringify({ completion: 'it is 5', answer: 5 })}\n`;
  let rows = 0;
  const status = await new Promise<number>((done, failed) => {
    const call = request(
      `${server.url}/v1/score`,
      { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } },
      (reply) => {
        reply.on('data', (chunk: Buffer) => {
          rows += chunk.toString().split('\n').length - 1;
        });
        reply.on('end', () => done(reply.statusCode!));
      },
    );
    call.on('error', failed);
    let sent = 0;
    const timer = setInterval(() => {
      call.write(line);
      if (++sent < 10) return;
      clearInterval(timer);
      call.end();
    }, 250);
  });
  expect({ status, rows }).toEqual({ status: 200, rows: 10 });
});

/** Sends a gigabyte, as much as the server takes, and gives its answer and how much that was. */
function sendGigabyte(headers: Record<string, string>): Promise<{ said: string; sent: number }> {
  const piece = Buffer.alloc(1 << 20, '{"completion": "xxxxxxx"');
  return new Promise((done) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setNoDelay();
    const chunked = headers['transfer-encoding'] === 'chunked';
    let [said, sent] = ['', 0];
    const finish = () => done({ said, sent });
    socket.on('data', (chunk) => (said += chunk));
    socket.on('error', finish).on('close', finish);
    const lines = Object.entries({ host: 'a', 'content-type': 'application/json', ...headers });
    socket.write(`POST /v1/score HTTP/1.1\r\n${lines.map((one) => one.join(': ')).join('\r\n')}\r\n\r\n`);
    const more = () => {
      while (sent < 1024) {
        if (said !== '' || socket.destroyed) return void setTimeout(() => socket.destroy(), 100);
        sent++;
        if (chunked) socket.write('100000\r\n');
        const room = socket.write(piece);
        if (chunked) socket.write('\r\n');
        if (!room) return void socket.once('drain', () => setImmediate(more));
      }
      if (chunked) socket.write('0\r\n\r\n');
    };
    more();
  });
}

test.each([
  ['that says its length', { 'content-length': String(1 << 30) }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])('a request of 1 GB %s is refused early, in flat memory', async (_, headers) => {
  expect(await score()).toEqual(served);
  const before = server.memory();
  const huge = Promise.all(Array.from({ length: 8 }, () => sendGigabyte(headers)));
  for (let i = 0; i < 5; i++) expect(await score()).toEqual(served);
  for (const { said, sent } of await huge) {
    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(64);
  }
  expect(server.memory() - before).toBeLessThan(150);
});

test('a line of 1 GB in a stream is one record in error, and costs no memory', async () => {
  const before = server.memory();
  const piece = Buffer.alloc(1 << 20, '{"completion": "xxxxxxx"');
  const pieces = Readable.from(
    (function* () {
      for (let i = 0; i < 1024; i++) yield piece;
    })(),
  );
  const said = await new Promise<string>((done, failed) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const call = request(`${server.url}/v1/score`, { method: 'POST', headers }, async (reply) => {
      let text = '';
      for await (const chunk of reply) text += chunk;
      done(text);
    });
    pieces.pipe(call).on('error', failed);
  });
  expect(JSON.parse(said)).toEqual({ record: 0, error: 'the line is too long' });
  expect(await score()).toEqual(served);
  expect(server.memory() - before).toBeLessThan(150);
});

test('2,000 idle connections take nothing from the others', async () => {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  const files = Number(report.userLimits?.open_files?.soft ?? 1024);
  const patient = await startServe(['--reward', 'number', '--workers', '1']);
  const port = Number(new URL(patient.url).port);
  const count = Math.min(2000, (Number.isFinite(files) ? files : 4096) - 200);
  const idle: Socket[] = [];
  try {
    for (let i = 0; i < count; i += 100)
      idle.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(100, count - i) }, async () => {
            const socket = connect(port, '127.0.0.1').on('error', () => {});
            await once(socket, 'connect');
            return socket;
          }),
        )),
      );
    const replies = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const reply = await fetch(`${patient.url}/v1/score`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ completion: `it is ${i}`, answer: i }),
        });
        return ((await reply.json()) as { reward: number }).reward;
      }),
    );
    expect(replies.every((reward) => reward === 1)).toBe(true);
    expect(idle.filter(({ destroyed }) => !destroyed).length).toBe(count);
  } finally {
    for (const socket of idle) socket.destroy();
    expect(await patient.stop()).toBe(0);
  }
});
