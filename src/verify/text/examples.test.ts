import { describe, expect, test } from 'vitest';
import type { AnyRewardFactory } from '../../core/registry.ts';
import { callReward, scoringContext } from '../../core/reward.ts';
import { textSample } from '../../core/sample.ts';
import * as rewards from './index.ts';

const factories = Object.values(rewards as unknown as Record<string, unknown>).filter(
  (value): value is AnyRewardFactory => typeof value === 'function' && 'definition' in value,
);

describe.each(factories.map((factory) => [factory.definition.name, factory] as const))('%s', (_, factory) => {
  const { definition } = factory;

  test('its examples get the values they state', () => {
    for (const { prompt = '', completion, answer, data, options, value } of definition.examples) {
      const reward = factory(options as never);
      const [verdict] = callReward(
        reward,
        [textSample({ id: 'example', prompt, answer, data }, completion)],
        scoringContext(),
      ) as readonly { value: number | null; reason?: string }[];
      if (value === null) expect(verdict!.value).toBeNull();
      else expect(verdict!.value, verdict!.reason).toBeCloseTo(value, 9);
      expect(verdict!.reason).toBeTruthy();
    }
  });

  test('a hostile or empty completion gets a finite value, never an exception or no verdict', () => {
    const { prompt = '', answer, data, options } = definition.examples[0];
    const reward = factory(options as never);
    const hostile = [
      '',
      ' ',
      '\u0000',
      '\ud800',
      '('.repeat(20_000),
      'a '.repeat(200_000),
      '__proto__',
      '{"__proto__":1}',
    ];
    for (const completion of hostile) {
      const [verdict] = callReward(
        reward,
        [textSample({ id: 'example', prompt, answer, data }, completion)],
        scoringContext(),
      ) as readonly { value: number | null; reason?: string }[];
      expect(verdict!.value, `${completion.slice(0, 20)}: ${verdict!.reason}`).not.toBeNull();
    }
  });
});
