import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { post, startFixture } from './fixtures/start.ts';
import type { RewardServer } from './server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
beforeAll(async () => {
  server = await startFixture({
    workers: 1,
    openenv: { tasks: [{ prompt: '?', answer: 1 }] },
    runCode: async () => ({ run: { status: 'finished', code: 0 } }),
  });
});
afterAll(() => server.close());

/** Per route, a body that it takes: the fuzz replaces fields of it, or all. */
const bodies: { [path: string]: object } = {
  '/v1/score': {
    samples: [{ prompt: 'p', completion: '5', answer: 5, data: {}, group: { id: 'a', size: 1 } }],
  },
  '/get_reward': { query: ['p5'], prompts: ['p'], labels: ['5'] },
  '/slime': { prompt: 'p', response: '5', label: '5' },
  '/evaluate': { messages: [{ role: 'assistant', content: '5' }], ground_truth: '5', kwargs: {} },
  '/verify': {
    responses_create_params: { input: [] },
    response: { output: [{ type: 'message', content: [{ text: '5' }] }] },
    expected_answer: '5',
    schema_str: '{}',
    instruction_id_list: [],
    kwargs: [],
  },
  '/aggregate_metrics': { verify_responses: [{ reward: 1, _ng_task_index: 0 }] },
  '/seed_session': {},
  '/run_code': { language: 'python', code: '1', files: { a: 'YQ==' }, fetch_files: ['a'], run_timeout: 1 },
  '/reset': { seed: 0, prompt: 'p', answer: 5 },
  '/step': { action: { completion: '5' }, episode_id: 'x' },
};

/** A value with one thing in it exchanged for any JSON. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null) return fc.jsonValue();
  const entries = Object.entries(value);
  if (entries.length === 0) return fc.jsonValue();
  const inner = fc.constantFrom(...entries).chain(([key, own]) =>
    mutated(own).map((changed) => {
      const copy = structuredClone(value) as Record<string, unknown>;
      copy[key] = changed;
      return copy;
    }),
  );
  return fc.oneof({ weight: 6, arbitrary: inner }, { weight: 1, arbitrary: fc.jsonValue() });
}

test.each(Object.entries(bodies))(
  '%s answers anything with a verdict or one clear error',
  async (path, body) => {
    await fc.assert(
      fc.asyncProperty(mutated(body), async (sent) => {
        const { status, body: got } = await post(server, path, sent ?? null);
        // 503 is no verdict of a protocol that has only numbers; 500 would be our own failure.
        expect(status === 200 || (status >= 400 && status < 500) || status === 503, `${status}`).toBe(true);
        if (status !== 200) expect((got as { error: string }).error).toMatch(/^[^\n]+$/);
      }),
      { numRuns: 60, seed: 7 },
    );
  },
);

/** The paths of the OpenAPI document with a method. */
async function paths(method: 'get' | 'post'): Promise<string[]> {
  const document = await (await fetch(`${server.url}/openapi.json`)).json();
  return Object.entries((document as { paths: Record<string, object> }).paths).flatMap(([path, methods]) =>
    method in methods ? [path] : [],
  );
}

test('every route that takes a body is fuzzed', async () => {
  expect(Object.keys(bodies).sort()).toEqual((await paths('post')).sort());
});

const text = fc.string({ unit: 'binary', maxLength: 40 });

test('any query and any headers of every route', async () => {
  const gets = await paths('get');
  const headers = fc.dictionary(
    fc.constantFrom('x-request-id', 'authorization', 'x-api-key', 'accept', 'content-type', 'x-other'),
    fc.string({ maxLength: 40 }).map((value) => value.replace(/[^\x20-\x7e]/g, '')),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...gets, ...Object.keys(bodies)),
      fc.dictionary(fc.constantFrom('reward', 'shape', '__proto__', 'x'), text),
      headers,
      async (path, query, sent) => {
        const search = new URLSearchParams();
        for (const [key, value] of Object.entries(query)) search.set(key, value.toWellFormed());
        const url = `${server.url}${path}?${search}`;
        const body = bodies[path];
        const method = body === undefined ? 'GET' : 'POST';
        const { status } = await fetch(url, { method, headers: sent, body: body && JSON.stringify(body) });
        expect(status === 200 || (status >= 400 && status < 500) || status === 503, `${status}`).toBe(true);
      },
    ),
    { numRuns: 120, seed: 7 },
  );
});

