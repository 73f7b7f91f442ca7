import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: { readonly [name: string]: string }): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** In a process of its own, since a module is loaded once in each: what was said of each file, and standard error. */
function load(...names: string[]) {
  const script = `
    const { importOwn } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'import-own.ts')).href)});
    const said = [];
    for (const name of ${JSON.stringify(names)})
      said.push(await importOwn(${JSON.stringify(folder)} + '/' + name, name).then(
        ({ exports, hash }) => ({ value: String(exports.default), hash }),
        ({ name, message }) => ({ name, message }),
      ));
    console.log(JSON.stringify(said));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=assay-source', '--input-type=module', '-e', script],
    { encoding: 'utf8', cwd: folder },
  );
  const said = JSON.parse(stdout) as { value?: string; hash?: string; name?: string; message?: string }[];
  return { said, stderr };
}

const hashOf = (name: string) => load(name).said[0]!.hash!;

describe('the hash of a module', () => {
  const files = {
    'own.ts': `import { verdict } from ${JSON.stringify('assay')};\nimport { by } from './lib/by.ts';\nexport default by + typeof verdict;\n`,
    'lib/by.ts':
      "import d from '../d.json' with { type: 'json' };\nimport './old.cjs';\nexport const by: number = d.by;\n",
    'd.json': '{"by":1}',
    'lib/old.cjs': "require('./older.cjs');\nrequire('other');\n",
    'lib/older.cjs': '\n',
    'node_modules/other/index.js': '\n',
    'aside.ts': 'export {};\n',
  };

  test('has every file in it that it imports by path, and no package', () => {
    write(files);
    const before = hashOf('own.ts');
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    for (const [name, content] of Object.entries(files)) {
      write({ [name]: `${content} ` });
      const unchanged = name.startsWith('node_modules') || name === 'aside.ts';
      expect([name, hashOf('own.ts') === before]).toEqual([name, unchanged]);
      write({ [name]: content });
    }
    expect(hashOf('own.ts')).toBe(before);
  });

  test('does not depend on the folder, or on what was loaded before', () => {
    write(files);
    const [, own] = load('lib/by.ts', 'own.ts').said;
    expect(own).toEqual({ value: '1function', hash: hashOf('own.ts') });
    const before = folder;
    folder = mkdtempSync(join(tmpdir(), 'assay-elsewhere-'));
    cpSync(before, folder, { recursive: true });
    rmSync(before, { recursive: true });
    expect(hashOf('own.ts')).toBe(own!.hash);
  });
});

describe('a module that npm says is CommonJS', () => {
  const module = "import { join } from 'node:path';\nexport default join('a', 'b');\n";

  test('is one line that says what to do', () => {
    write({
      'package.json': '{"type":"commonjs"}',
      'own.ts': module,
      'by.mts': "import './own.ts';\n",
      'right.mts': module,
    });
    const line =
      'own.ts: is a module, but package.json says "type": "commonjs"; say "type": "module" there, or call the file own.mts';
    const { said, stderr } = load('own.ts', 'right.mts');
    expect(said).toEqual([
      { name: 'InputError', message: line },
      { value: join('a', 'b'), hash: expect.anything() },
    ]);
    expect(stderr).toBe('');
    expect(load('by.mts').said).toEqual([{ name: 'InputError', message: line }]);
  });

  test('where the package says nothing, loads without a word; what is wrong itself is said', () => {
    write({ 'package.json': '{}', 'own.ts': module, 'wrong.ts': 'export default (;\n' });
    const { said, stderr } = load('own.ts', 'wrong.ts');
    expect(said).toMatchObject([
      { value: join('a', 'b') },
      { message: expect.stringMatching(/^wrong\.ts: cannot be loaded: /) },
    ]);
    expect(stderr).toBe('');
  });
});
