import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stream } from 'assay/core';
import { openStore } from 'assay/store';
import { type Recipe, recipe, reproduce, type Study } from 'assay/train';
import { expect, it } from 'vitest';
import {
  agree,
  averaged,
  offline,
  type Program,
  preferences,
  programs,
  run,
  translations,
  written,
} from './oorl-gepo.ts';
import combined from './oorl-gepo-combined.ts';

async function holds(what: Recipe | Study): Promise<boolean> {
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
  expect(await holds(offline(averaged, { steps: 3, warmStart: 4 }))).toBe(false);
  const { arms, ...main } = combined.recipe;
  const tiny = {
    steps: 2,
    groups: 2,
    samples: 2,
    warmStart: { steps: 2, batch: 16, optimizer: { learningRate: 3e-3 } },
  };
  expect(await holds(recipe({ ...main, ...tiny, ...arms!.averaged!, arms: arms! }))).toBe(false);
}, 60_000);

it('the form that never wins is equivalent, and nothing that wins or loses is it', () => {
  for (const program of programs(stream(0, 'test')).slice(0, 50)) {
    const forms = translations(program);
    const all = preferences(program, forms.slice(0, 3), 'g', stream(0, written(program)));
    expect(all.filter(({ role }) => role === 'winner').map(({ completion }) => completion)).toEqual(
      forms.slice(0, 3),
    );
    expect(agree(forms[3]!, forms[0]!)).toBe(true);
    expect(all.map(({ completion }) => completion)).not.toContain(forms[3]);
    for (const { completion, role } of all) expect(agree(completion, forms[0]!)).toBe(role === 'winner');
  }
});

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
