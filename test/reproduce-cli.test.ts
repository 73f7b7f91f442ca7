import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRecipe } from '../src/cli/load.ts';
import { canonicalJson, contentHash, describe as described } from '../src/core/index.ts';
import { openStore, type Store } from '../src/store/index.ts';

const root = resolve(import.meta.dirname, '..');
const letters = 'test/recipes/letters-arms.ts';
let folder: string;
const running = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-reproduce-'));
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const node = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];
  const child = spawn(process.execPath, [...node, 'reproduce', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.on('data', (chunk) => {
      said[name] += chunk;
    });
  const ended = new Promise<Ended>((done) =>
    child.on('close', (code) => {
      running.delete(child);
      done({ code, ...said });
    }),
  );
  return { child, ended };
}

const reproduce = (...args: string[]): Promise<Ended> => start(...args).ended;

/** Reads the store while others may write it. */
function look<T>(path: string, body: (store: Store) => T): T {
  const store = openStore(path, { readOnly: true });
  try {
    return body(store);
  } finally {
    store.close();
  }
}

/** The document without what the clock says. */
function document(text: string): object {
  const { seconds: _, arms, ...rest } = JSON.parse(text);
  return {
    ...rest,
    arms: arms.map(({ all, ...arm }: { all: Record<string, number[]> }) => {
      const { seconds: _, ...metrics } = all;
      return { ...arm, all: metrics };
    }),
  };
}

async function until(ready: () => boolean): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!ready()) {
    if (Date.now() > limit) throw new Error('waited for too long');
    await sleep(20);
  }
}

