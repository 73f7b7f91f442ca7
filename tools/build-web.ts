/**
 * Builds the dashboard into web/dist: `npm run build:web`. A build that is up to date is kept, and a new one takes the old
 * one's place at once, so that a server or a test that reads it meanwhile never sees half of it. `--force` builds anyway.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const web = join(root, 'web');
const dist = join(web, 'dist');
const stamp = 'sources.sha256';

/** Everything that the bundle is made of: the app, the contract's file, this script, and the locked versions. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const add = (path: string) =>
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else add(path);
    }
  };
  for (const folder of ['src', 'public']) walk(join(web, folder));
  for (const file of ['web/index.html', 'package-lock.json', 'tools/build-web.ts']) add(join(root, file));
  return hash.digest('hex');
}

/** Builds web/dist unless it is up to date. Returns whether it did. */
export async function buildWeb(options: { readonly force?: boolean } = {}): Promise<boolean> {
  const wanted = sourcesHash();
  const built = join(dist, stamp);
  if (!options.force && existsSync(built) && readFileSync(built, 'utf8') === wanted) return false;
  const aside = join(web, `dist/../.dist-${randomUUID()}`);
  try {
    await build({
      root: web,
      configFile: false,
      logLevel: 'warn',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: { outDir: aside, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, sourcemap: false },
    });
    writeFileSync(join(aside, stamp), wanted);
    const old = join(web, `.dist-${randomUUID()}`);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(aside, dist);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return true;
}

if (import.meta.main) {
  const done = await buildWeb({ force: process.argv.includes('--force') });
  console.log(done ? 'built web/dist' : 'web/dist is up to date');
}
