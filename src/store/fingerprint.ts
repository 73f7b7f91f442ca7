import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { Database } from './database.ts';

/** SHA-256 over what a run repeats bit for bit, in a fixed order. */
export function fingerprint(db: Database, run: number): string {
  const hash = createHash('sha256');
  const add = (...fields: (string | number | Uint8Array)[]) => {
    for (const field of fields)
      hash.update(typeof field === 'number' ? String(field) : field).update('\u001f');
  };
  for (const row of db.iterate<{ step: number; stage: string; metrics: string }>(
    'SELECT step, stage, metrics FROM step WHERE run = ? ORDER BY step',
    run,
  ))
    add('step', row.step, row.stage, row.metrics);
  // Deflated bytes may differ between zlib versions, so the texts are hashed unpacked.
  for (const row of db.iterate<{
    split: string;
    step: number;
    first: number;
    columns: Uint8Array;
    texts: Uint8Array;
  }>('SELECT split, step, first, columns, texts FROM block WHERE run = ? ORDER BY split, step, first', run))
    add(row.split, row.step, row.first, row.columns, inflateRawSync(row.texts));
  for (const row of db.iterate<{ step: number; name: string; metrics: string }>(
    'SELECT step, name, metrics FROM evaluation WHERE run = ? ORDER BY step, name',
    run,
  ))
    add(row.name, row.step, row.metrics);
  return hash.digest('hex');
}
