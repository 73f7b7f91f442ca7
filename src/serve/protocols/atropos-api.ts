import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { oneLine, UnsupportedError } from '../../core/index.ts';

/** How this environment stands with the trainer, by `/status-env`. */
export interface AtroposStatus {
  readonly step: number;
  readonly totalSteps: number;
  /** Groups of this environment's size that wait for the trainer, after what is kept for other environments. */
  readonly waiting: number;
  /** This environment's part of all that is sampled, by weight × tokens of those that are connected. */
  readonly weight: number;
}

export interface AtroposApiOptions {
  /** The address of Atropos' API (`run-api`). */
  readonly url: string;
  readonly name: string;
  readonly groupSize: number;
  /** The longest rollout, in tokens: with `weight` it says how much of all sampling is this environment's. */
  readonly maxTokens: number;
  /** Above 0. Default 1. */
  readonly weight?: number;
  /** The least part of each batch, 0 to 1: without it a batch may have none of this environment's. */
  readonly minBatchAllocation?: number;
  /** Batches that may wait at the trainer before the next group is made. Default 3, as Atropos' environments have it. */
  readonly offPolicyBatches?: number;
  /** Milliseconds between questions while there is no trainer, no room or no answer. Default 1000. */
  readonly pause?: number;
  /** Failed calls in a row after which it gives up. Default 60. */
  readonly tries?: number;
  /** Told each time it asks: a sampler that several environments share divides itself by `weight`. */
  readonly onStatus?: (status: AtroposStatus) => void;
  readonly signal?: AbortSignal;
}

/** One environment's side of Atropos' API. Every call waits out a trainer that is not there yet, and an API that restarts. */
export interface AtroposApi {
  /** Waits until the trainer has room for a group; false when it has all it asked for, or `signal` is set. */
  room(): Promise<boolean>;
  /** What the trainer said last of the length of rollouts; it wants them shorter. */
  readonly tokenLimit: number;
  readonly status: AtroposStatus | undefined;
  /** Posts one group; false when `signal` was set before it arrived. */
  post(group: Readonly<Record<string, unknown>>): Promise<boolean>;
  leave(): Promise<void>;
}

const registration = z.looseObject({
  status: z.string(),
  env_id: z.int().optional(),
  starting_step: z.int().default(0),
  num_steps: z.int().default(-1),
});
const trainer = z.looseObject({ batch_size: z.int(), max_token_len: z.int() });
const standing = z.looseObject({
  current_step: z.int(),
  queue_size: z.number(),
  self_queue_size: z.number().default(0),
  env_weight: z.number(),
});

/** What the next try may mend: no answer, or one that says that the API has forgotten this environment. */
class Trouble extends Error {}

/**
 * After atroposlib 0.4.0, api/server.py and envs/base.py: what its own environments ask and when they wait or stop. All its
 * state is in memory, so an API that was restarted is known by a refused connection, an error of `/status-env` or a step
 * that went back; the environment then registers anew, and before each post it asks whether it is still known: a group that
 * a fresh API gets before its trainer keeps that trainer from registering. A group whose answer was lost is posted again.
 */
