import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord, Store } from '../store/index.ts';
import type { Eraser } from './erase/eraser.ts';
import type { TextIndex } from './index-file/text-index.ts';
import { Refusal } from './refusal.ts';
import type { RunRows } from './runs.ts';

/** So long an answer waits for the bytes to be gone; they go also when nobody waits. */
const patience = 20_000;

/**
 * Deletes a run and its words in the index, with its folder if that is wanted. Returns whether nothing of it is in these files any more.
 * Throws Refusal: 400 without its whole id, 409 while it may still write.
 */
export async function removeRun(
  of: {
    readonly eraser: Eraser;
    readonly index: TextIndex;
    readonly rows: RunRows;
    readonly folder: string;
    readonly store: Store;
    readonly run: RunRecord;
  },
  { confirm, force, files }: { readonly confirm: string; readonly force: boolean; readonly files: boolean },
): Promise<boolean> {
  const { eraser, index, rows, folder, store, run } = of;
  if (confirm !== run.id) throw new Refusal(400, `field 'confirm': type the whole id, ${run.id}`);
  if (!force && rows.row(store, run).activity === 'live')
    throw new Refusal(
      409,
      `run '${run.id}' is being written: stop it first, or force it, which ends it with an error`,
    );
  const { erased } = await eraser.erase(run.id);
  index.forget(run);
  // An id is a name and never a path; one that is not stays on the disk.
  const path = join(folder, 'runs', run.id);
  if (files && basename(path) === run.id && existsSync(path)) rmSync(path, { recursive: true, force: true });
  return Promise.race([erased, sleep(patience, false, { ref: false })]);
}
