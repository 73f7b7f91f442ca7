import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputError } from './errors.ts';
import { nearest, parseOptions } from './options.ts';
import { defineReward, described, Registry } from './registry.ts';
import { scoringContext } from './reward.ts';
import { finalText, textSample } from './sample.ts';
import { verdict } from './verdict.ts';

const sample = (text: string) => textSample({ id: 't', prompt: 'p' }, text);
const context = scoringContext();

const longEnough = defineReward({
  name: 'longEnough',
  version: '1',
  summary: 'Whether the completion has so many characters.',
  options: z.object({
    least: z.number().int().min(0).default(3),
    unit: z.enum(['character', 'word']).optional(),
  }),
  minimum: -1,
  examples: [{ completion: 'abcd', value: 1 }],
  create: ({ least }) => {
    if (least === 13) throw new InputError('13 is not to be had');
    return (one) => {
      if (finalText(one) === 'crash') throw new Error('boom');
      return finalText(one).length >= least;
    };
  },
});

describe('defineReward', () => {
  it('gives a reward with its options filled in', () => {
    const reward = longEnough();
    expect(reward).toMatchObject({
      name: 'longEnough',
      version: '1',
      options: { least: 3 },
      scope: 'sample',
      minimum: -1,
    });
    expect(reward.score([sample('ab'), sample('abc'), sample('crash')], context)).toEqual([
      { value: 0 },
      { value: 1 },
      { value: null, cause: 'crash', reason: 'boom' },
    ]);
    expect(longEnough.definition.examples).toHaveLength(1);
    expect(longEnough.definition).not.toHaveProperty('create');
  });

  it('refuses wrong options in one line', () => {
    const message = (options: unknown) => {
      try {
        longEnough(options as never);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(InputError);
        return (thrown as Error).message;
      }
      return 'taken';
    };
    expect(message({ most: 3 })).toBe("reward 'longEnough' has no option 'most' (options: least, unit)");
    expect(message({ least: 'three' })).toContain("reward 'longEnough': option 'least': ");
    expect(message({ least: -1 })).toContain("option 'least'");
    expect(message({ unit: 'line' })).toContain("option 'unit'");
    expect(message({ least: 13 })).toBe('13 is not to be had');
    expect(message({ least: 4 })).toBe('taken');
  });

  it('leaves group and batch rewards as they are written', () => {
    const rank = defineReward({
      name: 'rank',
      version: '1',
      summary: 'Place by length.',
      options: z.object({}),
      scope: 'group',
      examples: [{ completion: 'a', value: 0 }],
      create: () => (samples) => samples.map((_, i) => verdict(i)),
    });
    expect(rank().scope).toBe('group');
    expect(rank().score([sample('a'), sample('b')], context)).toEqual([{ value: 0 }, { value: 1 }]);
  });

  it('gives a promise only when the check does', async () => {
    const slow = defineReward({
      name: 'slow',
      version: '1',
      summary: 'Asks.',
      options: z.object({}),
      examples: [{ completion: 'a', value: 1 }],
      create: () => async (one) => {
        if (finalText(one) === 'x') throw new Error('no answer');
        return true;
      },
    });
    const result = slow().score([sample('x'), sample('y')], context);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toEqual([{ value: null, cause: 'crash', reason: 'no answer' }, { value: 1 }]);
  });
});

describe('parseOptions', () => {
  it('names a nested option by its path, and says when there are none', () => {
    const schema = z.object({ inner: z.object({ rate: z.number() }) });
    expect(() => parseOptions(schema, { inner: { rate: 'x' } }, 'estimator')).toThrow(
      "estimator: option 'inner.rate': ",
    );
    expect(() => parseOptions(z.object({}), { a: 1 }, 'x')).toThrow("x has no option 'a' (it has none)");
    expect(parseOptions(z.object({}), undefined, 'x')).toEqual({});
  });
});

describe('Registry', () => {
  const registry = new Registry('reward', [
    ['math', 1],
    ['mathSet', 2],
    ['choice', 3],
  ]);

  it('gets by name and suggests the nearest', () => {
    expect(registry.get('math')).toBe(1);
    expect(registry.names).toEqual(['choice', 'math', 'mathSet']);
    expect([registry.has('math'), registry.has('toString')]).toEqual([true, false]);
    expect(() => registry.get('mathset')).toThrow("no reward is called 'mathset'; did you mean 'mathSet'?");
    expect(() => registry.get('entirely different')).toThrow(/^no reward is called 'entirely different'$/);
    expect(() => registry.get('x'.repeat(500))).toThrow(InputError);
    expect(() => registry.get('__proto__')).toThrow(InputError);
  });

  it('refuses two of one name', () => {
    expect(
      () =>
        new Registry('reward', [
          ['a', 1],
          ['a', 2],
        ]),
    ).toThrow("two rewards are called 'a'");
  });
});

describe('nearest', () => {
  it('is near in edits or not at all', () => {
    expect(nearest('chioce', ['choice', 'math'])).toBe('choice');
    expect(nearest('CHOICE', ['choice'])).toBe('choice');
    expect(nearest('zzzz', ['choice', 'math'])).toBeUndefined();
    expect(nearest('a', [])).toBeUndefined();
  });
});

describe('described', () => {
  it('puts name, version and options beside a body', () => {
    expect(described('grpo', '1', { std: 'none' }, { estimate: 1 })).toEqual({
      name: 'grpo',
      version: '1',
      options: { std: 'none' },
      estimate: 1,
    });
  });
});
