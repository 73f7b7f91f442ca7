import { expect, test } from 'vitest';
import { answerClusters } from '../src/core/index.ts';
import { canonicalAnswer } from '../src/verify/math/index.ts';

test('copo, vector 10: equal answers are one cluster, however they are written', () => {
  const { clusters, entropy } = answerClusters(['0.5', '1/2', '\\frac12'].map(canonicalAnswer));
  expect(clusters.length).toBe(1);
  expect(clusters[0]!.answer).toBeDefined();
  expect(entropy).toBe(0);
});
