import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { InputError } from '../../core/index.ts';
import { prefix } from './job.ts';

/** How long a process may be silent before another takes its file over, ms. */
const term = 15_000;

export interface Lease {
  /** True once another process has taken the file over: this one must not write any more. */
  readonly lost: boolean;
  release(): Promise<void>;
}

/**
 * The right to write the output of one journal, held in Redis, so that two processes never write the same file; that of a
 * process that was killed is taken over, at once where it ran here. Throws InputError when another process goes on writing.
 */
export async function takeLease(
  redis: Redis,
  journal: string,
  file: string,
  note: (line: string) => void,
  patience = term + 5000,
): Promise<Lease> {
  const key = `${prefix}:lease:${journal}`;
  const own = JSON.stringify({ host: hostname(), pid: process.pid, token: randomUUID() });
  const until = Date.now() + patience;
  for (let told = false; (await redis.set(key, own, 'PX', term, 'NX')) === null; ) {
    const other = await redis.get(key);
    if (other === null) continue;
    const { host, pid } = JSON.parse(other) as { host: string; pid: number };
    if (host === hostname() && !isAlive(pid)) {
      await redis.del(key);
      continue;
    }
    if (Date.now() > until) throw new InputError(`is being written by process ${pid} on ${host}`, { file });
    if (!told)
      note(`${file}: process ${pid} on ${host} was writing it; waiting to see whether it still does`);
    told = true;
    await sleep(500);
  }
  let lost = false;
  const timer = setInterval(() => void renew().catch(() => {}), term / 3);
  const renew = async () => {
    const held = await redis.get(key);
    // Gone: the process was stopped for a while, or Redis lost it.
    if (held === null) lost ||= (await redis.set(key, own, 'PX', term, 'NX')) === null;
    else if (held === own) await redis.pexpire(key, term);
    else lost = true;
  };
  return {
    get lost() {
      return lost;
    },
    release: async () => {
      clearInterval(timer);
      if (redis.status !== 'ready') return; // it ends by itself
      if ((await redis.get(key)) === own) await redis.del(key);
    },
  };
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false; // in a container a new process may have the old one's number
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
