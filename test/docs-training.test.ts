import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { loadReward } from '../src/catalogue/index.ts';
import { callReward, scoringContext, textSample } from '../src/core/index.ts';
import { openStore } from '../src/store/index.ts';
import { armOf, isRecipe, train } from '../src/train/index.ts';

const root = resolve(import.meta.dirname, '..');

/** The TypeScript block of a page that begins with this file name, in a folder where `assay/…` resolves. */
function codeOf(page: string, name: string): { path: string; remove: () => void } {
  const text = readFileSync(join(root, page), 'utf8');
  const block = [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code]) => code!)
    .find((code) => code.startsWith(`// ${name}`));
  expect(block, `${page} shows ${name}`).toBeDefined();
  const folder = mkdtempSync(join(root, 'test', '.docs-'));
  const path = join(folder, name);
  writeFileSync(path, block!);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

test("the README's reward scores, and blames the task where the task is at fault", async () => {
  const { path, remove } = codeOf('README.md', 'brief.ts');
  const { reward, close } = await loadReward(path);
  const score = async (text: string, data: { limit?: number }) =>
    (await callReward(reward, [textSample({ id: '1', prompt: '', data }, text)], scoringContext()))[0];
  expect(await score('two words', { limit: 2 })).toMatchObject({
    value: 1,
    reason: '2 words, at most 2 asked',
  });
  expect(await score('now three words', { limit: 2 })).toMatchObject({ value: 0 });
  expect(await score('words', {})).toMatchObject({ value: null, cause: 'reference' });
  await close();
  remove();
});

test("the training guide's recipe learns, beyond what its demonstrations gave", {
  timeout: 240_000,
}, async () => {
  const { path, remove } = codeOf('docs/training.md', 'letters.ts');
  const found = (await import(pathToFileURL(path).href)).default;
  remove();
  if (!isRecipe(found)) throw new Error('the guide shows no recipe');
  const folder = mkdtempSync(join(tmpdir(), 'assay-guide-'));
  const store = openStore(join(folder, 'assay.db'));
  const result = await train(armOf(found, 'main'), { seed: 7, store, folder, threads: 1 });
  expect(result).toMatchObject({ status: 'finished', steps: 113, noVerdict: { n: 0 } });
  const { before, after } = result.eval;
  expect(before).toBeLessThan(0.9);
  expect(after! - before!).toBeGreaterThan(0.1);
  store.close();
  rmSync(folder, { recursive: true });
});
