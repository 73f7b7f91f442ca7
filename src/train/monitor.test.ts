import { describe, expect, it } from 'vitest';
import { type Group, noVerdict, textSample, type Verdict, verdict } from '../core/index.ts';
import { isSolved, rolloutMetrics, sampledTokens } from './monitor.ts';

const task = { id: 't', prompt: 'p' };
const group = (verdicts: readonly Verdict[], prefilled?: number): Group => ({
  task,
  samples: verdicts.map((one, i) => ({
    id: String(i),
    task,
    verdict: one,
    turns: [
      {
        context: 'p',
        completion: {
          text: 'ab',
          tokens: Int32Array.of(0, 1),
          logprobs: Float64Array.of(-1, -3),
          length: 2,
          finish: i === 0 ? 'length' : 'stop',
          prefilled,
        },
      },
    ],
  })),
});

describe('rolloutMetrics', () => {
  const success = { atLeast: 1 };

  it('leaves samples without a verdict out of every mean, and counts them by cause', () => {
    const metrics = rolloutMetrics(
      [group([verdict(1), verdict(0), noVerdict('judge', 'x'), noVerdict('timeout', 'y')])],
      success,
    );
    expect(metrics).toMatchObject({
      reward: 0.5,
      solveRate: 0.5,
      noVerdict: 0.5,
      'noVerdict.judge': 0.25,
      'noVerdict.timeout': 0.25,
      entropy: 2,
      length: 2,
      truncated: 0.25,
      zeroVariance: 0,
    });
  });

  it('has no reward where nothing was judged', () => {
    const metrics = rolloutMetrics([group([noVerdict('crash', 'x')])], success);
    expect(metrics.reward).toBeUndefined();
    expect(metrics.noVerdict).toBe(1);
  });

  it('gives the mean of each part over those that have it', () => {
    const parts = (correct: Verdict): Verdict => verdict(0.5, undefined, { parts: { correct } });
    const metrics = rolloutMetrics(
      [group([parts(verdict(1)), parts(verdict(0)), parts(noVerdict('judge', 'x'))])],
      success,
    );
    expect(metrics['part.correct']).toBe(0.5);
    expect(metrics.zeroVariance).toBe(1);
  });

  it('does not count prefilled tokens as sampled', () => {
    expect(sampledTokens([group([verdict(1)], 1)])).toBe(1);
    expect(rolloutMetrics([group([verdict(1)], 1)], success).entropy).toBe(3);
  });
});

it('a part without a verdict is no failure: the solve rate is over those that have it', () => {
  const down = { correct: noVerdict('judge', 'down') };
  const samples = [verdict(1, '', { parts: { correct: verdict(1) } }), verdict(1, '', { parts: down })].map(
    (one, i) => ({ ...textSample({ id: 't', prompt: '' }, '', String(i)), verdict: one }),
  );
  const groups = [{ task: { id: 't', prompt: '' }, samples }];
  expect(rolloutMetrics(groups, { part: 'correct', atLeast: 1 }).solveRate).toBe(1);
  // A part that was not asked, as behind a format that is wrong, leaves nothing open.
  expect(rolloutMetrics(groups, { part: 'other', atLeast: 1 }).solveRate).toBe(0);
});

describe('isSolved', () => {
  it('reads the value or a part, and never a missing verdict', () => {
    const both = verdict(0.4, undefined, { parts: { correct: verdict(1) } });
    expect(isSolved(both, { atLeast: 1 })).toBe(false);
    expect(isSolved(both, { part: 'correct', atLeast: 1 })).toBe(true);
    expect(isSolved(both, { part: 'format', atLeast: 0 })).toBe(false);
    expect(isSolved(noVerdict('judge', 'x'), { atLeast: 0 })).toBe(false);
    expect(isSolved(undefined, { atLeast: 0 })).toBe(false);
  });
});
