/**
 * The dashboard's server at the size it must bear: a store of 200 runs and one run of 10,000 steps × 128 samples. The server is a
 * process of its own, started cold by its command; every figure is what a client waits for. Run alone: `node bench/view.ts`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../src/core/statistics.ts';
import { openStore } from '../src/store/index.ts';
import { buildWeb } from '../tools/build-web.ts';
import type { BenchEntry } from './entry.ts';
import { groupsOf } from './store.ts';

const root = resolve(import.meta.dirname, '..');
const smallRuns = 200;
const metricCount = 30;
const limits = { page: 300, chart: 500, search: 300, groups: 300, memory: 300 };

function limited(name: string, value: number, unit: string, limit: number): BenchEntry {
  return { name: `view.${name}`, value, unit, baseline: `the limit, ${limit} ${unit}`, ratio: value / limit };
}

/** Small runs with a few evaluations, and the big one, whose id is returned. */
function fill(path: string, steps: number): string {
  const store = openStore(path);
  const metricsOf = (step: number) => ({
    reward: Math.sin(step / 500),
    solveRate: (step % 100) / 100,
    noVerdict: 0,
    ...Object.fromEntries(Array.from({ length: metricCount }, (_, k) => [`part.${k}`, Math.sin(step * k)])),
  });
  for (let seed = 0; seed < smallRuns; seed++) {
    const config = { name: `recipe-${seed % 10}`, options: { learningRate: seed } };
    const run = store.createRun({ recipe: `recipe-${seed % 10}`, config, seed, steps: 20 });
    for (let step = 0; step < 20; step++)
      store.writeStep({ run, step, stage: 'reinforce', metrics: metricsOf(step), clock: { seconds: 1 } });
    for (const name of ['heldout.before', 'heldout', 'heldout.after'])
      store.evaluation({
        run,
        step: 19,
        name,
        metrics: { solveRate: seed / smallRuns, low: 0, high: 1, n: 100 },
      });
    if (seed % 2 === 0) store.finishRun(run, 'finished');
  }
  const run = store.createRun({ recipe: 'big', config: { name: 'big' }, seed: 1, steps });
  const values = Float64Array.from({ length: 128 }, (_, i) => Math.sin(i));
  for (let step = 0; step < steps; step++)
    store.writeStep({
      run,
      step,
      stage: 'reinforce',
      metrics: metricsOf(step),
      clock: { seconds: 1, tokensPerSecond: 1000 },
      groups: groupsOf(step),
      advantages: { policy: { of: 'sample', values } },
    });
  store.finishRun(run, 'finished');
  store.close();
  return run;
}

interface Server {
  readonly url: string;
  /** Megabytes resident: now, and the most there ever were. */
  memory(): { readonly now: number; readonly most: number };
  stop(): Promise<void>;
}

async function serve(store: string): Promise<Server> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
      ...['view', '--port', '0', '--no-open', '--store', store],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: root },
  );
  let said = '';
  const url = await new Promise<string>((done, failed) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const found = /http:\/\/\S+/.exec(said);
      if (found) done(found[0]);
    });
    child.on('exit', () => failed(new Error(`the server did not start: ${said}`)));
  });
  return {
    url,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1000;
      return { now: field('VmRSS'), most: field('VmHWM') };
    },
    stop: () =>
      new Promise((done) => {
        child.removeAllListeners('exit').once('exit', () => done());
        child.kill('SIGINT');
      }),
  };
}

/** How many times longer than its own work a fixed computation takes now: about 1 on a machine that does nothing else. */
function loadNow(): number {
  const [began, before] = [performance.now(), process.cpuUsage()];
  let x = 1;
  for (let i = 0; i < 3e7; i++) x = (x * 16807) % 2147483647;
  const { user, system } = process.cpuUsage(before);
  return x > 0 ? (1000 * (performance.now() - began)) / (user + system) : Number.NaN;
}

