/** The thread that deletes one run and takes its bytes out of the files: on a big store that would hold up every page. */
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../../core/index.ts';
import { openStore, StoreError, type StoreFault } from '../../store/index.ts';

export interface EraseWork {
  readonly store: string;
  readonly run: string;
}

/** In this order: the run is deleted, or was not and why; then whether its bytes are gone. */
export type EraseReport =
  | { readonly deleted: true }
  | { readonly deleted: false; readonly fault?: StoreFault; readonly message: string }
  | { readonly erased: boolean };

/** A short wait for locks: the page can ask again. */
const busyTimeout = 2000;

const { store: path, run } = workerData as EraseWork;
const say = (report: EraseReport) => parentPort!.postMessage(report);

try {
  const store = openStore(path, { busyTimeout });
  try {
    store.deleteRun(run);
    say({ deleted: true });
    let erased = false;
    try {
      erased = store.reclaim();
    } catch {
      // A full disk, say. The run is deleted all the same; the next deletion tries again.
    }
    say({ erased });
  } finally {
    store.close();
  }
} catch (thrown) {
  const fault = thrown instanceof StoreError ? thrown.fault : undefined;
  say({ deleted: false, fault, message: thrown instanceof StoreError ? thrown.message : oneLine(thrown) });
}
