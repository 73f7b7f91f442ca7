import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTarget } from './write-target.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

test('a link leads to its file, there or not', () => {
  writeFileSync(at('real'), 'old');
  symlinkSync('real', at('link'));
  symlinkSync('link', at('further'));
  symlinkSync('new', at('dangling'));
  symlinkSync('loop', at('loop'));
  expect(writeTarget(at('further'))).toEqual({ path: at('real'), direct: false });
  expect(writeTarget(at('dangling'))).toEqual({ path: at('new'), direct: false });
  expect(writeTarget(at('nowhere/file'))).toEqual({ path: at('nowhere/file'), direct: false });
  expect(writeTarget(at('loop')).path).toBe(at('loop'));
});

test('what is open, and a link to it, is written as it goes', () => {
  symlinkSync('/dev/null', at('null'));
  for (const path of ['/dev/null', at('null'), '/dev/stdout', '/proc/self/fd/1'])
    expect(writeTarget(path)).toMatchObject({ path, direct: true });
  expect(writeTarget('/dev/shm/file')).toEqual({ path: '/dev/shm/file', direct: false });
});

test.each([
  ['lines', `const out = await lineWriter(target); await out.write('a\\n'); await out.commit();`],
  ['a file', `await writeFileAtomic(target, 'a\\n');`],
])('%s to the file that the output goes to stand between what is said there; a link stays', (_, act) => {
  const from = (file: string) => JSON.stringify(join(import.meta.dirname, '..', file));
  const code = `
    import { lineWriter } from ${from('dataset/score/line-writer.ts')};
    import { writeFileAtomic } from ${from('store/atomic.ts')};
    import { writeSync } from 'node:fs';
    for (const target of process.argv.slice(1)) { writeSync(1, 'before\\n'); ${act} writeSync(1, 'after\\n'); }`;
  writeFileSync(at('real'), 'old');
  symlinkSync('real', at('link'));
  symlinkSync('said', at('output'));
  const script = `exec "$1" --disable-warning=ExperimentalWarning --input-type=module -e "$2" "$3/link" "$3/output" > "$3/said"`;
  execFileSync('sh', ['-c', script, 'sh', process.execPath, code, folder]);
  expect(readFileSync(at('real'), 'utf8')).toBe('a\n');
  expect(readFileSync(at('said'), 'utf8')).toBe('before\nafter\nbefore\na\nafter\n');
  expect(lstatSync(at('link')).isSymbolicLink() && lstatSync(at('output')).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['link', 'output', 'real', 'said']);
});
