import { z } from 'zod';
import { exactField, type Verdict } from '../../core/index.ts';
import type { ScoreRequest } from '../scorer.ts';
import { readLabel } from './label.ts';
import { abandoned } from './native.ts';
import { numberOr } from './no-verdict.ts';
import type { Protocol } from './protocol.ts';
import { contentText, jsonBody, messageBody } from './sample-body.ts';

/**
 * OpenRLHF's remote reward (`--reward.remote_url http://host/get_reward`), after openrlhf/utils/agent.py. `query` is the
 * prompt with the response, decoded with special tokens; `scores` feeds dynamic filtering. Servers after the first get
 * empty lists and must answer them with empty lists.
 *
 * No verdict: an error. The client tries five times, then leaves the sample's reward `None`. A label may route its record
 * (see `readLabel`), and `?reward=NAME` all of them.
 */
export const openRlhfProtocol: Protocol = ({ router, scorer, options }) => {
  const text = z.union([
    z.string(),
    z.array(messageBody).transform((all) => all.map(contentText).join('\n')),
  ]);
  const body = z.looseObject({
    query: z.array(z.string()).max(options.batch),
    prompts: z.array(text).max(options.batch).default([]),
    labels: z.preprocess(exactItems, z.array(jsonBody).max(options.batch)).nullish(),
  });
  const numbers = z.array(z.number());
  router.add({
    method: 'POST',
    url: '/get_reward',
    tag: 'openrlhf',
    summary: 'OpenRLHF remote reward; ?reward=NAME chooses the reward',
    body: body.refine(({ query, prompts }) => prompts.length === query.length, {
      path: ['prompts'],
      message: 'expected as many prompts as queries: what the response is would be a guess',
    }),
    reply: z.object({ rewards: numbers, scores: numbers, extra_logs: z.record(z.string(), numbers) }),
    handle: async ({ query, prompts, labels }, request, reply) => {
      const fallback = (request.query as { reward?: string }).reward;
      const read = query.map((one, i) => ({
        response: responseOf(one, prompts[i]!, options.openrlhf.specialTokens),
        label: readLabel(labels?.[i]),
      }));
      const requests = read.flatMap(({ response, label }, i): ScoreRequest[] => {
        if (response === undefined) return [];
        const { answer, data, group, reward = fallback } = label;
        const task = { prompt: prompts[i]!, answer, data };
        return [{ sample: { task, turns: [{ completion: response }] }, reward, group }];
      });
      const scored = await scorer.score(requests, abandoned(reply));
      let at = 0;
      const verdicts = read.map(({ response }) => (response === undefined ? lost : scored[at++]!));
      const rewards = verdicts.map((verdict) => numberOr(verdict, options.openrlhf.noVerdict));
      return { rewards, scores: rewards, extra_logs: partLogs(verdicts) };
    },
  });
};

/** Labels one by one, since some may route their record while others are the reference itself. */
const exactItems = (labels: unknown) =>
  Array.isArray(labels) ? labels.map((_, i) => exactField(labels, i)) : labels;

const lost: Verdict = {
  value: null,
  cause: 'unsupported',
  reason: 'the query does not contain its prompt, so that its response is unknown',
};

/** Shortest end of a prompt, UTF-16 units, by which a query is recognised that lost the start of its prompt. */
const shortest = 16;

/** The response of a query: what stands behind the prompt, without special tokens at its end. */
export function responseOf(
  query: string,
  prompt: string,
  specialTokens: readonly string[],
): string | undefined {
  const whole = query.indexOf(prompt); // a tokenizer may put a token before the prompt
  const start = whole >= 0 ? whole + prompt.length : overlap(prompt, query);
  if (start === undefined) return undefined;
  let end = query.length;
  for (let found = true; found; ) {
    const token = specialTokens.find((one) => query.endsWith(one, end) && end - one.length >= start);
    found = token !== undefined;
    if (token) end -= token.length;
  }
  return query.slice(start, end);
}

/**
 * How much of a prompt's end the query starts with, for prompts that lost their start because they were too long; undefined
 * where it is too little to be sure. Linear: the failure function of Knuth, Morris and Pratt.
 */
function overlap(prompt: string, query: string): number | undefined {
  const head = query.slice(0, prompt.length);
  const failure = new Int32Array(head.length);
  const advance = (matched: number, unit: number): number => {
    while (matched > 0 && (matched === head.length || head.charCodeAt(matched) !== unit))
      matched = failure[matched - 1]!;
    return matched < head.length && head.charCodeAt(matched) === unit ? matched + 1 : 0;
  };
  for (let i = 1; i < head.length; i++) failure[i] = advance(failure[i - 1]!, head.charCodeAt(i));
  let matched = 0;
  for (let i = 0; i < prompt.length; i++) matched = advance(matched, prompt.charCodeAt(i));
  return matched >= shortest ? matched : undefined;
}

/** The parts that all verdicts have a value for: each is logged under its name. */
function partLogs(verdicts: readonly Verdict[]): Record<string, number[]> {
  const logs: Record<string, number[]> = {};
  for (const name of Object.keys(verdicts[0]?.parts ?? {})) {
    const values = verdicts.map(({ parts }) => parts?.[name]?.value);
    if (values.every((value) => typeof value === 'number')) logs[name] = values as number[];
  }
  return logs;
}
