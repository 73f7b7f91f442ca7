import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Dashboard, openDashboard, patient, quiet, shifts } from './browser.ts';

const root = resolve(import.meta.dirname, '../..');

describe.skipIf(chromiumPath === undefined)('a run that writes', patient, () => {
  let dashboard: Dashboard;
  let training: ChildProcess | undefined;
  beforeAll(async () => {
    dashboard = await openDashboard(async () => {});
  }, patient.timeout);
  afterAll(async () => {
    if (training && training.exitCode === null) {
      training.kill('SIGKILL');
      await new Promise((done) => training!.once('close', done));
    }
    await dashboard?.close();
  });

  it('appears, grows and ends by itself, and nothing moves', async () => {
    const list = await dashboard.open('/');
    await list.page.getByText('No runs yet').waitFor();
    const node = [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      'test/view/train-small.ts',
    ];
    training = spawn(process.execPath, [...node, dashboard.folder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    training.stderr!.on('data', (chunk) => {
      complaints += chunk;
    });
    const ended = new Promise<number | null>((done) => training!.once('close', done));
    await list.page.getByRole('link', { name: 'countdown-small' }).first().waitFor({ timeout: 200_000 });
    const run = dashboard.store.runs()[0]!.id;

    const { page, errors } = await dashboard.open(`/run/${run}`);
    const done = page.locator('.fact-steps .num-line');
    const count = async () => Number.parseInt((await done.textContent())!, 10);
    await page.locator('.chart').first().waitFor({ timeout: 200_000 });
    await expect.poll(count, { timeout: 200_000 }).toBeGreaterThanOrEqual(18);
    await quiet(page);
    const before = await count();
    expect(before).toBeLessThan(36);
    const settled = (await shifts(page)).length;
    const settledList = (await shifts(list.page)).length;
    writeFileSync(join(dashboard.folder, 'go-on'), '');
    await expect.poll(count, { timeout: 200_000 }).toBeGreaterThan(before);
    await expect.poll(() => page.getByText('finished').count(), { timeout: 200_000 }).toBeGreaterThan(0);
    expect(await ended, complaints).toBe(0);
    await expect.poll(count).toBe(dashboard.store.run(run).last + 1);
    // The newest value of a chart is the newest of the store, without having loaded the page again.
    const { reward } = dashboard.store.series(run, ['reward']);
    const newest = String(Number(reward!.values.at(-1)!.toPrecision(4)));
    await expect
      .poll(() => page.locator('section[aria-label="Reward"] .legend .value').textContent())
      .toBe(newest);
    expect((await shifts(page)).slice(settled)).toEqual([]);
    expect((await shifts(list.page)).slice(settledList)).toEqual([]);
    await expect.poll(() => list.page.locator('tbody .badge').first().textContent()).toBe('finished');
    expect([...errors, ...list.errors]).toEqual([]);
    await page.context().close();
    await list.page.context().close();
  });

  it('says when its server is gone, and comes back', async () => {
    const { page } = await dashboard.open('/');
    await page.locator('.connection .dot.good').waitFor();
    await page.context().setOffline(true);
    await page.evaluate(() => undefined);
    await page.getByRole('link', { name: 'countdown-small' }).first().click();
    await page.getByText('No connection').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Solve rate').first().waitFor();
    await page.context().close();
  });
});
