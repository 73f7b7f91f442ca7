import { z } from 'zod';
import { readLabel } from './label.ts';
import { abandoned } from './native.ts';
import { numberOr } from './no-verdict.ts';
import type { Protocol } from './protocol.ts';
import { exactly, jsonBody, messageBody, toPrompt } from './sample-body.ts';

/**
 * slime's `--rm-type remote_rm --rm-url http://host/slime`, after slime/rollout/rm_hub: the reply is the reward itself, a
 * bare number; with `?shape=object` an object for `--reward-key` (`reward`, or `parts.NAME` as a key of its own).
 *
 * No verdict: an error, which the client tries again up to ten times and then raises; or the configured number, and in
 * the object `cause` and `reason` beside it. A label may route its record (see `readLabel`), `?reward=NAME` all.
 */
export const slimeProtocol: Protocol = ({ router, scorer, options }) => {
  router.add({
    method: 'POST',
    url: '/slime',
    tag: 'slime',
    summary: 'slime remote_rm; ?reward=NAME chooses the reward, ?shape=object the shape for --reward-key',
    body: exactly(
      ['label'],
      z.looseObject({
        prompt: z.union([z.string(), z.array(messageBody)]).default(''),
        response: z.string(),
        label: jsonBody.nullish(),
      }),
    ),
    reply: z.union([z.number(), z.looseObject({ reward: z.number() })]),
    handle: async ({ prompt, response, label }, request, reply) => {
      const { reward: fallback, shape } = request.query as { reward?: string; shape?: string };
      const { answer, data, group, reward = fallback } = readLabel(label);
      const task = { prompt: toPrompt(prompt), answer, data };
      const sample = { task, turns: [{ completion: response }] };
      const [verdict] = await scorer.score([{ sample, reward, group }], abandoned(reply));
      const number = numberOr(verdict!, options.slime.noVerdict);
      if (shape !== 'object') return reply.type('application/json').send(JSON.stringify(number));
      const { parts = {}, cause, reason } = verdict!;
      const values = Object.entries(parts).map(([name, part]) => [`parts.${name}`, part.value] as const);
      return { reward: number, cause, reason, ...Object.fromEntries(values) };
    },
  });
};
