import { hostname } from 'node:os';
import type { ReproductionRecord, RunStatus } from './records.ts';

/** Milliseconds after which one that gives no sign of life is not under way any more. */
export const silence = 30_000;

interface Written {
  readonly status: RunStatus;
  /** Its last sign of life, milliseconds since 1970. */
  readonly updated: number;
  /** What `writerHere` said. */
  readonly writer: string;
}

/** This process, as what it writes names it. */
export const writerHere = () => JSON.stringify({ host: hostname(), process: process.pid });

export function writerOf({ writer }: Pick<Written, 'writer'>): {
  readonly host: string;
  readonly process: number;
} {
  return JSON.parse(writer) as { host: string; process: number };
}

/** How it stands: a process that was killed says nothing any more; on this machine it is also known to be gone at once. */
export function standingOf(row: Written): ReproductionRecord['standing'] {
  if (row.status !== 'running') return row.status;
  const { host, process: pid } = writerOf(row);
  if (host === hostname() && !isAlive(pid)) return 'stopped';
  return Date.now() - row.updated > silence ? 'stalled' : 'running';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
