import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Group, type Sample, verdict } from '../../src/core/index.ts';
import { chromiumPath, type Dashboard, openDashboard, patient } from './browser.ts';

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

describe.skipIf(chromiumPath === undefined)('a list of 100,000 samples', patient, () => {
  let dashboard: Dashboard;
  let run: string;
  beforeAll(async () => {
    dashboard = await openDashboard(async (store) => {
      run = longRun(store);
    });
  }, patient.timeout);
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

  it.each([
    ['numbers', 'column=value&above=1&from=10', 45_000, 'said 10 0 1', 'said 55 0 0', 'said 99 124 6'],
    ['words', 'text=said+-prompt%3A7&from=10', 89_280, 'said 10 0 0', 'said 55 0 0', 'said 99 124 7'],
  ])(
    'goes to any place of what a filter by %s finds',
    async (_, filter, found, first, middle, last) => {
      const { page, errors } = await dashboard.open(`/run/${run}/samples?view=all&${filter}`);
      const said = (what: string) => page.getByText(what, { exact: true }).waitFor();
      await said(first);
      // A slow machine takes its time over the text index, which the count waits for.
      await page
        .getByText(`${found.toLocaleString('en')} samples found`, { exact: true })
        .waitFor({ timeout: 200_000 });
      const list = page.getByRole('listbox', { name: 'Samples' });
      await list.evaluate((element) => {
        element.scrollTop = element.scrollHeight / 2;
      });
      await said(middle);
      await list.focus();
      await page.keyboard.press('End');
      await said(last);
      await page.keyboard.press('PageUp');
      await page.keyboard.press('Home');
      await said(first);
      await page.getByLabel('Go to number').fill(String(found / 2 + 1));
      await page.keyboard.press('Enter');
      await said(middle);
      expect(await list.locator('[aria-selected=true]').getAttribute('aria-posinset')).toBe(
        String(found / 2 + 1),
      );
      // The address has the place: also after a look at the sample, and for whoever is sent it.
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.locator('article.sample.current').waitFor();
      await page.goBack();
      await said(middle);
      expect(await list.locator('[aria-selected=true]').getAttribute('aria-posinset')).toBe(
        String(found / 2 + 2),
      );
      await page.reload();
      await said(middle);
      expect(await page.locator('.row').count()).toBeLessThan(60);
      expect(errors).toEqual([]);
      await page.context().close();
    },
    180_000,
  );
});
