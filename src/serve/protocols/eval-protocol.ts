import { z } from 'zod';
import type { Json, Verdict } from '../../core/index.ts';
import { abandoned } from './native.ts';
import type { Protocol } from './protocol.ts';
import { completionText, messageBody, toPrompt } from './sample-body.ts';

const metric = z.object({
  is_score_valid: z.boolean(),
  score: z.number(),
  reason: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * eval-protocol's `POST /evaluate`, after eval_protocol/generic_server.py and models.py (0.3.33): the last message is the
 * completion, `kwargs` become the task's data (`kwargs.reward` chooses the reward).
 *
 * No verdict: `is_score_valid: false` with `error`; the `score` beside it is the 0.0 that the schema asks for.
 */
export const evalProtocol: Protocol = ({ router, scorer }) => {
  router.add({
    method: 'POST',
    url: '/evaluate',
    tag: 'eval-protocol',
    summary: 'eval-protocol reward function',
    body: z.looseObject({
      messages: z.array(messageBody).min(1),
      ground_truth: z.json().nullish(),
      kwargs: z.record(z.string(), z.json()).nullish(),
    }),
    reply: z.looseObject({
      score: z.number(),
      is_score_valid: z.boolean(),
      reason: z.string().nullable(),
      metrics: z.record(z.string(), metric),
      error: z.string().nullable(),
    }),
    handle: async ({ messages, ground_truth, kwargs }, _request, reply) => {
      const last = messages.at(-1)!;
      const answer = typeof ground_truth === 'object' ? groundText(ground_truth as Json) : ground_truth;
      const task = {
        id: '0',
        prompt: toPrompt(messages.slice(0, -1)),
        answer: (answer ?? undefined) as Json | undefined,
        data: (kwargs ?? undefined) as { [key: string]: Json } | undefined,
      };
      const completion = last.role === 'assistant' ? completionText([last]) : '';
      const reward = typeof kwargs?.reward === 'string' ? kwargs.reward : undefined;
      const sample = { id: '0', task, turns: [{ completion }] };
      const [verdict] = await scorer.score([{ sample, reward }], abandoned(reply));
      return evaluateResult(verdict!);
    },
  });
};

/** A ground truth that is a conversation means what its last message says. */
function groundText(truth: Json): Json {
  if (!Array.isArray(truth) || truth.length === 0) return truth;
  const last = (truth as readonly Json[]).at(-1) as { readonly [key: string]: Json } | null;
  return typeof last === 'object' && typeof last?.content === 'string' ? last.content : truth;
}

function evaluateResult(verdict: Verdict) {
  const { value, cause, reason, parts = {} } = verdict;
  const metrics = Object.entries(parts).map(
    ([name, part]) =>
      [
        name,
        {
          is_score_valid: part.value !== null,
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
