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
