import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { InputError, oneLine } from '../../core/index.ts';

/** How long the first connection may take, ms. */
const patience = 10_000;
/** Longest pause between two attempts to connect again, ms. */
const longestPause = 2000;

/**
 * A connection to Redis by its URL (`redis://` or `rediss://`). The first connection must succeed at once; one that is
 * lost later is made again for as long as it takes, commands wait meanwhile, and `note` is told once when it is lost and
 * when it is back. Throws InputError: one line, without the password.
 */
export async function openRedis(url: string, note: (line: string) => void = () => {}): Promise<Redis> {
  const place = placeOf(url);
  let opened = false;
  let lost = false;
  let complaint: string | undefined;
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null, // a command waits for the connection rather than fail
    connectTimeout: 5000,
    retryStrategy: (times) => (opened ? Math.min(50 * 2 ** Math.min(times, 10), longestPause) : null),
  });
  redis.on('error', (thrown: Error) => {
    complaint = oneLine(thrown, 160);
  });
  redis.on('close', () => {
    if (!opened || lost || redis.status === 'end') return;
    lost = true;
    note(`the connection to ${place} is lost; trying again`);
  });
  redis.on('ready', () => {
    if (lost) note(`the connection to ${place} is back`);
    lost = false;
  });
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience).unref();
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
    if (complaint !== undefined) throw new Error(complaint);
  } catch (thrown) {
    redis.disconnect();
    throw new InputError(`${place} cannot be used: ${explained(complaint ?? oneLine(thrown))}`);
  }
  opened = true;
  return redis;
}

/** What Redis said, in words where its own are about its protocol. */
function explained(complaint: string): string {
  if (complaint.startsWith('WRONGPASS')) return 'the user name or password is wrong';
  if (complaint.startsWith('NOAUTH')) return 'it asks for a password (redis://:PASSWORD@HOST:PORT)';
  return complaint;
}

/** The URL as messages show it: without user and password. Throws InputError for what is no URL of a Redis. */
export function placeOf(url: string): string {
  const form =
    'the queue is named by a URL: redis://[:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new InputError(form);
  }
  const { protocol, hostname, port, pathname } = parsed;
  if (!/^rediss?:$/.test(protocol) || hostname === '' || !/^\/?\d{0,4}$/.test(pathname))
    throw new InputError(form);
  const database = pathname.length > 1 ? pathname : '';
  return `${protocol}//${hostname}:${port || 6379}${database}`;
}

/** What Redis and the connection say while one of them goes down or comes up. */
const passing =
  /closed|ECONN|EPIPE|ETIMEDOUT|LOADING|READONLY|MASTERDOWN|EXECABORT|CLUSTERDOWN|Stream isn't writeable/i;

/**
 * Does what may be done twice again until a passing failure of Redis is over. Throws InputError for another one, and when
 * the signal fires while Redis is away: who stops the work does not wait for it.
 */
export async function patiently<T>(redis: Redis, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await unlessAway(redis, signal, action());
    } catch (thrown) {
      if (thrown instanceof InputError) throw thrown;
      if (redis.status === 'ready' && !passing.test(oneLine(thrown)))
        throw new InputError(`Redis refuses: ${oneLine(thrown)}`);
      await sleep(200);
    }
  }
}

function unlessAway<T>(redis: Redis, signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      if (redis.status !== 'ready') reject(new InputError('Redis was not there when the work was stopped'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
