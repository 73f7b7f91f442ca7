import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { verdict } from '../core/index.ts';
import { openStore } from '../store/index.ts';
import * as api from './api.ts';
import { trainLetters } from './fixtures/runs.ts';
import { routes } from './routes.ts';
import { startView, type ViewServer } from './server.ts';

let folder: string;
let path: string;
let server: ViewServer;
let runs: string[];
let main: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-view-'));
  path = join(folder, 'assay.db');
  runs = await trainLetters(path, { seeds: [1, 2], slow: true });
  main = runs[0]!;
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'assets', 'index-abcdefgh.js'), 'export {};');
  server = await startView({ store: path, port: 0, page });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const root = () => `${server.url}/api/v1`;

async function get<Schema extends z.ZodType>(from: string, schema: Schema): Promise<z.output<Schema>> {
  const response = await fetch(`${root()}${from}`);
  const body = (await response.json()) as { error?: string };
  expect([from, response.status, body.error]).toEqual([from, 200, undefined]);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return strict(schema).parse(body);
}

/** Nothing is sent that the contract does not name. */
function strict<Schema extends z.ZodType>(schema: Schema): Schema {
  return ('strict' in schema && typeof schema.strict === 'function' ? schema.strict() : schema) as Schema;
}

async function refused(from: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(`${root()}${from}`, init);
  const { error } = (await response.json()) as { error: string };
  expect(error).not.toContain('\n');
  return [response.status, error];
}

/** With headers that `fetch` does not let one set. */
function raw(
  from: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    const sent = request(`${server.url}${from}`, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      response.on('end', () => done({ status: response.statusCode!, body }));
    });
    sent.on('error', failed).end();
  });
}

describe('runs', () => {
  it('lists them with what they came to', async () => {
    const { runs: rows, total, all, facets } = await get('/runs', api.runsAnswer);
    expect(rows.map(({ id }) => id)).toEqual([...runs].reverse());
    expect([total, all]).toEqual([4, 4]);
    expect(rows.at(-1)).toMatchObject({
      recipe: 'letters',
      paper: 'none',
      seed: 1,
      status: 'finished',
      activity: null,
      progress: 1,
      last: 29,
      noVerdict: expect.any(Number),
    });
    expect(rows.at(-1)!.after).toBeGreaterThan(rows.at(-1)!.before!);
    expect(facets.recipe).toEqual([{ value: 'letters', n: 4 }]);
    expect(facets.arm).toEqual([{ value: 'slow', n: 2 }]);
  });

  it('searches, filters, sorts and pages', async () => {
    const ids = async (query: string) =>
      (await get(`/runs?${query}`, api.runsAnswer)).runs.map(({ seed, arm }) => `${seed}${arm ?? ''}`);
    expect(await ids('q=SLOW')).toEqual(['2slow', '1slow']);
    expect(await ids('arm=slow&sort=seed&order=asc')).toEqual(['1slow', '2slow']);
    expect(await ids('sort=created&order=asc&offset=1&limit=2')).toEqual(['1slow', '2']);
    expect(await ids('status=running')).toEqual([]);
    expect((await ids('sort=after&order=desc')).slice(2).every((name) => name.endsWith('slow'))).toBe(true);
  });

  it('knows a live run from a stalled one', async () => {
    const store = openStore(path);
    const run = store.createRun({ recipe: 'waiting', config: {}, seed: 9, steps: 10 });
    expect((await get(`/runs/${run}`, api.runAnswer)).run).toMatchObject({ activity: 'live', last: -1 });
    store.deleteRun(run);
    store.close();
    expect(await refused(`/runs/${run}`)).toEqual([404, expect.stringContaining(`there is no run '${run}'`)]);
  });

  it('tells of one run all that its page needs', async () => {
    const answer = await get(`/runs/${main}`, api.runAnswer);
    expect(answer.config).toMatchObject({ name: 'letters' });
    expect(answer.stages).toEqual([{ name: 'reinforce', from: 0, to: 29 }]);
    expect(answer.metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'reward',
        'part.correct',
        'heldout/solveRate',
        'noVerdict.judge',
        'seconds.score',
      ]),
    );
    expect(answer.metrics.find(({ name }) => name === 'part.brief')).toMatchObject({
      group: 'parts',
      label: 'brief',
    });
    expect(answer.events.filter(({ kind }) => kind === 'checkpoint').length).toBeGreaterThan(2);
    expect(answer.evaluations.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['heldout.untrained', 'heldout', 'heldout.after']),
    );
    expect(answer.siblings).toHaveLength(3);
    expect(answer.splits[0]).toBe('train');
    expect((await get(`/runs/${main.slice(0, -1)}`, api.runAnswer)).run.id).toBe(main);
  });
});

