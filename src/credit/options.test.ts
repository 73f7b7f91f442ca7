import { expect, it, test } from 'vitest';
import { linear } from '../core/index.ts';
import * as credit from './index.ts';

/** Estimators as someone without a type checker makes them. */
type Loose = { readonly [name in keyof typeof credit]: (...given: unknown[]) => unknown };
const e = credit as unknown as Loose;
const { grpo } = credit;

const wrong: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => e.klInReward(grpo(), { to: 'reference' }),
    "estimator 'klInReward': option 'beta': expected a number or a schedule, not undefined",
  ],
  ...([null, {}, 'x', Number.NaN] as const).map(
    (beta) =>
      [
        () => e.klInReward(grpo(), { to: 'reference', beta }),
        `estimator 'klInReward': option 'beta': expected a number or a schedule, not ${beta !== null && typeof beta === 'object' ? 'an object' : String(beta)}`,
      ] as const,
  ),
  [
    () => e.klInReward(grpo(), { to: 'reference', beta: -1 }),
    "estimator 'klInReward': option 'beta': must not be negative",
  ],
  [
    () => e.klInReward(grpo(), { to: '', beta: 1 }),
    "estimator 'klInReward': option 'to': Too small: expected string to have >=1 characters",
  ],
  [
    () => e.gae({ kl: { to: 'reference', beta: {} } }),
    "estimator 'gae': option 'kl.beta': expected a number or a schedule, not an object",
  ],
  [
    () => e.gae({ kl: { to: 'reference', bta: 1 } }),
    "estimator 'gae': option 'kl' has no field 'bta' (options: to, beta, adaptive); did you mean 'beta'?",
  ],
  [
    () => e.klInReward(grpo, { to: 'r', beta: 1 }),
    "estimator 'klInReward': expected an estimator, not the function 'grpo'",
  ],
  [() => e.perReward({ parts: {} }), "estimator 'perReward': option 'parts': needs at least one part"],
  [
    () => e.perReward({ parts: { a: Number.NaN } }),
    "estimator 'perReward': option 'parts.a': expected number, received NaN",
  ],
  [
    () => e.betaNormalized({ low: 1, high: 0 }),
    "estimator 'betaNormalized': option 'low': must be below 'high'",
  ],
  [() => e.preferencePairs(5), "estimator 'preferencePairs': expected an estimator, not 5"],
  [() => e.truncationMask(), "estimator 'truncationMask': expected an estimator, not undefined"],
  [() => e.outlierFilter({}), "estimator 'outlierFilter': expected an estimator, not an object"],
  [() => e.terms({ policy: 5 }), "estimator 'terms': term 'policy': expected an estimator, not 5"],
  [
    () => e.entropyBlend({ local: 5 }),
    "estimator 'entropyBlend': option 'local': expected an estimator, not 5",
  ],
  [
    () => e.noiseCorrection({ falsePositive: 0, falseNegative: 0, inner: 5 }),
    "estimator 'noiseCorrection': option 'inner': expected an estimator, not 5",
  ],
];
test.each(wrong.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'InputError', message }));
});

it('a schedule is a coefficient', () => {
  expect(() => credit.klInReward(grpo(), { to: 'r', beta: linear({ from: 1, to: 0 }) })).not.toThrow();
});

it('estimators say which terms they give, those made of others from what these say', () => {
  const { terms, entropyBlend, rewardMask, truncationMask, noiseCorrection, perReward } = credit;
  const rates = { falsePositive: 0, falseNegative: 0 };
  expect(grpo().terms).toEqual(['policy']);
  expect(perReward({ parts: { a: 1 } }).terms).toEqual(['policy']);
  expect(entropyBlend().terms).toEqual(['local', 'global']);
  expect(truncationMask(entropyBlend()).terms).toEqual(['local', 'global']);
  expect(noiseCorrection(rates).terms).toEqual(['policy']);
  expect(noiseCorrection({ ...rates, inner: entropyBlend() }).terms).toEqual(['local', 'global']);
  expect(terms({ policy: grpo(), distil: rewardMask() }).terms).toEqual(['policy', 'distil']);
  expect(terms({ a: entropyBlend(), b: grpo() }).terms).toEqual(['a.local', 'a.global', 'b']);
  const { terms: _, ...own } = grpo();
  expect(terms({ policy: own, distil: rewardMask() }).terms).toBeUndefined();
});

it.each([
  ['perReward', credit.perReward({ parts: { format: 1, accuracy: 1 } }), ['format', 'accuracy']],
  ['preferencePairs', credit.preferencePairs(grpo(), { part: 'accuracy' }), ['accuracy']],
  ['preferencePairs without a part', credit.preferencePairs(grpo()), undefined],
])('%s says which parts it reads', (_, made, parts) => {
  expect(made.reads).toEqual(parts);
});
