import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { reinforcePlusPlus, rloo } from '../../credit/index.ts';
import { startFixture } from '../fixtures/start.ts';
import type { RewardServer } from '../server.ts';
import { type AtroposOptions, type AtroposRollout, joinAtropos } from './atropos.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);

interface Reply {
  readonly code: number;
  readonly body: unknown;
}

/** Answers as atroposlib/api/server.py does; `answers` may say otherwise, once for each entry. test/e2e has the real one. */
let calls: { path: string; body: Record<string, unknown> }[];
let answers: Record<string, Reply[]>;
let info: { batch_size: number; max_token_len: number };
let waiting: number;
let api: Server;
let url: string;
let server: RewardServer;

beforeAll(async () => {
  server = await startFixture({ workers: 1 });
});
afterAll(() => server.close());

const waitForTrainer = { code: 200, body: { status: 'wait for trainer to start' } };
const broken = { code: 500, body: 'Internal Server Error' };

beforeEach(async () => {
  calls = [];
  answers = {};
  info = { batch_size: 8, max_token_len: 500 };
  waiting = 0;
  let registered = 2;
  const usual: Record<string, () => object> = {
    '/register-env': () => ({ status: 'success', env_id: ++registered, starting_step: 0, num_steps: 10 }),
    '/info': () => info,
    '/status-env': () => ({ current_step: 0, queue_size: waiting, self_queue_size: 0, env_weight: 0.5 }),
    '/scored_data': () => ({ status: 'received' }),
    '/disconnect-env': () => ({ status: 'success' }),
  };
  api = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const path = request.url!;
      calls.push({ path, body: text.length > 0 ? JSON.parse(text.toString()) : {} });
      const { code, body } = answers[path]?.shift() ?? { code: 200, body: usual[path]!() };
      reply.statusCode = code;
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(api.address() as { port: number }).port}`;
});
afterEach(async () => {
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

const join = (groups: AsyncIterable<readonly AtroposRollout[]>, over: Partial<AtroposOptions> = {}) =>
  joinAtropos(
    { url, name: 'sums', groupSize: 4, maxTokens: 64, pause: 5, tries: 20, ...over },
    groups,
    server.scorer,
  );
const paths = () => calls.map(({ path }) => path);
const posted = () => calls.filter(({ path }) => path === '/scored_data').map(({ body }) => body);
const none = { noVerdict: 0, uniform: 0, tooLong: 0 };
const whole = () => [rollout('5', 5), rollout('6', 5), rollout('it is 5', 5), rollout('x', 5)];

test('registers once the trainer is there, posts scored groups and signs off', async () => {
  answers['/register-env'] = [waitForTrainer];
  const group = [rollout('5', 5), rollout('6', 5), rollout('it is 5', 5, 400), rollout('x', 5)];
  const told: number[] = [];
  const result = await join(groupsOf(group), { onStatus: ({ weight }) => told.push(weight) });
  expect(result).toEqual({ groups: 1, sent: 4, noVerdict: 0, skipped: none });
  expect(paths()).toEqual([
    '/register-env',
    '/register-env',
    '/info',
    '/status-env',
    '/status-env',
    '/scored_data',
    '/status-env',
    '/disconnect-env',
  ]);
  expect(calls[1]!.body).toEqual({ max_token_length: 64, desired_name: 'sums', weight: 1, group_size: 4 });
  expect(calls[3]!.body).toEqual({ env_id: 3 });
  const [sent] = posted();
  expect(Object.keys(sent!).sort()).toEqual(['env_id', 'masks', 'scores', 'tokens']);
  expect(sent).toMatchObject({ env_id: 3, scores: [1, 0, 1, 0] });
  expect((sent!.tokens as number[][]).map(({ length }) => length)).toEqual([3, 3, 400, 3]);
  expect((sent!.masks as number[][])[0]).toEqual([-100, 1, 2]);
  expect(told).toEqual([0.5, 0.5]);
});

test('no verdict is posted without an advantage and leaves the mean; a verdict that is alone is not posted', async () => {
  const first = { ...rollout('5', 5), overrides: { temperature: 0.5 } };
  const result = await join(
    groupsOf(
      [first, rollout('5', 'none'), rollout('4', 5)],
      [rollout('5', 5), rollout('5', 'none'), rollout('5', 'none')],
    ),
    { generationParams: { temperature: 0.7 } },
  );
  expect(result).toEqual({ groups: 2, sent: 2, noVerdict: 3, skipped: { ...none, noVerdict: 1 } });
  expect(posted()).toHaveLength(1);
  expect(posted()[0]).toMatchObject({
    scores: [1, 0.5, 0, 0.5],
    generation_params: { temperature: 0.7 },
    overrides: [
      { temperature: 0.5 },
      { set_advantage_to_zero: true, no_verdict: 'reference' },
      {},
      { temperature: 0.5, set_advantage_to_zero: true, no_verdict: 'absent' },
    ],
  });
});

test('advantages of an estimator are of those with a verdict, on trained tokens', async () => {
  const group = [rollout('5', 5), rollout('5', 'none'), rollout('4', 5), rollout('3', 5)];
  await join(groupsOf(group), { estimator: rloo() });
  expect(posted()[0]!.advantages).toEqual([
    [0, 1, 1],
    [0, 0, 0],
    [0, -0.5, -0.5],
    [0, -0.5, -0.5],
  ]);
  await expect(join(groupsOf(group), { estimator: reinforcePlusPlus() })).rejects.toThrow(
    "'reinforcePlusPlus' gives no advantage a sample",
  );
});

test('groups without a member, all the same or over the trainer’s length are left out as asked', async () => {
  const lacking = [rollout('5', 5), rollout('5', 'none'), rollout('4', 5), rollout('4', 5)];
  const same = [rollout('5', 5), rollout('5', 5), rollout('5', 5), rollout('5', 5)];
  const long = [rollout('5', 5, 500), rollout('5', 5), rollout('5', 5), rollout('4', 5)];
  const result = await join(groupsOf(lacking, same, long), { noVerdict: 'skip' });
  expect(result).toEqual({
    groups: 3,
    sent: 0,
    noVerdict: 1,
    skipped: { noVerdict: 1, uniform: 1, tooLong: 1 },
  });
  expect(posted()).toEqual([]);
  info = { batch_size: 8, max_token_len: -1 };
  const all = await join(groupsOf(same, long), { uniform: 'send' });
  expect(all).toMatchObject({ sent: 8, skipped: none });
});

test('with a fifth of the verdicts timing out, the mean that is sent is that of the others', async () => {
  info = { batch_size: 10, max_token_len: 500 };
  const texts = Array.from({ length: 10 }, (_, i) => (i % 5 === 4 ? 'never' : 'x'.repeat(i + 1)));
  const group = texts.map((text) => {
    const one = rollout(text, 0);
    return { ...one, request: { ...one.request, reward: 'acting' } };
  });
  const result = await join(groupsOf(group), { groupSize: 10 });
  expect(result).toEqual({ groups: 1, sent: 8, noVerdict: 2, skipped: none });
  const { scores, overrides } = posted()[0] as { scores: number[]; overrides: object[] };
  const lengths = texts.filter((text) => text !== 'never').map(({ length }) => length);
  const mean = lengths.reduce((sum, x) => sum + x, 0) / 8;
  expect(scores).toEqual(texts.map((text) => (text === 'never' ? mean : text.length)));
  expect(scores.reduce((sum, x) => sum + x, 0) / 10).toBeCloseTo(mean, 12);
  expect(overrides[4]).toEqual({ set_advantage_to_zero: true, no_verdict: 'timeout' });
});

test('takes no group while the trainer has three batches, and ends when it has its steps', async () => {
  waiting = 6;
  const taken: number[] = [];
  async function* endless() {
    for (let i = 0; ; i++) {
      taken.push(i);
      yield whole();
    }
  }
  const running = join(endless());
  await vi.waitFor(() => expect(paths().filter((path) => path === '/status-env').length).toBeGreaterThan(4));
  expect(taken).toEqual([]);
  waiting = 5;
  await vi.waitFor(() => expect(posted().length).toBeGreaterThan(2));
  waiting = 22; // eleven batches, for ten steps
  const { groups } = await running;
  expect(groups).toBe(posted().length);
  expect(paths().at(-1)).toBe('/disconnect-env');
});

test('an environment with a least part of the batch goes on when others fill the queue', async () => {
  waiting = 12;
  const result = await join(groupsOf(whole()), { minBatchAllocation: 0.5 });
  expect(result.sent).toBe(4);
  expect(calls[0]!.body).toMatchObject({ min_batch_allocation: 0.5 });
});

test('an API that restarted gets the environment, then the group, each once its trainer is there', async () => {
  const status = { current_step: 0, queue_size: 0, self_queue_size: 0, env_weight: 1 };
  answers['/register-env'] = [
    { code: 200, body: { status: 'success', env_id: 0, starting_step: 7, num_steps: 10 } },
    waitForTrainer,
  ];
  // Forgotten at first, then a step that went back: the number 0 is another environment's.
  answers['/status-env'] = [{ code: 200, body: { ...status, current_step: 7 } }, broken];
  const result = await join(groupsOf(whole()));
  expect(result.sent).toBe(4);
  expect(posted().map(({ env_id }) => env_id)).toEqual([3]);
  answers['/status-env'] = [
    { code: 200, body: { ...status, current_step: 2 } },
    { code: 200, body: { ...status, current_step: 1 } },
  ];
  await join(groupsOf(whole()));
  expect(posted().map(({ env_id }) => env_id)).toEqual([3, 5]);
  // A whole group that is taken for a part of one, then an error: it is posted until it is there.
  answers['/scored_data'] = [{ code: 200, body: { status: 'buffered', buffer_size: 4 } }, broken];
  await join(groupsOf(whole()));
  expect(posted().map(({ env_id }) => env_id)).toEqual([3, 5, 6, 7, 7]);
});

test('gives up with one line where there is no API, and ends on the signal where there is no trainer', async () => {
  await expect(join(groupsOf(whole()), { url: 'http://127.0.0.1:1', tries: 3 })).rejects.toThrow(
    /no way through to Atropos at http:\/\/127.0.0.1:1: /,
  );
  answers['/register-env'] = new Array(1000).fill(waitForTrainer);
  const stop = new AbortController();
  const running = join(groupsOf(whole()), { signal: stop.signal });
  await vi.waitFor(() => expect(calls.length).toBeGreaterThan(2));
  stop.abort();
  expect(await running).toEqual({ groups: 0, sent: 0, noVerdict: 0, skipped: none });
});

test('what cannot go well is said', async () => {
  const five = Array.from({ length: 5 }, () => rollout('5', 5));
  await expect(join(groupsOf(five))).rejects.toThrow('a group of 5 where 4');
  expect(calls.at(-1)).toEqual({ path: '/disconnect-env', body: { env_id: 3 } });
  const ragged = { ...rollout('5', 5), inferenceLogprobs: [1] };
  await expect(join(groupsOf([ragged]))).rejects.toThrow('3 tokens has 3 masks and 1 log-prob');
  await expect(join(groupsOf(whole()), { groupSize: 3 })).rejects.toThrow(
    'batch of 8 is not made of groups of 3',
  );
  await expect(join(groupsOf(whole()), { weight: 0 })).rejects.toThrow('weight');
  answers['/scored_data'] = [{ code: 422, body: { detail: 'scores' } }];
  await expect(join(groupsOf(whole()))).rejects.toThrow(
    'Atropos answered 422 to /scored_data: {"detail":"scores"}',
  );
});