describe('series', () => {
  it('gives metrics, clocks and held-out rates as they are stored', async () => {
    const { series, last } = await get(
      `/runs/${main}/series?name=reward&name=tokensPerSecond&name=heldout/solveRate&name=nothing`,
      api.seriesAnswer,
    );
    const store = openStore(path, { readOnly: true });
    const steps = [...store.steps(main)];
    store.close();
    expect(last).toBe(29);
    expect(series.reward!.mean).toEqual(steps.map(({ metrics }) => metrics.reward));
    expect(series.tokensPerSecond!.mean).toEqual(steps.map(({ clock }) => clock.tokensPerSecond));
    expect(series.reward).toMatchObject({ band: null, min: null, infinite: 0 });
    expect(series['heldout/solveRate']).toMatchObject({ steps: [-1, 9, 19, 29], band: 'interval' });
    expect(series.nothing!.steps).toEqual([]);
  });

  it('keeps to the points and the range that are asked for', async () => {
    const { series } = await get(`/runs/${main}/series?name=reward&points=10&from=4&to=27`, api.seriesAnswer);
    const { steps, mean, min, max, band } = series.reward!;
    expect(steps).toEqual([4, 8, 12, 16, 20, 24]);
    expect(band).toBe('range');
    mean.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(min![i]!);
      expect(value).toBeLessThanOrEqual(max![i]!);
    });
  });
});

