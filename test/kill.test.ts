import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stream } from '../src/core/index.ts';
import { openStore } from '../src/store/index.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]): ChildProcess {
  const node = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];
  return spawn(process.execPath, [...node, 'train', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | null; errors: string }> {
  let errors = '';
  child.stderr!.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((done) => child.on('close', (code, signal) => done({ code, signal, errors })));
}

/** SHA-256 of each file of the newest checkpoint but the state, whose clock differs. */
function weights(store: string, run: string): string[] {
  const checkpoints = join(store, '..', 'runs', run, 'checkpoints');
  const newest = readdirSync(checkpoints).sort().at(-1)!;
  return readdirSync(join(checkpoints, newest))
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .map(
      (name) =>
        `${newest}/${name} ${createHash('sha256')
          .update(readFileSync(join(checkpoints, newest, name)))
          .digest('hex')}`,
    );
}

/** The last stored step of the only run; −2 while there is none. */
function lastStep(path: string): number {
  if (!existsSync(path)) return -2;
  try {
    const store = openStore(path, { readOnly: true });
    const last = store.runs()[0]?.last ?? -2;
    store.close();
    return last;
  } catch {
    return -2; // the file is being made
  }
}

const recipe = 'test/recipes/letters.ts';

it('a run killed at any moment and resumed is the run that never was', { timeout: 240_000 }, async () => {
  const whole = join(folder, 'whole', 'assay.db');
  expect(await ended(start(recipe, '--seed', '3', '--store', whole))).toMatchObject({ code: 0 });
  const reference = openStore(whole, { readOnly: true });
  const [wholeRun] = reference.runs();
  const fingerprint = reference.fingerprint(wholeRun!.id);
  reference.close();

  const random = stream(11, 'kills');
  const path = join(folder, 'killed', 'assay.db');
  let run: string | undefined;
  const kills = 10;
  for (let kill = 0; kill <= kills; kill++) {
    const child = start(recipe, '--store', path, ...(run ? ['--resume', run] : ['--seed', '3']));
    const end = ended(child);
    // Each kill is a random while after a step of its own was stored; after the last one the run may end.
    const target = Math.floor((kill * 420) / kills);
    while (kill < kills && child.exitCode === null && lastStep(path) < target) await sleep(3);
    if (kill < kills) {
      await sleep(30 * random.next());
      child.kill('SIGKILL');
    }
    const { code, signal, errors } = await end;
    expect({ signal, code, errors: kill < kills ? '' : errors }).toMatchObject(
      kill < kills ? { signal: 'SIGKILL' } : { code: 0 },
    );
    const store = openStore(path, { readOnly: true });
    expect(store.runs()).toHaveLength(1);
    const [found] = store.runs();
    run = found!.id;
    if (kill === kills) {
      expect(found!.status).toBe('finished');
      expect(store.fingerprint(run)).toBe(fingerprint);
    }
    store.close();
  }
  expect(weights(path, run!)).toEqual(weights(whole, wholeRun!.id));
});
