import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildReward, rewards } from '../src/catalogue/index.ts';
import { callReward, InputError, scoringContext, textSample } from '../src/core/index.ts';

describe.each(rewards.names)('%s', (name) => {
  const { definition } = rewards.get(name);

  test.each(definition.examples.map((example, i) => [i, example] as const))(
    'example %i runs as it says',
    async (_, example) => {
      const { prompt = '', completion, tokens, answer, data, options = {}, value } = example;
      const reward = buildReward({ name, options });
      const sample = textSample({ id: '1', prompt, answer, data }, completion, '1', tokens);
      const [verdict] = await callReward(reward, [sample], scoringContext());
      if (value === null) expect(verdict!.value).toBeNull();
      else expect(verdict!.value).toBeCloseTo(value, 9);
      expect(verdict!.reason).toMatch(/^\S.*$/);
      expect(verdict!.reason!.length).toBeLessThan(400);
      if (verdict!.at) {
        expect(verdict!.at.start).toBeGreaterThanOrEqual(0);
        expect(verdict!.at.end).toBeLessThanOrEqual(completion.length);
      }
      expect(verdict).toMatchObject({ reward: name, version: definition.version });
    },
  );

  test('refuses a wrong option by name', () => {
    const required = definition.examples[0].options ?? {};
    expect(() => buildReward({ name, options: { ...required, noSuchOption: 1 } })).toThrow(InputError);
    expect(() => buildReward({ name, options: { ...required, noSuchOption: 1 } })).toThrow("'noSuchOption'");
  });

  test('has a summary of one line, a version and option schemas that print', () => {
    expect(definition.summary).toMatch(/^\S[^\n]{5,120}$/);
    expect(definition.version).toMatch(/^\S+$/);
    const schema = z.toJSONSchema(definition.options, { io: 'input', unrepresentable: 'any' });
    expect(schema).toMatchObject({ type: 'object' });
    for (const [option, field] of Object.entries(schema.properties ?? {}))
      expect((field as { description?: string }).description, option).toMatch(/\S/);
  });
});
