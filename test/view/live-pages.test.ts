/** Comparison and alarms of runs that write. The test writes the runs itself, a step when it wants one. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Group, type Sample, verdict } from '../../src/core/index.ts';
import { chromiumPath, type Dashboard, openDashboard, patient, quiet, shifts } from './browser.ts';

interface Writing {
  readonly run: string;
  /** Writes the next step. `texts`: its samples, of which those that begin with 'right' are. */
  step(metrics: { readonly [name: string]: number }, texts?: readonly string[]): void;
}

function groupOf(step: number, texts: readonly string[]): Group<unknown> {
  const task = { id: 'task', prompt: 'say it' };
  const samples = texts.map(
    (text, i): Sample<unknown> => ({
      id: `${step}/${i}`,
      task,
      turns: [
        {
          context: task.prompt,
          completion: {
            text: `${text} ${step} ${i}`,
            tokens: new Int32Array(0),
            logprobs: new Float64Array(0),
            finish: 'stop',
          },
        },
      ],
      verdict: verdict(text.startsWith('right') ? 1 : 0),
    }),
  );
  return { task, samples };
}

/** Every shift from here on, as a person on the page would see it. */
async function settled(page: Page): Promise<() => Promise<string[]>> {
  await quiet(page);
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

describe.skipIf(chromiumPath === undefined)('pages over runs that write', patient, () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await openDashboard(async () => {});
  }, patient.timeout);
  afterAll(() => dashboard?.close());

  function write(recipe: string, arm: string, steps: number): Writing {
    const { store } = dashboard;
    const run = store.createRun({ recipe, arm, config: { arm }, seed: 1, steps });
    let step = 0;
    return {
      run,
      step: (metrics, texts) => {
        const groups = texts && [groupOf(step, texts)];
        store.writeStep({ run, step: step++, stage: 'reinforce', metrics, clock: { seconds: 1 }, groups });
      },
    };
  }

  it('compare: names the runs whose seed a newer one has', async () => {
    const [older, newer] = [0, 1].map((i) => {
      const run = dashboard.store.createRun({
        id: `twice-${i}`,
        recipe: 'twice',
        config: {},
        seed: 1,
        steps: 1,
      });
      dashboard.store.writeStep({ run, step: 0, stage: 'reinforce', metrics: { reward: i } });
      dashboard.store.finishRun(run, 'finished');
      const until = Date.now();
      while (Date.now() === until); // the next is newer
      return run;
    });
    const { page, errors } = await dashboard.open(`/compare?runs=${older},${newer}`);
    const note = page.getByText('A seed counts once in an arm');
    await note.waitFor();
    expect(await note.textContent()).toContain(`Not counted: ${older}.`);
    expect(await note.getByRole('link').getAttribute('href')).toBe(`/run/${older}`);
    await page.getByRole('button', { name: 'Single runs' }).click();
    await note.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await page.close();
  });

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

  it('all samples under a filter: the list grows, and the rows in view stay', async () => {
    const { run, step } = write('growing', 'main', 100);
    const texts = ['right', 'wrong', 'right', 'wrong'];
    for (let i = 0; i < 20; i++) step({ reward: 0.5 }, texts);
    for (const filter of ['column=value&above=1', 'text=right']) {
      const { page, errors } = await dashboard.open(`/run/${run}/samples?view=all&${filter}&at=11`);
      const list = page.getByRole('listbox', { name: 'Samples' });
      const found = async (n: number) => {
        await page.getByText(`${n} samples found`, { exact: true }).waitFor();
        await expect.poll(() => page.locator('.row').first().getAttribute('aria-setsize')).toBe(String(n));
      };
      const before = 2 * (dashboard.store.run(run).last + 1);
      await found(before);
      await page.getByText('right 5 0', { exact: true }).waitFor();
      const seen = () =>
        list.evaluate((element) => ({
          top: element.scrollTop,
          chosen: element.querySelector('[aria-selected=true]')?.getAttribute('aria-posinset'),
          focus: document.activeElement === element,
        }));
      const held = await seen();
      expect(held).toMatchObject({ chosen: '11', focus: true });
      const moved = await settled(page);
      for (let i = 0; i < 10; i++) step({ reward: 0.5 }, texts);
      await found(before + 20);
      expect(await seen()).toEqual(held);
      expect(await moved()).toEqual([]);

      // The newest first: what comes meanwhile waits until it is asked for.
      await page.getByLabel('Order').selectOption('desc');
      const newest = page.getByText(`right ${dashboard.store.run(run).last} 2`, { exact: true });
      await newest.waitFor();
      await found(before + 20);
      for (let i = 0; i < 10; i++) step({ reward: 0.5 }, texts);
      const more = page.getByRole('button', { name: '↑ 10 newer steps' });
      await more.waitFor();
      await newest.waitFor();
      await more.click();
      await page.getByText(`right ${dashboard.store.run(run).last} 2`, { exact: true }).waitFor();
      await found(before + 40);
      expect(errors).toEqual([]);
      await page.context().close();
    }
    dashboard.store.finishRun(run, 'finished');
  });
});