export function atroposApi(options: AtroposApiOptions): AtroposApi {
  const { groupSize, offPolicyBatches = 3, minBatchAllocation = 0, signal } = options;
  if (!((options.weight ?? 1) > 0)) throw new UnsupportedError('the weight of an environment is above 0');
  let member: { id: number; batch: number; tokenLimit: number; totalSteps: number; step: number } | undefined;
  let status: AtroposStatus | undefined;
  let own = 0;
  let failures = 0;

  const call = async <T>(method: string, path: string, body: unknown, shape: z.ZodType<T>): Promise<T> => {
    const { code, text } = await send(options.url, method, path, body, signal);
    const said = `Atropos answered ${code} to ${path}: ${oneLine(text, 200)}`;
    if (code >= 500) throw new Trouble(said);
    const found = code < 300 ? shape.safeParse(parsed(text)) : undefined;
    if (!found?.success) throw new UnsupportedError(said);
    return found.data;
  };

  const register = async () => {
    const answer = await call(
      'POST',
      '/register-env',
      {
        max_token_length: options.maxTokens,
        desired_name: options.name,
        weight: options.weight ?? 1,
        group_size: groupSize,
        ...(minBatchAllocation > 0 && { min_batch_allocation: minBatchAllocation }),
      },
      registration,
    );
    if (answer.env_id === undefined) return undefined; // 'wait for trainer to start'
    const { batch_size: batch, max_token_len: tokenLimit } = await call('GET', '/info', undefined, trainer);
    if (batch < 1) throw new Trouble('Atropos has no trainer');
    // It hands out batches of whole groups and of exactly this size, or none.
    if (batch % groupSize !== 0)
      throw new UnsupportedError(`the trainer's batch of ${batch} is not made of groups of ${groupSize}`);
    const { env_id: id, num_steps: totalSteps, starting_step: step } = answer;
    return { id, batch, tokenLimit, totalSteps, step };
  };

  /** Registers where it has to, and asks how things stand; undefined while there is no trainer. */
  const look = async (): Promise<AtroposStatus | undefined> => {
    member ??= await register();
    if (member === undefined) return undefined;
    const body = { env_id: member.id };
    const said = await call('GET', '/status-env', body, standing).catch((thrown) => {
      if (thrown instanceof Trouble) member = undefined;
      throw thrown;
    });
    const { current_step: step, env_weight: weight, queue_size: waiting } = said;
    if (step < member.step) {
      member = undefined;
      throw new Trouble(`Atropos went back to step ${step}`);
    }
    member.step = step;
    own = said.self_queue_size;
    status = { step, totalSteps: member.totalSteps, waiting, weight };
    return status;
  };

  /** One try; undefined when it failed in a way that passes. */
  const attempt = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await what();
    } catch (thrown) {
      if (signal?.aborted) return undefined;
      if (thrown instanceof UnsupportedError) throw thrown;
      if ((thrown as NodeJS.ErrnoException).code === 'ECONNREFUSED') member = undefined;
      if (++failures >= (options.tries ?? 60))
        throw new UnsupportedError(`no way through to Atropos at ${options.url}: ${oneLine(thrown, 200)}`);
      return undefined;
    }
  };
  const pause = () => sleep(options.pause ?? 1000, undefined, { signal }).catch(() => {});

  return {
    room: async () => {
      while (!signal?.aborted) {
        const now = await attempt(look);
        if (now && member) {
          failures = 0;
          options.onStatus?.(now);
          const { batch, totalSteps } = member;
          if (totalSteps >= 0 && now.step + Math.floor((now.waiting * groupSize) / batch) > totalSteps)
            return false;
          const most = offPolicyBatches * batch;
          if (now.waiting * groupSize < most || own * groupSize < minBatchAllocation * most) return true;
        }
        await pause();
      }
      return false;
    },
    get tokenLimit() {
      return member && member.tokenLimit > 0 ? member.tokenLimit : Number.POSITIVE_INFINITY;
    },
    get status() {
      return status;
    },
    post: async (group) => {
      while (!signal?.aborted) {
        const arrived = await attempt(async () => {
          if ((await look()) === undefined) return false;
          const body = { ...group, env_id: member!.id };
          const { status } = await call('POST', '/scored_data', body, z.looseObject({ status: z.string() }));
          if (status === 'received') return true;
          member = undefined; // buffered as a part of a group: the number is another environment's now
          throw new Trouble(`Atropos answered '${oneLine(status, 60)}' to a whole group`);
        });
        if (arrived) {
          failures = 0;
          return true;
        }
        await pause();
      }
      return false;
    },
    leave: async () => {
      if (member) await send(options.url, 'POST', '/disconnect-env', { env_id: member.id }).catch(() => {});
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const longestAnswer = 1 << 20;

/** Over node:http, since `/status-env` is a GET with a body, which fetch refuses. A connection each: the API closes idle ones. */
function send(
  url: string,
  method: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<{ code: number; text: string }> {
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const packed = text !== undefined && text.length > 1000;
  const content = packed ? gzipSync(text) : text;
  const headers: Record<string, string | number> = {};
  if (content) headers['content-type'] = 'application/json';
  if (content) headers['content-length'] = content.length;
  if (packed) headers['content-encoding'] = 'gzip';
  const address = new URL(path, url);
  const request = address.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const out = request(address, { method, headers, agent: false, signal, timeout: 60_000 }, (reply) => {
      const chunks: Buffer[] = [];
      let length = 0;
      reply.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > longestAnswer) out.destroy(new Error(`an answer over ${longestAnswer} bytes`));
        else chunks.push(chunk);
      });
      reply.on('error', reject);
      reply.on('end', () => resolve({ code: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    out.on('timeout', () => out.destroy(new Error(`no answer to ${path}`)));
    out.on('error', reject);
    out.end(content);
  });
}