describe('groups and samples', () => {
  it('shows the groups of a step with parts, spans and advantages', async () => {
    const answer = await get(`/runs/${main}/groups?step=0`, api.groupsAnswer);
    expect(answer).toMatchObject({ total: 4, previous: null, next: 1, stage: 'reinforce' });
    expect(answer.groups.map(({ samples }) => samples.length)).toEqual([8, 8, 8, 8]);
    const first = answer.groups[0]!.samples[0]!;
    expect(first.verdict!.parts).toMatchObject({ correct: { value: expect.any(Number) } });
    expect(first.verdict!.spans).toEqual([
      { start: 0, end: 2, part: 'correct', at: 'each', value: expect.any(Number) },
    ]);
    expect(first.advantages.policy).toBeTypeOf('number');
    expect(first.turns[0]!.completion).toMatchObject({ cut: false });
    const silent = answer.groups
      .flatMap(({ samples }) => samples)
      .filter(({ verdict: said }) => said?.value === null);
    for (const one of silent)
      expect(one.verdict).toMatchObject({ cause: 'judge', reason: 'the judge was away' });
    expect(
      (await get(`/runs/${main}/groups?step=29&limit=1&offset=2`, api.groupsAnswer)).groups,
    ).toHaveLength(1);
    expect(await get(`/runs/${main}/groups?step=500`, api.groupsAnswer)).toMatchObject({
      total: 0,
      previous: 29,
    });
    const held = await get(`/runs/${main}/groups?step=29&split=heldout.after`, api.groupsAnswer);
    expect(held.groups.every(({ samples }) => samples.length === 1)).toBe(true);
  });

  it('gives one sample, and says which steps have some', async () => {
    const { sample, task } = await get(`/runs/${main}/sample?step=3&position=9`, api.sampleAnswer);
    expect(sample).toMatchObject({ step: 3, position: 9, group: 1 });
    expect(task.prompt.text).toMatch(/^question \d: /);
    const { steps, columns, splits } = await get(`/runs/${main}/steps`, api.stepsAnswer);
    expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(columns).toEqual(['value', 'length', 'logprob', 'advantage:policy', 'part:brief', 'part:correct']);
    expect(splits).toContain('heldout.after');
    expect(await refused(`/runs/${main}/sample?step=3&position=900`)).toEqual([
      404,
      expect.stringMatching(/no sample 900/),
    ]);
  });

  it('walks through all samples in order, either way', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: api.SamplesAnswer = await get(
          `/runs/${main}/samples?limit=77&order=${order}${cursor && `&cursor=${cursor}`}`,
          api.samplesAnswer,
        );
        expect(page.total).toBe(30 * 32);
        seen.push(...page.samples.map(({ step, position }) => `${step}/${position}`));
        cursor = page.next;
      }
      const all = Array.from({ length: 30 * 32 }, (_, i) => `${Math.floor(i / 32)}/${i % 32}`);
      expect(seen).toEqual(order === 'asc' ? all : all.reverse());
    }
  });

  it('jumps to any place of an unfiltered list', async () => {
    for (const [order, offset, wanted] of [
      ['asc', 0, '0/0'],
      ['asc', 100, '3/4'],
      ['desc', 33, '28/30'],
    ] as const) {
      const { samples } = await get(
        `/runs/${main}/samples?limit=1&order=${order}&offset=${offset}`,
        api.samplesAnswer,
      );
      expect(samples.map(({ step, position }) => `${step}/${position}`)).toEqual([wanted]);
    }
    expect((await get(`/runs/${main}/samples?offset=5000`, api.samplesAnswer)).samples).toEqual([]);
    expect(await refused(`/runs/${main}/samples?offset=5&cause=any`)).toEqual([
      400,
      expect.stringContaining("field 'offset'"),
    ]);
  });

  it('filters by parts, disagreement, cause, finish and variance', async () => {
    const store = openStore(path, { readOnly: true });
    const stored = store.sampleSteps(main).flatMap((step) => store.samples(main, step));
    store.close();
    const found = async (query: string) => {
      const out: api.SampleRow[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: api.SamplesAnswer = await get(
          `/runs/${main}/samples?limit=500&${query}${cursor && `&cursor=${cursor}`}`,
          api.samplesAnswer,
        );
        out.push(...page.samples);
        cursor = page.next;
      }
      return out;
    };
    const right = stored.filter(({ verdict: said }) => said?.parts?.correct?.value === 1);
    expect(await found('column=part:correct&above=1')).toHaveLength(right.length);
    const silent = stored.filter(({ verdict: said }) => said?.value === null);
    expect(silent.length).toBeGreaterThan(0);
    expect(await found('cause=judge')).toHaveLength(silent.length);
    expect(await found('cause=any')).toHaveLength(silent.length);
    expect(await found('cause=timeout')).toHaveLength(0);
    expect(await found('cause=none')).toHaveLength(stored.length - silent.length);
    const apart = stored.filter(
      ({ verdict: said }) => said?.parts && said.parts.correct!.value !== said.parts.brief!.value,
    );
    expect(await found('first=part:correct&second=part:brief')).toHaveLength(apart.length);
    expect(await found('finish=length&from=3&to=4')).toHaveLength(
      stored.filter(({ step, turns }) => step >= 3 && step <= 4 && turns[0]!.finish === 'length').length,
    );
    const alike = await found('zeroVariance=true');
    expect(alike.every(({ zeroVariance }) => zeroVariance)).toBe(true);
    const varied = await found('zeroVariance=false');
    expect(varied.some(({ zeroVariance }) => zeroVariance)).toBe(false);
    expect(alike.length + varied.length).toBe(stored.length);
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['/runs?limit=0', /field 'limit'/],
    ['/runs?status=odd', /field 'status/],
    ['/runs?colour=red', /colour/],
    ['/runs?sort=secret', /field 'sort'/],
    ['/runs/RUN/series?points=1e9', /field 'points': expected a whole number/],
    ['/runs/RUN/series?from=-1', /field 'from'/],
    ['/runs/RUN/groups', /field 'step'/],
    ['/runs/RUN/groups?step=0&chars=9999999', /field 'chars'/],
    ['/runs/RUN/sample?step=0', /field 'position'/],
    ['/runs/RUN/steps?split=', /field 'split'/],
    ['/runs/RUN/samples?cause=rain', /field 'cause'/],
    ['/runs/RUN/samples?above=1', /field 'column'/],
    ['/runs/RUN/samples?above=NaN&column=value', /field 'above'/],
    ['/runs/RUN/samples?first=value', /field 'second'/],
    ['/runs/RUN/samples?cursor=t:1', /field 'cursor'/],
    ['/runs/RUN/samples?text=%2B', /field 'text': a search needs a letter/],
    ['/runs/RUN/samples?text=-alpha', /a word that must occur/],
    ['/runs/RUN/samples?text=a*', /needs 2 characters/],
    ['/compare', /name at least one run/],
    ['/compare?run=RUN&by=colour', /field 'by'/],
    ['/live?from=x', /field 'from'/],
  ])('%s is refused in one line', async (from, line) => {
    expect(await refused(from.replace('RUN', main))).toEqual([400, expect.stringMatching(line)]);
  });

  it.each([
    '/runs/nobody',
    '/runs/nobody/series',
    '/runs/nobody/samples',
    '/compare?run=nobody',
    '/live?run=nobody',
    '/audits/none',
    '/audits/..%2F..%2Fetc%2Fpasswd',
    '/nothing',
  ])('%s is not there', async (from) => {
    expect((await refused(from))[0]).toBe(404);
  });
});

