import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Estimator } from '../src/core/index.ts';
import { openStore } from '../src/store/index.ts';
import { isRecipe, reproduce } from '../src/train/index.ts';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/own-estimator.md'), 'utf8');

test("the guide's estimator learns, and its study is judged", async () => {
  const code = /^```ts\n(.*?)^```$/ms.exec(page)![1]!;
  const folder = mkdtempSync(join(root, 'test', '.docs-'));
  const work = mkdtempSync(join(tmpdir(), 'assay-docs-'));
  const store = openStore(join(work, 's.db'));
  try {
    writeFileSync(join(folder, 'ranks.ts'), code);
    const module = (await import(pathToFileURL(join(folder, 'ranks.ts')).href)) as {
      default: unknown;
      ranks: () => Estimator;
    };
    const samples = [1, 50, null, 0, 0].map((value, i) => ({
      id: String(i),
      task: { id: 't', prompt: '' },
      turns: [],
      verdict: value === null ? { value, cause: 'timeout' as const } : { value },
    }));
    const { terms } = module
      .ranks()
      .estimate({ groups: [{ task: samples[0]!.task, samples }] }, { step: 0, totalSteps: 1, stage: '' });
    expect([...terms.policy!.values]).toEqual([1 / 3, 1, 0, -2 / 3, -2 / 3]);

    const { default: recipe } = module;
    if (!isRecipe(recipe)) throw new Error('the guide exports no recipe');
    const result = await reproduce(recipe, { seeds: [1, 2], store, folder: work });
    expect(result.arms.map(({ name }) => name)).toEqual(['main', 'mean', 'deviation']);
    for (const { metric } of result.arms) expect(metric.mean).toBeGreaterThan(0.3);
    expect(result.expected[0]!.difference.mean).toBeCloseTo(
      result.arms[0]!.metric.mean - result.arms[1]!.metric.mean,
    );
  } finally {
    store.close();
    for (const each of [folder, work]) rmSync(each, { recursive: true, force: true });
  }
});

test('the guide is at most one page', () => {
  expect(page.split('\n').length).toBeLessThanOrEqual(85);
});
