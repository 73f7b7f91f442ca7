import { setTimeout as sleep } from 'node:timers/promises';
import type { ChunkResult } from './job.ts';
import type { Journal } from './journal.ts';
import { patiently } from './redis.ts';
import { tally } from './tally.ts';
import { type Connected, discard, endOf, look } from './window.ts';

/**
 * The verdicts of dead letters that were tried again take the place of their rows' lines; waits for those that are being
 * scored. What is dead still, or was discarded, stays as it is. False where the signal ended the waiting.
 */
export async function reviveDead(
  connected: Connected,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  const { progress } = journal;
  const dead: (typeof progress.dead)[number][] = [];
  const revived = new Map<number, ChunkResult>();
  const jobs: string[] = [];
  for (let open = progress.dead; open.length > 0; ) {
    if (signal.aborted) return false;
    const letters = open.map(({ job }) => ({ id: job }));
    const found = await patiently(connected.redis, signal, () => look(connected, letters));
    const ended = found.map((about) => (about.finishedOn === null ? undefined : endOf(about, 1)));
    for (const [i, end] of ended.entries()) {
      if (end?.kind === 'dead') dead.push(open[i]!);
      if (end?.kind !== 'scored') continue;
      revived.set(open[i]!.row, end.result);
      jobs.push(open[i]!.job);
    }
    open = open.filter((_, i) => ended[i] === undefined && found[i]!.timestamp !== null);
    if (open.length > 0) await sleep(50);
  }
  progress.dead = dead.sort((a, b) => a.row - b.row);
  if (revived.size === 0) return true;
  for (const { outcomes } of revived.values())
    for (const outcome of outcomes) {
      tally(progress, 'crash', -1);
      tally(progress, outcome, 1);
    }
  await journal.rewrite((row) => revived.get(row)?.text);
  await patiently(connected.redis, signal, () => discard(connected.queue, jobs));
  return true;
}
