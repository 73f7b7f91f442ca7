/** Builds dist/: the compiler turns .ts into .js and .d.ts, and the other files that the sources read are copied. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
const compiled = spawnSync(
  process.execPath,
  [join(dirname(compiler), 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')],
  { stdio: ['ignore', 2, 2], cwd: root },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

/** What a source folder holds besides TypeScript: kernels, schemas, word lists. Fixtures are for tests alone. */
function copyAssets(folder: string): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'fixtures') copyAssets(path);
    } else if (!entry.name.endsWith('.ts')) cpSync(join(root, path), join(dist, path));
  }
}
for (const folder of ['src', 'recipes']) if (existsSync(join(root, folder))) copyAssets(folder);
