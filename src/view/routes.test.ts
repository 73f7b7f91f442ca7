import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/index.ts';
import * as api from './api.ts';
import { type Served, serveLetters } from './fixtures/served.ts';
import { routes } from './routes.ts';

let served: Served;
beforeAll(async () => {
  served = await serveLetters();
});
afterAll(() => served.close());

describe('runs', () => {
  it('lists them with what they came to', async () => {
    const { runs: rows, total, all, facets } = await served.get('/runs', api.runsAnswer);
    expect(rows.map(({ id }) => id)).toEqual([...served.runs].reverse());
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
      (await served.get(`/runs?${query}`, api.runsAnswer)).runs.map(({ seed, arm }) => `${seed}${arm ?? ''}`);
    expect(await ids('q=SLOW')).toEqual(['2slow', '1slow']);
    expect(await ids('arm=slow&sort=seed&order=asc')).toEqual(['1slow', '2slow']);
    expect(await ids('sort=created&order=asc&offset=1&limit=2')).toEqual(['1slow', '2']);
    expect(await ids('status=running')).toEqual([]);
    expect((await ids('sort=after&order=desc')).slice(2).every((name) => name.endsWith('slow'))).toBe(true);
  });

  it('knows a live run from a stalled one', async () => {
    const store = openStore(served.path);
    const run = store.createRun({ recipe: 'waiting', config: {}, seed: 9, steps: 10 });
    expect((await served.get(`/runs/${run}`, api.runAnswer)).run).toMatchObject({
      activity: 'live',
      last: -1,
    });
    store.deleteRun(run);
    store.close();
    expect(await served.refused(`/runs/${run}`)).toEqual([
      404,
      expect.stringContaining(`there is no run '${run}'`),
    ]);
  });

  it('tells of one run all that its page needs', async () => {
    const answer = await served.get(`/runs/${served.main}`, api.runAnswer);
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
    expect((await served.get(`/runs/${served.main.slice(0, -1)}`, api.runAnswer)).run.id).toBe(served.main);
  });
});

describe('series', () => {
  it('gives metrics, clocks and held-out rates as they are stored', async () => {
    const { series, last } = await served.get(
      `/runs/${served.main}/series?name=reward&name=tokensPerSecond&name=heldout/solveRate&name=nothing`,
      api.seriesAnswer,
    );
    const store = openStore(served.path, { readOnly: true });
    const steps = [...store.steps(served.main)];
    store.close();
    expect(last).toBe(29);
    expect(series.reward!.mean).toEqual(steps.map(({ metrics }) => metrics.reward));
    expect(series.tokensPerSecond!.mean).toEqual(steps.map(({ clock }) => clock.tokensPerSecond));
    expect(series.reward).toMatchObject({ band: null, min: null, infinite: 0 });
    expect(series['heldout/solveRate']).toMatchObject({ steps: [-1, 9, 19, 29], band: 'interval' });
    expect(series.nothing!.steps).toEqual([]);
  });

  it('keeps to the points and the range that are asked for', async () => {
    const { series } = await served.get(
      `/runs/${served.main}/series?name=reward&points=10&from=4&to=27`,
      api.seriesAnswer,
    );
    const { steps, mean, min, max, band } = series.reward!;
    expect(steps).toEqual([4, 8, 12, 16, 20, 24]);
    expect(band).toBe('range');
    mean.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(min![i]!);
      expect(value).toBeLessThanOrEqual(max![i]!);
    });
  });
});

