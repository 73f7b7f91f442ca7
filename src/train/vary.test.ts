import { describe, expect, it } from 'vitest';
import { cosine, scheduleAt } from '../core/index.ts';
import { grpo } from '../credit/index.ts';
import { tabular } from '../engine/tabular/index.ts';
import { clipped, crossEntropy } from '../objective/index.ts';
import { armOf, type RecipeOptions, recipe, type Stage, type Update } from './recipe.ts';
import { study } from './study.ts';
import { factorOf, inOrder, vary } from './vary.ts';

const taught = (model: string, learningRate: number): Update => ({
  model,
  from: 'demonstrations',
  objective: crossEntropy(),
  optimizer: { learningRate },
});
const stages: Stage[] = [
  { name: 'teach', kind: 'supervised', updates: [taught('teacher', 1), taught('policy', 2)] },
  { name: 'own', optimizer: { learningRate: 4, clipNorm: 1 } },
  { name: 'same' },
];
const what = recipe({
  name: 'small',
  tasks: {
    name: 't',
    version: '1',
    options: {},
    load: async () => ({ train: [], evaluate: [], demonstrations: [] }),
  },
  engine: tabular({ actions: ['a'] }),
  models: { teacher: tabular({ actions: ['a'] }) },
  reward: () => 1,
  estimator: grpo(),
  objective: clipped(),
  optimizer: { learningRate: 0.1, clipNorm: 2 },
  warmStart: { steps: 3, batch: 4, optimizer: { learningRate: 0.5 } },
  steps: 6,
  groups: 2,
  old: 'sampled',
  sampling: { maxTokens: 1 },
  arms: {
    plain: { estimator: grpo({ std: 'none' }) },
    other: { optimizer: { learningRate: cosine({ from: 0.2, to: 0.02 }) }, groups: 8 },
    staged: { stages, sameTimeAs: 'main' },
  },
  expected: { arm: 'main', over: 'plain', direction: 'higher' },
});

const optionsOf = (arm: string, field: string, value: number | string): RecipeOptions =>
  armOf(vary(what, { field, value }), arm).recipe;

describe('vary', () => {
  it('changes a number in every arm, also where an arm sets it itself', () => {
    const groups = (arm: string) => optionsOf(arm, 'groups', 3).groups;
    expect(['main', 'plain', 'other', 'staged'].map(groups)).toEqual([3, 3, 3, 3]);
    const half = (arm: string) => optionsOf(arm, 'groups', 'x0.5').groups;
    expect(['main', 'plain', 'other', 'staged'].map(half)).toEqual([1, 1, 4, 1]);
  });

  it('multiplies a schedule, and leaves all else as it is', () => {
    const { optimizer, estimator, warmStart } = optionsOf('other', 'optimizer.learningRate', 'x3');
    const rates = [0, 5, 10].map((step) => scheduleAt(optimizer.learningRate, step, 11));
    expect(rates).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.33, 12), expect.closeTo(0.06, 12)]);
    expect(estimator).toBe(what.recipe.estimator);
    expect(warmStart).toBe(what.recipe.warmStart);
    expect(vary(what, { field: 'groups', value: 3 }).recipe.expected).toBe(what.recipe.expected);
    expect(what.recipe.groups).toBe(2);
    // At x1 a recipe is what it was.
    expect(armOf(vary(what, { field: 'optimizer.learningRate', value: 'x1' }), 'other').options).toEqual(
      armOf(what, 'other').options,
    );
  });

  it("reaches the stages that set it themselves and the policy's updates, not those of other models", () => {
    const varied = optionsOf('staged', 'optimizer.learningRate', 'x10');
    expect(varied.optimizer).toEqual({ learningRate: 1, clipNorm: 2 });
    const [teach, own, same] = varied.stages!;
    expect(teach!.updates!.map(({ optimizer }) => optimizer.learningRate)).toEqual([1, 20]);
    expect(own!.optimizer).toEqual({ learningRate: 40, clipNorm: 1 });
    expect(same).toBe(stages[2]);
    expect(vary(what, { field: 'groups', value: 3 }).recipe.arms!.staged!.sameTimeAs).toBe('main');
  });

  it('has a path of its own for the warm start, and for one stage', () => {
    const { warmStart, optimizer } = optionsOf('plain', 'warmStart.optimizer.learningRate', 'x2');
    expect([warmStart!.optimizer.learningRate, optimizer.learningRate]).toEqual([1, 0.1]);
    const { arms: _, expected: __, ...main } = what.recipe;
    const alone = recipe({ ...main, stages });
    const { recipe: varied } = vary(alone, { field: 'stages.own.optimizer.clipNorm', value: 5 });
    expect(varied.stages![1]!.optimizer).toEqual({ learningRate: 4, clipNorm: 5 });
    expect(varied.optimizer.clipNorm).toBe(2);
  });

  it('takes words where a word stands', () => {
    expect(optionsOf('plain', 'old', 'recomputed').old).toBe('recomputed');
  });

  it.each([
    [
      'optimiser.learningRate',
      'x2',
      "sets no 'optimiser.learningRate'; did you mean 'optimizer.learningRate'?",
    ],
    ['optimizer.learningrate', 1, "arm 'main' sets no 'optimizer.learningrate'; did you mean"],
    ['stages.own.groups', 1, "arm 'main' sets no 'stages.own.groups'"],
    ['epochs', 2, "sets no 'epochs'"],
    ['__proto__.x', 1, "sets no '__proto__.x'"],
    ['name', 'other', "sets no 'name'"],
    ['estimator.options.std', 1, 'lies inside grpo(), which was made already'],
    ['optimizer', 1, "'optimizer' of recipe 'small', arm 'main' is neither a number"],
    ['reward', 1, 'is neither a number'],
    ['groups', 'many', '"many" is no number'],
    ['old', 'x2', 'is "sampled", which x2 cannot multiply'],
    ['groups', 'x0.3', "field 'groups': must be a whole number"],
    ['optimizer.learningRate', 0.1, "arm 'other' is a schedule (cosine): multiply it"],
  ])('refuses %s=%s in one line', (field, value, line) => {
    expect(() => vary(what, { field, value })).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringContaining(line) }),
    );
  });

  it('varies a study in the settings that it declares, and nothing else', () => {
    const arms = { main: () => ({ x: 1 }) };
    const expected = { arm: 'main', over: 0, direction: 'higher' } as const;
    const closed = study({ name: 's', arms, metric: 'x', expected });
    expect(() => vary(closed, { field: 'rate', value: 1 })).toThrow("study 's' declares no settings");
    const open = study({ name: 's', arms, metric: 'x', expected, settings: { rate: 2 } });
    expect(vary(open, { field: 'rate', value: 'x3' }).study.settings).toEqual({ rate: 6 });
    expect(() => vary(open, { field: 'rat', value: 1 })).toThrow("did you mean 'rate'?");
  });
});

it('knows a factor from a word', () => {
  expect(['x0.5', 'x2', 'x1e-3'].map(factorOf)).toEqual([0.5, 2, 1e-3]);
  expect(['x', 'x0', 'x-1', 'xylophone', 'x1e999', 2, true].map(factorOf)).toEqual(Array(7).fill(undefined));
});

it('orders values from small to large', () => {
  expect(inOrder(['x1', 'x0.3', 'x3'])).toEqual(['x0.3', 'x1', 'x3']);
  expect(inOrder([10, 9, 0.5])).toEqual([0.5, 9, 10]);
  expect(inOrder(['b', 'a'])).toEqual(['b', 'a']);
});
