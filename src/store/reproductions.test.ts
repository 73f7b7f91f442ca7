import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from './errors.ts';
import { jobLines } from './export.ts';
import type { NewReproduction } from './records.ts';

import { openStore, type Store } from './store.ts';
import { silence } from './writer.ts';

let folder: string;
let path: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-jobs-'));
  path = join(folder, 'assay.db');
  store = openStore(path);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const coin = (over: Partial<NewReproduction> = {}): NewReproduction => ({
  name: 'coin',
  kind: 'study',
  config: { name: 'coin', p: 0.7 },
  metric: 'heads',
  arms: ['loaded', 'fair'],
  seeds: [1, 2],
  ...over,
});

const finish = (id: string, seed: number, arm: string, heads: number) =>
  store.reproductions.endJob(
    id,
    { arm, seed },
    { status: 'finished', metrics: { heads }, stageSeconds: heads },
  );

/** As another process would have left it: its number, its machine, and its last sign of life. */
function writtenBy(writer: { host?: string; process: number }, ago = 0): void {
  const db = new DatabaseSync(path);
  const { writer: before } = db.prepare('SELECT writer FROM reproduction').get() as { writer: string };
  db.prepare('UPDATE reproduction SET writer = ?, updated = ?').run(
    JSON.stringify({ ...JSON.parse(before), ...writer }),
    Date.now() - ago,
  );
  db.close();
}

