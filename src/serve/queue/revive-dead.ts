import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Cause } from '../../core/index.ts';
import type { ChunkResult } from './job.ts';
import type { Journal } from './journal.ts';
import { tally } from './tally.ts';
import { discard, endOf, look } from './window.ts';

/**
 * Dead letters that were tried again take the place of their rows' lines; waits for those that are being scored. What is
 * dead still, or was discarded, stays as it is. False where the signal ended the waiting.
 */
export async function reviveDead(
  { redis, queue }: { readonly redis: Redis; readonly queue: Queue },
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  const { progress } = journal;
  const revived = new Map<number, ChunkResult>();
  const done: string[] = [];
  let dead: { row: number; job: string }[] = [];
  for (let open = progress.dead; open.length > 0; await sleep(50)) {
    if (signal.aborted) return false;
    const again: typeof open = [];
    const found = await look(
      queue,
      redis,
      open.map(({ job }) => ({ id: job })),
    );
    for (const [i, about] of found.entries()) {
      const one = open[i]!;
      if (about.timestamp === null) continue; // discarded
      if (about.finishedOn === null) again.push(one);
      else {
        const end = endOf(about, 1);
        if (end.kind === 'dead') dead.push(one);
        else {
          revived.set(one.row, end.result);
          done.push(one.job);
        }
      }
    }
    open = again;
    if (open.length === 0) break;
  }
  dead = dead.sort((a, b) => a.row - b.row);
  if (revived.size > 0) {
    for (const { outcomes } of revived.values())
      for (const outcome of outcomes) {
        tally(progress, 'crash' satisfies Cause, -1);
        tally(progress, outcome, 1);
      }
    progress.dead = dead;
    await journal.rewrite((row) => revived.get(row)?.text);
    await discard(queue, done);
  }
  progress.dead = dead;
  return true;
}
