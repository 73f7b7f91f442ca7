import { Worker } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import { Refusal } from '../refusal.ts';
import type { EraseReport, EraseWork } from './worker.ts';

/** Deletes runs in a thread, one after the other. */
export interface Eraser {
  /**
   * Resolves when the run is deleted, with a promise of whether its bytes are out of the store's files. Rejects with Refusal where it
   * cannot be deleted.
   */
  erase(run: string): Promise<{ readonly erased: Promise<boolean> }>;
  /** Ends at once: what was deleted is, its bytes may stay until the next deletion. */
  close(): Promise<void>;
}

export function createEraser(store: string): Eraser {
  const threads = new Set<Worker>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    erase: (run) => {
      const started = last.then(() => start(threads, { store, run }));
      last = started.then(({ erased }) => erased).catch(() => false);
      return started;
    },
    close: async () => {
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}

function start(threads: Set<Worker>, workerData: EraseWork): Promise<{ readonly erased: Promise<boolean> }> {
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  const thread = new Worker(entry, { workerData });
  threads.add(thread);
  return new Promise((deleted, refused) => {
    let say: (erased: boolean) => void;
    const erased = new Promise<boolean>((done) => {
      say = done;
    });
    thread.on('message', (report: EraseReport) => {
      if ('erased' in report) say(report.erased);
      else if (report.deleted) deleted({ erased });
      else refused(new Refusal(report.fault === 'unknown' ? 404 : 503, report.message));
    });
    thread.on('error', (thrown) => {
      refused(new Refusal(503, `the run was not deleted: ${oneLine(thrown)}`));
    });
    thread.on('exit', () => {
      threads.delete(thread);
      say(false);
      refused(new Refusal(503, 'the server ended before the run was deleted'));
    });
  });
}