test('bytes that are no HTTP get one clear error or a closed connection', async () => {
  const port = Number(new URL(server.url).port);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      let said = '';
      socket.on('data', (chunk) => (said += chunk));
      socket.end(bytes);
      await once(socket, 'close').catch(() => {});
      expect(said).toMatch(/^$|^HTTP\/1\.1 4\d\d (?:.|\s)*"error":"[^"]+"/);
    }),
    { numRuns: 60, seed: 7 },
  );
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

/** Sends one request that offers another protocol, and gives the first that comes back. */
async function upgrade(target: string, protocol: string, rest = ''): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  let said = '';
  const answered = new Promise<void>((done) => {
    socket.on('data', (chunk) => {
      said += chunk;
      done();
    });
    socket.on('close', () => done());
  });
  const key = 'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  socket.write(
    `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n${key}\r\n${rest}`,
  );
  await answered;
  socket.destroy();
  return said;
}

test('any request for a socket is answered on it alone', async () => {
  expect(await upgrade('//', 'websocket')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await upgrade('/other', 'websocket')).toMatch(/^HTTP\/1\.1 404 (?:.|\s)*"error":"[^"]+"/);
  expect(await upgrade('/ws?x=1', 'websocket')).toMatch(/^HTTP\/1\.1 101 /);
  expect(await upgrade('http://x/ws', 'WebSocket')).toMatch(/^HTTP\/1\.1 101 /);
  const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  const piece = fc.constantFrom(
    '/',
    '//',
    'http:',
    '[',
    ']',
    '@',
    ':99999',
    '%',
    '%zz',
    '\\',
    '?',
    '#',
    'ws',
    '..',
  );
  const path = fc
    .array(fc.oneof(piece, character), { minLength: 1, maxLength: 8 })
    .map((pieces) => `/${pieces.join('')}`);
  await fc.assert(
    fc.asyncProperty(path, async (target) => {
      expect(await upgrade(target, 'websocket')).toMatch(/^$|^HTTP\/1\.1 (101|4\d\d) /);
    }),
    { numRuns: 150, seed: 7 },
  );
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('another protocol that a client offers is left at that', async () => {
  expect(await upgrade('/healthz', 'h2c')).toMatch(/^HTTP\/1\.1 200 (?:.|\s)*"status":"ok"/);
  expect(await upgrade('/healthz', 'foo, websocket')).toMatch(/^HTTP\/1\.1 200 /);
});

test('any message of the socket gets one answer, and the session goes on', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
  await new Promise((opened) => socket.addEventListener('open', opened, { once: true }));
  const ask = (message: string | Uint8Array<ArrayBuffer>) =>
    new Promise<{ type: string; data: object }>((answered, failed) => {
      socket.addEventListener('message', ({ data }) => answered(JSON.parse(data as string)), { once: true });
      socket.addEventListener('close', () => failed(new Error('the session ended')), { once: true });
      socket.send(message);
    });
  const valid = fc.constantFrom(
    { type: 'reset', data: { seed: 0, prompt: 'p', answer: 5, episode_id: 'x' } },
    { type: 'step', data: { completion: '5' } },
    { type: 'state' },
  );
  const message = fc.oneof(
    valid.chain((one) => mutated(one)).map((one) => JSON.stringify(one)),
    valid.map((one) => JSON.stringify(one)),
    text.map((one) => one.toWellFormed()),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(message, async (sent) => {
      if (typeof sent === 'string' && /"type":"close"/.test(sent)) return;
      expect((await ask(sent)).type).toMatch(/^(observation|state|error)$/);
    }),
    { numRuns: 150, seed: 7 },
  );
  expect(await ask(JSON.stringify({ type: 'reset', data: {} }))).toMatchObject({ type: 'observation' });
  socket.close();
});

test('and text that is no JSON, in any media type', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(bodies)),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain'),
      async (path, text, type) => {
        const { status } = await post(server, path, text, { 'content-type': type });
        expect(status === 200 || (status >= 400 && status < 500), `${status}`).toBe(true);
      },
    ),
    { numRuns: 80, seed: 7 },
  );
});
