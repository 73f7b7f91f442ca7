import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { exactJson, isInexact, type Verdict } from '../../core/index.ts';
import { Refused } from '../routes.ts';
import { abandoned } from './native.ts';
import { aggregateMetrics, mostFields } from './nemo-gym-metrics.ts';
import { type Row, readRow } from './nemo-gym-rows.ts';
import type { Protocol } from './protocol.ts';

/**
 * A resources server of NeMo Gym, after nemo_gym/base_resources_server.py: `/seed_session`, `/verify`,
 * `/aggregate_metrics`, `/reverify_mode`. The reply of `/verify` is the request with `reward` and what that kind of row
 * adds; kinds are known by their fields (instruction_following, string_match, structured_outputs; else the default reward).
 *
 * No verdict: HTTP 200 with `mask_sample`, `failure_kind` and `failure_reason` (0.7.0), which keeps the row out of every
 * quality figure, and with `_ng_failure_class` (`judge_failed`, else `verifier_CAUSE`), by which Gym sends it to the failures and
 * tries it again; `_ng_failure_terminal` where that cannot help. The `reward: 0.0` beside it is Gym's own placeholder.
 */
export const nemoGymProtocol: Protocol = ({ router, scorer, options }) => {
  const rowBody = z.looseObject({});
  router.add({
    method: 'POST',
    url: '/seed_session',
    tag: 'nemo-gym',
    summary: 'Begin a rollout: nothing to keep',
    body: rowBody,
    reply: z.object({}),
    handle: () => ({}),
  });
  router.add({
    method: 'POST',
    url: '/verify',
    tag: 'nemo-gym',
    summary: 'Score a row with its response',
    body: z.looseObject({
      responses_create_params: z.looseObject({}),
      response: z.looseObject({ output: z.array(z.looseObject({ type: z.string() })) }),
    }),
    reply: z.looseObject({ reward: z.number() }),
    handle: async (_body, { body }, reply) => {
      const row = body as Row; // as it was read: its numbers go back with all their digits
      const { kind, request, verdict: known } = readRow(row, scorer.rewards);
      const verdict = known ?? (await scorer.score([request!], abandoned(reply)))[0]!;
      if (verdict.value === null) return answered(row, failure(row, verdict), reply);
      const parts = Object.entries(verdict.parts ?? {}).filter(([, part]) => part.value !== null);
      const added = {
        reward: kind.value?.(row, verdict) ?? verdict.value,
        ...kind.extras(row, verdict),
        ...(kind.name === 'any' &&
          parts.length > 0 && {
            reward_components: Object.fromEntries(parts.map(([name, { value }]) => [name, value])),
          }),
      };
      return answered(row, added, reply);
    },
  });
  router.add({
    method: 'POST',
    url: '/aggregate_metrics',
    tag: 'nemo-gym',
    summary: 'Statistics of verify responses, without those that failed',
    body: z.object({ verify_responses: z.array(rowBody).max(50_000) }),
    // A row of one short answer is 1,000 bytes and 53 values: 50,000 of them pass with the options as they come.
    limits: { body: Math.min(2 * options.body, 1 << 29), values: 3 * options.values },
    reply: z.looseObject({ agent_metrics: z.looseObject({}) }),
    handle: ({ verify_responses }) => {
      const metrics = aggregateMetrics(verify_responses as unknown as Row[]);
      if (metrics === undefined) throw new Refused(413, `over ${mostFields} fields have a number`);
      return metrics;
    },
  });
  router.add({
    method: 'GET',
    url: '/reverify_mode',
    tag: 'nemo-gym',
    summary: 'Stored rollouts may be verified again',
    reply: z.enum(['stateless', 'unsupported', 'unknown']),
    handle: (_body, _request, reply) => {
      const stateful = Object.values(scorer.rewards).some((reward) => reward.stateful);
      return reply.type('application/json').send(JSON.stringify(stateful ? 'unsupported' : 'stateless'));
    },
  });
};

/** The row with what is added to it; numbers that a double cannot hold as they came. */
function answered(row: Row, added: Row, reply: FastifyReply): object {
  const all = { ...row, ...added };
  return isInexact(row) ? reply.type('application/json').send(exactJson(all, row)) : all;
}

function failure(row: Row, { cause, reason }: Verdict): Row {
  const judge = cause === 'judge';
  const lasting = cause === 'reference' || cause === 'unsupported';
  const config = row.instance_config;
  const kept = typeof config === 'object' && config !== null && !Array.isArray(config) ? config : {};
  return {
    reward: 0,
    mask_sample: true,
    // Gym's vocabulary, or a name of our own in the form that it allows.
    failure_kind: judge ? 'judge_failed' : lasting ? `assay:${cause}` : 'verifier_error',
    failure_reason: reason ?? '',
    // Where trainers looked for it before 0.7.0.
    instance_config: { ...kept, mask_sample: true },
    _ng_failure_class: judge ? 'judge_failed' : `verifier_${cause}`,
    ...(judge ? { _ng_failure_judge_error: reason ?? '' } : { _ng_failure_reason: reason ?? '' }),
    ...(lasting && { _ng_failure_terminal: true }),
  };
}
