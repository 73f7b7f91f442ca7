import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/run.ts';
import { stream } from '../src/core/index.ts';
import { hasRedis, type OwnRedis, ownRedis } from '../src/serve/queue/fixtures/redis.ts';
import {
  deadLetters,
  type QueueScoreOptions,
  type QueueWorkerOptions,
  scoreByQueue,
  startQueueWorker,
} from '../src/serve/queue/index.ts';
import { takeLease } from '../src/serve/queue/lease.ts';
import { scoreChunk } from '../src/serve/queue/score-chunk.ts';

if (!hasRedis) console.log('skipped: the tests of the queue need redis-server');

const root = join(import.meta.dirname, '..');
const fixtures = join(root, 'src/serve/queue/fixtures');
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string;
const folder = mkdtempSync(join(tmpdir(), 'assay-queue-'));
const at = (name: string) => join(folder, name);
const node = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];
const idle = { row: () => {}, together: () => {} };

/** Runs a command in this process. */
async function assay(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation(((text: string, done?: unknown) => {
      said[name] += text;
      if (typeof done === 'function') done();
      return true;
    }) as typeof process.stdout.write),
  );
  try {
    return { status: await run(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [...node, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

function writeRows(name: string, n: number, row: (i: number) => object): string {
  const lines = Array.from({ length: n }, (_, i) => JSON.stringify(row(i)));
  writeFileSync(at(name), `${lines.join('\n')}\n`);
  return at(name);
}

/** What `score` writes by itself. */
async function inProcess(file: string, reward: string): Promise<string> {
  const out = `${file}.expected`;
  const { status, stderr } = await assay('score', file, '--reward', reward, '--out', out);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(out, 'utf8');
}

describe.skipIf(!hasRedis)('score --queue', () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await ownRedis();
    process.setMaxListeners(50); // each command that runs in this process listens for signals
  });
  afterAll(async () => {
    process.setMaxListeners(10);
    await redis?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const worker = (over: Partial<QueueWorkerOptions> = {}) =>
    startQueueWorker({ url: redis.url, version, concurrency: 1, ...over });
  const score = (over: Pick<QueueScoreOptions, 'file' | 'reward' | 'out'> & Partial<QueueScoreOptions>) =>
    scoreByQueue({ url: redis.url, version, signal: new AbortController().signal, ...over });
  /** Rows wait in Redis for nobody. */
  const jobsLeft = async () => {
    const client = new Redis(redis.url);
    const left = (await client.keys('assay:score-*')).filter((key) => /:[0-9a-f]{24}-/.test(key));
    client.disconnect();
    return left.length;
  };

  const mathRow = (i: number) => ({
    id: `r${i}`,
    completion: `The answer is ${i % 97}${i % 3 === 0 ? ` or \\boxed{${i % 91}}` : ''} \u2028😀`,
    answer: i % 5 === 0 ? null : String(i % 91),
  });

  test('writes the bytes of score, and leaves nothing behind', async () => {
    const file = writeRows('math.jsonl', 5000, mathRow);
    const worker = start('worker', '--queue', redis.url, '--concurrency', '2', '--json');
    const out = at('math.out');
    const args = ['score', file, '--reward', 'math', '--json', '--out'];
    const queued = await assay(...args, out, '--queue', redis.url);
    expect(queued.status).toBe(0);
    const alone = await assay(...args, at('math.alone'));
    expect(readFileSync(out, 'utf8')).toBe(readFileSync(at('math.alone'), 'utf8'));
    const same = ({ rows, scored, noVerdict, mean, fields }: Record<string, unknown>) => ({
      rows,
      scored,
      noVerdict,
      mean,
      fields,
    });
    expect(same(JSON.parse(queued.stdout))).toEqual(same(JSON.parse(alone.stdout)));
    expect(JSON.parse(queued.stdout).queue).toEqual({ resumedRows: 0, deadLetters: 0 });
    expect([existsSync(`${out}.queue.part`), existsSync(`${out}.queue.json`)]).toEqual([false, false]);
    expect(await jobsLeft()).toBe(0);
    // A worker that is asked to end says what it did.
    let said = '';
    worker.stdout!.on('data', (text) => (said += text));
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'close');
    expect({ code, ...JSON.parse(said) }).toMatchObject({ code: 0, rows: 5000, failures: 0 });
  });

  test('groups stay whole, and what is not exact in JSON arrives', async () => {
    const file = writeRows('groups.jsonl', 500, (i) => ({
      completions: Array.from({ length: 1 + (i % 9) }, (_, k) => 'x'.repeat((i * 7 + k * 13) % 11)),
    }));
    const reward = join(fixtures, 'ranked.ts');
    const expected = await inProcess(file, reward);
    const odd = at('odd.jsonl');
    const completions = ['1e999', '-0', '5', '{"deep": [1e999]}'];
    writeFileSync(odd, completions.map((answer) => `{"completion": "5", "answer": ${answer}}\n`).join(''));
    const working = await worker();
    try {
      await score({ file, reward, out: at('groups.out'), chunk: 20 });
      expect(readFileSync(at('groups.out'), 'utf8')).toBe(expected);
      await score({ file: odd, reward: 'number', out: at('odd.out') });
      expect(readFileSync(at('odd.out'), 'utf8')).toBe(await inProcess(odd, 'number'));
      // A group reward without groups.
      await score({ file: odd, reward, out: at('none.out') });
      expect(readFileSync(at('none.out'), 'utf8')).toBe(await inProcess(odd, reward));
    } finally {
      await working.close();
    }
  });

  test('workers killed at random and Redis started again: every row once', { timeout: 180_000 }, async () => {
    const file = writeRows('slow.jsonl', 8000, (i) => ({ id: `s${i}`, completion: String(i) }));
    const reward = join(fixtures, 'slow.ts');
    const random = stream(5, 'kills');
    const begin = () => {
      const child = start('worker', '--queue', redis.url, '--concurrency', '1', '--lock-seconds', '1');
      const one = { child, ready: false };
      child.stderr!.on('data', (text) => {
        one.ready ||= String(text).includes('working for');
      });
      return one;
    };
    const workers = [begin(), begin()];
    const notes: string[] = [];
    let kills = 0;
    let restarts = 0;
    let over = false;
    let rows = 0;
    const scoring = score({
      file,
      reward,
      out: at('slow.out'),
      chunk: 100,
      note: (line) => notes.push(line),
      progress: (n) => {
        rows = n;
      },
    });
    const done = scoring.finally(() => {
      over = true;
    });
    /** By what is done and not by the clock: on a fast machine as on a slow one. */
    const killing = async () => {
      for (let next = 500; kills < 4 && !over; await sleep(5)) {
        const victim = random.integer(2);
        if (rows < next || !workers[victim]!.ready) continue;
        next += 700 + random.integer(700);
        workers[victim]!.child.kill('SIGKILL');
        workers[victim] = begin();
        if (kills++ !== 1) continue;
        await redis.stop();
        await sleep(200);
        await redis.start();
        restarts++;
      }
    };
    const [{ progress, complete }] = await Promise.all([done, killing()]).finally(() => {
      for (const { child } of workers) child.kill('SIGKILL');
    });
    expect(complete).toBe(true);
    expect({ kills, restarts }).toEqual({ kills: 4, restarts: 1 });
    expect(progress).toMatchObject({ rows: 8000, scored: 8000, causes: {}, dead: [] });
    const expected = Array.from({ length: 8000 }, (_, i) => `{"id":"s${i}","reward":${i}}\n`).join('');
    expect(readFileSync(at('slow.out'), 'utf8')).toBe(expected);
    expect(notes.join('\n')).toMatch(/connection to \S+ is lost[\s\S]*is back/);
  });

  test('a client that is killed goes on; no row is scored twice', async () => {
    const file = writeRows('long.jsonl', 3000, (i) => ({ completion: String(i) }));
    const reward = join(fixtures, 'slow.ts');
    const out = at('long.out');
    const working = await worker();
    try {
      const args = ['score', file, '--reward', reward, '--out', out, '--queue', redis.url, '--json'];
      const first = start(...args);
      while (working.done.rows < 1000) await sleep(5);
      first.kill('SIGKILL');
      await once(first, 'close');
      const child = start(...args);
      let said = '';
      child.stdout!.on('data', (text) => (said += text));
      const [code] = await once(child, 'close');
      expect(code).toBe(0);
      expect(JSON.parse(said).rows).toBe(3000);
      expect(working.done.rows).toBe(3000);
      const expected = Array.from({ length: 3000 }, (_, i) => `{"id":${i},"reward":${i}}\n`).join('');
      expect(readFileSync(out, 'utf8')).toBe(expected);
      expect(await jobsLeft()).toBe(0);
    } finally {
      await working.close();
    }
  });

  test('another file under the same output is refused, or starts over where that was finished', async () => {
    const file = writeRows('changing.jsonl', 1000, mathRow);
    const out = at('changing.out');
    const working = await worker();
    try {
      const controller = new AbortController();
      const stop = { signal: controller.signal, progress: () => controller.abort(), chunk: 10 };
      expect((await score({ file, reward: 'math', out, ...stop })).complete).toBe(false);
      await expect(score({ file, reward: 'number', out })).rejects.toThrow("of another run, of 'math ");
      writeRows('changing.jsonl', 1000, (i) => ({ ...mathRow(i), completion: `${i}` }));
      await expect(score({ file, reward: 'math', out, chunk: 10 })).rejects.toThrow(
        'differs from what was scored',
      );
      writeRows('changing.jsonl', 1000, mathRow);
      expect(await score({ file, reward: 'math', out, chunk: 10 })).toMatchObject({ complete: true });
      expect(readFileSync(out, 'utf8')).toBe(await inProcess(file, 'math'));
    } finally {
      await working.close();
    }
  });

  test('a run that failed without a row is not in the way of the next one', async () => {
    const out = at('failed.out');
    const kept = () => ['json', 'part'].filter((name) => existsSync(`${out}.queue.${name}`));
    const absent = score({ file: at('absent.jsonl'), reward: 'math', out });
    await expect(absent).rejects.toThrow('there is no such file');
    expect(kept()).toEqual([]);
    writeFileSync(
      at('late.jsonl'),
      `${JSON.stringify(mathRow(1))}\n`.repeat(20).concat('{"completion": 5}\n'),
    );
    const late = score({ file: at('late.jsonl'), reward: 'math', out, chunk: 10 });
    await expect(late).rejects.toThrow('line 21');
    expect(kept()).toEqual([]);
    const working = await worker();
    try {
      const file = writeRows('fine.jsonl', 20, mathRow);
      expect(await score({ file, reward: 'number', out })).toMatchObject({ complete: true });
    } finally {
      await working.close();
    }
  });

  test('jobs that Redis lost are put there again', async () => {
    const file = writeRows('flushed.jsonl', 600, mathRow);
    const client = new Redis(redis.url);
    const scoring = score({ file, reward: 'math', out: at('flushed.out') });
    while ((await jobsLeft()) === 0) await sleep(20);
    await client.flushall();
    client.disconnect();
    const working = await worker();
    try {
      expect(await scoring).toMatchObject({ complete: true, progress: { rows: 600 } });
    } finally {
      await working.close();
    }
    expect(readFileSync(at('flushed.out'), 'utf8')).toBe(await inProcess(file, 'math'));
  });

  describe('a row that no worker survives', () => {
    const file = () => writeRows('poison.jsonl', 300, (i) => ({ ...mathRow(i), n: i }));
    /** Fails on every chunk with one of these rows. */
    const failing = (poison: readonly number[]) => ({
      thread: () => ({
        started: async () => {},
        score: async (job: Parameters<typeof scoreChunk>[0]) =>
          poison.some((n) => job.rows.includes(`"n":${n}}`))
            ? { kind: 'failed' as const, message: 'the reward ended its thread' }
            : { kind: 'scored' as const, result: await scoreChunk(job, idle) },
        close: async () => {},
      }),
    });
    const retry = { attempts: 2, pause: 20 };

    test('is no verdict and a dead letter; tried again it takes its place', async () => {
      const out = at('poison.out');
      const options = { file: file(), reward: 'math', out, chunk: 50, retry };
      const expected = (await inProcess(options.file, 'math')).split('\n');
      const bad = await worker(failing([7, 120]));
      const { progress } = await score(options);
      await bad.close();
      expect(bad.done.failures).toBe(2 * 6); // two attempts each of two chunks, of pieces of four rows, of rows
      expect(progress).toMatchObject({ rows: 300, causes: { crash: 2 } });
      expect(progress.dead.map(({ row }) => row)).toEqual([7, 120]);
      const lines = readFileSync(out, 'utf8').split('\n');
      for (const row of [7, 120])
        expect(JSON.parse(lines[row]!)).toEqual({
          id: `r${row}`,
          reward: null,
          cause: 'crash',
          reason: 'no worker could score it: the reward ended its thread',
        });
      expect(lines.filter((_, i) => i !== 7 && i !== 120)).toEqual(
        expected.filter((_, i) => i !== 7 && i !== 120),
      );

      const listed = await deadLetters({ url: redis.url, version }, 'list');
      expect(
        listed.map(({ line, rows, reason }) => ({ line, rows, reason })).sort((a, b) => a.line - b.line),
      ).toEqual([8, 121].map((line) => ({ line, rows: 1, reason: 'the reward ended its thread' })));
      const { status, stdout } = await assay('worker', '--queue', redis.url, '--dead-letters', 'retry');
      expect({ status, last: stdout.trim().split('\n').at(-1) }).toEqual({
        status: 0,
        last: '2 dead letters are tried again',
      });
      const good = await worker();
      const again = await score(options);
      await good.close();
      expect(good.done.rows).toBe(2);
      expect(again).toMatchObject({ complete: true, resumed: 300 });
      expect(again.progress.dead).toEqual([]);
      expect(readFileSync(out, 'utf8')).toBe(expected.join('\n'));
      expect(existsSync(`${out}.queue.json`)).toBe(false);
      expect(await jobsLeft()).toBe(0);
    });

    test('can be discarded', async () => {
      const options = { file: file(), reward: 'math', out: at('poison2.out'), chunk: 50, retry };
      const bad = await worker(failing([7]));
      await score(options);
      await bad.close();
      expect(await deadLetters({ url: redis.url, version }, 'discard')).toHaveLength(1);
      expect(await deadLetters({ url: redis.url, version }, 'list')).toEqual([]);
    });
  });

  describe('what cannot work is one line', () => {
    const line = async (args: string[]) => {
      const { status, stderr } = await assay(...args);
      expect(status).toBe(2);
      expect(stderr.trim()).not.toContain('\n');
      return stderr;
    };

    test('the URL, the password, the output', async () => {
      const file = writeRows('tiny.jsonl', 3, mathRow);
      const args = ['score', file, '--reward', 'math', '--out', at('tiny.out'), '--queue'];
      expect(await line([...args, 'localhost:6379'])).toContain('redis://[:PASSWORD@]HOST');
      expect(await line([...args, 'redis://127.0.0.1:1'])).toMatch(
        /redis:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
      );
      expect(await line(['score', file, '--reward', 'math', '--queue', redis.url])).toContain(
        '--queue needs --out',
      );
      expect(await line(['worker'])).toContain('--queue redis://');
      const locked = await ownRedis(['--requirepass', 'open sesame']);
      try {
        const [none, wrong] = [locked.url, locked.url.replace('//', '//:secret@')];
        expect(await line(['worker', '--queue', none])).toContain('asks for a password');
        const refusal = await line([...args, wrong]);
        expect(refusal).toContain('the user name or password is wrong');
        expect(refusal).not.toContain('secret');
      } finally {
        await locked.remove();
      }
    });

    test('workers of another version, or with another reward', async () => {
      const file = writeRows('tiny.jsonl', 3, mathRow);
      const other = await worker({ version: '0.0.1' });
      await expect(score({ file, reward: 'math', out: at('v.out') })).rejects.toThrow(
        `the workers of this queue are of Assay 0.0.1, and this is ${version}: use one version`,
      );
      await other.close();
      const own = at('own.ts');
      writeFileSync(own, 'export default (sample) => 1;\n');
      const scoring = score({ file, reward: own, out: at('own.out') });
      while ((await jobsLeft()) === 0) await sleep(20);
      writeFileSync(own, 'export default (sample) => 2;\n');
      const working = await worker();
      try {
        await expect(scoring).rejects.toThrow(
          /^a worker cannot score for this client: worker \d+ on .*: it has/,
        );
        rmSync(own);
        await expect(score({ file, reward: own, out: at('own.out') })).rejects.toThrow('no such module');
        // With the module in its place again, the same call goes on.
        writeFileSync(own, 'export default (sample) => 1;\n');
        expect(await score({ file, reward: own, out: at('own.out') })).toMatchObject({ complete: true });
      } finally {
        await working.close();
      }
    });

    test('to stop while Redis is away', async () => {
      const file = writeRows('tiny.jsonl', 3, mathRow);
      const own = await ownRedis();
      try {
        const controller = new AbortController();
        const notes: string[] = [];
        const scoring = score({
          file,
          reward: 'math',
          out: at('away.out'),
          url: own.url,
          signal: controller.signal,
          note: (line) => notes.push(line),
        });
        while (notes.length === 0) await sleep(20); // no worker is connected yet
        await own.stop();
        while (notes.length === 1) await sleep(20);
        controller.abort();
        await expect(scoring).rejects.toThrow('Redis was not there when the work was stopped');
      } finally {
        await own.remove();
      }
    });

    test('a file that another process writes', async () => {
      const client = new Redis(redis.url);
      const other = JSON.stringify({ host: hostname(), pid: process.ppid, token: 'x' });
      await client.set('assay:lease:j1', other, 'PX', 60_000);
      await expect(takeLease(client, 'j1', 'out.jsonl', () => {}, 100)).rejects.toThrow(
        `out.jsonl: is being written by process ${process.ppid}`,
      );
      // That of a process which is gone is taken over at once.
      await client.set('assay:lease:j1', other.replace(/"pid":\d+/, '"pid":999999999'), 'PX', 60_000);
      const lease = await takeLease(client, 'j1', 'out.jsonl', () => {}, 100);
      expect(lease.lost).toBe(false);
      await lease.release();
      expect(await client.get('assay:lease:j1')).toBeNull();
      client.disconnect();
    });

    test('a row that cannot be read', async () => {
      writeFileSync(at('bad.jsonl'), '{"completion": "1", "answer": 1}\n{"completion": 7, "answer": 1}\n');
      const working = await worker();
      try {
        await expect(score({ file: at('bad.jsonl'), reward: 'math', out: at('bad.out') })).rejects.toThrow(
          "line 2, field 'completion': expected a text or a list of texts, found a number",
        );
      } finally {
        await working.close();
      }
    });
  });
});
