import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, expect, test } from 'vitest';
import { type ExampleOutcome, runExamples } from './browser-page.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One module for a browser, and the files of this repository that are in it. */
async function bundle(code: string): Promise<{ code: string; files: string[]; imports: string[] }> {
  const entry = join(root, 'test', 'virtual-entry.ts');
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
    onLog: (level, log) => {
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  const [chunk] = output;
  return {
    code: chunk.code,
    files: chunk.moduleIds.filter((id) => id.startsWith(root)).map((id) => relative(root, id)),
    imports: chunk.imports,
  };
}

test('all verifiers make one bundle without Node built-ins', async () => {
  const { imports, code } = await bundle("export * from '../src/verify/index.ts';");
  expect(imports).toEqual([]);
  for (const name of builtinModules) expect(code).not.toContain(`from "node:${name}"`);
});

test('a verifier alone brings along only what it needs', async () => {
  const alone = async (name: string) =>
    (await bundle(`export { ${name} } from '../src/verify/index.ts';`)).files.join('\n');
  const exact = await alone('exact');
  expect(exact).toContain('src/verify/exact.ts');
  expect(exact).not.toMatch(/verify\/(?:math|instructions|text)\/|node_modules\/(?:ajv|re2js)/);
  const rouge = await alone('rouge');
  expect(rouge).toContain('src/verify/text/rouge.ts');
  expect(rouge).not.toMatch(
    /verify\/(?:math|instructions)\/|text\/(?:json|regex|qa)|node_modules\/(?:ajv|re2js)/,
  );
  expect(await alone('regex')).toMatch(/node_modules\/re2js/);
});

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (chromium === undefined) console.log('skipped: there is no Chromium on this machine');

test.skipIf(chromium === undefined)(
  'the examples get the same verdicts in a browser',
  async () => {
    const { code } = await bundle(
      [
        "import { runExamples } from './browser-page.ts';",
        'runExamples().then(',
        '  (outcomes) => { document.body.textContent = JSON.stringify(outcomes); },',
        "  (thrown) => { document.body.textContent = 'threw ' + thrown; },",
        ');',
      ].join('\n'),
    );
    const page = join(folder, 'page.html');
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><body></body><script type="module">${code.replaceAll('</script', '<\\/script')}</script>`,
    );
    const { stdout } = spawnSync(
      chromium!,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${join(folder, 'profile')}`,
        '--virtual-time-budget=60000',
        '--dump-dom',
        pathToFileURL(page).href,
      ],
      { encoding: 'utf8', maxBuffer: 1 << 26, timeout: 120_000 },
    );
    const body = /<body>([\s\S]*?)<\/body>/.exec(stdout)?.[1] ?? stdout;
    const text = body.slice(0, body.indexOf('<script') >= 0 ? body.indexOf('<script') : undefined).trim();
    const decoded = text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&nbsp;', '\u00a0')
      .replaceAll('&amp;', '&');
    const there = JSON.parse(decoded) as ExampleOutcome[];
    const here = JSON.parse(JSON.stringify(await runExamples())) as ExampleOutcome[];
    expect(here.length).toBeGreaterThan(40);
    expect(there).toEqual(here);
  },
  180_000,
);
