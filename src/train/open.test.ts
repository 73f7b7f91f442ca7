import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lift, type Task } from '../core/index.ts';
import { grpo } from '../credit/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped, combine, entropyBonus, onlyRoles, samplerCorrection } from '../objective/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { train } from './loop.ts';
import { type RecipeOptions, recipe } from './recipe.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-open-'));
  store = openStore(join(folder, 'assay.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const task: Task = { id: 't', prompt: 'say', answer: 'a' };
const equal = lift(function equal({ turns, task: { answer } }) {
  return turns[0]!.completion.text === answer;
});
const run = (over: Partial<RecipeOptions>) =>
  train(
    recipe({
      name: 'bandit',
      tasks: {
        name: 'one',
        version: '1',
        options: {},
        load: async () => ({
          train: [task],
          evaluate: [task],
          demonstrations: [{ prompt: 'say', completion: 'a' }],
        }),
      },
      engine: tabular({ actions: ['a', 'b'] }),
      reward: equal,
      estimator: grpo(),
      objective: clipped(),
      optimizer: { learningRate: 0.1 },
      groups: 1,
      samples: 16,
      steps: 2,
      sampling: { maxTokens: 1 },
      ...over,
    }),
    { seed: 1, store, folder },
  );

describe('an objective that corrects for the sampler', () => {
  const corrected = samplerCorrection(clipped());

  it('is refused before step 0 where the trainer does not recompute', async () => {
    const nested = combine([
      [onlyRoles(corrected, ['chosen']), 1],
      [entropyBonus(), 0.1],
    ]);
    for (const objective of [corrected, nested])
      await expect(run({ objective })).rejects.toThrow(/^.*set old: 'recomputed'.*$/);
    await expect(run({ objective: corrected, old: 'sampled' })).rejects.toThrow("set old: 'recomputed'");
    expect(store.runs()).toHaveLength(0);
  });

  it('is refused on demonstrations, which no sampler said', async () => {
    const update = { model: 'policy', from: 'demonstrations', objective: corrected } as const;
    const updates = [{ ...update, optimizer: { learningRate: 0.1 } }];
    await expect(run({ updates, old: 'recomputed' })).rejects.toThrow('demonstrations have none');
  });

  it('works where it does', async () => {
    const { run: id } = await run({ objective: corrected, old: 'recomputed' });
    for (const { metrics } of store.steps(id)) expect(metrics.samplerWeight).toBeCloseTo(1, 12);
    const narrowed = await run({ objective: corrected, sampling: { maxTokens: 1, topK: 1 } });
    expect(narrowed.status).toBe('finished'); // `old` is recomputed by itself there
  });
});
