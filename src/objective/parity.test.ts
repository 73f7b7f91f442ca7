import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Loss, TokenBatch } from '../core/index.ts';
import { type Aggregation, clippedLoss, type KlEstimator, klLoss, valueLossOf } from './index.ts';

interface Case {
  readonly groups: number[];
  readonly lengths: number[];
  readonly width: number;
  readonly arrays: Record<string, number[]>;
  readonly results: { form: string; aggregate: Aggregation; loss: number; gradient: number[] }[];
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/verl.json'), 'utf8')) as {
  cases: Case[];
};

function ours(batch: TokenBatch, form: string, aggregate: Aggregation): Loss {
  const range = { low: 0.2, high: 0.28, aggregate } as const;
  if (form === 'clip') return clippedLoss(batch, { ...range, dual: 3 });
  if (form === 'cispo') return clippedLoss(batch, { ...range, form: 'cispo' });
  if (form === 'gspo') return clippedLoss(batch, { ...range, ratio: 'sequenceToken', logRatioLimit: 10 });
  if (form === 'value') return valueLossOf(batch, { clip: 0.3 });
  return klLoss(batch, { estimator: form as KlEstimator, aggregate, valueLimit: 10 });
}

test.each(cases.map((one, i) => [i, one] as const))('verl, batch %i', (_, one) => {
  const starts = new Int32Array(one.lengths.length + 1);
  one.lengths.forEach((n, i) => {
    starts[i + 1] = starts[i]! + n;
  });
  const array = (name: string) => Float64Array.from(one.arrays[name]!);
  const batch: TokenBatch = {
    starts,
    groups: Int32Array.from(one.groups.flatMap((n, g) => new Array(n).fill(g))),
    mask: new Uint8Array(starts.at(-1)!).fill(1),
    logprobs: array('logprobs'),
    old: array('old'),
    references: { reference: array('reference') },
    values: array('values'),
    oldValues: array('old_values'),
    returns: array('returns'),
    terms: { policy: array('advantages') },
    maxTokens: one.width,
  };
  for (const { form, aggregate, loss, gradient } of one.results) {
    const found = ours(batch, form, aggregate);
    expect(found.loss, `${form} ${aggregate}`).toBeCloseTo(loss, 7);
    gradient.forEach((x, t) => {
      expect((found.dLogprob ?? found.dValue)![t], `${form} ${aggregate} ${t}`).toBeCloseTo(x, 7);
    });
  }
});
