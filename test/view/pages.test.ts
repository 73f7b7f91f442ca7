import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Dashboard, openDashboard, patient, quiet, violations } from './browser.ts';
import { smallReproduction, smallRun } from './small-run.ts';

const root = resolve(import.meta.dirname, '../..');

/** Audits as the command writes them for the dashboard. */
function audits(folder: string): void {
  const rows = [
    { id: 'a', prompt: '3+4?', completion: 'The answer is 7', answer: '7', correct: true, category: 'plain' },
    {
      id: 'b',
      prompt: '2*2?',
      completion: '\\boxed{5}',
      answer: '4',
      correct: true,
      category: 'mislabelled',
    },
    {
      id: 'c',
      prompt: '9*9?',
      completion: '\\boxed{81}',
      answer: '81',
      correct: false,
      category: 'mislabelled',
    },
    { id: 'd', prompt: '5-3?', completion: 'I give up', answer: '2', correct: false, category: 'plain' },
  ];
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const run = (...args: string[]) => {
    const node = [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
    ];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...node, 'audit', ...args, '--store', join(folder, 'assay.db')],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status, stderr).toBeLessThan(2);
  };
  run('rows.jsonl', '--reward', 'math', '--label', 'correct', '--show', '20', '--out', 'math-rates');
  run('--probe', '--tasks', 'rows.jsonl', '--reward', 'math', '--limit', '4', '--out', 'math-probes');
}

