import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { post, startFixture } from '../fixtures/start.ts';
import type { RewardServer } from '../server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let server: RewardServer;
beforeAll(async () => {
  server = await startFixture({ workers: 1, seconds: 1, cache: 0 });
});
afterAll(() => server.close());

/** Ten samples of a group, of which every fifth times out; the others are worth their length. */
const completions = Array.from({ length: 10 }, (_, i) => (i % 5 === 4 ? 'never' : 'x'.repeat(i + 1)));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const expected = mean(completions.filter((text) => text !== 'never').map((text) => text.length));

/** What each protocol's client understands of one reply: a number, or undefined for no verdict. */
const clients: { [protocol: string]: (completion: string) => Promise<number | undefined> } = {
  native: async (completion) => {
    const { body } = await post(server, '/v1/score', { completion, reward: 'acting' });
    return (body as { reward: number | null }).reward ?? undefined;
  },
  OpenRLHF: async (completion) => {
    const request = { query: [`p:${completion}`], prompts: ['p:'], labels: [{ reward: 'acting' }] };
    const { status, body } = await post(server, '/get_reward', request);
    return status === 200 ? (body as { rewards: number[] }).rewards[0] : undefined;
  },
  slime: async (completion) => {
    const { status, body } = await post(server, '/slime?reward=acting', { prompt: '', response: completion });
    return status === 200 ? (body as number) : undefined;
  },
  'eval-protocol': async (completion) => {
    const messages = [{ role: 'assistant', content: completion }];
    const { body } = await post(server, '/evaluate', { messages, kwargs: { reward: 'acting' } });
    const { score, is_score_valid } = body as { score: number; is_score_valid: boolean };
    return is_score_valid ? score : undefined;
  },
  OpenEnv: async (completion) => {
    await post(server, '/reset', { episode_id: completion, prompt: 'p', reward: 'acting' });
    const { body } = await post(server, '/step', { action: { completion }, episode_id: completion });
    return (body as { reward: number | null }).reward ?? undefined;
  },
};

test.each(Object.entries(clients))(
  '%s: with a fifth of the verdicts timing out, the group mean is that of the others',
  async (_protocol, ask) => {
    const rewards = await Promise.all(completions.map(ask));
    expect(rewards.filter((reward) => reward === undefined)).toHaveLength(2);
    expect(mean(rewards.filter((reward) => reward !== undefined))).toBe(expected);
  },
);

test('NeMo Gym: the same, by its failure class', async () => {
  const gym = await startFixture({ workers: 1, seconds: 1, cache: 0, default: 'acting' });
  const replies = await Promise.all(
    completions.map(async (text) => {
      const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }];
      const { body } = await post(gym, '/verify', { responses_create_params: {}, response: { output } });
      return body as { reward: number; _ng_failure_class?: string };
    }),
  );
  const failed = replies.filter(({ _ng_failure_class }) => _ng_failure_class === 'verifier_timeout');
  expect(failed).toHaveLength(2);
  const { body } = await post(gym, '/aggregate_metrics', { verify_responses: replies });
  expect(body).toMatchObject({ agent_metrics: { 'mean/reward': expected, 'coverage/masked_rollouts': 2 } });
  await gym.close();
});
