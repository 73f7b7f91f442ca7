import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startFixture } from '../fixtures/start.ts';
import type { RewardServer } from '../server.ts';
import { type AtroposRollout, joinAtropos } from './atropos.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);

/** Answers as atroposlib/api/server.py does: not started on the first question, then registers and receives. */
let calls: { path: string; body: Record<string, unknown> }[];
let api: Server;
let url: string;
let server: RewardServer;

beforeEach(async () => {
  calls = [];
  let asked = 0;
  api = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      calls.push({ path: request.url!, body: text.length > 0 ? JSON.parse(text.toString()) : {} });
      const answers: Record<string, object> = {
        '/register-env':
          asked++ === 0 ? { status: 'wait for trainer to start' } : { status: 'success', env_id: 3 },
        '/status': { current_step: 0, queue_size: 0 },
        '/scored_data': { status: 'received' },
        '/disconnect-env': { status: 'success' },
      };
      reply.statusCode = request.url! in answers ? 200 : 404;
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(answers[request.url!] ?? {}));
    });
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(api.address() as { port: number }).port}`;
  server = await startFixture({ workers: 1 });
});
afterEach(async () => {
  await server.close();
  api.closeAllConnections();
  await new Promise((closed) => api.close(closed));
});

const rollout = (completion: string, answer: number | string, length = 3): AtroposRollout => ({
  request: { sample: { id: '0', task: { id: '0', prompt: '?', answer }, turns: [{ completion }] } },
  tokens: Array.from({ length }, (_, i) => i),
  masks: Array.from({ length }, (_, i) => (i === 0 ? -100 : i)),
});

async function* groupsOf(...groups: AtroposRollout[][]) {
  yield* groups;
}

const options = () => ({ url, name: 'sums', groupSize: 4, maxTokens: 64, pause: 5 });

test('registers once the trainer is there, posts scored groups and signs off', async () => {
  const group = [rollout('5', 5), rollout('6', 5), rollout('it is 5', 5, 400), rollout('x', 5)];
  const result = await joinAtropos(options(), groupsOf(group), server.scorer);
  expect(result).toEqual({ groups: 1, sent: 4, noVerdict: 0 });
  expect(calls.map(({ path }) => path)).toEqual([
    '/register-env',
    '/register-env',
    '/status',
    '/scored_data',
    '/disconnect-env',
  ]);
  expect(calls[1]!.body).toEqual({ max_token_length: 64, desired_name: 'sums', weight: 1, group_size: 4 });
  expect(calls[3]!.body).toMatchObject({ env_id: 3, scores: [1, 0, 1, 0] });
  expect((calls[3]!.body.tokens as number[][]).map(({ length }) => length)).toEqual([3, 3, 400, 3]);
  expect((calls[3]!.body.masks as number[][])[0]).toEqual([-100, 1, 2]);
});

test('no verdict is left out, and a group of one is not sent', async () => {
  const result = await joinAtropos(
    options(),
    groupsOf(
      [rollout('5', 5), rollout('5', 'none'), rollout('4', 5)],
      [rollout('5', 5), rollout('5', 'none')],
    ),
    server.scorer,
  );
  expect(result).toEqual({ groups: 2, sent: 2, noVerdict: 3 });
  const posted = calls.filter(({ path }) => path === '/scored_data');
  expect(posted.map(({ body }) => body.scores)).toEqual([[1, 0]]);
});

test('with a fifth of the verdicts timing out, the mean that is sent is that of the others', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => (i % 5 === 4 ? 'never' : 'x'.repeat(i + 1)));
  const group = texts.map((text) => {
    const one = rollout(text, 0);
    return { ...one, request: { ...one.request, reward: 'acting' } };
  });
  const result = await joinAtropos({ ...options(), groupSize: 10 }, groupsOf(group), server.scorer);
  expect(result).toEqual({ groups: 1, sent: 8, noVerdict: 2 });
  const { scores } = calls.find(({ path }) => path === '/scored_data')!.body as { scores: number[] };
  expect(scores).toEqual(texts.filter((text) => text !== 'never').map(({ length }) => length));
});

test('a group over the registered size is said, and the environment signs off', async () => {
  const group = Array.from({ length: 5 }, () => rollout('5', 5));
  await expect(joinAtropos(options(), groupsOf(group), server.scorer)).rejects.toThrow(
    'a group of 5 where 4',
  );
  expect(calls.at(-1)).toEqual({ path: '/disconnect-env', body: { env_id: 3 } });
});
