import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { post, startFixture } from '../fixtures/start.ts';
import type { RewardServer } from '../server.ts';
import { responseOf } from './openrlhf.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
let lenient: RewardServer;
beforeAll(async () => {
  server = await startFixture({ workers: 1 });
  lenient = await startFixture({
    workers: 1,
    openrlhf: { noVerdict: -1 },
    slime: { noVerdict: 0.25 },
    evalProtocol: { noVerdict: 'invalid' },
  });
});
afterAll(async () => {
  await server.close();
  await lenient.close();
});

const prompt = '<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n';

describe('OpenRLHF', () => {
  test('the response is what follows the prompt, without special tokens', async () => {
    const { status, body } = await post(server, '/get_reward', {
      query: [`${prompt}5<|im_end|>`, `${prompt}6`],
      prompts: [prompt, prompt],
      labels: ['5', 5],
    });
    expect(status).toBe(200);
    expect(body).toEqual({ rewards: [1, 0], scores: [1, 0], extra_logs: {} });
  });

  test('empty lists, as servers after the first get them, give empty lists', async () => {
    const { status, body } = await post(server, '/get_reward', { query: [], prompts: [], labels: [] });
    expect({ status, body }).toEqual({ status: 200, body: { rewards: [], scores: [], extra_logs: {} } });
  });

  test('no verdict is an error that the client tries again, or the configured number; never a silent 0', async () => {
    const one = (label: unknown) => ({ query: [`${prompt}5`], prompts: [prompt], labels: [label] });
    const lasting = await post(server, '/get_reward', one('no number'));
    expect(lasting.status).toBe(422);
    expect(lasting.body).toMatchObject({ error: expect.stringContaining('no verdict (reference)') });
    const crash = { query: [`${prompt}throw`], prompts: [prompt], labels: [{ reward: 'acting' }] };
    const passing = await post(server, '/get_reward', crash);
    expect(passing.status).toBe(503);
    expect((passing.body as { error: string }).error).toBe('no verdict (crash): broken');
    expect((await post(lenient, '/get_reward', one('no number'))).body).toMatchObject({ rewards: [-1] });
  });

  test('a label or the address chooses the reward, and parts are logged', async () => {
    const label = {
      reward: 'instructions',
      data: { instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] },
    };
    const { body } = await post(server, '/get_reward', {
      query: [`${prompt}well`],
      prompts: [prompt],
      labels: [label],
    });
    expect(body).toEqual({ rewards: [1], scores: [1], extra_logs: { '0:punctuation:no_comma': [1] } });
    const math = { query: [`${prompt}\\frac12`], prompts: [prompt], labels: ['0.5'] };
    expect((await post(server, '/get_reward?reward=math', math)).body).toMatchObject({ rewards: [1] });
  });

  test('a query without its prompt is no guess', () => {
    expect(responseOf(`<s>${prompt}5</s>`, prompt, ['</s>'])).toBe('5');
    expect(responseOf(`${prompt.slice(20)}5`, prompt, [])).toBe('5');
    expect(responseOf('something else', prompt, [])).toBeUndefined();
    expect(responseOf(`${prompt}${prompt}`, prompt, [])).toBe(prompt);
    expect(responseOf('5', '', [])).toBe('5');
  });

  test('as many prompts as queries are required', async () => {
    const { status, body } = await post(server, '/get_reward', { query: ['a'], prompts: [] });
    expect(status).toBe(422);
    expect((body as { error: string }).error).toContain("field 'prompts'");
  });
});

describe('slime', () => {
  test('the reply is the bare number, or an object for --reward-key', async () => {
    const body = { prompt: '2+3?', response: 'it is 5', label: '5' };
    expect((await post(server, '/slime', body)).body).toBe(1);
    expect((await post(server, '/slime', { ...body, response: '4' })).body).toBe(0);
    expect((await post(server, '/slime?shape=object', body)).body).toEqual({
      reward: 1,
      reason: 'equal to 5',
    });
    const chat = [{ role: 'user', content: '2+3?' }];
    expect((await post(server, '/slime', { ...body, prompt: chat })).body).toBe(1);
  });

  test('a label as JSON may route its record', async () => {
    const label = JSON.stringify({ reward: 'math', answer: '1/2' });
    expect((await post(server, '/slime', { prompt: '', response: '0.5', label })).body).toBe(1);
  });

  test('no verdict is an error, or the configured number with its cause', async () => {
    const body = { prompt: '', response: '5', label: null };
    expect((await post(server, '/slime', body)).status).toBe(422);
    expect((await post(lenient, '/slime', body)).body).toBe(0.25);
    expect((await post(lenient, '/slime?shape=object', body)).body).toMatchObject({
      reward: 0.25,
      cause: 'reference',
    });
  });
});

