/** Comparison and alarms of runs that write. The test writes the runs itself, a step when it wants one. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Dashboard, openDashboard, shifts } from './browser.ts';

interface Writing {
  readonly run: string;
  /** Writes the next step. */
  step(metrics: { readonly [name: string]: number }): void;
}

/** Every shift from here on, as a person on the page would see it. */
async function settled(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0)))),
  );
  const before = (await shifts(page)).length;
  return async () => (await shifts(page)).slice(before);
}

/** What somebody has in hand: the focused element, the selected text, the place of the page. */
const inHand = (page: Page) =>
  page.evaluate(() => ({
    focus: document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
    selected: String(getSelection()),
    top: scrollY,
  }));

describe.skipIf(chromiumPath === undefined)('pages over runs that write', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await openDashboard(async () => {});
  }, 60_000);
  afterAll(() => dashboard?.close());

  function write(recipe: string, arm: string, steps: number): Writing {
    const { store } = dashboard;
    const run = store.createRun({ recipe, arm, config: { arm }, seed: 1, steps });
    let step = 0;
    return {
      run,
      step: (metrics) =>
        store.writeStep({ run, step: step++, stage: 'reinforce', metrics, clock: { seconds: 1 } }),
    };
  }

  it('compare: curves and outcomes follow, and nothing moves', async () => {
    const done = write('race', 'main', 40);
    for (let i = 0; i < 40; i++) done.step({ reward: i / 40, solveRate: i / 80, entropy: 1 });
    dashboard.store.evaluation({
      run: done.run,
      step: 39,
      name: 'heldout.after',
      metrics: { solveRate: 0.5, low: 0.4, high: 0.6, n: 100 },
    });
    dashboard.store.finishRun(done.run, 'finished');
    const late = write('race', 'late', 40);
    for (let i = 0; i < 3; i++) late.step({ reward: 0.125 });

    const { page, errors } = await dashboard.open(`/compare?runs=${done.run},${late.run}`);
    const newest = (chart: string) =>
      page.locator(`section[aria-label="${chart}"] .legend li`, { hasText: 'late' }).locator('.value');
    await expect.poll(() => newest('Reward').textContent()).toBe('0.125');
    await page.getByText('1 still writing, of').waitFor();
    // A chart is read out by keyboard, half-way down the page, with its title selected.
    await page.getByRole('slider', { name: 'Reward: read out at a step', exact: true }).focus();
    await page.keyboard.press('Home');
    await page.evaluate(() => {
      getSelection()!.selectAllChildren(document.querySelector('section[aria-label="Reward"] h2')!);
      scrollTo(0, 150);
    });
    const held = await inHand(page);
    expect(held).toMatchObject({ focus: 'Reward: read out at a step', selected: 'Reward' });
    expect(held.top).toBeGreaterThan(0);
    const moved = await settled(page);

    for (let i = 0; i < 20; i++) late.step({ reward: 0.25, solveRate: 0.75, entropy: 12.5 });
    await expect.poll(() => newest('Entropy').textContent()).toBe('12.5');
    await expect.poll(() => newest('Solve rate').textContent()).toBe('75.0 %');
    // The reader's own step stays, with its value.
    expect(await newest('Reward').textContent()).toBe('0.125');
    dashboard.store.evaluation({
      run: late.run,
      step: 22,
      name: 'heldout.after',
      metrics: { solveRate: 0.875, low: 0.8, high: 0.9, n: 100 },
    });
    await page.locator('.outcomes').getByText('87.5 %').first().waitFor();
    await page.locator('.outcomes').getByText('+37.5 pts').waitFor();
    dashboard.store.finishRun(late.run, 'finished');
    await expect.poll(() => page.getByText('1 still writing, of').count()).toBe(0);
    expect(await moved()).toEqual([]);
    expect(await inHand(page)).toEqual(held);

    // A run that was not there when the page was opened can be added.
    const fresh = write('race', 'fresh', 40);
    fresh.step({ reward: 0.5 });
    await expect.poll(() => page.getByLabel('Add runs').textContent()).toContain(fresh.run);
    expect(await moved()).toEqual([]);
    dashboard.store.finishRun(fresh.run, 'stopped');
    // One that is deleted while it is compared is named, and what was shown stays.
    dashboard.store.deleteRun(late.run);
    await page.getByRole('alert').getByText(`there is no run '${late.run}'`).waitFor();
    await page.locator('.outcomes').getByText('87.5 %').first().waitFor();
    expect(errors.filter((line) => !line.includes('404'))).toEqual([]);
    await page.context().close();
  });

  it('alarms: a rule that begins to speak is heard, and nothing moves', async () => {
    const first = write('checked', 'main', 200);
    const second = write('checked', 'second', 200);
    for (const writing of [first, second])
      for (let i = 0; i < 40; i++) writing.step({ reward: 0.5, noVerdict: 0 });
    const { page, errors } = await dashboard.open('/alarms');
    const card = (run: string) => page.getByRole('article', { name: `Alarms of ${run}` });
    await card(first.run).getByText('No verdicts').waitFor();
    await page.getByText(/^✓ No rule speaks/).waitFor();
    const link = card(second.run).getByRole('link', { name: 'All rules' });
    await link.focus();
    await page.evaluate(() => getSelection()!.selectAllChildren(document.querySelector('h1')!));
    const held = await inHand(page);
    const moved = await settled(page);

    for (let i = 0; i < 5; i++) first.step({ reward: 0.5, noVerdict: 0.5 });
    await card(first.run).getByText('● open').waitFor();
    await card(first.run)
      .getByRole('link', { name: /^steps 4\d to 44$/ })
      .waitFor();
    await page.getByText(/has alarms, 1 still open/).waitFor();
    expect(await card(second.run).getByText('● open').count()).toBe(0);
    for (let i = 0; i < 60; i++) first.step({ reward: 0.5, noVerdict: 0 });
    await card(first.run).getByText('○ over').waitFor();

    const third = write('checked', 'third', 200);
    third.step({ reward: 0.5, noVerdict: 0 });
    await card(third.run).waitFor();
    expect(await page.getByRole('article').last().getAttribute('aria-label')).toBe(`Alarms of ${third.run}`);
    expect(await moved()).toEqual([]);
    expect(await inHand(page)).toEqual(held);
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
