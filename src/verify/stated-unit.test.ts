import { expect, test } from 'vitest';
import { callReward, scoringContext, textSample, type Verdict } from '../core/index.ts';
import { number } from './number.ts';
import { sameKind, unitBeside } from './stated-unit.ts';

const unit = (text: string, number: string) => {
  const start = text.indexOf(number);
  return unitBeside(text, start, start + number.length);
};

test('reads the unit beside a number', () => {
  expect(unit('it costs $5 today', '5')).toMatchObject({ factor: 1, dimensions: { dollar: 1 } });
  expect(unit('5 km', '5')).toMatchObject({ factor: 1000, dimensions: { length: 1 } });
  expect(unit('5 km/h', '5')!.factor).toBeCloseTo(1 / 3.6, 12);
  expect(unit('5 miles per hour', '5')!.dimensions).toMatchObject({ length: 1, time: -1 });
  expect(unit('5 square feet', '5')).toMatchObject({ dimensions: { length: 2 } });
  expect(unit('5 cm^2', '5')!.factor).toBeCloseTo(1e-4, 15);
  expect(unit('\\boxed{5\\text{ kg}}', '5')).toMatchObject({ factor: 1, dimensions: { mass: 1 } });
  expect(unit('5 \\%', '5')).toMatchObject({ name: '%' });
  expect(unit('5 ducks', '5')).toBeUndefined();
  expect(sameKind(unit('5 m', '5')!, unit('5 s', '5')!)).toBe(false);
});

function score(completion: string, answer: string, units: 'same' | 'convert' | 'required'): number | null {
  const sample = textSample({ id: '1', prompt: '', answer }, completion);
  const reward = number({ units, from: 'whole' });
  return (callReward(reward, [sample], scoringContext()) as readonly Verdict[])[0]!.value;
}

test('units are the same, converted, or required', () => {
  expect(score('1500 m', '1.5 km', 'same')).toBe(0);
  expect(score('1500 m', '1.5 km', 'convert')).toBe(1);
  expect(score('1501 m', '1.5 km', 'convert')).toBe(0);
  expect(score('1.5 kg', '1.5 km', 'convert')).toBe(0);
  expect(score('1.5', '1.5 km', 'convert')).toBe(1);
  expect(score('1.5', '1.5 km', 'required')).toBe(0);
  expect(score('1.5 km', '1.5', 'required')).toBe(1);
  expect(score('90 km/h', '25 m/s', 'convert')).toBe(1);
});
