import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { InputError } from '../core/index.ts';
import { post, startFixture } from './fixtures/start.ts';
import type { RewardServer } from './server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
beforeAll(async () => {
  server = await startFixture();
});
afterAll(() => server.close());

interface Wire {
  id?: string;
  reward: number | null;
  cause?: string;
  reason?: string;
  spans?: { start: number; end: number }[];
}
const score = async (body: unknown) => (await post(server, '/v1/score', body)).body as Wire;
const scoreAll = async (samples: unknown[]) =>
  ((await post(server, '/v1/score', { samples })).body as { verdicts: Wire[] }).verdicts;

describe('the native protocol', () => {
  test('scores one sample, with its id where it brought one', async () => {
    expect(await score({ prompt: 'p', completion: 'The answer is 5', answer: 5 })).toEqual({
      reward: 1,
      reason: 'equal to 5',
      answer: '5',
    });
    expect(await score({ id: 7, completion: '6', answer: 5 })).toMatchObject({ id: '7', reward: 0 });
  });

  test('a conversation counts by what the assistant said last', async () => {
    const completion = [
      { role: 'assistant', content: 'let me see' },
      { role: 'tool', content: '9' },
      { role: 'assistant', content: [{ type: 'text', text: 'it is 5' }] },
    ];
    expect((await score({ prompt: [{ role: 'user', content: '?' }], completion, answer: 5 })).reward).toBe(1);
  });

  test('routes each record, and an unknown reward is no verdict of its record alone', async () => {
    const verdicts = await scoreAll([
      { completion: '5', answer: 5 },
      { completion: '\\frac{1}{2}', answer: '0.5', reward: 'math' },
      { completion: '5', answer: 5, reward: 'nowhere' },
      { completion: '5', reward: 'number' },
    ]);
    expect(verdicts.map(({ reward, cause }) => cause ?? reward)).toEqual([1, 1, 'unsupported', 'reference']);
    expect(verdicts[2]!.reason).toBe("no reward 'nowhere' is served here");
  });

  test('columns of a record reach the reward as data', async () => {
    const verdict = await score({
      reward: 'instructions',
      completion: 'no commas',
      instruction_id_list: ['punctuation:no_comma'],
      kwargs: [{}],
    });
    expect(verdict.reward).toBe(1);
  });

  test('an answer that a double cannot hold is compared digit by digit', async () => {
    const sent = (completion: string) =>
      `{"completion":"${completion}","answer":9007199254740993,"reward":"math"}`;
    const scored = async (text: string) => ((await post(server, '/v1/score', text)).body as Wire).reward;
    expect(await scored(sent('9007199254740993'))).toBe(1);
    expect(await scored(sent('9007199254740992'))).toBe(0);
    const lines = await post(server, '/v1/score', sent('9007199254740993'), {
      'content-type': 'application/x-ndjson',
    });
    expect(JSON.parse(lines.body as string)).toMatchObject({ reward: 1 });
  });

  const bigs = '{"name":"get","arguments":{"id":1234567890123456789}}';
  const sent = (fields: string, completion: string, reward: string) =>
    `{${fields},"completion":${JSON.stringify(completion)},"reward":"${reward}"}`;
  const call = `<tool_call>${bigs}</tool_call>`;
  const limits = '{"type":"integer","maximum":9223372036854775807,"minimum":-9223372036854775808}';
  const constant = '{"const":1234567890123456789}';
  test.each([
    [1, sent('"answer":1234567890123456789', '1234567890123456789', 'exact')],
    [0, sent('"answer":1234567890123456789', '1234567890123456788', 'exact')],
    [1, sent('"answer":[5,1234567890123456789]', '1234567890123456789', 'exact')],
    [0, sent('"answer":[5,1234567890123456789]', '1234567890123456788', 'exact')],
    [1, sent('"answer":9007199254740993', 'It is 9007199254740993', 'number')],
    [0, sent('"answer":9007199254740993', 'It is 9007199254740992', 'number')],
    [1, sent(`"answer":${bigs}`, call, 'toolcall')],
    [1, sent(`"answer":[${bigs}]`, call, 'toolcall')],
    [0, sent(`"answer":${bigs}`, call.replace('1234567890123456789', '"1234567890123456789"'), 'toolcall')],
    [1, sent(`"answer":${limits}`, '12', 'json')],
    [1, sent(`"schema":${limits}`, '12', 'json')],
    [1, sent(`"data":{"schema":${limits}}`, '12', 'json')],
    [0, sent(`"schema":${limits}`, '"12"', 'json')],
    [1, sent(`"answer":${constant}`, '1234567890123456789', 'json')],
    [0, sent(`"answer":${constant}`, '"1234567890123456789"', 'json')],
  ])('big integers are exact as the answer, and numbers inside of one: %d for %s', async (value, text) => {
    const alone = (await post(server, '/v1/score', text)).body;
    expect(alone).toMatchObject({ reward: value });
    expect((await post(server, '/v1/score', `{"samples":[${text}]}`)).body).toEqual({ verdicts: [alone] });
    const lines = await post(server, '/v1/score', text, { 'content-type': 'application/x-ndjson' });
    expect(JSON.parse(lines.body as string)).toEqual(alone);
  });

  test('ids keep all their digits', async () => {
    const { body } = await post(server, '/v1/score', '{"id":9007199254740993,"completion":"5","answer":5}');
    expect(body).toMatchObject({ id: '9007199254740993', reward: 1 });
  });

  test('the number of tokens of a completion reaches the reward', async () => {
    const verdicts = await scoreAll([
      { completion: 'a', completion_tokens: 1, reward: 'short' },
      { completion: 'a', completion_tokens: 3, reward: 'short' },
      {
        turns: [
          { completion: 'a', completion_tokens: 1 },
          { completion: 'b', completion_tokens: 1 },
        ],
        reward: 'short',
      },
      { completion: 'a', reward: 'short' },
    ]);
    expect(verdicts.map(({ reward, cause }) => cause ?? reward)).toEqual([-0.25, -0.75, -0.5, 'unsupported']);
  });

  test('offsets on the wire are code points', async () => {
    const { spans } = await score({ reward: 'acting', completion: '😀 good' });
    expect(spans).toMatchObject([{ start: 0, end: 1 }]);
  });

  test('what a reward does wrong is no verdict of the sample at fault alone', async () => {
    const completions = ['ok', 'loop', 'fine', 'throw', 'exit', 'never', 'good'];
    const verdicts = await scoreAll(completions.map((completion) => ({ completion, reward: 'acting' })));
    expect(verdicts.map(({ reward, cause }) => cause ?? reward)).toEqual([
      2,
      'timeout',
      4,
      'crash',
      'crash',
      'timeout',
      4,
    ]);
    expect(verdicts[1]!.reason).toBe('the reward took over 1.5 s');
  });

  test('memory has its limit too', async () => {
    const patient = await startFixture({ seconds: 50, workers: 1 });
    const { body } = await post(patient, '/v1/score', { completion: 'memory', reward: 'acting' });
    await patient.close();
    expect(body).toMatchObject({ reward: null, reason: 'the reward went over its memory limit' });
  });

  test('a group may come in one request or in several, and never alone', async () => {
    const member = (completion: string, id: string) => ({
      completion,
      reward: 'ranked',
      group: { id, size: 2 },
    });
    const together = await scoreAll([member('a', 'g'), member('bb', 'g')]);
    expect(together.map(({ reward }) => reward)).toEqual([0, 0.5]);
    const apart = await Promise.all([
      score(member('a', 'h')),
      score({ ...member('b', 'h'), group: 'h', size: 2 }),
    ]);
    expect(apart.map(({ reward }) => reward)).toEqual([0, 0]);
    expect(await score({ completion: 'a', reward: 'ranked' })).toMatchObject({
      reward: null,
      cause: 'unsupported',
    });
  });

  test('a member of a group whose caller left is not scored with it', async () => {
    const member = (completion: string) => ({ completion, reward: 'ranked', group: { id: 'left', size: 2 } });
    const caller = new AbortController();
    const left = fetch(`${server.url}/v1/score`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(member('a')),
      signal: caller.signal,
    });
    await vi.waitFor(() => expect(server.scorer.load).toBe(1));
    caller.abort();
    await expect(left).rejects.toThrow();
    await vi.waitFor(() => expect(server.scorer.load).toBe(0));
    const again = score(member('a'));
    await vi.waitFor(() => expect(server.scorer.load).toBe(1));
    expect([(await score(member('bb'))).reward, (await again).reward]).toEqual([0.5, 0]);
  });

  test('NDJSON: a line for a line, in order, also for lines that cannot be read', async () => {
    const lines = [
      '{"id":"a","completion":"5","answer":5}',
      '{"id":"b","completion":"x"',
      '',
      '{"id":"c","completion":7}',
      '{"id":"d","completion":"4","answer":5}',
    ];
    const { body, headers } = await post(server, '/v1/score', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    const rows = (body as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { id: 'a', reward: 1 },
      { record: 1, error: 'the body is not valid JSON' },
      { record: 2, error: expect.stringContaining("field 'completion'") },
      { id: 'd', reward: 0 },
    ]);
  });

  test('lists what it serves', async () => {
    const listed = (await (await fetch(`${server.url}/v1/rewards`)).json()) as {
      default: string;
      rewards: { name: string }[];
    };
    expect(listed.default).toBe('number');
    expect(listed.rewards.find(({ name }) => name === 'ranked')).toMatchObject({
      scope: 'group',
      version: '1',
    });
  });
});

