import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Every JSON file in a folder named `fixtures` under src, test and bench. */
function* fixtures(folder: string, inside = false): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* fixtures(path, inside || entry.name === 'fixtures');
    else if (inside && /\.jsonl?$/.test(entry.name)) yield path;
  }
}

const found = ['src', 'test', 'bench'].flatMap((folder) => [...fixtures(join(root, folder))]);

test('there are parity fixtures', () => {
  expect(found.length).toBeGreaterThan(0);
});

test.each(found.map((path) => [relative(root, path), path] as const))(
  '%s names the package, its version and the script that made it',
  (name, path) => {
    const text = readFileSync(path, 'utf8');
    const first = name.endsWith('.jsonl') ? text.slice(0, text.indexOf('\n')) : text;
    const { package: of, version, script } = JSON.parse(first) as Record<string, unknown>;
    for (const [field, value] of Object.entries({ package: of, version, script }))
      expect(typeof value === 'string' && value.trim() !== '', `${name} has no '${field}'`).toBe(true);
    expect(existsSync(join(root, script as string)), `${name}: there is no ${script}`).toBe(true);
  },
);
