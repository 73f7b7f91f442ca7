import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from './errors.ts';
import { openStore } from './store.ts';

let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
  path = join(folder, 'assay.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  rmSync(folder, { recursive: true, force: true });
});

function start(mode: 'write' | 'lock') {
  const script = join(import.meta.dirname, 'fixtures', 'writer.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, mode, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

describe('a store and another process', () => {
  it('is read while the other writes', async () => {
    const { lines } = start('write');
    for (let i = 0; i < 3; i++) await lines.next();
    const store = openStore(path, { readOnly: true });
    const [run] = store.runs();
    let last = run!.last;
    expect(last).toBeGreaterThanOrEqual(2);
    for (let look = 0; look < 5; look++) {
      expect(store.samples(run!.id, last)).toHaveLength(128);
      const { twice } = store.series(run!.id, ['twice']);
      expect(twice!.values.at(-1)).toBe(2 * twice!.steps.at(-1)!);
      const seen = Number((await lines.next()).value);
      last = store.run(run!.id).last;
      expect(last).toBeGreaterThanOrEqual(seen);
    }
    store.close();
  });

  it('holds whole steps only after kill -9', async () => {
    for (const steps of [1, 7, 20]) {
      const { child, lines } = start('write');
      let said = -1;
      for (let i = 0; i < steps; i++) said = Number((await lines.next()).value);
      await killed(child);
      const store = openStore(path);
      const [run] = store.runs();
      const stored = [...store.steps(run!.id)];
      expect(stored.length).toBeGreaterThan(said);
      stored.forEach((one, i) => {
        expect(one).toMatchObject({ step: i, metrics: { step: i, twice: 2 * i } });
        expect(store.samples(run!.id, i)).toHaveLength(128);
      });
      expect(run!.last).toBe(stored.length - 1);
      expect(store.samples(run!.id, stored.length)).toEqual([]);
      store.writeStep({ run: run!.id, step: stored.length, stage: 'rl', metrics: {} });
      store.close();
    }
  });

  it('that the other has locked gives one line, and goes on afterwards', async () => {
    const store = openStore(path, { busyTimeout: 30 });
    const run = store.createRun({ recipe: 'a', config: {}, seed: 1, steps: 2 });
    store.writeStep({ run, step: 0, stage: 'rl', metrics: { a: 1 } });
    const { child, lines } = start('lock');
    await lines.next();
    let thrown: unknown;
    try {
      store.writeStep({ run, step: 1, stage: 'rl', metrics: { a: 2 } });
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(StoreError);
    expect(thrown).toMatchObject({ fault: 'busy' });
    expect((thrown as Error).message).toMatch(
      /^[^\n]*locked by another process: storing step 1 of run[^\n]*$/,
    );
    expect(store.run(run).last).toBe(0);
    await killed(child);
    store.writeStep({ run, step: 1, stage: 'rl', metrics: { a: 2 } });
    expect([...store.steps(run)]).toHaveLength(2);
    store.close();
  });

  it('is made by several at once', async () => {
    const started = [start('write'), start('write'), start('write')];
    await Promise.all(started.map(({ lines }) => lines.next()));
    const store = openStore(path, { readOnly: true });
    expect(store.runs()).toHaveLength(3);
    for (const run of store.runs()) expect(run.last).toBeGreaterThanOrEqual(0);
    store.close();
  });
});

describe('a store of version 1', () => {
  it('opens as it was made', () => {
    const db = new DatabaseSync(path);
    db.exec(readFileSync(join(import.meta.dirname, 'fixtures', 'version-1.sql'), 'utf8'));
    db.close();
    const store = openStore(path);
    const [run] = store.runs();
    expect(run).toMatchObject({ id: 'countdown-7-5c1f2', status: 'finished', last: 1, tags: ['kept'] });
    expect(store.run(run!.id).config).toEqual({ name: 'countdown', options: { steps: 2 } });
    expect([...store.series(run!.id, ['reward']).reward!.values]).toEqual([0.25, 0.5]);
    const samples = store.samples(run!.id, 1);
    expect(samples.map(({ verdict }) => verdict?.value)).toEqual([0, 1, null, 1]);
    expect(samples[3]).toMatchObject({
      id: '1/1/1',
      group: 1,
      task: { id: 'task-1-1', prompt: '1 + 1 =', answer: '2' },
      length: 3,
      advantages: { policy: 0.25 },
    });
    expect(store.events(run!.id)).toMatchObject([{ kind: 'checkpoint', step: 1, body: { step: 1 } }]);
    expect(store.evaluations(run!.id)).toMatchObject([{ name: 'heldout', metrics: { solved: 0.5 } }]);
    expect(store.fingerprint(run!.id)).toBe(
      '325ab121da796de1f49fa20698a50b809ba0b64424aba138a068d35f2f174515',
    );
    store.writeStep({ run: run!.id, step: 2, stage: 'rl', metrics: { reward: 1 } });
    store.close();
  });

  it('has the tables that came later, for whoever opens it only to read too', () => {
    const db = new DatabaseSync(path);
    db.exec(readFileSync(join(import.meta.dirname, 'fixtures', 'version-1.sql'), 'utf8'));
    db.close();
    const reader = openStore(path, { readOnly: true });
    expect(reader.reproductions.list()).toEqual([]);
    expect(reader.runs()).toHaveLength(1);
    const store = openStore(path);
    const what = { name: 'coin', kind: 'study' as const, config: {}, metric: 'x', arms: ['a'], seeds: [1] };
    const { id } = store.reproductions.begin(what);
    expect(reader.reproductions.list()).toMatchObject([{ id, done: 0 }]);
    store.close();
    reader.close();
  });
});

describe('a store of version 1 that nobody may write', () => {
  it.each(['delete', 'wal'])('can be read, and has no reproductions (journal: %s)', (journal) => {
    const db = new DatabaseSync(path);
    db.exec(readFileSync(join(import.meta.dirname, 'fixtures', 'version-1.sql'), 'utf8'));
    db.exec(`PRAGMA journal_mode = ${journal}`);
    db.close();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65_534); // for root nothing is read-only
    try {
      const reader = openStore(path, { readOnly: true });
      const [run] = reader.runs();
      expect([...reader.series(run!.id, ['reward']).reward!.values]).toEqual([0.25, 0.5]);
      const { reproductions } = reader;
      expect(reproductions.list()).toEqual([]);
      for (const body of [() => reproductions.get('coin-1f2e3'), () => reproductions.jobs('coin-1f2e3')])
        expect(body).toThrow("there is no reproduction 'coin-1f2e3'");
      reader.close();
      expect(() => openStore(path)).toThrow(StoreError);
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(folder, 0o755);
    }
  });
});

describe('a store of version 2', () => {
  it('opens as it was made, and its reproduction goes on', () => {
    const db = new DatabaseSync(path);
    db.exec(readFileSync(join(import.meta.dirname, 'fixtures', 'version-2.sql'), 'utf8'));
    db.close();
    const store = openStore(path);
    const { reproductions } = store;
    expect(reproductions.list()).toMatchObject([
      { id: 'coin-1f2e3', kind: 'study', status: 'finished', result: { recipe: 'coin', holds: false } },
      { id: 'letters-1f2e3', paper: 'simplerl-zoo', status: 'failed', error: 'no more', done: 1 },
    ]);
    expect(reproductions.list()[0]).toMatchObject({ variations: ['lr=1', 'lr=2'], jobs: 2, done: 1 });
    expect(reproductions.jobs('coin-1f2e3')).toMatchObject([{ variation: 'lr=2', metrics: { heads: 0.7 } }]);
    expect(reproductions.jobs('letters-1f2e3')).toMatchObject([
      {
        arm: 'main',
        run: store.runs()[0]!.id,
        metrics: { after: 0.75, odd: Number.NaN, far: Number.POSITIVE_INFINITY },
        stageSeconds: 1.5,
      },
      { arm: 'control', status: 'failed', error: 'no more' },
    ]);
    const config = { name: 'letters', options: { steps: 1 } };
    const arms = ['main', 'control'];
    const begun = reproductions.begin(
      { name: 'letters', kind: 'recipe', config, metric: 'after', arms, seeds: [3, 4] },
      { resume: true },
    );
    expect(begun).toMatchObject({ id: 'letters-1f2e3', seconds: 2.5, done: [{ arm: 'main', seed: 3 }] });
    store.close();
  });
});
