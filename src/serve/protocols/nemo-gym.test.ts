import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { post, startFixture } from '../fixtures/start.ts';
import { type RewardServer, startServer } from '../server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
beforeAll(async () => {
  server = await startServer({
    rewards: {
      number: 'number',
      instructions: 'instructions',
      stringMatch: 'stringMatch',
      json: 'json?from=whole',
    },
    default: 'number',
    port: 0,
    workers: 1,
    log: 'silent',
  });
});
afterAll(() => server.close());

const said = (text: string) => ({
  responses_create_params: { input: [{ role: 'user', content: '?' }] },
  response: {
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
    usage: { output_tokens: 4 },
  },
});
const verify = async (row: object) => (await post(server, '/verify', row)).body as Record<string, unknown>;

describe('the example rollouts of NeMo Gym, field by field', () => {
  const folder = resolve(import.meta.dirname, '../../../../shared/data/nemo-gym-examples');
  const file = (name: string) => join(folder, `${name}.example_rollouts.jsonl`);
  const rowsOf = (name: string) =>
    readFileSync(file(name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test.skipIf(!existsSync(file('instruction_following')))(
    'instruction_following (skipped without shared/data)',
    async () => {
      let compared = 0;
      for (const row of rowsOf('instruction_following')) {
        const { reward, follow_all_instructions, follow_instruction_list, ...request } = row;
        const reply = await verify(request);
        if (reply._ng_failure_class === undefined)
          expect(reply).toEqual({ ...request, reward, follow_all_instructions, follow_instruction_list });
        // An instruction that is not known leaves the row without a verdict; the others of the row still agree.
        else expect(reply._ng_failure_reason).toMatch(/^no constraint is called /);
        const { instruction_id_list, kwargs } = row as {
          instruction_id_list: string[];
          kwargs: (object | null)[];
        };
        const { output } = row.response as { output: { content: { text: string }[] }[] };
        const { body } = await post(server, '/v1/score', {
          reward: 'instructions',
          completion: output.at(-1)!.content[0]!.text,
          instruction_id_list,
          kwargs: kwargs.map((one) =>
            Object.fromEntries(Object.entries(one ?? {}).filter(([, value]) => value !== null)),
          ),
        });
        const { parts } = body as { parts: { [name: string]: { reward: number | null } } };
        for (const [i, part] of Object.values(parts).entries()) {
          if (part.reward === null) continue;
          compared++;
          expect(part.reward === 1, instruction_id_list[i]).toBe((follow_instruction_list as boolean[])[i]);
        }
      }
      expect(compared).toBeGreaterThanOrEqual(7);
    },
  );

  test.skipIf(!existsSync(file('string_match')))('string_match (skipped without shared/data)', async () => {
    const tasks = readFileSync(join(folder, 'string_match.example.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const row of rowsOf('string_match')) {
      const { reward, extracted_answer, ...rest } = row;
      // The stored replies leave the mode out; it is the task's.
      const { extraction_mode, case_sensitive } = tasks[row._ng_task_index as number]!;
      const request = { ...rest, extraction_mode, case_sensitive };
      expect(await verify(request)).toEqual({ ...request, reward, extracted_answer });
    }
  });
});

test('structured outputs: the text or the tool call, by the strict schema', async () => {
  const schema_str = JSON.stringify({ type: 'object', properties: { a: { type: 'integer' } } });
  const row = (text: string) => ({ ...said(text), schema_str, schema_type: 'json' });
  expect(await verify(row('{"a": 1}'))).toMatchObject({ reward: 1, error_type: null });
  expect(await verify(row('{}'))).toMatchObject({ reward: 0, error_type: 'validation_error' });
  expect(await verify(row('```json\n{"a": 1}\n```'))).toMatchObject({ reward: 0 });
  const call = (name: string, args: string) => ({
    ...row(''),
    response_mode: 'tool_call',
    tool_name: 'out',
    tool_payload_key: 'x',
    response: { output: [{ type: 'function_call', name, arguments: args }] },
  });
  expect(await verify(call('out', '{"x":{"a":2}}'))).toMatchObject({ reward: 1 });
  expect(await verify(call('other', '{"x":{"a":2}}'))).toMatchObject({ reward: 0 });
  expect(await verify(call('out', '{"a":2}'))).toMatchObject({ reward: 0 });
  expect(await verify({ ...row('a: 1'), schema_type: 'yaml' })).toMatchObject({
    _ng_failure_class: 'verifier_unsupported',
  });
});

test('any other row goes to the default reward and comes back with it', async () => {
  const row = { ...said('It is 5'), expected_answer: '5', _ng_task_index: 3, agent_ref: { name: 'a' } };
  expect(await verify(row)).toEqual({ ...row, reward: 1, extracted_answer: '5' });
});

test('integers that a double cannot hold come back as they came, and are exact as the answer', async () => {
  const row = (expected: string, text = '9007199254740993') =>
    JSON.stringify(said(text)).replace(/}$/, `,"seed":9007199254740993,"deep":[{"a":-1e400}],${expected}}`);
  const reply = async (text: string) => {
    const response = await fetch(`${server.url}/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    return response.text();
  };
  const big = '"expected_answer":9007199254740993';
  expect(await reply(row(big))).toBe(
    row(big).replace(/}$/, ',"reward":1,"extracted_answer":"9007199254740993"}'),
  );
  const beside = `"verifier_metadata":{${big}}`;
  expect(JSON.parse(await reply(row(beside)))).toMatchObject({ reward: 1 });
  expect(JSON.parse(await reply(row(beside, '9007199254740992')))).toMatchObject({ reward: 0 });
  const none = await reply(row('"reward":9007199254740993'));
  expect(none).toContain('"seed":9007199254740993,"deep":[{"a":-1e400}],"reward":0,"mask_sample":true');
});

test('no verdict is a failure class beside the placeholder, final where a retry cannot help', async () => {
  const { expected_answer: _, ...row } = { ...said('It is 5'), expected_answer: '5' };
  expect(await verify(row)).toEqual({
    ...row,
    reward: 0,
    mask_sample: true,
    failure_kind: 'assay:reference',
    failure_reason: 'the task has no number as its answer',
    instance_config: { mask_sample: true },
    _ng_failure_class: 'verifier_reference',
    _ng_failure_reason: 'the task has no number as its answer',
    _ng_failure_terminal: true,
  });
});

interface Case {
  readonly name: string;
  readonly rows: readonly object[];
  readonly metrics: object;
}
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/nemo-gym-metrics.json'), 'utf8'),
) as { readonly cases: readonly Case[] };

test.each(fixture.cases.map((one) => [one.name, one] as const))(
  "aggregate metrics are Gym's own: %s",
  async (_, { rows, metrics }) => {
    const { body } = await post(server, '/aggregate_metrics', { verify_responses: rows });
    expect(rounded(body)).toEqual(rounded(metrics));
  },
);

/** Sums in another order differ in their last digits. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)]));
}

test('aggregate metrics leave failed rows out', async () => {
  const rows = [1, 0, 1].map((reward, i) => ({
    ...said(''),
    reward,
    _ng_task_index: i >> 1,
    _ng_rollout_index: i,
  }));
  const failed = { ...said(''), reward: 0, _ng_failure_class: 'judge_failed', _ng_task_index: 0 };
  const { body } = await post(server, '/aggregate_metrics', { verify_responses: [...rows, failed] });
  expect(body).toMatchObject({
    group_level_metrics: [
      { _ng_task_index: 0, 'mean/reward': 0.5, 'max/reward': 1, 'min/reward': 0, 'median/reward': 0.5 },
      { _ng_task_index: 1, 'mean/reward': 1, 'std/reward': 0 },
    ],
    agent_metrics: { 'mean/reward': 2 / 3, 'mean/output_tokens': 4, 'coverage/masked_rollouts': 1 },
    key_metrics: { 'mean/reward': 2 / 3, 'coverage/fully_masked_tasks': 0 },
  });
});

test('aggregate metrics of too many fields are refused', async () => {
  const row = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 1]));
  const refused = await post(server, '/aggregate_metrics', { verify_responses: [row(501)] });
  expect(refused).toMatchObject({ status: 413, body: { error: 'over 500 fields have a number' } });
  expect((await post(server, '/aggregate_metrics', { verify_responses: [row(500)] })).status).toBe(200);
});

test('sessions and reverification', async () => {
  expect((await post(server, '/seed_session', { any: 1 })).body).toEqual({});
  expect(await (await fetch(`${server.url}/reverify_mode`)).json()).toBe('stateless');
  expect((await post(server, '/verify', { response: {} })).status).toBe(422);
});

test('token ids and log-probabilities of long rollouts pass, and statistics of as many rows as are taken', async () => {
  const turn = (n: number) => ({
    ...said('The answer is 5').response.output[0]!,
    prompt_token_ids: Array(3000 * n).fill(12345),
    generation_token_ids: Array(3000).fill(12345),
    generation_log_probs: Array(3000).fill(-0.123),
  });
  const response = { output: Array.from({ length: 10 }, (_, i) => turn(i + 1)) };
  const long = { responses_create_params: {}, expected_answer: '5', response };
  expect((await post(server, '/verify', long)).status).toBe(200);
  const small = await startFixture({ workers: 1, values: 1000, body: 20_000 });
  const rows = Array(200).fill({ reward: 1, response: { output: [{ content: [{}] }] } });
  expect((await post(small, '/aggregate_metrics', { verify_responses: rows })).status).toBe(200);
  const over = [...rows, ...rows, ...rows].slice(0, 500);
  expect((await post(small, '/aggregate_metrics', { verify_responses: over })).status).toBe(413);
  await small.close();
});
