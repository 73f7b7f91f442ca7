import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Dashboard, openDashboard, patient, quiet } from './browser.ts';
import { hostileRun, hostileTexts } from './small-run.ts';

describe.skipIf(chromiumPath === undefined)('a hostile model', patient, () => {
  let dashboard: Dashboard;
  let run: string;
  beforeAll(async () => {
    dashboard = await openDashboard(async (store) => {
      run = hostileRun(store);
    });
  }, patient.timeout);
  afterAll(() => dashboard?.close());

  it('is shown as text on every page that shows it', async () => {
    const id = encodeURIComponent(run);
    const { page, errors } = await dashboard.open('/');
    for (const path of [
      '/',
      `/run/${id}`,
      `/run/${id}/samples`,
      `/run/${id}/samples?view=all`,
      `/run/${id}/samples?view=all&text=bold`,
      `/run/${id}/config`,
      `/compare?runs=${id}`,
      '/alarms',
    ]) {
      await page.goto(dashboard.url + path);
      await page.locator('main h1, main h2').first().waitFor();
      await quiet(page);
      const found = await page.evaluate(() => ({
        hacked: 'hacked' in globalThis,
        markup: document.querySelectorAll('main script, main img, main b.x, main iframe').length,
        links: [...document.querySelectorAll('a')].filter(({ protocol }) => !/^https?:$/.test(protocol))
          .length,
      }));
      expect({ path, ...found }).toEqual({ path, hacked: false, markup: 0, links: 0 });
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('cannot turn a page around, hide signs, or fill it with one line', async () => {
    const { page, errors } = await dashboard.open(`/run/${encodeURIComponent(run)}/samples`);
    const card = (place: number) => page.locator(`#sample-${place}`);
    await card(0).waitFor();
    expect(await card(0).locator('.text').textContent()).toBe(hostileTexts.script);
    const shown = card(1).locator('.text');
    expect(await shown.locator('.control').allTextContents()).toEqual([
      'RLO',
      'PDF',
      'LRI',
      'PDI',
      'NUL',
      'ESC',
    ]);
    expect(await shown.evaluate((element) => getComputedStyle(element).unicodeBidi)).toMatch(
      /isolate|plaintext/,
    );
    const long = card(2).locator('.text');
    expect((await long.textContent())!.length).toBeLessThan(4000);
    const more = card(2).getByRole('button', { name: /Show more/ });
    expect(await more.textContent()).toContain((hostileTexts.long.length - 3000).toLocaleString('en'));
    await more.click();
    await more.click();
    await expect.poll(async () => (await long.textContent())!.length).toBeGreaterThan(60_000);
    const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content).toBeLessThanOrEqual(width!);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