export async function view(options: { readonly steps?: number } = {}): Promise<BenchEntry[]> {
  const steps = options.steps ?? 10_000;
  await buildWeb();
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-view-'));
  const path = join(folder, 'assay.db');
  const entries: BenchEntry[] = [];
  try {
    const run = fill(path, steps);
    const began = performance.now();
    let server = await serve(path);
    const start = performance.now() - began;
    const get = async (from: string) => {
      const at = performance.now();
      const response = await fetch(`${server.url}${from}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`${from}: ${text}`);
      return { text, ms: performance.now() - at };
    };
    const api = async (from: string) => {
      const { text, ms } = await get(`/api/v1${from}`);
      return { ms, json: JSON.parse(text) };
    };
    /** Of several requests the slowest, each the median of five. */
    const slowest = async (requests: readonly string[]) => {
      const medians: number[] = [];
      for (const one of requests) {
        const times: number[] = [];
        for (let round = 0; round < 5; round++) times.push((await api(one)).ms);
        medians.push(quantile(times, 0.5));
      }
      return Math.max(...medians);
    };
    /** All that the browser needs for the list of runs, one after the other, of a server that nobody asked before. */
    const page = async () => {
      const { text, ms } = await get('/');
      const assets = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, found]) => found!);
      const rest = [...assets, '/api/v1/session', '/api/v1/runs?limit=50'];
      let total = ms;
      for (const one of rest) total += (await get(one)).ms;
      return total;
    };
    entries.push({ name: 'view.start', value: start, unit: 'ms' });
    entries.push(limited('first-page', await page(), 'ms', limits.page));
    const firstChart = await api(`/runs/${run}/series?name=reward`);
    entries.push(limited('first-chart', firstChart.ms, 'ms', limits.chart));
    const about = await api(`/runs/${run}`);
    entries.push(limited('run-page', about.ms, 'ms', limits.chart));
    const charts: number[] = [];
    for (const { name } of about.json.metrics)
      charts.push((await api(`/runs/${run}/series?name=${encodeURIComponent(name)}`)).ms);
    const all = about.json.metrics
      .map(({ name }: { name: string }) => `name=${encodeURIComponent(name)}`)
      .join('&');
    charts.push((await api(`/runs/${run}/series?${all}`)).ms);
    entries.push(limited('slowest-chart', Math.max(...charts), 'ms', limits.chart));

    const text = (query: string) => `/runs/${run}/samples?text=${encodeURIComponent(query)}`;
    const indexing = performance.now();
    const duringIndex: number[] = [];
    for (;;) {
      const { json, ms } = await api(text('target'));
      duringIndex.push(ms);
      if (json.index.state === 'failed') throw new Error(`the index failed: ${json.index.error}`);
      if (json.index.state === 'ready') break;
      await sleep(250);
    }
    entries.push({ name: 'view.index', value: (performance.now() - indexing) / 1000, unit: 's' });
    entries.push(limited('search-while-indexing', quantile(duringIndex, 0.95), 'ms', limits.search));
    const searches = [
      text('target'),
      text(String(steps - 3)),
      text('"12 4"'),
      text('12*'),
      text('think -answer'),
      text('nowhere'),
      `${text('12 31')}&column=value&above=0.5`,
      `${text('target')}&order=desc&zeroVariance=false`,
    ];
    const busy = loadNow();
    entries.push(limited('slowest-search', await slowest(searches), 'ms', limits.search));
    const filters = ['column=part%3Acorrect&above=1', 'cause=any', 'zeroVariance=true', ''].flatMap((one) =>
      ['asc', 'desc'].map((order) => `/runs/${run}/samples?order=${order}&${one}`),
    );
    entries.push(limited('slowest-filter', await slowest(filters), 'ms', limits.search));
    // Any place of what a query finds: every answer while it is being counted, then the middle.
    const counts: number[] = [];
    const whole: number[] = [];
    const middles: string[] = [];
    for (const one of [searches[0]!, searches[6]!, searches[7]!, filters[0]!, filters[3]!]) {
      const counting = performance.now();
      for (;;) {
        const { ms, json } = await api(`${one}&offset=0&limit=1`);
        counts.push(ms);
        if (json.total === null) continue;
        middles.push(`${one}&offset=${Math.floor(json.total / 2)}`);
        break;
      }
      whole.push(performance.now() - counting);
    }
    entries.push(limited('count-answer', quantile(counts, 0.95), 'ms', limits.search));
    entries.push({ name: 'view.slowest-count', value: Math.max(...whole), unit: 'ms' });
    entries.push(limited('slowest-jump', await slowest(middles), 'ms', limits.search));
    const groups: number[] = [];
    for (let k = 0; k < 20; k++) groups.push((await api(`/runs/${run}/groups?step=${(k * 487) % steps}`)).ms);
    entries.push(limited('slowest-groups', Math.max(...groups), 'ms', limits.groups));
    entries.push({ name: 'view.alarms', value: (await api(`/runs/${run}/alarms`)).ms, unit: 'ms' });
    entries.push({ name: 'view.machine-busy', value: Math.max(busy, loadNow()), unit: 'x' });
    entries.push(limited('memory', server.memory().most, 'MB', limits.memory));
    await server.stop();

    // Again with the index there, three times cold: medians that do not hang on one start.
    const again = { page: [] as number[], chart: [] as number[], search: [] as number[] };
    for (let round = 0; round < 3; round++) {
      server = await serve(path);
      again.page.push(await page());
      again.chart.push((await api(`/runs/${run}/series?name=reward`)).ms);
      again.search.push((await api(text('target 12'))).ms);
      await server.stop();
    }
    entries.push(limited('first-page.median', quantile(again.page, 0.5), 'ms', limits.page));
    entries.push(limited('first-chart.median', quantile(again.chart, 0.5), 'ms', limits.chart));
    entries.push(limited('first-search.median', quantile(again.search, 0.5), 'ms', limits.search));
    return entries;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main)
  for (const { name, value, unit, ratio } of await view())
    console.log(
      `${name}\t${value.toFixed(1)} ${unit}${ratio === undefined ? '' : `\t${ratio.toFixed(2)} of the limit`}`,
    );
