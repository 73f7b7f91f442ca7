/**
 * `npm run e2e:NAME`: a trainer's own client against `assay serve`, outside CI. It makes a virtual environment with pinned
 * packages outside the repository (see python.ts); what cannot be had here is skipped with a line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServe } from '../../src/serve/fixtures/process.ts';
import { atropos } from './atropos.ts';
import { evalProtocol, openenv, openrlhf, slime } from './clients.ts';
import { Skipped } from './python.ts';
import { trl } from './trl.ts';
import { verl } from './verl.ts';

/** Each takes the address of the server and a folder for its files, and gives a line about what was equal. */
const all: { readonly [name: string]: (url: string, folder: string) => Promise<string> } = {
  trl,
  verl,
  openrlhf,
  slime,
  openenv,
  'eval-protocol': evalProtocol,
  atropos,
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(all, name));
if (unknown !== undefined) {
  console.error(`no end-to-end script is called '${unknown}': ${Object.keys(all).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(all)) {
  const folder = mkdtempSync(join(tmpdir(), `assay-e2e-${name}-`));
  const server = await startServe(['--config', join(import.meta.dirname, 'assay.config.ts')]);
  try {
    console.log(`${name}: ${await all[name]!(server.url, folder)}`);
  } catch (thrown) {
    if (!(thrown instanceof Skipped)) throw thrown;
    console.log(`${name}: skipped: ${thrown.message}`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
