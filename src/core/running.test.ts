import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerClusters, majorityVote, voteScore } from './answers.ts';
import { runningStatistics } from './running.ts';
import { mean, quantile, variance } from './statistics.ts';

describe('running statistics', () => {
  it('agree with the statistics of all, or of the last of them, and survive saving', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 }), (values) => {
        const all = runningStatistics();
        const last = runningStatistics({ memory: { window: 7 } });
        values.forEach((value, i) => {
          all.push(value);
          last.push(value);
          last.push(Number.NaN);
          if (i !== 5) return;
          for (const one of [all, last]) one.load(JSON.parse(JSON.stringify(one.save())));
        });
        expect(all.mean).toBeCloseTo(mean(values), 9);
        expect(all.variance).toBeCloseTo(variance(values, 'population'), 7);
        const tail = values.slice(-7);
        expect([last.count, last.mean, last.variance, last.quantile(0.3)]).toEqual([
          tail.length,
          mean(tail),
          variance(tail, 'population'),
          quantile(tail, 0.3),
        ]);
      }),
      { seed: 1 },
    );
  });

  it('forget exponentially', () => {
    const ema = runningStatistics({ memory: { decay: 0.5 } });
    expect(ema.mean).toBeNaN();
    for (const value of [0.4, 0.8]) ema.push(value);
    expect(ema.mean).toBeCloseTo(0.6, 12);
    expect(ema.variance).toBeCloseTo(0.04, 12);
    expect(() => ema.quantile(0.5)).toThrow(RangeError);
  });

  it('refuse a memory that cannot be', () => {
    expect(() => runningStatistics({ memory: { window: 0 } })).toThrow(RangeError);
    expect(() => runningStatistics({ memory: { decay: 1 } })).toThrow(RangeError);
  });
});

describe('answer clusters', () => {
  it('have shares and an entropy; what cannot be read is a cluster of its own', () => {
    const { clusters, entropy } = answerClusters(['5', undefined, '5', '7', undefined, '5']);
    expect(clusters).toEqual([
      { answer: '5', members: [0, 2, 5], share: 0.5 },
      { answer: undefined, members: [1, 4], share: 1 / 3 },
      { answer: '7', members: [3], share: 1 / 6 },
    ]);
    expect(entropy).toBeCloseTo(1.011404, 6);
    expect(answerClusters(['a', 'b', undefined], { base: 2, unread: 'skip' }).entropy).toBeCloseTo(1, 12);
    expect(answerClusters([])).toEqual({ clusters: [], entropy: 0 });
  });
});

describe('majority vote', () => {
  it('counts, weighs, and takes only accepted voters where there are any', () => {
    expect(majorityVote(['a', 'b', 'b', undefined]).winners).toEqual(['b']);
    expect(majorityVote(['a', 'b', 'b'], { weights: [0.9, 0.3, 0.3] }).winners).toEqual(['a']);
    expect(majorityVote(['a', 'b', 'b'], { accepted: [true, false, false] }).winners).toEqual(['a']);
    expect(majorityVote(['a', 'b', 'b'], { accepted: [false, false, false] }).winners).toEqual(['b']);
    expect(majorityVote([undefined]).winners).toEqual([]);
  });

  it('settles ties as told', () => {
    const tied = (tie: 'first' | 'half' | 'none') => majorityVote(['b', 'a'], { tie });
    expect([tied('first').winners, tied('half').winners, tied('none').winners]).toEqual([
      ['b'],
      ['b', 'a'],
      [],
    ]);
    expect(['first', 'half', 'none'].map((tie) => voteScore(tied(tie as 'first'), 'a'))).toEqual([0, 0.5, 0]);
  });
});
