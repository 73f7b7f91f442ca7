import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { post, startFixture } from '../fixtures/start.ts';
import type { RewardServer } from '../server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
beforeAll(async () => {
  const tasks = [
    { prompt: '2+3?', answer: 5 },
    { prompt: '1/2?', answer: '0.5', reward: 'math' },
  ];
  server = await startFixture({ workers: 1, sessions: 2, openenv: { tasks } });
});
afterAll(() => server.close());

/** A client that sends one message and waits for its answer, as OpenEnv's does. */
async function connect() {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
  const answers: unknown[] = [];
  const readers: ((answer: unknown) => void)[] = [];
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(data as string);
    const reader = readers.shift();
    if (reader) reader(answer);
    else answers.push(answer);
  });
  const closed = new Promise<void>((done) => socket.addEventListener('close', () => done()));
  await new Promise<void>((open, failed) => {
    socket.addEventListener('open', () => open());
    socket.addEventListener('error', () => failed(new Error('no connection')));
  });
  const read = () =>
    answers.length > 0 ? Promise.resolve(answers.shift()) : new Promise((resolve) => readers.push(resolve));
  const ask = (message: unknown) => {
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return read();
  };
  return { ask, read, socket, closed };
}

describe('the socket', () => {
  test('an episode: reset, step, over; then the next', async () => {
    const { ask, socket, closed } = await connect();
    expect(await ask({ type: 'state' })).toEqual({
      type: 'state',
      data: { episode_id: null, step_count: 0 },
    });
    expect(await ask({ type: 'reset', data: { seed: 0, episode_id: 'e' } })).toEqual({
      type: 'observation',
      data: { observation: { prompt: '2+3?', episode_id: 'e' }, reward: null, done: false },
    });
    expect(await ask({ type: 'step', data: { completion: 'it is 5' } })).toEqual({
      type: 'observation',
      data: { observation: { reason: 'equal to 5', answer: '5' }, reward: 1, done: true },
    });
    expect(await ask({ type: 'state' })).toMatchObject({ data: { step_count: 1 } });
    expect(await ask({ type: 'step', data: { completion: '5' } })).toMatchObject({
      type: 'error',
      data: { code: 'EXECUTION_ERROR', message: 'the episode is over: reset it first' },
    });
    await ask({ type: 'reset', data: { seed: 1 } });
    expect(await ask({ type: 'step', data: { completion: '\\frac12' } })).toMatchObject({
      data: { reward: 1 },
    });
    socket.send(JSON.stringify({ type: 'close' }));
    await closed;
  });

  test('a big integer is exact as the answer of a task that comes with reset', async () => {
    const { ask, socket, closed } = await connect();
    await ask('{"type":"reset","data":{"prompt":"?","answer":9007199254740993}}');
    const step = { type: 'step', data: { completion: '9007199254740992' } };
    expect(await ask(step)).toMatchObject({ data: { reward: 0 } });
    socket.close();
    await closed;
  });

  test('no verdict is a reward of null with its cause', async () => {
    const { ask, socket, closed } = await connect();
    await ask({ type: 'reset', data: { prompt: '?' } });
    expect(await ask({ type: 'step', data: { completion: '5' } })).toMatchObject({
      data: { reward: null, done: true, observation: { cause: 'reference' } },
    });
    socket.close();
    await closed;
  });

  test.each([
    ['{', 'INVALID_JSON'],
    [{ type: 'fly' }, 'UNKNOWN_TYPE'],
    ['null', 'UNKNOWN_TYPE'],
    [{ type: 'reset', data: { seed: -1 } }, 'VALIDATION_ERROR'],
    [{ type: 'reset', more: 1 }, 'VALIDATION_ERROR'],
    [{ type: 'step' }, 'VALIDATION_ERROR'],
    [{ type: 'step', data: { completion: '5' } }, 'EXECUTION_ERROR'],
  ])('%j is %s, and the session goes on', async (message, code) => {
    const { ask, socket, closed } = await connect();
    expect(await ask(message)).toMatchObject({ type: 'error', data: { code } });
    expect(await ask({ type: 'reset', data: {} })).toMatchObject({ type: 'observation' });
    socket.close();
    await closed;
  });

  test('an action with unknown fields is refused, and may be sent again', async () => {
    const { ask, socket, closed } = await connect();
    await ask({ type: 'reset', data: {} });
    expect(await ask({ type: 'step', data: { completion: '5', answer: 5 } })).toMatchObject({
      data: { code: 'VALIDATION_ERROR' },
    });
    expect(await ask({ type: 'step', data: { completion: '5' } })).toMatchObject({ data: { reward: 1 } });
    socket.close();
    await closed;
  });

  test('sessions over the limit are told so', async () => {
    const two = [await connect(), await connect()];
    const third = await connect();
    expect(await third.read()).toMatchObject({ data: { code: 'CAPACITY_REACHED', max_sessions: 2 } });
    await third.closed;
    for (const { socket, closed } of two) {
      socket.close();
      await closed;
    }
  });
});

test('over HTTP a step names its episode', async () => {
  const first = await post(server, '/reset', { episode_id: 'a', seed: 0 });
  expect(first.body).toMatchObject({ observation: { prompt: '2+3?' }, done: false });
  await post(server, '/reset', { episode_id: 'b', prompt: '?', answer: 7 });
  const step = (episode_id: string, completion: string) =>
    post(server, '/step', { action: { completion }, episode_id });
  expect((await step('a', '5')).body).toMatchObject({ reward: 1, done: true });
  expect((await step('b', '5')).body).toMatchObject({ reward: 0, done: true });
  expect((await step('a', '5')).status).toBe(409);
  expect((await step('nowhere', '5')).status).toBe(409);
  expect((await post(server, '/step', { action: {} })).status).toBe(422);
  for (const path of ['/state', '/schema', '/metadata', '/health'])
    expect((await fetch(server.url + path)).status).toBe(200);
});

test('a big integer is exact as the answer of a task that comes with reset', async () => {
  for (const [completion, reward] of [
    ['9007199254740993', 1],
    ['9007199254740992', 0],
  ] as const) {
    await post(server, '/reset', '{"episode_id":"big","prompt":"?","answer":9007199254740993}');
    const { body } = await post(server, '/step', { episode_id: 'big', action: { completion } });
    expect(body).toMatchObject({ reward });
  }
});
