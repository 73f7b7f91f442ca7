import { execFile, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { startFixture } from '../src/serve/fixtures/start.ts';

const python = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;

test.skipIf(!python)('the Python client against a real server (skipped without python3)', async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const server = await startFixture({ workers: 1 });
  try {
    const { stderr } = await promisify(execFile)(
      'python3',
      ['-B', '-W', 'ignore::ResourceWarning', '-m', 'unittest', 'discover', '-s', 'tests'],
      {
        cwd: resolve(import.meta.dirname, '../python'),
        env: { ...process.env, ASSAY_URL: server.url, PYTHONPATH: '.' },
      },
    );
    expect(stderr).toMatch(/Ran (2[0-9]|3[0-9]) tests/);
    expect(stderr).toMatch(/\nOK\s*$/);
  } finally {
    await server.close();
  }
});