describe('eval-protocol', () => {
  const messages = [
    { role: 'user', content: '2+3?' },
    { role: 'assistant', content: 'It is 5.' },
  ];

  test('scores the last message', async () => {
    expect((await post(server, '/evaluate', { messages, ground_truth: '5' })).body).toEqual({
      score: 1,
      is_score_valid: true,
      reason: 'equal to 5',
      metrics: {},
      error: null,
    });
    const truth = [{ role: 'assistant', content: '5' }];
    expect((await post(server, '/evaluate', { messages, ground_truth: truth })).body).toMatchObject({
      score: 1,
    });
  });

  test("what is not the assistant's is the caller's mistake", async () => {
    for (const asked of [[], messages.slice(0, 1), [...messages, messages[0]]]) {
      const { status, body } = await post(server, '/evaluate', { messages: asked, ground_truth: '5' });
      expect([status, (body as { error: string }).error]).toEqual([
        422,
        "field 'messages': expected a message of the assistant as the last",
      ]);
    }
  });

  test('parts are metrics; kwargs are data and choose the reward', async () => {
    const kwargs = { reward: 'instructions', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] };
    const { body } = await post(server, '/evaluate', { messages, kwargs });
    expect(body).toMatchObject({
      score: 1,
      metrics: { '0:punctuation:no_comma': { is_score_valid: true, score: 1 } },
    });
  });

  test('options beside the messages, as the client sends them, are the same', async () => {
    const beside = { reward: 'instructions', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] };
    const { body } = await post(server, '/evaluate', { messages, ground_truth: null, ...beside });
    expect(body).toMatchObject({ score: 1, metrics: { '0:punctuation:no_comma': { success: true } } });
  });

  test('no verdict is a score that is not valid, by an error status for the client that reads only the score', async () => {
    const invalid = { is_score_valid: false, error: expect.stringContaining('no verdict (reference)') };
    const lasting = await post(server, '/evaluate', { messages });
    expect(lasting.status).toBe(422);
    expect(lasting.body).toMatchObject(invalid);
    const broken = [{ role: 'assistant', content: 'throw' }];
    const passing = await post(server, '/evaluate', { messages: broken, kwargs: { reward: 'acting' } });
    expect(passing.status).toBe(503);
    expect(await post(lenient, '/evaluate', { messages })).toMatchObject({ status: 200, body: invalid });
  });

  test('the messages before the completion are no reference', async () => {
    const context = [{ role: 'user', content: '5' }];
    expect((await post(server, '/evaluate', { messages, ground_truth: context })).body).toMatchObject({
      error: expect.stringContaining('no verdict (reference)'),
    });
  });
});

test('a big integer is exact as a label and as a ground truth, however it comes', async () => {
  const big = '9007199254740993';
  const other = '9007199254740992';
  const slime = (label: string, response: string) =>
    post(server, '/slime', `{"response":"${response}","label":${label}}`).then(({ body }) => Number(body));
  const routed = `{"reward":"exact","answer":${big}}`;
  for (const label of [big, routed, JSON.stringify(routed)]) {
    expect(await slime(label, big)).toBe(1);
    expect(await slime(label, other)).toBe(0);
  }
  const labels = [big, big, routed, routed, `[${big}]`, `[${big}]`];
  const texts = [big, other, big, other, big, other];
  const rewards = `{"query":${JSON.stringify(texts.map((one) => `? ${one}`))},"prompts":${JSON.stringify(texts.map(() => '? '))},"labels":[${labels}]}`;
  expect((await post(server, '/get_reward?reward=exact', rewards)).body).toMatchObject({
    rewards: [1, 0, 1, 0, 1, 0],
  });
  const evaluate = (said: string) =>
    `{"messages":[{"role":"user","content":"?"},{"role":"assistant","content":"${said}"}],"ground_truth":${big}}`;
  expect((await post(server, '/evaluate', evaluate(big))).body).toMatchObject({ score: 1 });
  expect((await post(server, '/evaluate', evaluate(other))).body).toMatchObject({ score: 0 });
});