describe('assay reproduce', () => {
  it('killed half-way and resumed gives the document of one that never was', {
    timeout: 240_000,
  }, async () => {
    const how = [letters, '--seeds', '3', '--seed', '1', '--jobs', '2', '--threads', '1', '--json'];
    const whole = join(folder, 'whole', 'assay.db');
    const reference = await reproduce(...how, '--store', whole);
    expect(reference.code, reference.stderr).toBe(0);

    const path = join(folder, 'killed', 'assay.db');
    const { child, ended } = start(...how, '--store', path);
    const only = () => look(path, (store) => store.reproductions.list()[0]);
    await until(() => existsSync(path) && (only()?.done ?? 0) >= 2);
    child.kill('SIGKILL');
    await ended;
    const killed = only()!;
    expect(killed.status).toBe('running');
    expect(killed.done).toBeLessThan(6);
    const list = await reproduce('--list', '--store', path);
    expect(list.stdout).toMatch(new RegExp(`^${killed.id} +stopped, ${killed.done} of 6 jobs `));
    const [listed] = JSON.parse((await reproduce('--list', '--store', path, '--json')).stdout);
    expect(listed).toMatchObject({ id: killed.id, status: 'stopped' });
    expect(listed).not.toHaveProperty('standing');
    const underWay = look(path, (store) => store.reproductions.jobs(killed.id)).filter(
      ({ status }) => status === 'running',
    );
    expect(underWay.length).toBeGreaterThan(0);

    const resumed = await reproduce(...how, '--store', path, '--resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(`${killed.done} of 6 jobs are done already`);
    expect(document(resumed.stdout)).toEqual(document(reference.stdout));
    const { record, jobs, runs } = look(path, (store) => ({
      record: store.reproductions.get(killed.id),
      jobs: store.reproductions.jobs(killed.id),
      runs: new Map(store.runs().map((run) => [run.id, run])),
    }));
    expect(record).toMatchObject({ status: 'finished', done: 6, result: JSON.parse(resumed.stdout) });
    expect(record.seconds).toBeGreaterThan(killed.seconds);
    for (const { run, arm, seed, status } of jobs) {
      expect(status).toBe('finished');
      expect(runs.get(run!)).toMatchObject({ arm, seed, status: 'finished', recipe: 'letters-arms' });
    }
    // Nothing is left to do: the same document, with the seconds that it took.
    const again = await reproduce(...how, '--store', path, '--resume');
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(resumed.stdout));
    expect(readdirSync(join(folder, 'killed')).sort()).toEqual(['assay.db', 'runs'].sort());
  });

  it('stopped by a person says so, and is refused to a second one while it runs', {
    timeout: 120_000,
  }, async () => {
    const path = join(folder, 'stopped', 'assay.db');
    const how = [letters, '--seeds', '20', '--jobs', '1', '--threads', '1', '--store', path, '--resume'];
    const { child, ended } = start(...how);
    const only = () => look(path, (store) => store.reproductions.list()[0]);
    await until(() => existsSync(path) && (only()?.done ?? 0) >= 1);
    const second = await reproduce(...how);
    expect([second.code, second.stdout]).toEqual([2, '']);
    expect(second.stderr.trimEnd()).toMatch(
      new RegExp(
        `^assay reproduce: .*'letters-arms-\\w{5}' is under way in process ${child.pid}: wait for it, or stop it$`,
      ),
    );
    await until(() =>
      look(path, (store) => store.reproductions.jobs(only()!.id)).some(({ status }) => status === 'running'),
    );
    child.kill('SIGINT');
    await sleep(20);
    child.kill('SIGINT'); // as `timeout` does; it does not keep the first from being stored
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const { id, status, done, error } = only()!;
    expect({ status, error }).toEqual({ status: 'stopped', error: expect.any(String) });
    expect(done).toBeLessThan(40);
    const jobs = look(path, (store) => store.reproductions.jobs(id));
    expect(new Set(jobs.map((job) => job.status))).toEqual(new Set(['finished', 'stopped']));
  });

  it('runs two at once into one store, and lists what it has', { timeout: 120_000 }, async () => {
    const path = join(folder, 'two', 'assay.db');
    const out = join(folder, 'two', 'out');
    const module = join(folder, 'dice.ts');
    writeFileSync(
      module,
      `import { study } from ${JSON.stringify(join(root, 'src/train/index.ts'))};
const wait = () => new Promise((done) => setTimeout(done, 20));
export default study({ name: 'dice', metric: 'eyes', expected: { arm: 'few', over: 'many', direction: 'higher' },
  arms: { few: async (seed) => (await wait(), { eyes: seed }), many: async (seed) => (await wait(), { eyes: 10 - (seed % 2) }) } });
`,
    );
    const both = await Promise.all([
      reproduce(
        'test/recipes/coin.ts',
        '--seeds',
        '12',
        '--jobs',
        '2',
        '--store',
        path,
        '--out',
        out,
        '--json',
      ),
      reproduce(module, '--seeds', '12', '--seed', '0', '--jobs', '2', '--store', path, '--json'),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 1]);
    expect(JSON.parse(readFileSync(join(out, 'coin.json'), 'utf8'))).toEqual(JSON.parse(both[0].stdout));
    for (const { name, done, jobs, result } of look(path, (store) => store.reproductions.list())) {
      expect([name, done, jobs]).toEqual([name, 24, 24]);
      expect(result).toEqual(JSON.parse(both[name === 'coin' ? 0 : 1].stdout));
    }
    const list = await reproduce('--list', '--store', path);
    expect(list.stdout.trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^coin-\w{5} {2}holds {10}seeds 100 101 .* s +\d{4}-\d\d-\d\d /),
      expect.stringMatching(/^dice-\w{5} {2}does not hold {2}seeds 0 1 /),
    ]);
    const [dice, ...others] = JSON.parse(
      (await reproduce('dice', '--list', '--store', path, '--json')).stdout,
    );
    expect(others).toEqual([]);
    expect(dice).toMatchObject({
      name: 'dice',
      kind: 'study',
      done: 24,
      holds: false,
      seeds: { length: 12 },
    });
    const ofModule = await reproduce(module, '--list', '--store', path, '--json');
    expect(JSON.parse(ofModule.stdout)).toEqual([dice]);
    const none = await reproduce('dies', '--list', '--store', path);
    expect([none.code, none.stdout]).toEqual([2, '']);
    expect(none.stderr).toBe("assay reproduce: no reproduction is called 'dies'; there are: coin, dice\n");
  });

  it('does anew what a file of the recipe gave that was changed', async () => {
    const here = join(folder, 'imported');
    mkdirSync(here);
    const by = (value: number) => writeFileSync(join(here, 'by.ts'), `export const by = ${value};\n`);
    writeFileSync(
      join(here, 'own.ts'),
      `import { study } from 'assay/train';
import { by } from './by.ts';
export default study({ name: 'own', metric: 'x', expected: { arm: 'a', over: 'b', direction: 'higher' },
  arms: { a: (seed) => ({ x: seed + by }), b: (seed) => ({ x: seed }) } });
`,
    );
    const how = [
      join(here, 'own.ts'),
      '--seeds',
      '2',
      '--store',
      join(here, 'assay.db'),
      '--resume',
      '--json',
    ];
    const difference = async () => {
      const { stdout, stderr } = await reproduce(...how);
      return [JSON.parse(stdout).difference.mean, /\d of \d jobs are done/.exec(stderr)?.[0]];
    };
    by(5);
    expect(await difference()).toEqual([5, undefined]);
    expect(await difference()).toEqual([5, '4 of 4 jobs are done']);
    by(7);
    expect(await difference()).toEqual([7, undefined]);
  });

  it('takes what it shares with other seeds, and says that an older log is not read', async () => {
    const path = join(folder, 'seeds', 'assay.db');
    const how = ['test/recipes/coin.ts', '--store', path, '--resume'];
    const { options } = await loadRecipe(join(root, 'test/recipes/coin.ts'));
    const hash = contentHash(canonicalJson(described(options))).slice(0, 12);
    const log = join(folder, 'seeds', 'reproductions', `coin-${hash}.jsonl`);
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, '{"arm":"loaded","seed":100,"stageSeconds":1,"metrics":{"heads":0}}\n');
    const first = await reproduce(...how, '--seeds', '2');
    expect(first.stderr.split('\n')[0]).toBe(
      `${log} is the log of an older version and is not read: jobs are in the store now`,
    );
    const more = await reproduce(...how, '--seeds', '4');
    expect(more.stderr).toContain('4 of 8 jobs are done already');
    expect(more.stderr).not.toContain('older version');
    expect(look(path, (store) => store.reproductions.list().map(({ done }) => done))).toEqual([8, 4]);
  });

  it.each([
    ['no name', [], /^assay reproduce: name a recipe or study, or say --list$/],
    ['a list of a store that is not there', ['--list'], /: there is no store here$/],
    ['seeds that are no number', ['coin', '--seeds', 'x'], /expected a whole number/],
  ])('refuses %s in one line', async (_, args, line) => {
    const store = ['--store', join(folder, 'none', 'assay.db')];
    const { code, stdout, stderr } = await reproduce(...args, ...store);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
