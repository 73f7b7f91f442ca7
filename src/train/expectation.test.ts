import { describe, expect, it, test } from 'vitest';
import { checkExpectations, checkName, demandOf, type Expectation, judgeValues } from './expectation.ts';
import { study } from './study.ts';

const holds = (expectation: Pick<Expectation, 'direction' | 'by'>, arm: number[], over: number[]) =>
  judgeValues(expectation, arm, over).holds;
const zero = [0, 0, 0];

describe('judgeValues', () => {
  it('judges by the interval of the paired difference', () => {
    expect(judgeValues({ direction: 'higher' }, [3, 4, 5], [1, 2, 3])).toEqual({
      difference: { mean: 2, low: 2, high: 2 },
      holds: true,
    });
    expect(holds({ direction: 'higher', by: 2 }, [3, 4, 5], [1, 2, 3])).toBe(false);
    expect(holds({ direction: 'lower' }, [1, 2, 3], [3, 4, 5])).toBe(true);
    expect(holds({ direction: 'lower', by: 2 }, [1, 2, 3], [3, 4, 5])).toBe(false);
  });

  it('not higher is shown by an interval at or below the margin, never by one that is merely wide', () => {
    expect(holds({ direction: 'notHigher' }, [-0.2, -0.19, -0.21], zero)).toBe(true);
    expect(holds({ direction: 'notHigher' }, zero, zero)).toBe(true);
    expect(holds({ direction: 'notHigher' }, [-0.5, 0.6, -0.4], zero)).toBe(false);
    expect(holds({ direction: 'notHigher', by: 0.05 }, [0.01, 0.02, 0], zero)).toBe(true);
    expect(holds({ direction: 'notHigher' }, [0.01, 0.02, 0], zero)).toBe(false);
  });

  it('nothing holds by one seed, by NaN, or by rounding', () => {
    for (const direction of ['higher', 'lower', 'notHigher'] as const) {
      expect(holds({ direction, by: 9 }, [-5], [5])).toBe(false);
      expect(holds({ direction, by: 9 }, [Number.NaN, 1, 2], zero)).toBe(false);
    }
    expect(judgeValues({ direction: 'higher' }, [0.1 + 0.2, 0.1 + 0.2], [0.3, 0.3])).toEqual({
      difference: { mean: 0, low: 0, high: 0 },
      holds: false,
    });
  });
});

test.each([
  [
    { arm: 'a', over: 'b', direction: 'Higher' },
    'direction',
    'is one of higher, lower, notHigher, not "Higher"',
  ],
  [
    { arm: 'a', over: 'typo', direction: 'higher' },
    'over',
    'there is no arm "typo"; the arms are a, b, or 0',
  ],
  [{ arm: 'c', over: 0, direction: 'higher' }, 'arm', 'there is no arm "c"; the arms are a, b'],
  [{ arm: 'a', over: 0, direction: 'higher', by: Number.NaN }, 'by', 'must be a number'],
  [{ arm: 'a', over: 0, direction: 'higher', margin: 1 }, 'margin', 'an expectation has'],
  [{ arm: 'a', over: 0, direction: 'higher', metric: '' }, 'metric', 'must be the name of a metric'],
])('%j is refused where it is made', (wrong, field, message) => {
  const make = () =>
    study({
      name: 's',
      arms: { a: () => ({}), b: () => ({}) },
      metric: 'm',
      expected: [wrong as Expectation],
    });
  expect(make).toThrow(message);
  expect(make).toThrow(`field 'expected.0.${field}'`);
});

it('no expectation is none that is wrong', () => {
  expect(() => checkExpectations('x', ['a'], undefined)).not.toThrow();
});

it.each(['../../evil', 'my/st', '', '.hidden', 'a,b', 'x'.repeat(81), 5])('%j is no name', (name) => {
  expect(() => checkName('study', name)).toThrow("a study's name is");
});

it('says what is demanded', () => {
  expect(demandOf({ direction: 'higher' })).toBe('higher');
  expect(demandOf({ direction: 'lower', by: 0.1 })).toBe('lower by more than 0.1');
  expect(demandOf({ direction: 'notHigher', by: 0.05 })).toBe('not above 0.05');
});
