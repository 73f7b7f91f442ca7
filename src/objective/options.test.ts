import { expect, it, test } from 'vitest';
import { linear } from '../core/index.ts';
import * as objective from './index.ts';

/** Objectives as someone without a type checker makes them. */
type Loose = { readonly [name in keyof typeof objective]: (...given: unknown[]) => unknown };
const o = objective as unknown as Loose;
const { clipped, combine, covarianceEntropy, crossEntropy, kl, samplerCorrection } = objective;

const wrong: readonly (readonly [call: () => unknown, message: string])[] = [
  [() => o.combine([[clipped()]]), "objective 'combine': part 0: expected [objective, weight]"],
  [
    () => o.combine([[clipped(), '1']]),
    "objective 'combine': part 0: its weight must be a number or a schedule, not 1",
  ],
  [
    () =>
      o.combine([
        [clipped(), 1],
        [kl(), Number.NaN],
      ]),
    "objective 'combine': part 1: its weight must be a number or a schedule, not NaN",
  ],
  [
    () => o.combine([[clipped, 1]]),
    "objective 'combine': part 0: expected an objective, not the function 'clipped'",
  ],
  [() => o.combine(clipped()), "objective 'combine' needs at least one part"],
  [() => o.combine([clipped(), kl()]), "objective 'combine': part 0: expected [objective, weight]"],
  [
    () => o.onlyRoles(crossEntropy(), ['chosn']),
    "objective 'onlyRoles': expected roles among chosen, rejected, winner, loser, replay",
  ],
  [() => o.onlyRoles({}, ['chosen']), "objective 'onlyRoles': expected an objective, not an object"],
  [() => o.samplerCorrection(), "objective 'samplerCorrection': expected an objective, not undefined"],
  [
    () => o.samplerCorrection(clipped(), { form: 'mask', low: 3 }),
    "objective 'samplerCorrection': option 'low': must not be above 'high'",
  ],
  [
    () => o.samplerCorrection(clipped(), { low: 1.5, high: 1 }),
    "objective 'samplerCorrection': option 'low': must not be above 'high'",
  ],
  [
    () => o.crossEntropy({ select: { shar: 0.5 } }),
    "objective 'crossEntropy': option 'select' has no field 'shar' (options: share, entropy); did you mean 'share'?",
  ],
];
test.each(wrong.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'InputError', message }));
});

it('truncation may go below the default of a bound that it does not read', () => {
  expect(samplerCorrection(clipped(), { high: 0.4 }).options).toMatchObject({ low: 0.5, high: 0.4 });
});

it('objectives say which terms they read; a part that never counts reads none', () => {
  expect(clipped({ term: 'local' }).needs?.terms).toEqual(['local']);
  expect(samplerCorrection(clipped()).needs?.terms).toEqual(['policy']);
  expect(kl().needs?.terms).toBeUndefined();
  const parts = [
    [clipped(), 1],
    [kl({ by: 'distil' }), linear({ from: 0, to: 1 })],
    [covarianceEntropy({ term: 'global' }), 0],
  ] as const;
  expect(combine(parts).needs?.terms).toEqual(['policy', 'distil']);
});
