import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReward, loadReward } from '../src/catalogue/index.ts';
import { callReward, scoringContext, textSample } from '../src/core/index.ts';
import { blocks } from './pages.ts';

const page = 'docs/scoring.md';

test('the reward of the guide runs from a folder of its own', async () => {
  const [code] = blocks(page, 'ts');
  expect(code!.trim().split('\n').length).toBeLessThanOrEqual(11);
  const folder = mkdtempSync(join(tmpdir(), 'assay-docs-'));
  writeFileSync(join(folder, 'shorter.ts'), code!);
  const { reward, close } = await loadReward(join(folder, 'shorter.ts'));
  const score = async (text: string, answer: string | number) =>
    (await callReward(reward, [textSample({ id: '1', prompt: '', answer }, text)], scoringContext()))[0];
  expect(await score('short', 'longer text')).toMatchObject({
    value: 1,
    reason: '5 characters, the reference has 11',
  });
  expect(await score('short', 3)).toMatchObject({ value: null, cause: 'reference' });
  await close();
  rmSync(folder, { recursive: true });
});

test('the specs of the guide build', () => {
  const specs = blocks(page, 'json').filter((block) => block.includes('"options"'));
  expect(specs.length).toBeGreaterThan(0);
  for (const spec of [...specs, 'number?tolerance=0.01&from=boxed', 'gsm8k?lax'])
    expect(buildReward(spec.trim()).score).toBeTypeOf('function');
});
