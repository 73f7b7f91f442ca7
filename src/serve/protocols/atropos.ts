import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { oneLine, UnsupportedError, type Verdict } from '../../core/index.ts';
import { Overloaded, type ScoreRequest, type Scorer } from '../scorer.ts';

/** One rollout of a group: its tokens are the trainer's, its text is what is scored. */
export interface AtroposRollout {
  readonly request: ScoreRequest;
  /** Prompt and completion together. */
  readonly tokens: readonly number[];
  /** Per token: -100 where it is not trained on, else the token itself. */
  readonly masks: readonly number[];
  /** Per token, as the sampler gave them; 1 on the prompt. */
  readonly inferenceLogprobs?: readonly number[];
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
}

export interface AtroposOptions {
  /** The address of Atropos' API (`run-api`). */
  readonly url: string;
  readonly name: string;
  readonly groupSize: number;
  readonly maxTokens: number;
  readonly weight?: number;
  readonly signal?: AbortSignal;
  /** Milliseconds between questions while the trainer has not started, or its queue is full. Default 1000. */
  readonly pause?: number;
  /** Groups that may wait at the trainer before the next one is made. Default 64. */
  readonly ahead?: number;
}

export interface AtroposResult {
  readonly groups: number;
  readonly sent: number;
  /** Rollouts without a verdict, and those left alone by them: not sent. */
  readonly noVerdict: number;
}

const registered = z.looseObject({ status: z.string(), env_id: z.int().optional() });
const status = z.looseObject({ queue_size: z.number().optional() });

/**
 * Takes part in Atropos as an environment, after atroposlib/api/server.py: registers, scores groups as they come and posts
 * them to `/scored_data`, and signs off at the end. The caller samples: tokens cross this wire, and only a sampler has them.
 *
 * No verdict: the rollout is left out of its group, whose others are sent (Atropos fills the group's size with other
 * groups); fewer than two are not sent, since a group of one says nothing. Throws UnsupportedError when Atropos refuses.
 */
export async function joinAtropos(
  options: AtroposOptions,
  groups: AsyncIterable<readonly AtroposRollout[]>,
  scorer: Scorer,
): Promise<AtroposResult> {
  const { groupSize, pause = 1000, ahead = 64, signal } = options;
  const call = (path: string, body?: unknown, method = 'POST') => callApi(options, method, path, body);
  const wait = () => new Promise((resolve) => setTimeout(resolve, pause));
  const envId = await register(options, call, wait);
  let [count, sent, noVerdict] = [0, 0, 0];
  try {
    for await (const group of groups) {
      if (signal?.aborted) break;
      if (group.length > groupSize)
        throw new UnsupportedError(`a group of ${group.length} where ${groupSize} were registered`);
      count++;
      const verdicts = await scoreWhenRoom(scorer, group, wait, signal);
      const kept = group.flatMap((rollout, i) =>
        verdicts[i]!.value === null ? [] : [{ rollout, score: verdicts[i]!.value }],
      );
      const enough = kept.length >= Math.min(2, groupSize);
      noVerdict += group.length - (enough ? kept.length : 0);
      if (!enough) continue;
      while (
        !signal?.aborted &&
        (status.parse(await call('/status', undefined, 'GET')).queue_size ?? 0) >= ahead
      )
        await wait();
      await call('/scored_data', scoredData(kept, envId));
      sent += kept.length;
    }
  } finally {
    await callApi({ ...options, signal: undefined }, 'POST', '/disconnect-env', { env_id: envId }).catch(
      () => {},
    );
  }
  return { groups: count, sent, noVerdict };
}

type Call = (path: string, body?: unknown, method?: string) => Promise<unknown>;

async function register(options: AtroposOptions, call: Call, wait: () => Promise<unknown>): Promise<number> {
  for (;;) {
    const answer = registered.parse(
      await call('/register-env', {
        max_token_length: options.maxTokens,
        desired_name: options.name,
        weight: options.weight ?? 1,
        group_size: options.groupSize,
      }),
    );
    if (answer.env_id !== undefined) return answer.env_id;
    options.signal?.throwIfAborted();
    await wait(); // 'wait for trainer to start'
  }
}

async function scoreWhenRoom(
  scorer: Scorer,
  group: readonly AtroposRollout[],
  wait: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  for (;;) {
    try {
      return await scorer.score(
        group.map(({ request }) => request),
        signal,
      );
    } catch (thrown) {
      if (!(thrown instanceof Overloaded) || signal?.aborted) throw thrown;
      await wait();
    }
  }
}

function scoredData(kept: readonly { rollout: AtroposRollout; score: number }[], envId: number) {
  const rollouts = kept.map(({ rollout }) => rollout);
  return {
    env_id: envId,
    tokens: rollouts.map(({ tokens }) => tokens),
    masks: rollouts.map(({ masks }) => masks),
    scores: kept.map(({ score }) => score),
    ...(rollouts.every(({ inferenceLogprobs }) => inferenceLogprobs) && {
      inference_logprobs: rollouts.map(({ inferenceLogprobs }) => inferenceLogprobs),
    }),
    ...(rollouts.every(({ messages }) => messages) && { messages: rollouts.map(({ messages }) => messages) }),
  };
}

async function callApi(
  { url, signal }: AtroposOptions,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const packed = text !== undefined && text.length > 1000;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (packed) headers['content-encoding'] = 'gzip';
  const reply = await fetch(new URL(path, url), {
    method,
    headers,
    body: packed ? new Uint8Array(gzipSync(text)) : text && new Uint8Array(text),
    signal,
  });
  if (reply.ok) return reply.json();
  const why = oneLine(await reply.text(), 200);
  throw new UnsupportedError(`Atropos answered ${reply.status} to ${path}: ${why}`);
}
