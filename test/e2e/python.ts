import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A client that cannot be had here: the script says so in one line and is done. */
export class Skipped extends Error {}

/** The line that starts a requirement list that is installed without what it asks for itself. */
export const bare = '--no-deps';

/**
 * A Python that has these packages, exactly pinned: the one that ASSAY_E2E_PYTHON names, or that of a virtual environment
 * under ASSAY_E2E_HOME (else the temporary folder), which is made on the first use. Throws Skipped where it cannot be made.
 */
export async function pythonWith(name: string, lists: readonly (readonly string[])[]): Promise<string> {
  if (process.env.ASSAY_E2E_PYTHON !== undefined) return process.env.ASSAY_E2E_PYTHON;
  const home = join(process.env.ASSAY_E2E_HOME ?? join(tmpdir(), 'assay-e2e'), name);
  const python = join(home, 'bin/python');
  const mark = join(home, 'requirements.txt');
  const wanted = lists.map((list) => `${list.join('\n')}\n`).join('');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
  console.error(`making ${home} with ${lists.flat().join(' ')}`);
  if ((await run('python3', ['-m', 'venv', home])).code !== 0) throw new Skipped('no python3 with venv');
  for (const list of lists) {
    const { code, err } = await run(python, ['-m', 'pip', 'install', '-q', ...list]);
    if (code !== 0) throw new Skipped(`pip could not install ${list.join(' ')}: ${lastLine(err)}`);
  }
  writeFileSync(mark, wanted);
  return python;
}

/** Runs one of python/e2e; its standard error goes to ours when it fails. Gives its last line of output, as JSON. */
export async function runScript(python: string, script: string, args: readonly string[]): Promise<unknown> {
  const { code, out, err } = await run(python, ['-B', join(root, 'python/e2e', script), ...args]);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${err.slice(-6000)}`);
  return JSON.parse(lastLine(out));
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';

async function run(command: string, args: readonly string[]) {
  const env = {
    ...process.env,
    PYTHONPATH: join(root, 'python'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    HF_HUB_OFFLINE: '1',
    TOKENIZERS_PARALLELISM: 'false',
    OMP_NUM_THREADS: '2',
    CUDA_VISIBLE_DEVICES: '',
  };
  const child = spawn(command, args, { cwd: tmpdir(), env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await Promise.race([
    once(child, 'close').then(([status]) => status as number | null),
    once(child, 'error').then(() => -1),
  ]);
  return { code, out, err };
}