describe('what goes wrong is one clear error', () => {
  test.each([
    ['{', 400, 'the body is not valid JSON'],
    ['['.repeat(5000), 400, 'the JSON is nested over 200 deep'],
    ['{}', 422, "field 'completion': expected a completion, or turns"],
    ['{"completion":5}', 422, /^field 'completion'/],
    ['{"samples":[{"completion":"a"},{"prompt":4,"completion":"a"}]}', 422, /^field 'samples.1.prompt'/],
    ['null', 422, /expected object/],
    ['{"completion":[]}', 422, "field 'completion': expected a message of the assistant among them"],
    [
      '{"completion":[{"role":"user","content":"5"}],"answer":5}',
      422,
      /^field 'completion': expected a message/,
    ],
    [JSON.stringify({ samples: new Array(5000).fill({ completion: 'a' }) }), 422, /^field 'samples'/],
  ])('%.40s', async (text, status, message) => {
    const { status: got, body } = await post(server, '/v1/score', text);
    expect(got).toBe(status);
    expect((body as { error: string }).error).toMatch(message);
    expect((body as { requestId: string }).requestId).toMatch(/./);
  });

  test('more values than are read in a short time', async () => {
    const many = `{"completion":"5","answer":[${'[],'.repeat(1_000_000)}0]}`;
    const { status, body } = await post(server, '/v1/score', many);
    expect([status, (body as { error: string }).error]).toEqual([
      413,
      "the JSON has over 1000000 values (option 'values'); send fewer samples a request",
    ]);
    const small = await startFixture({ values: 1000, workers: 1 });
    expect((await post(small, '/v1/score', { completion: '5', answer: Array(900).fill('') })).status).toBe(
      200,
    );
    const line = JSON.stringify({ completion: '5', answer: Array(1000).fill('') });
    const lines = await post(small, '/v1/score', line, { 'content-type': 'application/x-ndjson' });
    expect(JSON.parse(lines.body as string)).toMatchObject({
      error: expect.stringContaining('the JSON has over 1000 values'),
    });
    await small.close();
  });

  test('an unknown path, an unknown media type, and a body over the limit', async () => {
    expect((await post(server, '/v2/score', {})).status).toBe(404);
    expect((await post(server, '/v1/score', 'a=b', { 'content-type': 'text/plain' })).status).toBe(415);
    const small = await startFixture({ body: 2048, workers: 1 });
    expect(await post(small, '/v1/score', { completion: 'x'.repeat(5000) })).toMatchObject({
      status: 413,
      body: { error: "the body has over 2048 bytes (option 'body'); send fewer samples a request" },
    });
    await small.close();
  });

  test('a path that cannot be read', async () => {
    const reply = await server.app.inject({ url: '/%ff', headers: { 'x-request-id': 'mine-2' } });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toEqual({ error: expect.stringMatching(/./), requestId: 'mine-2' });
    expect(reply.headers['x-request-id']).toBe('mine-2');
  });

  test('a place where it cannot listen is one line', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startFixture({ port, workers: 1 })).rejects.toThrow(
      new InputError(`port ${port} is taken; choose another with --port, or --port 0 for a free one`),
    );
    await expect(startFixture({ host: '203.0.113.9', workers: 1 })).rejects.toThrow(
      new InputError("this machine has no address '203.0.113.9'", { field: 'host' }),
    );
    await expect(startFixture({ host: 'nosuch.invalid', workers: 1 })).rejects.toThrow(InputError);
  });

  test('a request id is taken over or made, and comes back', async () => {
    const { headers } = await post(server, '/v1/score', {}, { 'x-request-id': 'mine-1' });
    expect(headers.get('x-request-id')).toBe('mine-1');
    expect((await fetch(`${server.url}/healthz`)).headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });

  test('a client that leaves in the middle of its body harms nobody', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await new Promise<void>((sent) =>
      socket.write('POST /v1/score HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n{"a', () => sent()),
    );
    socket.destroy();
    expect((await score({ completion: '5', answer: 5 })).reward).toBe(1);
  });
});

