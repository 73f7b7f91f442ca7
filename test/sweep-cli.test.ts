import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../src/store/index.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-sweep-cli-'));
  path = join(folder, 'assay.db');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function reproduce(...args: string[]) {
  const node = ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', 'src/cli/main.ts'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...node, 'reproduce', ...args, '--store', path, '--threads', '1'],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

const recipe = 'test/recipes/two-rates.ts';
const swept = [recipe, '--vary', 'optimizer.learningRate=x1,x3,x10', '--seeds', '3'];

describe('assay reproduce --vary', () => {
  it('runs every arm at every value and writes a document of its own', () => {
    const out = join(folder, 'out');
    const { status, stdout } = reproduce(...swept, '--json', '--out', out);
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      kind: 'sweep',
      recipe: 'two-rates',
      field: 'optimizer.learningRate',
      values: ['x1', 'x3', 'x10'],
      metric: 'last.reward',
      seeds: [0, 1, 2],
      holds: true,
    });
    expect(result.arms.map((arm: { name: string }) => arm.name)).toEqual(['main', 'unrewarded']);
    for (const arm of result.arms) for (const { metric } of arm.values) expect(metric.values).toHaveLength(3);
    expect(result.expected[0].equal).toHaveLength(3);
    const file = 'two-rates.sweep.json';
    expect(readdirSync(out)).toEqual([file]);
    expect(JSON.parse(readFileSync(join(out, file), 'utf8'))).toEqual(result);

    const store = openStore(path);
    expect(store.reproductions.list()).toMatchObject([{ name: 'two-rates', jobs: 18, done: 18, result }]);
    const runs = store.runs();
    expect(runs).toHaveLength(18);
    const arm = 'unrewarded · optimizer.learningRate=x3';
    const rates = runs
      .filter((run) => run.arm === arm)
      .map(({ id }) => (store.run(id).config as { optimizer: unknown }).optimizer);
    expect(rates).toEqual(Array(3).fill({ learningRate: 0.03 }));
    store.close();

    const again = reproduce(...swept, '--resume');
    expect(again.stderr).toMatch(/18 of 18 jobs are done already/);
    expect(again.stdout).toMatch(
      /last\.reward, mean and 95 % interval over 3 seeds, by optimizer\.learningRate/,
    );
    expect(again.stdout).toMatch(/with each arm at its best: holds/);
  });

  it.each([
    [[recipe, '--vary', 'optimizer.rate=1'], /arm 'main' sets no 'optimizer\.rate'/],
    [[recipe, '--vary', 'optimizer.learningRate=fast'], /is 0.02; "fast" is no number$/m],
    [[recipe, '--vary', 'optimizer.learningRate=x2,x2.0'], /there twice/],
    [[recipe, '--best', 'lowest'], /--best goes with --vary/],
    [['test/recipes/coin.ts', '--vary', 'p=0.5,0.7'], /study 'coin' declares no settings/],
  ])('refuses %j in one line', (args, line) => {
    const { status, stdout, stderr } = reproduce(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(line);
  });
});
