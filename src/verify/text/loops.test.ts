import { describe, expect, it } from 'vitest';
import { callReward, scoringContext, textSample } from '../../core/index.ts';
import { loopPenalty } from './loops.ts';
import { repetition } from './repetition.ts';

const distinct = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `w${from + i}`);

describe('loopPenalty', () => {
  // Vector 8 of Time-R1's specification.
  it('gives the values of the specification', () => {
    expect(loopPenalty(distinct(962)).total).toBeCloseTo(0.15, 12);
    expect(loopPenalty(Array(60).fill('a')).total).toBeCloseTo(0.5, 12);
    expect(loopPenalty([...distinct(30), ...Array(7).fill('a'), ...distinct(23, 30)]).total).toBeCloseTo(
      0.3,
      12,
    );
  });

  it('finds phrases that come again at once, and not those far apart', () => {
    const phrase = ['x', 'y', 'z'];
    const near = [...distinct(60), ...phrase, ...phrase, ...phrase, ...distinct(60, 60)];
    expect(loopPenalty(near)).toMatchObject({ phrase: 0.3, run: 0, diversity: 0 });
    const far = [...phrase, ...distinct(60), ...phrase, ...distinct(60, 60), ...phrase];
    expect(loopPenalty(far).total).toBe(0);
  });

  it('charges a lack of variety, and nothing to short or varied texts', () => {
    const circle = Array.from({ length: 400 }, (_, i) => `w${i % 40}`);
    expect(loopPenalty(circle).diversity).toBeCloseTo(0.5 - 40 / 396, 12);
    expect(loopPenalty(Array(50).fill('a')).total).toBe(0);
    expect(loopPenalty(distinct(800)).total).toBe(0);
    expect(loopPenalty([]).total).toBe(0);
  });

  it('is an option of repetition', async () => {
    const text = Array(60).fill('a').join(' ');
    const [verdict] = await callReward(
      repetition({ penalty: 'loops' }),
      [textSample({ id: '1', prompt: '' }, text)],
      scoringContext(),
    );
    expect(verdict!.value).toBeCloseTo(-0.5, 12);
    expect(verdict!.parts!.run!.value).toBeCloseTo(-0.5, 12);
  });
});