test('metrics tell values from each cause of no verdict', async () => {
  await scoreAll([{ completion: '5', answer: 5 }, { completion: '5' }, { completion: '5', reward: 'nmber' }]);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toMatch(/assay_verdicts_total\{reward="number",outcome="value"\} \d+/);
  expect(text).toMatch(/assay_verdicts_total\{reward="number",outcome="reference"\} \d+/);
  expect(text).toMatch(/assay_verdicts_total\{reward="\(not served\)",outcome="unsupported"\} \d+/);
  expect(text).not.toContain('nmber');
  expect(text).toMatch(/assay_queue_samples 0/);
});

test('the OpenAPI document names every route', async () => {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object };
  expect(document).toHaveProperty('openapi', '3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/v1/score', '/v1/rewards', '/healthz', '/metrics']),
  );
  const listing = [
    'paths',
    '/v1/rewards',
    'get',
    'responses',
    '200',
    'content',
    'application/json',
    'schema',
  ];
  expect(document).toHaveProperty([...listing, 'properties', 'rewards']);
});

describe('with other options', () => {
  test('a token is required but for the probes', async () => {
    const guarded = await startFixture({ token: 'open sesame', workers: 1 });
    const body = { completion: '5', answer: 5 };
    expect((await post(guarded, '/v1/score', body)).status).toBe(401);
    expect((await post(guarded, '/v1/score', body, { authorization: 'Bearer open' })).status).toBe(401);
    expect((await post(guarded, '/v1/score', body, { authorization: 'Bearer open sesame' })).status).toBe(
      200,
    );
    expect((await post(guarded, '/v1/score', body, { 'x-api-key': 'open sesame' })).status).toBe(200);
    expect((await fetch(`${guarded.url}/healthz`)).status).toBe(200);
    await guarded.close();
  });

  test('a full queue is 429 with Retry-After; what was admitted is scored', async () => {
    const small = await startFixture({ queue: 2, workers: 1 });
    const slow = post(small, '/v1/score', {
      samples: ['never', 'never'].map((completion) => ({ completion, reward: 'acting' })),
    });
    await vi.waitFor(() => expect(small.scorer.load).toBe(2));
    const refused = await post(small, '/v1/score', { completion: '5', answer: 5 });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${small.url}/readyz`)).status).toBe(503);
    expect((await slow).body).toMatchObject({ verdicts: [{ cause: 'timeout' }, { cause: 'timeout' }] });
    expect((await post(small, '/v1/score', { completion: '5', answer: 5 })).status).toBe(200);
    await small.close();
  });

  test('it is no longer ready when the queue is full to nine tenths', async () => {
    const filling = await startFixture({ queue: 20, workers: 1 });
    const ready = async () => (await fetch(`${filling.url}/readyz`)).status;
    const fill = (n: number) =>
      post(filling, '/v1/score', { samples: Array(n).fill({ completion: 'never', reward: 'acting' }) });
    const first = fill(18);
    await vi.waitFor(() => expect(filling.scorer.load).toBe(18));
    expect(await ready()).toBe(200);
    const second = fill(1);
    await vi.waitFor(() => expect(filling.scorer.load).toBe(19));
    expect(await ready()).toBe(503);
    await Promise.all([first, second]);
    await filling.close();
  });

  test('close lets what is under way finish and takes nothing new', async () => {
    const ending = await startFixture({ workers: 1 });
    const slow = post(ending, '/v1/score', { completion: 'never', reward: 'acting' });
    await vi.waitFor(() => expect(ending.scorer.load).toBe(1));
    const closed = ending.close();
    await expect(fetch(`${ending.url}/v1/rewards`).then(({ status }) => status)).rejects.toThrow();
    expect((await slow).body).toMatchObject({ reward: null, cause: 'timeout' });
    await closed;
  });

  test('what was admitted when it was told to go down is answered as ever: bodies and streams on their way', async () => {
    const ending = await startFixture({ workers: 1, drainSeconds: 10 });
    const { port } = new URL(ending.url);
    const send = (head: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      let said = '';
      socket.on('data', (chunk) => (said += chunk));
      socket.write(`POST /v1/score HTTP/1.1\r\nhost: a\r\n${head}`);
      return { socket, said: () => said, ended: new Promise((done) => socket.once('close', done)) };
    };
    const body = JSON.stringify({ completion: '5', answer: 5 });
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const half = send(
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    const stream = send(
      `content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n${chunk(`${body}\n`)}`,
    );
    await vi.waitFor(() => expect(stream.said()).toContain('"reward":1'));
    const closed = ending.close();
    stream.socket.write(chunk(`${body.replace('"5"', '"6"')}\n`));
    await vi.waitFor(() => expect(stream.said()).toContain('"reward":0'));
    stream.socket.write('0\r\n\r\n');
    half.socket.write(body.slice(9));
    await half.ended;
    expect(half.said()).toMatch(/^HTTP\/1\.1 200 (?:.|\s)*"reward":1/);
    await closed;
    await stream.ended;
    expect(stream.said()).toMatch(/\r\n0\r\n\r\n$/);
    await expect(ending.scorer.score([])).rejects.toMatchObject({ statusCode: 503 });
  });

  test('close waits for no silent connection and no group, and at last not for a socket that does not close', async () => {
    const ending = await startFixture({ workers: 1, groupSeconds: 3600, drainSeconds: 3600 });
    const port = Number(new URL(ending.url).port);
    const silent = connect(port, '127.0.0.1');
    const silentEnded = new Promise((done) => silent.once('close', done).on('error', () => {}));
    const waits = post(ending, '/v1/score', {
      completion: 'a',
      reward: 'ranked',
      group: { id: 'g', size: 2 },
    });
    await vi.waitFor(() => expect(ending.scorer.load).toBe(1));
    const closed = ending.close();
    expect((await waits).body).toMatchObject({ reward: null, cause: 'overload' });
    await silentEnded;
    await closed;

    const deaf = await startFixture({ workers: 1, drainSeconds: 0.3 });
    const socket = connect(Number(new URL(deaf.url).port), '127.0.0.1');
    const upgraded = new Promise((done) => socket.once('data', done).on('error', () => {}));
    const socketEnded = new Promise((done) => socket.once('close', done));
    const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13';
    socket.write(
      `GET /ws HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n${key}\r\n\r\n`,
    );
    expect(String(await upgraded)).toMatch(/^HTTP\/1\.1 101 /);
    await deaf.close();
    await socketEnded;
  });

  test('equal samples come from the cache, unless it is off; no verdict is never kept', async () => {
    const hits = async (cache: number) => {
      const cached = await startFixture({ cache, workers: 1 });
      for (const completion of ['5', '5', '6']) await post(cached, '/v1/score', { completion, answer: 5 });
      for (let i = 0; i < 2; i++) await post(cached, '/v1/score', { completion: '5' });
      const text = await (await fetch(`${cached.url}/metrics`)).text();
      await cached.close();
      return Number(/assay_cache_total\{result="hit"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    expect(await hits(100)).toBe(1);
    expect(await hits(0)).toBe(0);
  });

  test('the verdict of one reward is never another one, whose source is the same', async () => {
    const closures = await startFixture({ workers: 1 });
    const of = async (reward: string) =>
      ((await post(closures, '/v1/score', { completion: 'medium', reward })).body as Wire).reward;
    expect([await of('short3'), await of('short1000'), await of('short3')]).toEqual([0, 1, 0]);
    await closures.close();
  });

  test('what read the id is kept by the id, what did not without it', async () => {
    const cached = await startFixture({ workers: 1 });
    const of = async (body: object) =>
      ((await post(cached, '/v1/score', { completion: '5', answer: 5, ...body })).body as Wire).reward;
    const hits = async () =>
      Number(
        /assay_cache_total\{result="hit"\} (\d+)/.exec(
          await (await fetch(`${cached.url}/metrics`)).text(),
        )?.[1] ?? 0,
      );
    for (const id of ['a1', 'a2', 'a1']) expect(await of({ id, reward: 'numbered' })).toBe(Number(id[1]));
    expect(await hits()).toBe(1);
    for (const id of ['a1', 'a2', 'a3']) expect(await of({ id })).toBe(1);
    expect(await hits()).toBe(3);
    await cached.close();
  });

  test('samples without an id draw by their content', async () => {
    const cached = await startFixture({ workers: 1, cache: 0 });
    const completions = Array.from({ length: 40 }, (_, i) => `it is ${i}`);
    const one = await Promise.all(
      completions.map((completion) => post(cached, '/v1/score', { completion, reward: 'drawn' })),
    );
    const singles = one.map(({ body }) => (body as Wire).reward);
    const together = await post(cached, '/v1/score', {
      samples: completions.map((completion) => ({ completion, reward: 'drawn' })).toReversed(),
    });
    const batch = (together.body as { verdicts: Wire[] }).verdicts.map(({ reward }) => reward).toReversed();
    expect(batch).toEqual(singles);
    expect(singles.filter(Boolean).length).toBeGreaterThan(8);
    expect(singles.filter(Boolean).length).toBeLessThan(32);
    await cached.close();
  });

  test('refusals are lines of the log with their id, and no query or body is in it', async () => {
    const written: string[] = [];
    const spy = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => written.push(String(text)) > 0);
    const logging = await startFixture({ workers: 1, log: 'debug', token: 'open sesame' });
    const authorization = { authorization: 'Bearer open sesame', 'x-request-id': 'mine' };
    await post(logging, '/v1/score?key=secret', { completion: 'secret', answer: 5 }, authorization);
    await post(logging, '/v1/score?key=secret', { completion: 5, answer: 'secret' }, authorization);
    await post(logging, '/slime?key=secret', { response: 'secret', label: 'secret' }, authorization);
    await post(logging, '/secret?key=secret', {}, authorization);
    await post(logging, '/slime?key=secret', {});
    await logging.close();
    spy.mockRestore();
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(written.join('')).not.toContain('secret');
    const lines = written
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const refused = lines.filter(({ msg }) => msg === 'refused');
    expect(refused).toMatchObject([
      {
        level: 30,
        reqId: 'mine',
        method: 'POST',
        route: '/v1/score',
        status: 422,
        reason: expect.stringContaining("'completion'"),
      },
      { route: '/slime', status: 422, reason: 'no verdict (reference)' },
      { route: 'none', status: 404, reason: 'no such route' },
      { route: '/slime', status: 401, reason: 'no valid token', reqId: expect.stringMatching(/^[\w-]{36}$/) },
    ]);
    expect(lines.filter(({ msg }) => msg === 'answered')).toMatchObject([
      { route: '/v1/score', status: 200 },
    ]);
  });

  test('wrong options are one line naming the field', async () => {
    await expect(startFixture({ seconds: -1 })).rejects.toThrow(/field 'seconds'/);
    await expect(startFixture({ default: 'nowhere' })).rejects.toThrow("there is no reward 'nowhere'");
    await expect(startFixture({ port: 99_999 })).rejects.toThrow(/field 'port'/);
  });
});