describe('a reproduction', () => {
  it('is stored with its jobs, each with its run, its metrics as they are, and what went wrong', () => {
    const { reproductions } = store;
    const { id, done, seconds } = reproductions.begin(coin({ kind: 'recipe', paper: 'tosses' }));
    expect([done, seconds]).toEqual([[], 0]);
    expect(id).toMatch(/^coin-[0-9a-f]{5}$/);
    const metrics = { heads: 0.1 + 0.2, odd: Number.NaN, far: Number.NEGATIVE_INFINITY };
    reproductions.startJob(id, { arm: 'loaded', seed: 2 });
    reproductions.linkRun(id, { arm: 'loaded', seed: 2 }, 'coin-2-abcde');
    expect(reproductions.jobs(id)).toMatchObject([
      { arm: 'loaded', seed: 2, status: 'running', run: 'coin-2-abcde' },
    ]);
    reproductions.endJob(
      id,
      { arm: 'loaded', seed: 2 },
      { status: 'finished', metrics, stageSeconds: 1 / 3 },
    );
    reproductions.startJob(id, { arm: 'fair', seed: 1 });
    reproductions.endJob(id, { arm: 'fair', seed: 1 }, { status: 'failed', error: 'it rolled away' });
    reproductions.startJob(id, { arm: 'loaded', seed: 1 });
    reproductions.touch(id, 5);
    expect(reproductions.get(id)).toMatchObject({ status: 'running', done: 1, seconds: 5 });
    reproductions.end(id, 'failed', { seconds: 6, error: 'it rolled away' });
    expect(reproductions.get(id)).toEqual({
      id,
      name: 'coin',
      kind: 'recipe',
      paper: 'tosses',
      metric: 'heads',
      arms: ['loaded', 'fair'],
      seeds: [1, 2],
      variations: [],
      status: 'failed',
      standing: 'failed',
      created: expect.any(Number),
      updated: expect.any(Number),
      seconds: 6,
      jobs: 4,
      done: 1,
      result: undefined,
      error: 'it rolled away',
    });
    const jobs = reproductions.jobs(id);
    expect(jobs.map(({ seed, arm, status }) => [seed, arm, status])).toEqual([
      [1, 'loaded', 'stopped'],
      [1, 'fair', 'failed'],
      [2, 'loaded', 'finished'],
    ]);
    expect(jobs[1]!.error).toBe('it rolled away');
    expect(jobs[2]).toMatchObject({ run: 'coin-2-abcde', metrics, stageSeconds: 1 / 3 });
    expect([...jobLines(store, id)].map((line) => JSON.parse(line))[2]).toMatchObject({
      reproduction: id,
      seed: 2,
      metrics: { heads: 0.1 + 0.2, odd: null, far: '-Infinity' },
    });
  });

  it('goes on with what is finished, and begins anew without resume or with another config', () => {
    const { reproductions } = store;
    const first = reproductions.begin(coin());
    finish(first.id, 1, 'loaded', 0.7);
    reproductions.startJob(first.id, { arm: 'fair', seed: 1 });
    reproductions.touch(first.id, 3);
    const again = reproductions.begin(coin(), { resume: true });
    expect(again).toMatchObject({
      id: first.id,
      seconds: 3,
      done: [{ arm: 'loaded', seed: 1, metrics: { heads: 0.7 } }],
    });
    expect(reproductions.jobs(first.id)).toHaveLength(1);
    const changed = reproductions.begin(coin({ config: { name: 'coin', p: 0.8 } }), { resume: true });
    const anew = reproductions.begin(coin());
    expect([changed.done, anew.done]).toEqual([[], []]);
    const last = reproductions.begin(coin(), { resume: true });
    expect(last.id).toBe(anew.id);
    expect(new Set(reproductions.list().map(({ id }) => id))).toEqual(
      new Set([first.id, changed.id, anew.id]),
    );
  });

  it('takes the jobs that it shares with one of other seeds, and its part of their time', () => {
    const { reproductions } = store;
    const first = reproductions.begin(coin());
    finish(first.id, 1, 'loaded', 0.7);
    finish(first.id, 1, 'fair', 0.5);
    finish(first.id, 2, 'loaded', 0.6);
    finish(first.id, 2, 'fair', 0.4);
    reproductions.end(first.id, 'finished', { seconds: 8, result: { holds: true } });
    const more = reproductions.begin(coin({ seeds: [2, 3] }), { resume: true });
    expect(more.id).not.toBe(first.id);
    expect(more.done.map(({ seed, arm }) => [seed, arm])).toEqual([
      [2, 'loaded'],
      [2, 'fair'],
    ]);
    expect(more.seconds).toBe(4);
    finish(more.id, 3, 'loaded', 0.9);
    const all = reproductions.begin(coin({ seeds: [1, 2, 3] }), { resume: true });
    expect(all.done).toHaveLength(5);
    // The first is as it was, and is what its own seeds go on with.
    expect(reproductions.get(first.id)).toMatchObject({
      status: 'finished',
      done: 4,
      result: { holds: true },
    });
    expect(reproductions.begin(coin(), { resume: true }).id).toBe(first.id);
  });

  it('has every arm in each variation, and the jobs of a variation that was run before', () => {
    const { reproductions } = store;
    const at = (p: number) => ({ name: `p=${p}`, config: { name: 'coin', p } });
    const plain = reproductions.begin(coin({ seeds: [1] }));
    finish(plain.id, 1, 'loaded', 0.7);
    reproductions.touch(plain.id, 2);
    const swept = coin({ seeds: [1], variations: [at(0.6), at(0.7)] });
    const first = reproductions.begin(swept, { resume: true });
    expect(first).toMatchObject({ done: [{ variation: 'p=0.7', arm: 'loaded', seed: 1 }], seconds: 2 });
    expect(reproductions.get(first.id)).toMatchObject({
      variations: ['p=0.6', 'p=0.7'],
      jobs: 4,
      done: 1,
    });
    const place = { variation: 'p=0.6', arm: 'loaded', seed: 1 };
    reproductions.startJob(first.id, place);
    reproductions.linkRun(first.id, place, 'coin-1-abcde');
    reproductions.endJob(first.id, place, { status: 'finished', metrics: { heads: 0.6 }, stageSeconds: 1 });
    expect(reproductions.jobs(first.id)).toMatchObject([
      { ...place, run: 'coin-1-abcde' },
      { variation: 'p=0.7' },
    ]);
    const wider = coin({ seeds: [1], variations: [at(0.5), at(0.6)] });
    expect(reproductions.begin(wider, { resume: true }).done).toMatchObject([place]);
    expect(reproductions.begin(swept, { resume: true })).toMatchObject({ id: first.id, done: [place, {}] });
    // Begun anew, p=0.6 has nothing done for what is new; p=0.7 was not part of it, nor was another seed.
    reproductions.begin(coin({ config: { name: 'coin', p: 0.6 }, seeds: [1] }));
    const more = coin({ seeds: [1, 2], variations: [at(0.6), at(0.7)] });
    expect(reproductions.begin(more, { resume: true }).done).toMatchObject([{ variation: 'p=0.7' }]);
    expect(reproductions.begin(swept, { resume: true })).toMatchObject({ id: first.id, done: [place, {}] });
  });

  it('goes on with what was cut off, whatever else was begun anew since', () => {
    const { reproductions } = store;
    const cut = reproductions.begin(coin({ seeds: [1, 2, 3] }));
    finish(cut.id, 1, 'loaded', 0.7);
    finish(cut.id, 1, 'fair', 0.5);
    finish(cut.id, 2, 'loaded', 0.6);
    const small = reproductions.begin(coin({ seeds: [1] }));
    finish(small.id, 1, 'loaded', 0.8);
    // Others take what is newer: of seed 1 only that, of the rest what was cut off.
    const wider = reproductions.begin(coin({ seeds: [1, 2, 3, 4] }), { resume: true });
    expect(wider.done.map(({ seed, arm, metrics }) => [seed, arm, metrics])).toEqual([
      [1, 'loaded', { heads: 0.8 }],
      [2, 'loaded', { heads: 0.6 }],
    ]);
    const again = reproductions.begin(coin({ seeds: [1, 2, 3] }), { resume: true });
    expect([again.id, again.done.length]).toEqual([cut.id, 3]);
    expect(reproductions.begin(coin({ seeds: [1] }), { resume: true }).id).toBe(small.id);
    const anew = reproductions.begin(coin({ seeds: [1, 2, 3] }));
    expect(reproductions.begin(coin({ seeds: [1, 2, 3] }), { resume: true })).toMatchObject({
      id: anew.id,
      done: [],
    });
  });

  it('is running only while its process lives and says so', () => {
    const { reproductions } = store;
    const { id } = reproductions.begin(coin());
    const standing = () => reproductions.list()[0]!.standing;
    expect(standing()).toBe('running');
    const nobody = 2 ** 22 + 1; // no process has this number
    writtenBy({ process: nobody });
    expect(standing()).toBe('stopped');
    writtenBy({ process: nobody, host: 'elsewhere' });
    expect(standing()).toBe('running');
    writtenBy({ process: nobody, host: 'elsewhere' }, silence + 1000);
    expect(standing()).toBe('stalled');
    expect(reproductions.get(id).status).toBe('running');
  });

  it('is refused while another process is at it, and taken over when that one is gone', () => {
    const { reproductions } = store;
    const { id } = reproductions.begin(coin());
    const go = () => reproductions.begin(coin(), { resume: true }).id;
    writtenBy({ process: process.ppid });
    expect(go).toThrow(StoreError);
    expect(go).toThrow(
      new RegExp(`'${id}' is under way in process ${process.ppid}: wait for it, or stop it$`),
    );
    writtenBy({ process: process.ppid, host: 'elsewhere' });
    expect(go).toThrow('on elsewhere: wait');
    writtenBy({ process: process.ppid, host: 'elsewhere' }, silence + 1000);
    expect(go()).toBe(id);
    writtenBy({ process: 2 ** 22 + 1 }); // no process has this number
    expect(go()).toBe(id);
  });

  it('is deleted with its jobs; what there is not is named', () => {
    const { reproductions } = store;
    const { id } = reproductions.begin(coin());
    finish(id, 1, 'fair', 0.5);
    reproductions.delete(id);
    expect(reproductions.list()).toEqual([]);
    for (const body of [
      () => reproductions.get(id),
      () => reproductions.jobs(id),
      () => reproductions.touch(id, 1),
      () => reproductions.startJob(id, { arm: 'fair', seed: 1 }),
      () => reproductions.end(id, 'finished', { seconds: 1 }),
      () => reproductions.delete(id),
    ])
      expect(body).toThrow(`there is no reproduction '${id}'`);
  });
});
