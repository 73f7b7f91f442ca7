import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { trainLetters } from '../src/view/fixtures/runs.ts';
import { api } from '../src/view/index.ts';
import { buildWeb } from '../tools/build-web.ts';

// Each command is a process of its own, which a busy machine takes its time to start.
vi.setConfig({ testTimeout: 300_000 });

const root = resolve(import.meta.dirname, '..');
const flags = [
  '--conditions=assay-source',
  '--disable-warning=ExperimentalWarning',
  join(root, 'src/cli/main.ts'),
];
const folder = mkdtempSync(join(tmpdir(), 'assay-view-cli-'));
const store = join(folder, '.assay', 'assay.db');

beforeAll(async () => {
  await buildWeb();
  await trainLetters(store);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function assay(...args: string[]) {
  return spawnSync(process.execPath, [...flags, ...args], { encoding: 'utf8', cwd: folder });
}

async function view(...args: string[]) {
  const child = spawn(process.execPath, [...flags, 'view', '--no-open', ...args], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  const url = await new Promise<string>((found, failed) => {
    child.stderr.on('data', (chunk) => {
      err += chunk;
      const line = /^dashboard on (http:\S+) /m.exec(err);
      if (line) found(line[1]!);
    });
    child.on('exit', () => failed(new Error(err)));
  });
  return {
    url,
    end: async () => {
      // Not 'exit': the last of what it says may come after that.
      const closed = once(child, 'close');
      child.kill('SIGINT');
      const [code] = await closed;
      return { code, out, err };
    },
  };
}

test('view serves the page and the store, says when its port is taken, and ends on SIGINT', async () => {
  const server = await view('--port', '0', '--json');
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${server.url}/runs`)).text()).toMatch(/^<!doctype html>/i);
  const runs = api.runsAnswer.parse(await (await fetch(`${server.url}/api/v1/runs`)).json());
  expect(runs.runs.map(({ recipe }) => recipe)).toEqual(['letters']);
  const port = new URL(server.url).port;
  expect(assay('view', '--no-open', '--port', port)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `assay view: port ${port} is taken; choose another with --port, or --port 0 for a free one\n`,
  });
  const { code, out } = await server.end();
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ url: server.url });
});

test('view says so where there is no store yet', async () => {
  const server = await view('--port', '0', '--store', 'later/assay.db');
  const { err } = await server.end();
  expect(err).toContain('there is no store at later/assay.db yet');
  expect(existsSync(join(folder, 'later'))).toBe(false);
});

test.each([
  [['--port', '70000'], 'must be at most 65535'],
  [['--host', '203.0.113.9', '--port', '0'], "this machine has no address '203.0.113.9'"],
  [['--store', 'rows.csv', '--port', '0'], 'the file is not a store'],
])('view %j is one line and exit code 2', (args, message) => {
  writeFileSync(join(folder, 'rows.csv'), 'a,b\n1,2\n'.repeat(100));
  const { status, stderr } = assay('view', '--no-open', ...args);
  expect(status).toBe(2);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
});

test('what audits wrote beside the store is what the dashboard shows', async () => {
  const rows = [
    { completion: 'Paris', answer: 'Paris', ok: true, category: 'plain' },
    { completion: 'paris', answer: 'Paris', ok: true, category: 'case' },
    { completion: 'Rome', answer: 'Paris', ok: false, category: 'plain' },
    { completion: 'Paris', answer: 'Paris', ok: false, category: 'plain' },
    { completion: 'a long way to Paris', answer: 'Paris, the capital', ok: true, category: 'long' },
  ];
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const tasks = ['Paris', 'Rome', 'Berlin', 'Madrid', 'Lisbon'].map((answer, i) => ({
    prompt: `${i}?`,
    answer,
  }));
  writeFileSync(join(folder, 'tasks.jsonl'), tasks.map((row) => JSON.stringify(row)).join('\n'));
  const labelled = ['audit', 'rows.jsonl', '--label', 'ok'];
  const made = [
    assay(...labelled, '--reward', 'exact', '--out', 'rates', '--json'),
    assay(...labelled, '--reward', 'rouge', '--out', 'graded'),
    assay('audit', 'rows.jsonl', '--reward', 'exact', '--second', 'contains', '--out', 'second'),
    assay(...labelled, '--compare', 'exact', 'contains', '--out', 'compared'),
    assay('audit', '--probe', '--reward', 'contains', '--tasks', 'tasks.jsonl', '--out', 'probes.json'),
    assay('audit', '--rescore', 'last', '--reward', 'exact', '--out', 'rescored'),
  ];
  expect(made.map(({ status, stderr }) => [status, stderr.split('\n')[0]])).toEqual([
    [0, expect.stringMatching(/^written to .*audits.rates\.json$/)],
    [0, expect.stringMatching(/graded/)],
    [0, expect.stringMatching(/second/)],
    [0, expect.stringMatching(/compared/)],
    [1, expect.stringMatching(/probes\.json$/)],
    [0, expect.stringMatching(/rescored/)],
  ]);
  expect(JSON.parse(made[0]!.stdout).disagreements).toBeUndefined();

  const server = await view('--port', '0');
  const get = async (path: string) => (await fetch(`${server.url}/api/v1${path}`)).json();
  const { audits, unreadable } = api.auditsAnswer.parse(await get('/audits'));
  expect(unreadable).toEqual([]);
  expect(audits.map(({ name, kind, ok }) => [name, kind, ok]).sort()).toEqual([
    ['compared', 'comparison', true],
    ['graded', 'rates', true],
    ['probes', 'probes', false],
    ['rates', 'rates', true],
    ['rescored', 'rescore', true],
    ['second', 'agreement', true],
  ]);
  const one = async (name: string) => api.auditAnswer.parse(await get(`/audits/${name}`));
  const rates = await one('rates');
  expect(rates.audit).toMatchObject({
    source: 'rows.jsonl',
    reward: 'exact',
    headline: expect.stringMatching(/^accuracy/),
  });
  expect(rates.rates!.confusion).toMatchObject({
    truePositive: 1,
    falsePositive: 1,
    trueNegative: 1,
    falseNegative: 2,
  });
  expect(Object.keys(rates.byCategory)).toEqual(['case', 'long', 'plain']);
  expect(rates.curve).toEqual([]);
  expect(rates.disagreements).toHaveLength(3);
  expect(rates.disagreements[0]).toMatchObject({
    kind: 'falsePositive',
    label: false,
    completion: { text: 'Paris', cut: false },
    reference: 'Paris',
    first: { value: 1 },
    second: null,
  });
  const { curve } = await one('graded');
  expect(curve.length).toBeGreaterThan(2);
  expect(curve.map(({ threshold }) => threshold)).toEqual(
    curve.map(({ threshold }) => threshold).toSorted((a, b) => a - b),
  );
  expect(curve[0]).toMatchObject({ falsePositiveRate: 1, falseNegativeRate: 0 });
  expect((await one('second')).disagreements[0]).toMatchObject({
    kind: 'apart',
    second: { value: expect.any(Number) },
  });
  expect((await one('compared')).pair).toMatchObject({ first: { n: 5 }, second: { n: 5 } });
  expect((await one('probes')).probes!.probes.some(({ hole }) => hole)).toBe(true);
  expect((await one('rescored')).rescore).toMatchObject({ samples: 960 });
  await server.end();
});

test('what reproduce leaves in the store is what the dashboard shows', async () => {
  const { status } = assay('reproduce', join(root, 'test/recipes/coin.ts'), '--seeds', '3');
  expect(status).toBe(0);
  const server = await view('--port', '0');
  const answer = await (await fetch(`${server.url}/api/v1/reproductions`)).json();
  const { reproductions } = api.reproductionsAnswer.parse(answer);
  expect(reproductions).toEqual([
    expect.objectContaining({ recipe: 'coin', metric: 'heads', holds: true, paper: null }),
  ]);
  expect(reproductions[0]!.expected[0]!.says).toBe('heads of loaded over fair: higher');
  expect(reproductions[0]).toMatchObject({ file: null, status: 'finished', jobs: { total: 6, done: 6 } });
  const one = await fetch(`${server.url}/api/v1/reproductions/${reproductions[0]!.id}`);
  const { jobs, metric } = api.reproductionAnswer.parse(await one.json());
  expect([metric, jobs.map(({ arm, seed }) => `${arm} ${seed}`).slice(0, 3)]).toEqual([
    'heads',
    ['loaded 100', 'fair 100', 'loaded 101'],
  ]);
  const [loaded] = reproductions[0]!.arms;
  expect(jobs.filter(({ arm }) => arm === 'loaded').map(({ value }) => value)).toEqual(loaded!.metric.values);
  const none = await fetch(`${server.url}/api/v1/reproductions/none`);
  expect([none.status, await none.json()]).toEqual([
    404,
    { error: expect.stringMatching(/no reproduction 'none'$/) },
  ]);
  await server.end();
});
