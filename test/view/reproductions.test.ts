import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describe as described } from '../../src/core/index.ts';
import type { Store } from '../../src/store/index.ts';
import { reproduce } from '../../src/train/index.ts';
import coin from '../recipes/coin.ts';
import { chromiumPath, type Dashboard, openDashboard, shifts, violations } from './browser.ts';
import { smallReproduction, smallRun } from './small-run.ts';

const toss = (seed: number, arm: string) => (arm === 'loaded' ? 0.7 : 0.5) + seed / 1000;
const seeds = [1, 2, 3];
const arms = ['loaded', 'fair'];

function begin(store: Store, resume = false): string {
  const { name, metric } = coin.study;
  const config = described(coin.options);
  return store.reproductions.begin({ name, kind: 'study', config, metric, arms, seeds }, { resume }).id;
}

const finish = (store: Store, id: string, arm: string, seed: number) =>
  store.reproductions.endJob(
    id,
    { arm, seed },
    { status: 'finished', metrics: { heads: toss(seed, arm) }, stageSeconds: 1 },
  );

describe.skipIf(chromiumPath === undefined)('reproductions on the page', () => {
  let dashboard: Dashboard;
  let run: string;
  beforeAll(async () => {
    dashboard = await openDashboard(async (store, folder) => {
      run = await smallRun(store, folder, 1);
      await smallReproduction(folder);
      const { reproductions } = store;
      const { id } = reproductions.begin({
        name: 'countdown-small',
        kind: 'recipe',
        config: {},
        metric: 'after',
        arms: ['main', 'control'],
        seeds: [1],
        paper: 'simplerl-zoo',
      });
      const metrics = { after: 0.5 };
      const place = { arm: 'main', seed: 1 };
      reproductions.endJob(id, place, { status: 'finished', metrics, stageSeconds: 1, run });
      const gone = { arm: 'control', seed: 1 };
      reproductions.endJob(id, gone, {
        status: 'finished',
        metrics,
        stageSeconds: 1,
        run: 'deleted-1-abcde',
      });
      reproductions.end(id, 'stopped', { seconds: 3, error: 'stopped by a person' });
    });
  }, 120_000);
  afterAll(() => dashboard?.close());

  it('shows those of the store and of files, each job with its run', async () => {
    const { page, errors } = await dashboard.open('/compare');
    const own = page.getByRole('article', { name: 'Reproduction of countdown-small', exact: true });
    await own.getByText('stopped', { exact: true }).waitFor();
    await own.getByText('stopped by a person').waitFor();
    await own.getByText('2 jobs').click();
    await own.getByRole('row', { name: /main 1 finished 50\.0 %/ }).waitFor();
    await own.getByRole('link', { name: run }).waitFor();
    expect(await own.getByRole('link').count()).toBe(1);
    const file = page.getByRole('article', { name: 'Reproduction of countdown', exact: true });
    await file.getByText('✓ holds').waitFor();
    await file.getByText(/from .*countdown\.json/).waitFor();
    expect(await violations(page)).toEqual([]);
    await own.getByRole('link', { name: run }).click();
    await page.getByRole('heading', { name: /countdown-small/ }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('follows one under way to its end, and keeps those before it', async () => {
    const { store } = dashboard;
    const first = begin(store);
    store.reproductions.startJob(first, { arm: 'loaded', seed: 1 });
    finish(store, first, 'loaded', 1);
    store.reproductions.startJob(first, { arm: 'fair', seed: 1 });
    const { page, errors } = await dashboard.open('/compare');
    const own = page.getByRole('article', { name: 'Reproduction of coin' });
    await own.getByText('running', { exact: true }).first().waitFor();
    await own.getByText('1 of 6 jobs').waitFor();
    await own.getByRole('row', { name: /loaded 1 finished 0\.701/ }).waitFor();
    await own.getByRole('row', { name: /fair 1 running/ }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content).toBeLessThanOrEqual(width!);
    await page.setViewportSize({ width: 1280, height: 800 });

    for (const seed of seeds)
      for (const arm of arms) if (seed > 1 || arm === 'fair') finish(store, first, arm, seed);
    await own.getByText('6 jobs', { exact: true }).waitFor();
    const log = {
      get: ({ arm, seed }: { arm: string; seed: number }) => ({
        metrics: { heads: toss(seed, arm) },
        stageSeconds: 1,
      }),
      add: () => {},
    };
    const result = await reproduce(coin, {
      seeds,
      log,
      run: () => Promise.reject(new Error('all are done')),
    });
    store.reproductions.end(first, 'finished', { seconds: 4, result: described(result) });
    await own.getByText('✓ holds').waitFor();
    await own.getByText('heads of loaded over fair: higher').waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);

    const second = begin(store);
    expect(second).not.toBe(first);
    await own.getByText('0 of 6 jobs').waitFor();
    await own.getByText('1 earlier').click();
    await own.getByText('✓ holds').waitFor();
    expect((await shifts(page)).filter((shift) => Number.parseFloat(shift) > 0.1)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('shows a sweep by arm and value', async () => {
    const { reproductions } = dashboard.store;
    const at = (p: number) => ({ name: `p=${p}`, config: { p } });
    const { id } = reproductions.begin({
      name: 'swept',
      kind: 'study',
      config: {},
      metric: 'heads',
      arms: ['loaded'],
      seeds: [0, 1],
      variations: [at(0.5), at(0.7)],
    });
    for (const variation of ['p=0.5', 'p=0.7'])
      for (const seed of [0, 1])
        reproductions.endJob(
          id,
          { variation, arm: 'loaded', seed },
          { status: 'finished', metrics: { heads: Number(variation.slice(2)) }, stageSeconds: 1 },
        );
    const difference = { mean: 0.7, low: 0.6, high: 0.8 };
    const expected = [{ arm: 'loaded', over: 0, direction: 'higher', at: 0.7, difference, holds: true }];
    const result = { kind: 'sweep', holds: true, arms: [{ name: 'loaded', best: 0.7 }], expected };
    reproductions.end(id, 'finished', { seconds: 1, result: described(result) });
    const { page, errors } = await dashboard.open('/compare');
    const own = page.getByRole('article', { name: 'Reproduction of swept' });
    await own.getByText('sweep of p').waitFor();
    await own.getByRole('rowheader', { name: 'loaded · p=0.7' }).waitFor();
    await own.getByText('heads of loaded at 0.7: higher').waitFor();
    await own.getByText('4 jobs').click();
    await own.getByRole('row', { name: 'p=0.5 loaded 1 finished 0.5' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('names one whose result cannot be read', async () => {
    const { reproductions } = dashboard.store;
    const what = { name: 'odd', kind: 'study' as const, config: {}, metric: 'x', arms: ['a'], seeds: [1] };
    const { id } = reproductions.begin(what);
    reproductions.end(id, 'finished', { seconds: 1, result: { holds: 'perhaps' } });
    writeFileSync(join(dashboard.folder, 'reproductions', 'broken.json'), '{');
    const { page } = await dashboard.open('/compare');
    await page.getByText(`${id}: field 'holds'`).waitFor();
    await page.getByText(/broken\.json: /).waitFor();
    await page.context().close();
    reproductions.delete(id);
  });
});
