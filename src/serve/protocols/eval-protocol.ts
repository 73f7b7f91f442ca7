import { z } from 'zod';
import type { Json, Verdict } from '../../core/index.ts';
import { abandoned } from './native.ts';
import { statusOf } from './no-verdict.ts';
import type { Protocol } from './protocol.ts';
import { completionText, exactly, jsonBody, messageBody, toPrompt } from './sample-body.ts';

const metric = z.object({
  is_score_valid: z.boolean(),
  success: z.boolean(),
  score: z.number(),
  reason: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * eval-protocol's `POST /evaluate`, after eval_protocol/generic_server.py, reward_function.py and models.py (0.3.33): the last
 * message is the completion. The server's requests bring their options as `kwargs`, the client's `RewardFunction` beside
 * the messages: both become the task's data (`reward` among them chooses the reward).
 *
 * No verdict: `is_score_valid: false` with `error`; the `score` beside it is the 0.0 that the schema asks for. The client
 * reads only `score`, so by default the status is that of an error (503 or 422), on which it raises; with
 * `evalProtocol: { noVerdict: 'invalid' }` it is 200, for callers that read `is_score_valid`.
 */
export const evalProtocol: Protocol = ({ router, scorer, options }) => {
  router.add({
    method: 'POST',
    url: '/evaluate',
    tag: 'eval-protocol',
    summary: 'eval-protocol reward function',
    body: exactly(
      ['ground_truth'],
      z.looseObject({
        messages: z
          .array(messageBody)
          .refine(
            (all) => all.at(-1)?.role === 'assistant',
            'expected a message of the assistant as the last',
          ),
        ground_truth: jsonBody.nullish(),
        kwargs: jsonBody.nullish().describe('an object: options; anything else belongs to the data as it is'),
      }),
    ),
    reply: z.looseObject({
      score: z.number(),
      is_score_valid: z.boolean(),
      reason: z.string().nullable(),
      metrics: z.record(z.string(), metric),
      error: z.string().nullable(),
    }),
    handle: async ({ messages, ground_truth, kwargs, ...beside }, request, reply) => {
      const last = messages.at(-1)!;
      const given = own(beside as Row, kwargs);
      const task = {
        prompt: toPrompt(messages.slice(0, -1)),
        answer: reference(ground_truth ?? undefined),
        data: given,
      };
      const completion = completionText([last]);
      const reward = typeof given?.reward === 'string' ? given.reward : undefined;
      const sample = { task, turns: [{ completion }] };
      const [verdict] = await scorer.score([{ sample, reward }], abandoned(reply));
      const result = evaluateResult(verdict!);
      if (result.is_score_valid || options.evalProtocol.noVerdict === 'invalid') return result;
      const status = statusOf(verdict!);
      if (status === 503) reply.header('retry-after', '1');
      return reply.code(status).send({ ...result, requestId: request.id });
    },
  });
};

type Row = { readonly [key: string]: Json };

/** The options of a request, wherever they stand; none is undefined. */
function own(beside: Row, kwargs: Json | undefined): Row | undefined {
  const options = Array.isArray(kwargs) || typeof kwargs !== 'object' ? { kwargs } : kwargs;
  const all = { ...beside, ...(kwargs === undefined ? {} : (options as Row | null)) };
  return Object.keys(all).length > 0 ? all : undefined;
}

/**
 * The reference of a ground truth. One that is a conversation means what its assistant says last: the client sends the
 * messages before the completion where it was given none, and these are no reference.
 */
function reference(truth: Json | undefined): Json | undefined {
  if (!Array.isArray(truth)) return truth;
  const last = (truth as readonly Json[]).at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last))
    return truth.length > 0 ? truth : undefined;
  const { role, content } = last as Row;
  if (typeof role !== 'string') return truth;
  return role === 'assistant' && typeof content === 'string' ? content : undefined;
}

function evaluateResult(verdict: Verdict) {
  const { value, cause, reason, parts = {} } = verdict;
  const metrics = Object.entries(parts).map(
    ([name, part]) =>
      [
        name,
        {
          is_score_valid: part.value !== null,
          // What the client reads in its place.
          success: part.value !== null,
          score: part.value ?? 0,
          reason: part.reason ?? '',
          data: part.cause === undefined ? {} : { cause: part.cause },
        },
      ] as const,
  );
  return {
    score: value ?? 0,
    is_score_valid: value !== null,
    reason: reason ?? null,
    metrics: Object.fromEntries(metrics),
    error: value === null ? `no verdict (${cause}): ${reason ?? 'no reason given'}` : null,
  };
}
