import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from 'assay/store';
import { type Recipe, recipe, reproduce } from 'assay/train';
import { expect, it } from 'vitest';
import oorl, {
  agree,
  averaged,
  type Program,
  run,
  translations,
  withPreferences,
  written,
} from './oorl-gepo.ts';
import combined from './oorl-gepo-combined.ts';

const tiny = {
  steps: 2,
  groups: 2,
  samples: 2,
  warmStart: { steps: 2, batch: 16, optimizer: { learningRate: 3e-3 } },
};

async function holds(what: Recipe): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-oorl-'));
  const store = openStore(join(folder, 'assay.db'));
  try {
    return (await reproduce(what, { seeds: [0, 1], store, folder, threads: 1 })).holds;
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

it('does not hold with the control in the place of the method', async () => {
  expect(await holds(recipe({ ...oorl.recipe, ...tiny, ...withPreferences(averaged) }))).toBe(false);
  const { arms, ...main } = combined.recipe;
  const { dpo, onPolicy } = arms!;
  expect(await holds(recipe({ ...main, ...tiny, ...dpo, arms: { dpo: dpo!, onPolicy: onPolicy! } }))).toBe(
    false,
  );
}, 60_000);

const program: Program = { outer: '-', inner: '+', side: 'left', leaves: ['x', 'y', 'z'] };

it('equivalent programs agree on 200 inputs, a mistaken one does not', () => {
  expect(written(program)).toBe('-+xyz');
  const all = translations(program);
  expect(all).toEqual(['xy+z-', 'zxy+~-', 'yx+z-', 'zyx+~-']);
  for (const code of all) expect(agree(code, 'xy+z-'), code).toBe(true);
  expect(agree('zxy+-', 'xy+z-')).toBe(false);
});

it('what does not compile has no value', () => {
  const values = { w: 1, x: 2, y: 3, z: 4 };
  expect(run('xy+z-', values)).toBe(1);
  for (const code of ['', '+', 'xy', 'x+', 'xy+z', 'xy?']) expect(run(code, values), code).toBeUndefined();
});