describe('comparison, alarms, documents', () => {
  it('compares arms over their seeds, and says where recipes differ', async () => {
    const answer = await served.get(
      `/compare?${served.runs.map((id) => `run=${id}`).join('&')}&metric=reward&metric=heldout/solveRate`,
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
    expect(answer.config[0]!.values[served.runs[1]!]).toBe(0);
    const alone = await served.get(`/compare?run=${served.main}&by=run`, api.compareAnswer);
    expect(alone).toMatchObject({ differences: [], config: [], arms: [{ name: served.main }] });
  });

  it('counts a seed once in an arm, with its newest run', async () => {
    const query = (ids: readonly string[]) =>
      `/compare?${ids.map((id) => `run=${id}`).join('&')}&metric=reward`;
    const store = openStore(served.path);
    const again = (arm?: string) => {
      const run = store.createRun({ recipe: 'letters', config: {}, seed: 1, steps: 1, arm });
      store.writeStep({ run, step: 0, stage: 'reinforce', metrics: { reward: arm ? 0.25 : 0.75 } });
      store.evaluation({ run, step: 0, name: 'heldout.after', metrics: { solveRate: arm ? 0.25 : 0.75 } });
      store.finishRun(run, 'finished');
      return run;
    };
    const twice = [again(), again('slow')];
    store.close();
    try {
      const [first, slow] = served.runs; // seed 1 of both arms
      const { arms, differences } = await served.get(
        query([twice[0]!, first!, slow!, twice[1]!]),
        api.compareAnswer,
      );
      expect(arms.map(({ runs, older }) => [runs, older].map((list) => list.map(({ id }) => id)))).toEqual([
        [[twice[0]], [first]],
        [[twice[1]], [slow]],
      ]);
      expect(arms[0]!.outcomes.after).toMatchObject({
        n: 1,
        value: 0.75,
        low: null,
        high: null,
        values: [0.75],
      });
      expect(arms[0]!.series.reward).toMatchObject({ steps: [0], mean: [0.75], low: [null], n: [1] });
      expect(differences).toEqual([
        expect.objectContaining({ paired: true, n: 1, value: -0.5, low: null, high: null }),
      ]);
      const alone = await served.get(`${query([...twice, first!])}&by=run`, api.compareAnswer);
      expect(alone.arms.map(({ name, older }) => [name, older.length])).toEqual(
        [...twice, first!].map((id) => [id, 0]),
      );
    } finally {
      const writer = openStore(served.path);
      for (const run of twice) writer.deleteRun(run);
      writer.close();
    }
  });

  it('says of each alarm rule what it found and how often it is wrong', async () => {
    const { alarms, rules } = await served.get(`/runs/${served.main}/alarms`, api.alarmsAnswer);
    expect(rules.map(({ rule }) => rule)).toEqual(api.alarmRules);
    for (const { looked, why } of rules) expect(looked).toBe(why === null);
    expect(alarms.every(({ rule }) => api.alarmRules.includes(rule))).toBe(true);
  });

  it('gives the alarms of the newest runs in one answer', async () => {
    const { rules, runs: rows, total } = await served.get('/alarms?limit=2&offset=1', api.alarmsListAnswer);
    expect(rules.map(({ rule }) => rule)).toEqual(api.alarmRules);
    const all = await served.get('/runs', api.runsAnswer);
    expect(total).toBe(all.all);
    expect(rows.map(({ run }) => run.id)).toEqual(all.runs.slice(1, 3).map(({ id }) => id));
    const [first] = rows;
    expect(first!.alarms).toEqual(
      (await served.get(`/runs/${first!.run.id}/alarms`, api.alarmsAnswer)).alarms,
    );
  });

  it('reads reproductions and audits beside the store, and names those that it cannot read', async () => {
    for (const name of ['reproductions', 'audits']) mkdirSync(join(served.folder, name), { recursive: true });
    const range = { mean: 0.5, low: 0.4, high: 0.6 };
    const result = {
      recipe: 'letters',
      metric: 'after',
      arms: [{ name: 'main', seeds: [1], metric: { ...range, values: [0.5] }, all: { after: [0.5] } }],
      expected: [{ arm: 'main', over: 'slow', direction: 'higher', by: 0.1, difference: range, holds: true }],
      holds: true,
      seconds: 1,
    };
    writeFileSync(join(served.folder, 'reproductions', 'letters.json'), JSON.stringify(result));
    writeFileSync(join(served.folder, 'reproductions', 'broken.json'), '{');
    const sweep = { ...result, kind: 'sweep', field: 'groups' };
    writeFileSync(join(served.folder, 'reproductions', 'letters.sweep.json'), JSON.stringify(sweep));
    const { reproductions, unreadable } = await served.get('/reproductions', api.reproductionsAnswer);
    const [own, ...more] = reproductions.filter(({ recipe }) => recipe === 'letters');
    expect(more).toEqual([]);
    expect(own!.expected[0]!.says).toBe('after of main over slow: higher by more than 0.1');
    expect(unreadable).toEqual([
      { file: join(served.folder, 'reproductions', 'broken.json'), error: expect.any(String) },
    ]);
    writeFileSync(join(served.folder, 'audits', 'old.json'), '{"assay":"audit","version":0}');
    const audits = await served.get('/audits', api.auditsAnswer);
    expect(audits).toMatchObject({ audits: [], unreadable: [{ error: expect.stringContaining('version') }] });
    expect(audits.folder).toBe(join(served.folder, 'audits'));
  });

  it('describes itself', async () => {
    const response = await fetch(`${served.root}/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/api/v1/runs', '/api/v1/runs/{run}/samples']),
    );
    expect(Object.keys(paths['/api/v1/runs/{run}']!)).toEqual(['get', 'delete']);
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
    expect(await served.refused(from.replace('RUN', served.main))).toEqual([
      400,
      expect.stringMatching(line),
    ]);
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
    expect((await served.refused(from))[0]).toBe(404);
  });
});

it('has every route in its page of the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/view.md'), 'utf8');
  for (const { method, path: at } of routes) expect(page).toContain(`\`${method} ${at}\``);
});
