import { Worker } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import type { FillPaths } from './fill.ts';
import type { FillerReport } from './worker.ts';

/** The thread that fills the index of a store, as the server sees it. */
export interface IndexThread {
  /** This run's samples come next; starts the thread if it waits still. */
  focus(run: string): void;
  /** Why it cannot go on, in one line; undefined while it can. */
  error(): string | undefined;
  close(): Promise<void>;
}

/** The first page comes first: the thread begins so many milliseconds later, or when a search needs it. */
const startAfter = 2000;

export function startIndexThread(data: FillPaths): IndexThread {
  let thread: Worker | undefined;
  let ended: Promise<void> = Promise.resolve();
  let error: string | undefined;
  let focused: string | undefined;
  let closing = false;

  const start = () => {
    clearTimeout(late);
    if (thread || closing) return;
    // Sources run as they are in a checkout; the package holds them compiled.
    const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
    const started = new Worker(entry, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 8 },
    });
    started.unref();
    started.on('message', (report: FillerReport) => {
      error = report.error;
    });
    started.on('error', (thrown) => {
      error = oneLine(thrown);
    });
    ended = new Promise((resolve) => started.once('exit', () => resolve()));
    thread = started;
  };
  const late = setTimeout(start, startAfter);
  late.unref();

  return {
    focus: (run) => {
      start();
      if (run === focused) return;
      focused = run;
      thread?.postMessage({ focus: run });
    },
    error: () => error,
    close: async () => {
      closing = true;
      clearTimeout(late);
      thread?.postMessage({ end: true });
      const kill = setTimeout(() => void thread?.terminate(), 2000);
      await ended;
      clearTimeout(kill);
    },
  };
}
