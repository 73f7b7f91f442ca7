import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { InputError } from '../../core/index.ts';
import { prefix } from './job.ts';

/** What a worker says of itself. */
export interface LiveWorker {
  readonly id: string;
  readonly version: string;
  readonly concurrency: number;
  readonly host: string;
  readonly pid: number;
}

const everyone = `${prefix}:workers`;
const keyOf = (id: string) => `${prefix}:worker:${id}`;
/** How often a worker says that it lives, and how long that is believed, ms. */
const interval = 5000;
const believed = 15_000;

/** Says in Redis, until it is stopped, that a worker lives; clients read from it who is there. */
export async function announce(
  redis: Redis,
  about: Pick<LiveWorker, 'version' | 'concurrency'>,
): Promise<{ readonly id: string; stop(): Promise<void> }> {
  const id = randomUUID();
  const text = JSON.stringify({ id, ...about, host: hostname(), pid: process.pid } satisfies LiveWorker);
  const say = () => redis.multi().sadd(everyone, id).set(keyOf(id), text, 'PX', believed).exec();
  await say();
  const timer = setInterval(() => void say().catch(() => {}), interval);
  return {
    id,
    stop: async () => {
      clearInterval(timer);
      await redis.multi().srem(everyone, id).del(keyOf(id)).exec();
    },
  };
}

/** The workers that are connected, of any version; those that died without a word are struck off. */
export async function liveWorkers(redis: Redis): Promise<LiveWorker[]> {
  const ids = await redis.smembers(everyone);
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map(keyOf));
  const gone = ids.filter((_, i) => texts[i] === null);
  if (gone.length > 0) await redis.srem(everyone, ...gone);
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as LiveWorker]));
}

/**
 * How many chunks the workers of this version score at once; `note` is told where there is none yet. Throws InputError
 * where there are workers, but of other versions only.
 */
export async function muster(redis: Redis, version: string, note?: (line: string) => void): Promise<number> {
  const workers = await liveWorkers(redis);
  const own = workers.filter((one) => one.version === version);
  if (own.length === 0 && workers.length > 0) {
    const versions = [...new Set(workers.map((one) => one.version))].join(', ');
    throw new InputError(
      `the workers of this queue are of Assay ${versions}, and this is ${version}: use one version`,
    );
  }
  if (own.length === 0) note?.('no worker is connected yet; waiting for one (assay worker --queue URL)');
  return own.reduce((sum, { concurrency }) => sum + concurrency, 0);
}
