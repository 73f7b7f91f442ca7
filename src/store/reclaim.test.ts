import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stream } from '../core/random.ts';
import { exampleGroups } from './fixtures/groups.ts';
import { openStore, type Store } from './store.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-reclaim-'));
  path = join(folder, 'assay.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secret = 'qxsecretword';

/** Two runs that write in turn; the texts of both cannot be packed, so that they fill many pages. */
function fill(store: Store): { readonly gone: string; readonly kept: string } {
  const start = (name: string) =>
    store.createRun({ recipe: name, config: { note: `${name} ${'x'.repeat(6000)}` }, seed: 1, steps: 40 });
  const [gone, kept] = [start(secret), start('kept')];
  const random = stream(1, 'texts');
  const text = () => Array.from({ length: 6000 }, () => random.bits().toString(36)).join('');
  for (let step = 0; step < 40; step++)
    for (const run of [gone, kept]) {
      const [group] = exampleGroups(step);
      const task = { ...group!.task, prompt: text() };
      const groups = [{ ...group!, task, samples: group!.samples.map((sample) => ({ ...sample, task })) }];
      const stage = run === gone ? secret : 'kept';
      store.writeStep({ run, step, stage, metrics: { [`${stage}.reward`]: step }, groups });
      store.event({ run, step, kind: 'note', body: stage });
      if (step % 10 === 0) store.evaluation({ run, step, name: stage, metrics: { solveRate: 0.5 }, groups });
    }
  return { gone, kept };
}

/** Pieces of all that the file has of a run's samples, as they are on the disk. */
function piecesOf(run: string): Buffer[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare('SELECT texts, columns FROM block WHERE run = (SELECT key FROM run WHERE id = ?)')
    .all(run) as { texts: Uint8Array; columns: Uint8Array }[];
  db.close();
  return rows.flatMap(({ texts }) =>
    [0.01, 0.3, 0.6, 0.9].map((at) => {
      const from = Math.floor(at * texts.length);
      return Buffer.from(texts.slice(from, from + 24));
    }),
  );
}

/** How many of these are in any file of the folder. */
function inFiles(pieces: readonly (Buffer | string)[]): number {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return pieces.filter((piece) => files.some((bytes) => bytes.includes(piece))).length;
}

const freePages = () => {
  const db = new DatabaseSync(path, { readOnly: true });
  const { freelist_count: free } = db.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
  const { integrity_check: sound } = db.prepare('PRAGMA integrity_check').get() as {
    integrity_check: string;
  };
  const { auto_vacuum: kind } = db.prepare('PRAGMA auto_vacuum').get() as { auto_vacuum: number };
  db.close();
  return { free, sound, incremental: kind === 2 };
};

/** A store as older versions made it, which cannot give pages back one by one. */
function olderStore(): void {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL');
  db.close();
}

describe('a run that was deleted', () => {
  it.each([
    ['in use', true],
    ['that nobody writes', false],
  ])('leaves nothing in the files of a store %s and no free page, and the others as they were', (_, busy) => {
    const store = openStore(path);
    const { gone, kept } = fill(store);
    const reader = openStore(path, { readOnly: true });
    const before = reader.fingerprint(kept);
    const pieces = piecesOf(gone);
    if (!busy) for (const run of [gone, kept]) store.finishRun(run, 'finished');
    expect(pieces.length).toBeGreaterThan(100);
    expect(inFiles([...pieces, secret])).toBe(pieces.length + 1);
    // Steps that a resume drops are part of the run too.
    store.resumeRun(gone, 29);
    store.deleteRun(gone);
    expect(store.reclaim()).toBe(true);
    expect(inFiles(busy ? pieces : [...pieces, secret])).toBe(0);
    expect(statSync(`${path}-wal`).size).toBe(0);
    expect(freePages()).toEqual({ free: 0, sound: 'ok', incremental: true });
    expect(reader.fingerprint(kept)).toBe(before);
    expect(inFiles(piecesOf(kept))).toBe(piecesOf(kept).length);
    reader.close();
    store.close();
  });

  it('gives half of the file back', () => {
    const store = openStore(path);
    const { gone } = fill(store);
    store.reclaim();
    const size = statSync(path).size;
    store.deleteRun(gone);
    store.reclaim();
    expect(statSync(path).size / size).toBeLessThan(0.6);
    store.close();
  });

  it('is overwritten in a store of an older version while somebody writes, and the store is made anew when nobody does', () => {
    olderStore();
    const store = openStore(path);
    const { gone, kept } = fill(store);
    const third = store.createRun({ recipe: 'third', config: {}, seed: 1, steps: 1 });
    const pieces = piecesOf(gone);
    store.reclaim();
    const size = statSync(path).size;
    store.finishRun(gone, 'finished');
    store.deleteRun(gone);
    expect(store.reclaim()).toBe(true); // `kept` is running
    expect(inFiles(pieces)).toBe(0);
    expect(statSync(path).size).toBeGreaterThanOrEqual(size);
    expect(freePages()).toMatchObject({ sound: 'ok', incremental: false });
    const before = store.fingerprint(kept);
    store.finishRun(kept, 'finished');
    store.finishRun(third, 'failed');
    store.deleteRun(third);
    expect(store.reclaim()).toBe(true);
    expect(freePages()).toEqual({ free: 0, sound: 'ok', incremental: true });
    expect(statSync(path).size / size).toBeLessThan(0.6);
    expect(inFiles([...pieces, secret])).toBe(0);
    expect(store.fingerprint(kept)).toBe(before);
    store.close();
  });

  it('is not said to be gone while somebody reads what was there', () => {
    const store = openStore(path, { busyTimeout: 10 });
    const { gone } = fill(store);
    const reader = new DatabaseSync(path, { readOnly: true });
    const rows = reader.prepare('SELECT key FROM block').iterate();
    rows.next();
    store.deleteRun(gone);
    expect(store.reclaim()).toBe(false);
    rows.return?.();
    reader.close();
    expect(store.reclaim()).toBe(true);
    expect(inFiles([secret])).toBe(0);
    store.close();
  });
});