describe.skipIf(chromiumPath === undefined)('the dashboard', patient, () => {
  let dashboard: Dashboard;
  let run: string;
  let other: string;
  beforeAll(async () => {
    dashboard = await openDashboard(async (store, folder) => {
      other = await smallRun(store, folder, 1);
      run = await smallRun(store, folder, 2);
      await smallReproduction(folder);
      audits(folder);
    });
  }, patient.timeout);
  afterAll(() => dashboard?.close());

  const text = (page: Page, what: string) => page.getByText(what).first().waitFor();
  const address = (page: Page) => page.url().slice(dashboard.url.length);

  it.each([
    ['runs', () => '/', ['countdown-small', 'finished', 'Before', 'After']],
    [
      'charts',
      () => `/run/${run}`,
      ['Solve rate', 'Entropy', 'Parts of the reward', 'checkpoint', 'Verdict latency'],
    ],
    [
      'groups',
      () => `/run/${run}/samples`,
      ['Groups of a step', 'Reference answer', 'without a verdict|deviation'],
    ],
    ['all samples', () => `/run/${run}/samples?view=all`, ['samples', 'group 0']],
    ['recipe', () => `/run/${run}/config`, ['countdown-small', 'grpo', 'Other seeds and arms']],
    ['alarms of a run', () => `/run/${run}/alarms`, ['Length runaway', 'False alarms']],
    [
      'compare',
      () => `/compare?runs=${run},${other}`,
      ['Where the recipes differ', 'Reproductions', 'holds'],
    ],
    [
      'audit, rates',
      () => '/audit?audit=math-rates',
      ['Against the labels', 'mislabelled', 'labelled right'],
    ],
    ['audit, probes', () => '/audit?audit=math-probes', ['probes on 4 tasks']],
    ['alarms', () => '/alarms', ['Length runaway', 'Rules']],
  ])(
    '%s: shows what it is for; no complaints; accessible in light and dark; fits a phone',
    async (_, path, expected) => {
      const { page, errors } = await dashboard.open(path());
      for (const what of expected) await page.getByText(new RegExp(what)).first().waitFor();
      await quiet(page);
      expect(await violations(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      // Charts take their new width a frame later.
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
        .toBeLessThanOrEqual(0);
      expect(errors).toEqual([]);
      await page.context().close();
    },
  );

  it('finds, sorts, tags and deletes runs; the address holds the filters', async () => {
    const doomed = dashboard.store.createRun({ recipe: 'doomed', config: {}, seed: 9, steps: 3 });
    dashboard.store.finishRun(doomed, 'stopped');
    const { page, errors } = await dashboard.open('/');
    const rows = page.locator('tbody tr');
    await page.getByRole('searchbox').fill('doomed');
    await text(page, '1 shown');
    await expect.poll(() => address(page)).toBe('/?q=doomed');
    await page.getByRole('button', { name: /^Tags of doomed/ }).click();
    await page.getByLabel('Separated by commas').fill('odd, to go');
    await page.getByRole('button', { name: 'Save tags' }).click();
    await page.locator('.tag', { hasText: 'to go' }).waitFor();
    expect(dashboard.store.run(doomed).tags).toEqual(['odd', 'to go']);

    await page.getByRole('button', { name: /^Delete doomed/ }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect(dashboard.store.runs().map(({ id }) => id)).toContain(doomed);
    await page.getByRole('button', { name: /^Delete doomed/ }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await text(page, 'No run matches');
    expect(dashboard.store.runs().map(({ id }) => id)).not.toContain(doomed);

    await page.getByRole('link', { name: 'show all' }).click();
    await page.getByRole('columnheader', { name: 'Run' }).getByRole('button').click();
    await expect.poll(() => rows.count()).toBe(2);
    await expect.poll(() => address(page)).toBe('/?sort=recipe&order=asc');
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    await text(page, 'Where the recipes differ');
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(2);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('reads charts out by keyboard, zooms, and exports what it shows', async () => {
    const { page, errors } = await dashboard.open(`/run/${run}`);
    const reward = page.getByRole('slider', { name: 'Reward: read out at a step', exact: true });
    // The chart is there before its data.
    await expect.poll(() => reward.getAttribute('aria-valuetext')).toContain('step');
    await reward.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const stored = dashboard.store.series(run, ['reward']).reward!;
    await expect
      .poll(() => reward.getAttribute('aria-valuetext'))
      .toContain(`step ${stored.steps[1]}: reward ${Number(stored.values[1]!.toPrecision(4))}`);

    const csv = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Reward as a CSV table', exact: true }).click();
    const table = await content(await csv);
    expect(table.split('\n')[0]).toBe('step,reward');
    expect(table).toContain(`\n${stored.steps[1]},${stored.values[1]}\n`);
    const svg = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Reward as an SVG picture', exact: true }).click();
    expect(await content(await svg)).toMatch(/^<svg [\s\S]*<polyline [\s\S]*<\/svg>\n$/);

    const box = (await reward.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => address(page)).toMatch(/from=\d+&to=\d+/);
    await page.getByRole('slider', { name: 'Smoothing' }).fill('0.9');
    await page.getByLabel('Log scale').check();
    await page.getByRole('button', { name: 'Make Entropy large' }).click();
    await expect.poll(() => address(page)).toMatch(/smooth=0\.9.*log=1.*chart=entropy/);
    await page.goBack();
    await expect.poll(() => address(page)).not.toContain('chart=');
    await page.reload();
    await expect.poll(() => page.getByLabel('Log scale').isChecked()).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('walks through groups, samples and steps by keyboard, and links to each', async () => {
    const steps = dashboard.store.sampleSteps(run);
    const step = steps[1]!;
    const { page, errors } = await dashboard.open(`/run/${run}/samples?step=${step}&group=1`);
    await page.locator('article.sample').first().waitFor();
    const [first] = dashboard.store.samples(run, step).filter(({ group }) => group === 1);
    await text(page, first!.task.id);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => address(page)).toContain(`sample=${first!.position}`);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => address(page)).toContain(`sample=${first!.position + 1}`);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.id))
      .toBe(`sample-${first!.position + 1}`);
    await page.keyboard.press('j');
    await expect.poll(() => address(page)).toContain('group=2');
    await page.keyboard.press(']');
    await expect.poll(() => address(page)).toContain(`step=${steps[2]}`);
    await page.goBack();
    await expect.poll(() => address(page)).toContain(`step=${step}`);
    await page.goForward();
    await expect.poll(() => address(page)).toContain(`step=${steps[2]}`);
    await page.getByLabel('Colour by').selectOption({ label: 'spans of short' });
    await page.locator('article .credit').first().waitFor();
    const linked = page.url();
    await page.goto(linked);
    await page.locator('article .credit').first().waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('filters and searches all samples, and opens one in its group', async () => {
    const all = dashboard.store.sampleSteps(run).flatMap((step) => dashboard.store.samples(run, step));
    const silent = all.filter(({ verdict }) => verdict?.value === null);
    expect(silent.length).toBeGreaterThan(0);
    const { page, errors } = await dashboard.open(`/run/${run}/samples?view=all`);
    await text(page, `${all.length} samples`);
    await page.getByLabel('Verdict', { exact: true }).selectOption('any');
    await text(page, `${silent.length} samples found`);
    await page.getByRole('link', { name: 'Clear all filters' }).click();
    await page.getByLabel('Number to filter by').selectOption('part:correct');
    await page.getByLabel('at least', { exact: true }).fill('1');
    await page.keyboard.press('Enter');
    const solved = all.filter(({ verdict }) => verdict?.parts?.correct?.value === 1).length;
    await text(page, `${solved} sample${solved === 1 ? '' : 's'} found`);
    await page.getByRole('link', { name: 'Clear all filters' }).click();

    const wanted = all.find(({ turns }) => /^\d+\+\d+/.test(turns[0]!.text))!;
    await page
      .getByRole('searchbox', { name: 'Words in prompt or completion' })
      .fill(`"${wanted.turns[0]!.text}"`);
    await page.locator('.row mark').first().waitFor();
    const list = page.getByRole('listbox', { name: 'Samples' });
    await list.focus();
    await page.keyboard.press('Home');
    const filtered = address(page);
    await page.keyboard.press('Enter');
    await page.locator('article.sample.current').waitFor();
    await page.goBack();
    await page.locator('.row mark').first().waitFor();
    // With the row that was opened.
    await expect.poll(() => address(page)).toBe(`${filtered}&at=1`);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('says what to do where there is nothing', async () => {
    const { page } = await dashboard.open('/run/none');
    await text(page, 'There is no such run');
    await page.goto(`${dashboard.url}/nowhere`);
    await text(page, 'There is no such page');
    await page.goto(`${dashboard.url}/?q=nothinglikeit`);
    await text(page, 'No run matches');
    await page.goto(`${dashboard.url}/audit?audit=none`);
    await text(page, 'Not found');
    await page.context().close();
  });

  it('keeps a chosen theme', async () => {
    const { page } = await dashboard.open('/');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: /^Colours/ }).click();
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    expect(await background()).not.toBe(light);
    await page.reload();
    expect(await background()).not.toBe(light);
    await page.context().close();
  });
});

async function content(download: { createReadStream(): Promise<NodeJS.ReadableStream> }): Promise<string> {
  let whole = '';
  for await (const chunk of await download.createReadStream()) whole += String(chunk);
  return whole;
}
