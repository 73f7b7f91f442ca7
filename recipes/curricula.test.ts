import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniform } from 'assay/curriculum';
import { openStore } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { expect, test } from 'vitest';
import curricula from './curricula.ts';

test('without the filter nothing holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-curricula-'));
  const store = openStore(join(folder, 's.db'));
  try {
    const short = { ...curricula.recipe, stages: undefined, groups: 2, warmStart: undefined };
    const [first] = [short.expected].flat();
    const without = recipe({
      ...short,
      steps: 2,
      curriculum: uniform(),
      arms: { uniform: short.arms!.uniform! },
      expected: first,
    });
    const { holds, arms, expected } = await reproduce(without, { seeds: [0, 1], store, folder, threads: 1 });
    expect(holds).toBe(false);
    expect(expected[0]!.difference.mean).toBe(0);
    expect(arms[0]!.all.tokens![0]).toBeGreaterThan(0);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
