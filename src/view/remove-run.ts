import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunRecord, Store } from '../store/index.ts';
import { Refusal } from './refusal.ts';
import type { RunRows } from './runs.ts';
import type { Source } from './source.ts';

/** Deletes a run, with its folder if that is wanted. Throws Refusal: 400 without its whole id, 409 while it may still write. */
export function removeRun(
  of: {
    readonly source: Source;
    readonly rows: RunRows;
    readonly folder: string;
    readonly store: Store;
    readonly run: RunRecord;
  },
  { confirm, force, files }: { readonly confirm: string; readonly force: boolean; readonly files: boolean },
): void {
  const { source, rows, folder, store, run } = of;
  if (confirm !== run.id) throw new Refusal(400, `field 'confirm': type the whole id, ${run.id}`);
  if (!force && rows.row(store, run).activity === 'live')
    throw new Refusal(
      409,
      `run '${run.id}' is being written: stop it first, or force it, which ends it with an error`,
    );
  source.write((writer) => writer.deleteRun(run.id));
  // An id is a name and never a path; one that is not stays on the disk.
  const path = join(folder, 'runs', run.id);
  if (files && basename(path) === run.id && existsSync(path)) rmSync(path, { recursive: true, force: true });
}
