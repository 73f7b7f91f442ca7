/** Blocks that a reader pastes run as they are printed: here in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocks } from './pages.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-pasted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pastes a block; `npm run` would leave the folder, so that the same program stands for it. */
function paste(block: string): void {
  const program = `'${process.execPath}' --conditions=assay-source '${join(root, 'src/cli/main.ts')}'`;
  const { status, stderr } = spawnSync(
    'bash',
    ['-e', '-c', block.replaceAll('npm run -s assay --', program)],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

const verdicts = () =>
  readFileSync(join(folder, 'verdicts.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test("the README's reward and the command after it", () => {
  writeFileSync(join(folder, 'brief.ts'), blocks('README.md', 'ts')[0]!);
  paste(blocks('README.md', 'sh')[0]!);
  expect(verdicts()).toEqual([
    { id: 'a', reward: 1, reason: '3 words, at most 3 asked' },
    { id: 'b', reward: 0, reason: '6 words, at most 3 asked' },
  ]);
});

test('the first command of the guide to scoring gives the verdicts that it shows', () => {
  paste(blocks('docs/scoring.md', 'sh')[0]!);
  const shown = blocks('docs/scoring.md', 'json')[0]!;
  expect(verdicts()).toEqual(
    shown
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
});
