import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleGroups } from '../store/fixtures/groups.ts';
import { openStore } from '../store/index.ts';
import * as api from './api.ts';
import { trainLetters } from './fixtures/runs.ts';
import { type Served, serveLetters } from './fixtures/served.ts';
import { startView } from './server.ts';

let served: Served;
beforeAll(async () => {
  served = await serveLetters((folder) => {
    const page = join(folder, 'page');
    mkdirSync(join(page, 'assets'), { recursive: true });
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(page, 'assets', 'index-abcdefgh.js'), 'export {};');
    return page;
  });
});
afterAll(() => served.close());

describe('changes', () => {
  const token = async () => (await served.get('/session', api.session)).token;

  it('sets tags and deletes a run, with the token and the whole id', async () => {
    const store = openStore(served.path);
    const run = store.createRun({ recipe: 'short', config: {}, seed: 1, steps: 1 });
    mkdirSync(join(served.folder, 'runs', run), { recursive: true });
    const headers = { [api.tokenHeader]: await token(), 'content-type': 'application/json' };
    const tagged = await fetch(`${served.root}/runs/${run}/tags`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ tags: ['kept', 'kept', ' seen '] }),
    });
    expect(await tagged.json()).toEqual({ run, tags: ['kept', 'seen'] });
    expect((await served.get('/runs?tag=seen', api.runsAnswer)).runs.map(({ id }) => id)).toEqual([run]);
    expect(await served.refused(`/runs/${run}?confirm=short`, { method: 'DELETE', headers })).toEqual([
      400,
      expect.stringContaining(`type the whole id, ${run}`),
    ]);
    expect((await served.refused(`/runs/${run}?confirm=${run}`, { method: 'DELETE', headers }))[0]).toBe(409);
    store.finishRun(run, 'stopped');
    store.close();
    const deleted = await fetch(`${served.root}/runs/${run}?confirm=${run}&files=true`, {
      method: 'DELETE',
      headers,
    });
    expect(await deleted.json()).toEqual({ deleted: run, erased: true });
    expect(existsSync(join(served.folder, 'runs', run))).toBe(false);
    expect((await served.refused(`/runs/${run}`))[0]).toBe(404);
    expect(
      (
        await served.refused(`/runs/${served.main}/tags`, { method: 'PUT', headers, body: '{"tags":[""]}' })
      )[0],
    ).toBe(400);
    expect(
      (await served.refused(`/runs/${served.main}/tags`, { method: 'PUT', headers, body: '{' }))[0],
    ).toBe(400);
  });

  it('leaves nothing of a deleted run in the files of store and index', async () => {
    const folder = join(served.folder, 'erased');
    const path = join(folder, 'assay.db');
    const [kept] = await trainLetters(path, { over: { steps: 2 } });
    const secret = 'qxsecretword';
    const store = openStore(path);
    const run = store.createRun({ recipe: 'short', config: { note: secret }, seed: 1, steps: 1 });
    const [group] = exampleGroups(0);
    const task = { ...group!.task, prompt: `say ${secret}` };
    const groups = [{ ...group!, task, samples: group!.samples.map((sample) => ({ ...sample, task })) }];
    store.writeStep({ run, step: 0, stage: 'a', metrics: {}, groups });
    store.finishRun(run, 'finished');
    store.close();
    const holding = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(
          (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(secret),
        )
        .map(({ name }) => name);
    const view = await startView({ store: path, port: 0, page: false });
    const at = `${view.url}/api/v1`;
    const found = async (text: string, of: string) => {
      for (;;) {
        const response = await fetch(`${at}/runs/${of}/samples?offset=0&text=${text}`);
        const { total } = (await response.json()) as api.SamplesAnswer;
        if (total !== null) return total;
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    try {
      expect(await found(secret, run)).toBe(2);
      expect(holding()).not.toEqual([]);
      const { token: own } = (await (await fetch(`${at}/session`)).json()) as api.Session;
      const headers = { [api.tokenHeader]: own };
      const deleted = await fetch(`${at}/runs/${run}?confirm=${run}&files=true`, {
        method: 'DELETE',
        headers,
      });
      expect([deleted.status, await deleted.json()]).toEqual([200, { deleted: run, erased: true }]);
      expect(holding()).toEqual([]);
      const again = await fetch(`${at}/runs/${run}?confirm=${run}`, { method: 'DELETE', headers });
      expect(again.status).toBe(404);
      expect(await found('letter', kept!)).toBe(64);
      expect(holding()).toEqual([]);
    } finally {
      await view.close();
    }
    expect(holding()).toEqual([]);
  });

  it('refuses them without the token, from other origins and under other names', async () => {
    const own = await token();
    const at = `/api/v1/runs/${served.main}?confirm=other`;
    const { host } = new URL(served.server.url);
    const attempt = async (headers: Record<string, string>) =>
      (await served.raw(at, headers, 'DELETE')).status;
    expect(await attempt({})).toBe(403);
    expect(await attempt({ [api.tokenHeader]: 'guess' })).toBe(403);
    expect(await attempt({ [api.tokenHeader]: own, origin: 'http://evil.example' })).toBe(403);
    expect(await attempt({ [api.tokenHeader]: own, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await attempt({ [api.tokenHeader]: own, host: 'evil.example' })).toBe(403);
    expect(await attempt({ [api.tokenHeader]: own, origin: `http://${host}` })).toBe(400);
  });
});

describe('the page', () => {
  it('answers only under its own names', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', 'a b', '127.0.0.1.evil.example'])
      expect([host, (await served.raw('/api/v1/session', { host })).status]).not.toEqual([host, 200]);
    for (const host of ['localhost', 'localhost:8070', '127.0.0.1:1', '[::1]:8070'])
      expect((await served.raw('/api/v1/session', { host })).status).toBe(200);
  });

  it('is served with headers that let nothing else run, also at deep links', async () => {
    const response = await fetch(`${served.server.url}/runs/some.run?step=3`);
    expect(await response.text()).toContain('<title>page</title>');
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const asset = await fetch(`${served.server.url}/assets/index-abcdefgh.js`);
    expect(asset.headers.get('cache-control')).toMatch(/immutable/);
    const again = await served.raw('/assets/index-abcdefgh.js', {
      'if-none-match': asset.headers.get('etag')!,
    });
    expect(again.status).toBe(304);
  });

  it('has no way out of its folder', async () => {
    for (const at of [
      '/../assay.db',
      '/..%2fassay.db',
      '/assets/../../assay.db',
      '/%2e%2e/assay.db',
      '/assets/%00',
      '//etc/passwd',
      '/%ff',
    ]) {
      const { body } = await served.raw(at, {});
      expect([at, body.includes('SQLite'), body.includes('root:')]).toEqual([at, false, false]);
    }
    expect((await served.raw('/assets/nothing.js', {})).status).toBe(404);
  });

  it('is asked for in one line where it was not built', async () => {
    await expect(
      startView({ store: served.path, port: 0, page: join(served.folder, 'nowhere') }),
    ).rejects.toThrow('npm run build:web');
  });
});

describe('a path that no route can take', () => {
  it.each([
    ['/%ff', 400],
    [`/api/v1/runs/${'a'.repeat(400)}`, 414],
  ])('%.20s is a refusal like any other', async (path, status) => {
    const { status: got, body } = await served.server.app.inject(path).then((reply) => ({
      status: reply.statusCode,
      body: reply.json() as object,
    }));
    expect([got, body]).toEqual([status, { error: expect.stringMatching(/./) }]);
  });
});

describe('starting', () => {
  it('says in one line that the port is taken', async () => {
    const port = Number(new URL(served.server.url).port);
    await expect(startView({ store: served.path, port, page: false })).rejects.toThrow(/port \d+ is taken/);
  });

  it('waits for a store that is not there yet', async () => {
    const late = join(served.folder, 'late', 'assay.db');
    const waiting = await startView({ store: late, port: 0, page: false });
    const at = `${waiting.url}/api/v1`;
    try {
      expect(await (await fetch(`${at}/session`)).json()).toMatchObject({ store: { state: 'missing' } });
      expect(await (await fetch(`${at}/runs`)).json()).toMatchObject({ runs: [], all: 0 });
      expect((await fetch(`${at}/runs/last`)).status).toBe(404);
      const store = openStore(late);
      store.createRun({ recipe: 'first', config: {}, seed: 1, steps: 1 });
      store.close();
      expect(await (await fetch(`${at}/runs`)).json()).toMatchObject({ all: 1 });
    } finally {
      await waiting.close();
    }
  });

  it('finds texts also after the store was replaced by another', async () => {
    const folder = join(served.folder, 'replaced');
    const path = join(folder, 'assay.db');
    await trainLetters(path, { over: { steps: 2 } });
    const view = await startView({ store: path, port: 0, page: false });
    const found = async (run: string) => {
      for (;;) {
        const response = await fetch(`${view.url}/api/v1/runs/${run}/samples?text=letter&offset=0`);
        const answer = (await response.json()) as api.SamplesAnswer;
        if (response.status !== 200 || answer.total !== null) return answer.total;
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    try {
      expect(await found('last')).toBe(64);
      rmSync(folder, { recursive: true });
      const [run] = await trainLetters(path, { seeds: [2], over: { steps: 3 } });
      expect(await found(run!)).toBe(96);
      for (const end of ['', '-wal', '-shm']) rmSync(`${path}.index${end}`, { force: true });
      expect(await found(run!)).toBe(96);
    } finally {
      await view.close();
    }
  });

  it('refuses what is no store, in one line, and says so when it becomes damaged', async () => {
    const damaged = join(served.folder, 'damaged.db');
    writeFileSync(
      damaged,
      'this is a text, and long enough to be looked at as if it were a file of SQLite'.repeat(20),
    );
    const refused = (store: string) => expect(startView({ store, port: 0, page: false })).rejects;
    await refused(damaged).toThrow(/not a store(?!.*safe)/);
    await refused(served.folder).toThrow(/is a folder; the run store is a file, such as .*assay\.db$/);
    await refused('').toThrow(/path is empty/);
    rmSync(damaged);
    const late = await startView({ store: damaged, port: 0, page: false });
    try {
      writeFileSync(damaged, 'no store either '.repeat(100));
      const answer = await fetch(`${late.url}/api/v1/runs`);
      expect([answer.status, await answer.json()]).toEqual([
        503,
        { error: expect.stringContaining('not a store') },
      ]);
      expect(await (await fetch(`${late.url}/api/v1/session`)).json()).toMatchObject({
        store: { state: 'error' },
      });
    } finally {
      await late.close();
    }
  });
});
