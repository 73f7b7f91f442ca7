import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Curriculum, type Group, stream, textSample, verdict } from 'assay/core';
import { balanced, domainWeights } from 'assay/curriculum';
import { openStore, type Store } from 'assay/store';
import { recipe, reproduce } from 'assay/train';
import { exact, labels } from 'assay/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said } from './fixtures/said.ts';
import { recipeOptions } from './rulereasoner.ts';

let folder: string;
let store: Store;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-rulereasoner-'));
  store = openStore(join(folder, 'assay.db'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The recipe with this curriculum against equal shares, by its first two expectations. */
const against = (curriculum: Curriculum, steps: number, seeds: readonly number[]) =>
  reproduce(
    recipe({
      ...recipeOptions,
      curriculum,
      steps,
      arms: { balanced: recipeOptions.arms!.balanced! },
      expected: [recipeOptions.expected!].flat().slice(0, 2),
    }),
    { seeds, store, folder },
  );

describe('rulereasoner', () => {
  it('does not hold with equal shares in the place of Dads', async () => {
    const control = await against(balanced(), 6, [0, 1]);
    expect(control.holds).toBe(false);
    expect(control.expected.map((each) => each.holds)).toEqual([false, false]);
  });

  it('experiment 1: shares by accuracy with format, or by the spread of a group, would be others', () => {
    const domains = ['few', 'some', 'many'];
    const tasks = domains.map((domain) => ({ id: domain, prompt: '', domain }));
    // Accuracies 0.9, 0.5 and 0.1; the first domain is often malformed.
    const accuracy = [0.9, 0.5, 0.1];
    const malformed = [0.6, 0, 0];
    const groups = tasks.map(
      (task, d): Group => ({
        task,
        samples: Array.from({ length: 10 }, (_, i) => {
          const correct = i < accuracy[d]! * 10 ? 1 : 0;
          const format = i < malformed[d]! * 10 ? -1 : 0;
          const spread = accuracy[d]! * (1 - accuracy[d]!);
          return {
            ...textSample(task, '', String(i)),
            verdict: verdict(correct + format, '', {
              parts: { correct: verdict(correct), spread: verdict(spread) },
            }),
          };
        }),
      }),
    );
    const shares = (part?: string) => {
      const run = domainWeights({ part }).create({ tasks, groups: 12, random: stream(0) });
      run.observe(groups);
      return domains.map((domain) => run.metrics![`weight.${domain}`]!);
    };
    const [few, some, many] = shares('correct') as [number, number, number];
    expect(few).toBeLessThan(some);
    expect(some).toBeLessThan(many);
    const [withFormat, ...rest] = shares() as [number, number, number];
    expect(withFormat).toBeGreaterThan(rest[0]); // mistaken for a domain that is not learnt
    const [bySpread, middle] = shares('spread') as [number, number, number];
    expect(bySpread).toBeGreaterThan(middle); // a saturated domain has as little spread as an unlearnt one
  });

  it('vector 5: advantages are those of GRPO by the sample deviation', () => {
    const { estimator } = recipeOptions;
    const task = { id: 't', prompt: '' };
    const samples = [1, 0, 0, -1].map((value, i) => ({
      ...textSample(task, '', String(i)),
      verdict: verdict(value),
    }));
    const credit = estimator.estimate({ groups: [{ task, samples }] }, { step: 0, totalSteps: 1, stage: '' });
    const expected = [1.22474, 0, 0, -1.22474];
    for (const [i, a] of credit.terms.policy!.values.entries()) expect(a).toBeCloseTo(expected[i]!, 4);
  });
});

it('reads truth values whatever their case and spaces (test vector 13)', async () => {
  const reward = exact({ from: 'tag', ignoreCase: true });
  expect(await said(reward, 'so <answer> TRUE </answer>', 'True')).toBe(1);
  expect(await said(reward, 'so <answer> FALSE </answer>', 'True')).toBe(0);
});

it('reads family relations and lists of things as CLUTRR and Boxes are read (test vectors 11 and 12)', async () => {
  const relation = exact({ normalize: 'relation' });
  expect(await said(relation, 'Ann is the mother-in-law of Bo.', 'mother')).toBe(1);
  expect(await said(relation, 'Mother-in-law', 'mother')).toBe(1);
  expect(await said(relation, 'So Ann is the aunt of Cy, that is, Ann is the sister of Bo.', 'sister')).toBe(
    1,
  );
  expect(await said(relation, 'Ann is the mother-in-law of Bo.', 'grandmother')).toBe(0);
  const things = labels({ split: ',', without: ['the', 'and'] });
  expect(await said(things, 'a, b', 'a, c')).toBe(0.5);
  expect(await said(things, 'the bill, the coat, and the android', 'the android, the bill, the coat')).toBe(
    1,
  );
});
