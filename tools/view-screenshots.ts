/**
 * Takes the pictures of docs/dashboard.md: `npm run docs:screenshots`. Trains short real runs into a folder of its own (`--folder`
 * keeps them and goes on from what is there), audits a reward on what they said, and photographs each page of the dashboard.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import countdown from '../recipes/countdown.ts';
import instructionsTiny from '../recipes/instructions-tiny.ts';
import { reinforcePlusPlus } from '../src/credit/index.ts';
import { openStore, type Store, writeFileAtomic } from '../src/store/index.ts';
import { type Recipe, recipe, train } from '../src/train/index.ts';
import { startView } from '../src/view/index.ts';
import { buildWeb } from './build-web.ts';

const root = resolve(import.meta.dirname, '..');
const pictures = join(root, 'docs', 'images');
const mostBytes = 200_000;

const { values } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'assay-pictures-'));
mkdirSync(folder, { recursive: true });
const path = join(folder, 'assay.db');

/** Token credit: a KL penalty inside the reward gives every token an advantage of its own. */
const perToken = recipe({
  ...countdown.recipe,
  name: 'countdown-token-credit',
  references: { start: 'stage' },
  estimator: reinforcePlusPlus({ kl: { to: 'start', beta: 0.05 } }),
  arms: undefined,
  expected: undefined,
});

const wanted: readonly { readonly of: Recipe; readonly steps: number; readonly seed: number }[] = [
  { of: instructionsTiny, steps: 150, seed: 101 },
  { of: perToken, steps: 60, seed: 101 },
  { of: countdown, steps: 250, seed: 101 },
  { of: countdown, steps: 250, seed: 102 },
  { of: countdown, steps: 250, seed: 103 },
];

async function fill(store: Store): Promise<void> {
  for (const { of, steps, seed } of wanted) {
    const { name } = of;
    if (store.runs().some((run) => run.recipe === name && run.seed === seed && run.status === 'finished'))
      continue;
    console.log(`training ${name}, seed ${seed}`);
    await train(recipe({ ...of.recipe, name, steps }), { seed, store, folder });
  }
}

/** Does `math` judge an expression as the game does? Labels are the game's own verdicts; categories say what was wrong. */
async function audit(store: Store): Promise<void> {
  const run = store.runs().find(({ recipe: name, seed }) => name === 'countdown' && seed === 101)!;
  const steps = store.sampleSteps(run.id);
  const rows = steps.slice(-3).flatMap((step) =>
    store.samples(run.id, step).map(({ id, task, turns, verdict }) => ({
      id,
      prompt: task.prompt,
      completion: turns[0]!.text,
      answer: task.answer,
      solved: verdict?.value === 1,
      category: category(verdict?.value === 1, verdict?.reason ?? ''),
    })),
  );
  await writeFileAtomic(
    join(folder, 'countdown-answers.jsonl'),
    rows.map((row) => JSON.stringify(row)).join('\n'),
  );
  const command = (...args: string[]): void => {
    const node = [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
    ];
    const { status, stderr } = spawnSync(process.execPath, [...node, 'audit', ...args, '--store', path], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status === 2) throw new Error(stderr);
  };
  command(
    'countdown-answers.jsonl',
    '--reward',
    'math',
    '--label',
    'solved',
    '--show',
    '12',
    '--out',
    'math-on-countdown',
  );
  command('--probe', '--tasks', 'countdown-answers.jsonl', '--reward', 'math', '--out', 'math-probes');
}

function category(solved: boolean, reason: string): string {
  if (solved) return 'solved';
  if (/^makes/.test(reason)) return 'another value';
  return /too often|not given|not used|leaves/.test(reason) ? 'other numbers' : 'no expression';
}

async function photograph(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(700);
  const file = join(pictures, `view-${name}.png`);
  await page.screenshot({ path: file });
  const { size } = statSync(file);
  if (size > mostBytes) throw new Error(`view-${name}.png has ${size} bytes, more than ${mostBytes}`);
  console.log(`view-${name}.png, ${Math.round(size / 1000)} kB`);
}

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (chromiumPath === undefined) {
  console.error('docs:screenshots needs Chromium (Debian: apt-get install chromium)');
  process.exit(2);
}
await buildWeb();
const store = openStore(path);
await fill(store);
if (!existsSync(join(folder, 'audits'))) await audit(store);
const results = join(folder, 'reproductions', 'countdown.json');
await writeFileAtomic(results, readFileSync(join(root, 'docs', 'reproductions', 'countdown.json')));
const runs = store.runs();
const games = runs.filter(({ recipe: name }) => name === 'countdown').map(({ id }) => id);
const tiny = runs.find(({ recipe: name }) => name === 'instructions-tiny')!.id;
const tokens = runs.find(({ recipe: name }) => name === 'countdown-token-credit')!.id;
const server = await startView({ store: path, port: 0, reproductions: [] });
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
// The folder is one of this machine; a reader has another.
await page.route('**/api/v1/session', async (route) => {
  const answer = await route.fetch();
  const session = (await answer.json()) as { store: { path: string } };
  session.store.path = '.assay/assay.db';
  await route.fulfill({ json: session });
});
await page.route('**/api/v1/reproductions', async (route) => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(folder, '.assay') });
});
const show = async (address: string, name: string): Promise<void> => {
  await page.goto(server.url + address);
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction("document.querySelector('.loading, [aria-busy=true]') === null");
  await photograph(page, name);
};
const lastStep = store.sampleSteps(tokens).at(-1)!;
// A group that has something to teach: about half of its samples solved the task.
const rewards = Map.groupBy(store.samples(tokens, lastStep), ({ group }) => group);
const taught = [...rewards].find(([, own]) => {
  const mean = own.reduce((sum, { verdict }) => sum + (verdict?.value ?? 0), 0) / own.length;
  return mean > 0.35 && mean < 0.65;
})?.[0];
await show('/', 'runs');
await show(`/run/${games[0]}?smooth=0.8`, 'run');
await show(`/run/${tokens}/samples?step=${lastStep}&group=${taught ?? 0}`, 'groups');
await show(`/run/${tiny}/samples?view=all&column=value&below=0.5`, 'samples');
await show(`/compare?runs=${[...games, tokens].join(',')}&smooth=0.8`, 'compare');
await show('/audit?audit=math-on-countdown', 'audit');
await show(`/run/${tiny}/alarms`, 'alarms');
await page.emulateMedia({ colorScheme: 'dark' });
await show(`/run/${games[0]}?smooth=0.8`, 'run-dark');
await browser.close();
await server.close();
store.close();
if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
