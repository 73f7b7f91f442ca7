import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Group, type Sample, verdict } from '../../src/core/index.ts';
import { chromiumPath, type Dashboard, openDashboard } from './browser.ts';

const steps = 100;
const perStep = 1000;

/** 100,000 samples; each says which it is. */
function longRun(store: Dashboard['store']): string {
  const run = store.createRun({ recipe: 'long', config: {}, seed: 1, steps });
  for (let step = 0; step < steps; step++) {
    const groups = Array.from({ length: 125 }, (_, g): Group<unknown> => {
      const task = { id: `task ${g}`, prompt: `prompt ${g}` };
      const samples = Array.from(
        { length: perStep / 125 },
        (_, i): Sample<unknown> => ({
          id: `${step} ${g} ${i}`,
          task,
          turns: [
            {
              context: task.prompt,
              completion: {
                text: `said ${step} ${g} ${i}`,
                tokens: new Int32Array(0),
                logprobs: new Float64Array(0),
                finish: 'stop',
              },
            },
          ],
          verdict: verdict((step + g + i) % 2),
        }),
      );
      return { task, samples };
    });
    store.writeStep({ run, step, stage: 'reinforce', metrics: { reward: 0.5 }, groups });
  }
  store.finishRun(run, 'finished');
  return run;
}

describe.skipIf(chromiumPath === undefined)('a list of 100,000 samples', () => {
  let dashboard: Dashboard;
  let run: string;
  beforeAll(async () => {
    dashboard = await openDashboard(async (store) => {
      run = longRun(store);
    });
  }, 120_000);
  afterAll(() => dashboard?.close());

  it('shows any of them with a few rows in the page', async () => {
    const { page, errors } = await dashboard.open(`/run/${run}/samples?view=all`);
    await page.getByText('100,000 samples').waitFor();
    const list = page.getByRole('listbox', { name: 'Samples' });
    await page.getByText('said 0 0 0', { exact: true }).waitFor();
    await list.focus();
    await page.keyboard.press('End');
    await page.getByText('said 99 124 7', { exact: true }).waitFor();
    await list.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await page.getByText('said 50 0 0', { exact: true }).waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
    await page.getByText('said 50 0 0', { exact: true }).click();
    await page.locator('article.sample.current', { hasText: 'said 50 0 0' }).waitFor();
    await page.goBack();
    await page.getByLabel('Order').selectOption('desc');
    await page.getByText('said 99 124 7', { exact: true }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('goes on through what a filter finds', async () => {
    const { page, errors } = await dashboard.open(
      `/run/${run}/samples?view=all&column=value&above=1&from=10`,
    );
    await page.getByText('said 10 0 1', { exact: true }).waitFor();
    const list = page.getByRole('listbox', { name: 'Samples' });
    // Only what was scrolled to is read: the end moves on as it is reached.
    for (let i = 0; i < 4; i++) {
      const before = Number(await page.locator('.row').first().getAttribute('aria-setsize'));
      await list.evaluate((element) => {
        element.scrollTop = element.scrollHeight;
      });
      await expect
        .poll(async () => Number(await page.locator('.row').first().getAttribute('aria-setsize')))
        .toBeGreaterThan(before);
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
