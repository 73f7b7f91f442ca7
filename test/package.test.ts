import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-package-'));
afterAll(() => rmSync(folder, { recursive: true }), 120_000); // thousands of files on a busy disk

/** The Node that runs this test comes first, for npm and npx as well. */
const path = [dirname(process.execPath), process.env.PATH].join(delimiter);

function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, NODE_OPTIONS: '', npm_config_loglevel: 'error' },
  });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** An older Node on the PATH, if there is one. */
function olderNode(): string | undefined {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(place, 'node');
    if (!existsSync(node)) continue;
    const major = Number(/^v(\d+)/.exec(run(node, ['--version'], folder).stdout)?.[1]);
    if (major > 0 && major < 24) return node;
  }
  return undefined;
}

beforeAll(() => {
  const packed = run('npm', ['pack', '--pack-destination', folder], root);
  expect(packed.status, packed.stderr).toBe(0);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const installed = run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`],
    folder,
  );
  expect(installed.status, installed.stderr).toBe(0);
}, 300_000);

test('the package lists its rewards and scores a file from an empty folder', () => {
  const listed = run('npx', ['assay', 'rewards', '--json'], folder);
  expect(listed.status, listed.stderr).toBe(0);
  expect(JSON.parse(listed.stdout).map(({ name }: { name: string }) => name)).toContain('gsm8k');
  writeFileSync(
    join(folder, 'rows.jsonl'),
    '{"completion":"A: 18","answer":18}\n{"completion":"A: 2","answer":18}\n',
  );
  writeFileSync(
    join(folder, 'own.ts'),
    `import { finalText, type Sample } from 'assay';
     import { gsm8k } from 'assay/verify';
     export default (sample: Sample) => finalText(sample).length + gsm8k().name.length;`,
  );
  for (const [spec, mean] of [
    ['gsm8k', 0.5],
    ['./own.ts', 9.5],
  ] as const) {
    const scored = run('npx', ['assay', 'score', 'rows.jsonl', '--reward', spec, '--json'], folder);
    expect([scored.status, scored.stderr]).toEqual([0, '']);
    expect(JSON.parse(scored.stdout)).toMatchObject({ rows: 2, mean });
  }
});

test("one's own module in a package that npm calls CommonJS is one line, as .mts it is loaded", () => {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type":"commonjs"}');
  const study = `import { study } from 'assay/train';
    export default study({ name: 'own', metric: 'x', expected: { arm: 'a', over: 'b', direction: 'higher' },
      arms: { a: (seed: number) => ({ x: seed + 1 }), b: (seed: number) => ({ x: seed }) } });`;
  for (const name of ['own.ts', 'own.mts']) writeFileSync(join(project, name), study);
  for (const command of [
    ['train', './own.ts'],
    ['reproduce', './own.ts'],
    ['score', '../rows.jsonl', '--reward', './own.ts'],
  ])
    expect(run('npx', ['assay', ...command], project)).toEqual({
      status: 2,
      stdout: '',
      stderr: `assay ${command[0]}: ./own.ts: is a module, but package.json says "type": "commonjs"; say "type": "module" there, or call the file own.mts\n`,
    });
  const held = run('npx', ['assay', 'reproduce', './own.mts', '--seeds', '2', '--json'], project);
  expect(held.status, held.stderr).toBe(0);
  expect(JSON.parse(held.stdout).difference.mean).toBe(1);
});

test('recipes are there, benchmarks are said to be part of a checkout', () => {
  const recipes = run('npx', ['assay', 'recipes', '--json'], folder);
  expect(recipes.status, recipes.stderr).toBe(0);
  expect(JSON.parse(recipes.stdout).length).toBeGreaterThan(0);
  expect(run('npx', ['assay', 'bench'], folder)).toEqual({
    status: 2,
    stdout: '',
    stderr: 'assay bench: benchmarks are part of a checkout, not of the package\n',
  });
});

const older = olderNode();
if (older === undefined) console.log('skipped: no Node older than 24 on the PATH');
test.skipIf(older === undefined)('an older Node gets one clear line and exit code 2', () => {
  const { status, stdout, stderr } = run(older!, ['node_modules/.bin/assay', 'rewards'], folder);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^assay needs Node 24 or newer; this is Node \d+\.\d+\.\d+\n$/);
});