describe('comparison, alarms, documents', () => {
  it('compares arms over their seeds, and says where recipes differ', async () => {
    const answer = await get(
      `/compare?${runs.map((id) => `run=${id}`).join('&')}&metric=reward&metric=heldout/solveRate`,
      api.compareAnswer,
    );
    expect(answer.arms.map(({ name, runs: own }) => [name, own.length])).toEqual([
      ['letters · main', 2],
      ['letters · slow', 2],
    ]);
    expect(answer.arms[0]!.series.reward!.steps).toHaveLength(30);
    expect(answer.arms[0]!.series.reward!.n.every((n) => n === 2)).toBe(true);
    expect(answer.differences).toEqual([
      expect.objectContaining({ arm: 'letters · slow', paired: true, n: 2 }),
    ]);
    expect(answer.differences[0]!.value).toBeLessThan(0);
    expect(answer.config.map(({ path: at }) => at)).toEqual(['optimizer.learningRate']);
    expect(answer.config[0]!.values[runs[1]!]).toBe(0);
    const alone = await get(`/compare?run=${main}&by=run`, api.compareAnswer);
    expect(alone).toMatchObject({ differences: [], config: [], arms: [{ name: main }] });
  });

  it('says of each alarm rule what it found and how often it is wrong', async () => {
    const { alarms, rules } = await get(`/runs/${main}/alarms`, api.alarmsAnswer);
    expect(rules.map(({ rule }) => rule)).toEqual(api.alarmRules);
    for (const { looked, why } of rules) expect(looked).toBe(why === null);
    expect(alarms.every(({ rule }) => api.alarmRules.includes(rule))).toBe(true);
  });

  it('gives the alarms of the newest runs in one answer', async () => {
    const { rules, runs: rows, total } = await get('/alarms?limit=2&offset=1', api.alarmsListAnswer);
    expect(rules.map(({ rule }) => rule)).toEqual(api.alarmRules);
    const all = await get('/runs', api.runsAnswer);
    expect(total).toBe(all.all);
    expect(rows.map(({ run }) => run.id)).toEqual(all.runs.slice(1, 3).map(({ id }) => id));
    const [first] = rows;
    expect(first!.alarms).toEqual((await get(`/runs/${first!.run.id}/alarms`, api.alarmsAnswer)).alarms);
  });

  it('reads reproductions and audits beside the store, and names those that it cannot read', async () => {
    for (const name of ['reproductions', 'audits']) mkdirSync(join(folder, name), { recursive: true });
    const range = { mean: 0.5, low: 0.4, high: 0.6 };
    const result = {
      recipe: 'letters',
      metric: 'after',
      arms: [{ name: 'main', seeds: [1], metric: { ...range, values: [0.5] }, all: { after: [0.5] } }],
      expected: [{ arm: 'main', over: 'slow', direction: 'higher', by: 0.1, difference: range, holds: true }],
      holds: true,
      seconds: 1,
    };
    writeFileSync(join(folder, 'reproductions', 'letters.json'), JSON.stringify(result));
    writeFileSync(join(folder, 'reproductions', 'broken.json'), '{');
    const { reproductions, unreadable } = await get('/reproductions', api.reproductionsAnswer);
    const own = reproductions.find(({ recipe }) => recipe === 'letters');
    expect(own!.expected[0]!.says).toBe('after of main over slow: higher by more than 0.1');
    expect(unreadable).toEqual([
      { file: join(folder, 'reproductions', 'broken.json'), error: expect.any(String) },
    ]);
    writeFileSync(join(folder, 'audits', 'old.json'), '{"assay":"audit","version":0}');
    const audits = await get('/audits', api.auditsAnswer);
    expect(audits).toMatchObject({ audits: [], unreadable: [{ error: expect.stringContaining('version') }] });
    expect(audits.folder).toBe(join(folder, 'audits'));
  });

  it('describes itself', async () => {
    const response = await fetch(`${root()}/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/api/v1/runs', '/api/v1/runs/{run}/samples']),
    );
    expect(Object.keys(paths['/api/v1/runs/{run}']!)).toEqual(['get', 'delete']);
  });
});

describe('changes', () => {
  const token = async () => (await get('/session', api.session)).token;

  it('sets tags and deletes a run, with the token and the whole id', async () => {
    const store = openStore(path);
    const run = store.createRun({ recipe: 'short', config: {}, seed: 1, steps: 1 });
    mkdirSync(join(folder, 'runs', run), { recursive: true });
    const headers = { [api.tokenHeader]: await token(), 'content-type': 'application/json' };
    const tagged = await fetch(`${root()}/runs/${run}/tags`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ tags: ['kept', 'kept', ' seen '] }),
    });
    expect(await tagged.json()).toEqual({ run, tags: ['kept', 'seen'] });
    expect((await get('/runs?tag=seen', api.runsAnswer)).runs.map(({ id }) => id)).toEqual([run]);
    expect(await refused(`/runs/${run}?confirm=short`, { method: 'DELETE', headers })).toEqual([
      400,
      expect.stringContaining(`type the whole id, ${run}`),
    ]);
    expect((await refused(`/runs/${run}?confirm=${run}`, { method: 'DELETE', headers }))[0]).toBe(409);
    store.finishRun(run, 'stopped');
    store.close();
    const deleted = await fetch(`${root()}/runs/${run}?confirm=${run}&files=true`, {
      method: 'DELETE',
      headers,
    });
    expect(await deleted.json()).toEqual({ deleted: run });
    expect(existsSync(join(folder, 'runs', run))).toBe(false);
    expect((await refused(`/runs/${run}`))[0]).toBe(404);
    expect((await refused(`/runs/${main}/tags`, { method: 'PUT', headers, body: '{"tags":[""]}' }))[0]).toBe(
      400,
    );
    expect((await refused(`/runs/${main}/tags`, { method: 'PUT', headers, body: '{' }))[0]).toBe(400);
  });

  it('refuses them without the token, from other origins and under other names', async () => {
    const own = await token();
    const at = `/api/v1/runs/${main}?confirm=other`;
    const { host } = new URL(server.url);
    const attempt = async (headers: Record<string, string>) => (await raw(at, headers, 'DELETE')).status;
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
      expect([host, (await raw('/api/v1/session', { host })).status]).not.toEqual([host, 200]);
    for (const host of ['localhost', 'localhost:8070', '127.0.0.1:1', '[::1]:8070'])
      expect((await raw('/api/v1/session', { host })).status).toBe(200);
  });

  it('is served with headers that let nothing else run, also at deep links', async () => {
    const response = await fetch(`${server.url}/runs/some.run?step=3`);
    expect(await response.text()).toContain('<title>page</title>');
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const asset = await fetch(`${server.url}/assets/index-abcdefgh.js`);
    expect(asset.headers.get('cache-control')).toMatch(/immutable/);
    const again = await raw('/assets/index-abcdefgh.js', { 'if-none-match': asset.headers.get('etag')! });
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
      const { body } = await raw(at, {});
      expect([at, body.includes('SQLite'), body.includes('root:')]).toEqual([at, false, false]);
    }
    expect((await raw('/assets/nothing.js', {})).status).toBe(404);
  });

  it('is asked for in one line where it was not built', async () => {
    await expect(startView({ store: path, port: 0, page: join(folder, 'nowhere') })).rejects.toThrow(
      'npm run build:web',
    );
  });
});

describe('starting', () => {
  it('says in one line that the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startView({ store: path, port, page: false })).rejects.toThrow(/port \d+ is taken/);
  });

  it('waits for a store that is not there yet', async () => {
    const late = join(folder, 'late', 'assay.db');
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

  it('refuses what is no store, in one line, and says so when it becomes damaged', async () => {
    const damaged = join(folder, 'damaged.db');
    writeFileSync(
      damaged,
      'this is a text, and long enough to be looked at as if it were a file of SQLite'.repeat(20),
    );
    await expect(startView({ store: damaged, port: 0, page: false })).rejects.toThrow(/not a store/);
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

describe('hostile texts', () => {
  it('travel unchanged as JSON, cut where they are long, with offsets in code points', async () => {
    const store = openStore(path);
    const run = store.createRun({ recipe: 'hostile', config: {}, seed: 1, steps: 1 });
    const text = `😀<script>alert(1)</script>\u202e\u0000${'x'.repeat(1_000_000)}`;
    const task = { id: '<img src=x onerror=alert(1)>', prompt: '"><svg onload=alert(1)>', answer: '\ud800' };
    const completion = {
      text,
      tokens: Int32Array.of(1, 2),
      logprobs: Float64Array.of(-1, Number.NEGATIVE_INFINITY),
      offsets: Int32Array.of(0, 2),
      length: 2,
      finish: 'stop' as const,
    };
    const said = verdict(1, '<b>reason</b>', {
      parts: { constructor: verdict(1), 'a/b': verdict(0) },
      spans: [{ start: 2, end: 10, value: 1, part: 'x', at: 'each' as const }],
    });
    const samples = [{ id: 's', task, turns: [{ context: task.prompt, completion }], verdict: said }];
    store.writeStep({
      run,
      step: 0,
      stage: 'a',
      metrics: { reward: Number.POSITIVE_INFINITY, 'part.constructor': Number.NaN },
      groups: [{ task, samples }],
      advantages: { policy: { of: 'token', values: Float64Array.of(0.5, -1) } },
    });
    store.close();
    const { groups } = await get(`/runs/${run}/groups?step=0&chars=100`, api.groupsAnswer);
    const sample = groups[0]!.samples[0]!;
    expect(sample.turns[0]!.completion).toMatchObject({ cut: true, length: [...text].length });
    expect([...sample.turns[0]!.completion.text]).toHaveLength(100);
    expect(sample.verdict!.spans![0]).toMatchObject({ start: 1, end: 9 });
    expect(sample.turns[0]!.credit!.policy!.at.map(([offset]) => offset)).toEqual([0, 1]);
    const whole = await get(`/runs/${run}/sample?step=0&position=0`, api.sampleAnswer);
    expect(whole.sample.turns[0]!.completion.text).toBe(text);
    expect(whole.task.answer).toBe('\ud800');
    expect(Object.keys(whole.sample.verdict!.parts!)).toEqual(['constructor', 'a/b']);
    const { series } = await get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(series.reward).toMatchObject({ mean: [null], infinite: 1 });
    const { samples: rows } = await get(`/runs/${run}/samples`, api.samplesAnswer);
    expect(rows[0]!.completion.length).toBeLessThan(250);
  });
});

describe('live', () => {
  /** Reads a stream of events until enough of them came. */
  async function events(from: string, until: (all: { event: string; data: never }[]) => boolean) {
    const controller = new AbortController();
    const response = await fetch(`${root()}${from}`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toMatch(/text\/event-stream/);
    const all: { event: string; data: never }[] = [];
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      rest += chunk;
      const blocks = rest.split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const [, event] = /^event: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        if (event) all.push({ event, data: JSON.parse(data!) as never });
      }
      if (until(all)) break;
    }
    controller.abort();
    return all;
  }

  it('follows a run that another process writes', async () => {
    const script = `
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../store/index.ts'))};
      import { setTimeout as sleep } from 'node:timers/promises';
      const store = openStore(${JSON.stringify(path)});
      const run = store.createRun({ id: 'written-now', recipe: 'written', config: {}, seed: 1, steps: 4 });
      for (let step = 0; step < 4; step++) {
        await sleep(300);
        store.writeStep({ run, step, stage: 'a', metrics: { reward: step / 4 } });
      }
      store.event({ run, step: 3, kind: 'note', body: 'done' });
      store.finishRun(run, 'finished');
      store.close();
    `;
    const listed = events('/live', (all) =>
      all.some(({ event, data }) => event === 'run' && (data as api.RunRow).status === 'finished'),
    );
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
      { stdio: 'inherit' },
    );
    const ended = new Promise((done) => child.on('exit', done));
    while ((await fetch(`${root()}/runs/written-now`)).status !== 200)
      await new Promise((done) => setTimeout(done, 50));
    const all = await events(
      '/live?run=written-now&from=-1',
      (seen) =>
        seen.some(({ event, data }) => event === 'run' && (data as api.RunRow).status === 'finished') &&
        seen.filter(({ event }) => event === 'step').length === 4,
    );
    const steps = all.filter(({ event }) => event === 'step').map(({ data }) => api.liveStep.parse(data));
    expect(steps.map(({ step, metrics }) => [step, metrics.reward])).toEqual([
      [0, 0],
      [1, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
    for (const { event, data } of all) if (event === 'run') api.runRow.parse(data);
    expect((await listed).filter(({ event }) => event === 'run').length).toBeGreaterThan(1);
    expect(await ended).toBe(0);
    const { series } = await get('/runs/written-now/series?name=reward', api.seriesAnswer);
    expect(series.reward!.mean).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('tells of a run that is deleted and of steps that a resume dropped', async () => {
    const store = openStore(path);
    const run = store.createRun({ recipe: 'resumed', config: {}, seed: 1, steps: 9 });
    for (let step = 0; step < 5; step++)
      store.writeStep({ run, step, stage: 'a', metrics: { reward: step } });
    const before = await get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(before.series.reward!.mean).toEqual([0, 1, 2, 3, 4]);
    const heard = events(`/live?run=${run}&from=4`, (all) => all.some(({ event }) => event === 'gone'));
    await new Promise((done) => setTimeout(done, 600));
    store.resumeRun(run, 1);
    store.writeStep({ run, step: 2, stage: 'a', metrics: { reward: 20 } });
    await new Promise((done) => setTimeout(done, 900));
    const after = await get(`/runs/${run}/series?name=reward`, api.seriesAnswer);
    expect(after.series.reward!.mean).toEqual([0, 1, 20]);
    store.deleteRun(run);
    store.close();
    const all = await heard;
    expect(all.find(({ event }) => event === 'truncated')!.data).toEqual({ last: 1 });
    expect(
      all.filter(({ event }) => event === 'step').map(({ data }) => (data as api.LiveStep).step),
    ).toEqual([2]);
    expect(all.at(-1)).toEqual({ event: 'gone', data: { id: run } });
  });
});

describe('text search', () => {
  it('finds words, phrases and beginnings, with marks, as far as the index has come', async () => {
    const all = async (text: string, more = '') => {
      for (;;) {
        const found = await get(
          `/runs/${main}/samples?limit=500&text=${encodeURIComponent(text)}${more}`,
          api.samplesAnswer,
        );
        if (found.index!.state === 'ready') return found;
        expect(found.index!.state).toBe('working');
        await new Promise((done) => setTimeout(done, 50));
      }
    };
    const { samples, index } = await all('ALPHA "question 0"');
    expect(index).toMatchObject({ done: index!.total, state: 'ready' });
    expect(samples.length).toBeGreaterThan(0);
    for (const { prompt, completion, marks } of samples) {
      expect([prompt.slice(0, 10), completion]).toEqual(['question 0', 'alpha']);
      expect(marks).toEqual({ prompt: [[0, 10]], completion: [[0, 5]] });
    }
    expect((await all('alp*')).samples.every(({ completion }) => completion === 'alpha')).toBe(true);
    expect((await all('question -alpha')).samples.some(({ completion }) => completion === 'alpha')).toBe(
      false,
    );
    expect((await all('prompt:alpha')).samples).toEqual([]);
    expect((await all('alpha OR "beta')).samples).toEqual([]);
    expect(
      (await all('alpha', '&zeroVariance=false&column=part:correct&above=1')).samples.every(
        ({ value }) => value! > 0.9,
      ),
    ).toBe(true);
    const rising = (await all('alpha')).samples.map(({ step, position }) => step * 100 + position);
    const falling = (await all('alpha', '&order=desc')).samples.map(
      ({ step, position }) => step * 100 + position,
    );
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(falling).toEqual(rising.toReversed().slice(0, falling.length));
  });
});

it('has every route in its page of the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/view.md'), 'utf8');
  for (const { method, path: at } of routes) expect(page).toContain(`\`${method} ${at}\``);
});
