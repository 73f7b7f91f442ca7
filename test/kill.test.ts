import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
  let kills = 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    const child = start(recipe, '--store', path, ...(run ? ['--resume', run] : ['--seed', '3']));
    const end = ended(child);
    // Ten kills; after them the run may end. The first second is start-up: most kills fall into the steps.
    const timer = kills < 10 ? setTimeout(() => child.kill('SIGKILL'), 300 + 900 * random.next()) : undefined;
    const { code, signal, errors } = await end;
    clearTimeout(timer);
    if (signal === 'SIGKILL') kills++;
    else expect(errors + code).toMatch(/0$/);
    const store = openStore(path);
    const found = store.runs();
    expect(found.length).toBeLessThanOrEqual(1);
    const status = found[0]?.status;
    run = found[0]?.id;
    if (status === 'finished') {
      expect(store.fingerprint(run!)).toBe(fingerprint);
      store.close();
      break;
    }
    store.close();
  }
  expect(kills).toBeGreaterThan(3);
  expect(weights(path, run!)).toEqual(weights(whole, wholeRun!.id));
});
