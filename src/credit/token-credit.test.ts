import { describe, expect, it } from 'vitest';
import { stream } from '../core/index.ts';
import { gaeAdvantages } from './gae.ts';
import { adaptiveKlCoefficient, klPenalties } from './kl-in-reward.ts';
import { filterOutliers } from './outlier-filter.ts';
import { reinforcePlusPlusAdvantages, reinforcePlusPlusBaselineAdvantages } from './reinforce-plus-plus.ts';
import { returnsToGo } from './returns-to-go.ts';
import { rewardsAtEnd } from './tokens.ts';
import { whiten, whitenSamples } from './whiten.ts';

const f = (...x: number[]) => Float64Array.from(x);
const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 5) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i], `place ${i}`).toBeCloseTo(value, digits);
  });
};
const tokens = (lengths: number[], mask?: number[]) => {
  const starts = Int32Array.from([
    0,
    ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0)),
  ]);
  return { starts, mask: Uint8Array.from(mask ?? new Array(starts.at(-1)!).fill(1)) };
};

describe('REINFORCE++ (vectors 4 and 5 of the GRPO family)', () => {
  it('whitens returns over all tokens', () => {
    const layout = tokens([2, 3]);
    const rewards = rewardsAtEnd(f(1, 0), layout);
    close(returnsToGo(rewards, layout), [1, 1, 0, 0, 0]);
    close(
      reinforcePlusPlusAdvantages(rewards, layout),
      [1.095445, 1.095445, -0.730297, -0.730297, -0.730297],
    );
  });

  it('its baseline form leaves a uniform group other than 0', () => {
    const a = reinforcePlusPlusBaselineAdvantages(
      f(1, 0, 1, 1),
      Int32Array.of(0, 2, 4),
      tokens([2, 1, 1, 2]),
    );
    close(a, [1.107019, 1.107019, -1.549826, -0.221404, -0.221404, -0.221404]);
  });

  it('a lone sample is its own baseline, or has none (verl)', () => {
    const layout = tokens([1, 1]);
    const [groups, rewards] = [Int32Array.of(0, 1, 2), f(1, 3)];
    close(reinforcePlusPlusBaselineAdvantages(rewards, groups, layout), [0, 0]);
    close(
      reinforcePlusPlusBaselineAdvantages(rewards, groups, layout, { single: 'reward' }),
      [-0.707107, 0.707107],
    );
  });
});

describe('returns', () => {
  it('pass over masked tokens, or forget there', () => {
    const layout = tokens([4], [1, 0, 1, 1]);
    close(returnsToGo(f(0, 0, 0, 1), layout, { gamma: 0.5 }), [0.25, 0, 0.5, 1]);
    close(returnsToGo(f(0, 0, 0, 1), layout, { gamma: 0.5, masked: 'reset' }), [0, 0, 0.5, 1]);
  });

  it('a reward stands on the last trained token', () => {
    close(rewardsAtEnd(f(2, Number.NaN, 3), tokens([3, 1, 1], [1, 1, 0, 1, 0])), [0, 2, 0, 0, 0]);
  });
});

describe('GAE (vector 6)', () => {
  const layout = tokens([3]);
  it('before whitening', () => {
    const { advantages, returns } = gaeAdvantages(f(0, 0, 1), f(0.5, 0.6, 0.8), layout);
    close(advantages, [0.4705, 0.39, 0.2]);
    close(returns, [0.9705, 0.99, 1]);
    close(gaeAdvantages(f(0, 0, 1), f(0.5, 0.6, 0.8), layout, { lambda: 1 }).advantages, [0.5, 0.4, 0.2]);
  });

  it('carries value and advantage across masked tokens, whatever stands there', () => {
    const with_ = gaeAdvantages(f(0, 0, 0, 1), f(0.5, 99, 0.6, 0.8), tokens([4], [1, 0, 1, 1]));
    close(with_.advantages, [0.4705, 0, 0.39, 0.2]);
    close(with_.returns, [0.9705, 0, 0.99, 1]);
  });
});

describe('KL in the reward', () => {
  it('is −β k1 on trained tokens, and its coefficient may adapt (vector 15)', () => {
    close(klPenalties(f(-1, -1, -1), f(-2, -1, 5), Uint8Array.of(1, 1, 0), 0.1), [-0.1, 0, 0]);
    expect(adaptiveKlCoefficient(0.1, { kl: 0.2, target: 0.1, samples: 256, horizon: 10000 })).toBeCloseTo(
      0.100512,
      9,
    );
  });
});

describe('the outlier filter (r1-reward, vectors 4 to 6)', () => {
  const run = (values: number[], rule: 'z' | 'rawMean') =>
    filterOutliers(Float64Array.from(values), new Uint8Array(values.length).fill(1), { rule });

  it.each(['z', 'rawMean'] as const)('drops the one outlier by rule %s', (rule) => {
    const { values, dropped } = run([...new Array(99).fill(1), 0], rule);
    expect(dropped).toBe(1);
    close(values, [...new Array(99).fill(0.100504), 0]);
  });

  it('the code drops all negatives of a batch of high rewards, the paper none', () => {
    const rewards = [5, 5, 5, 3, 3, 3, 3, 3, 3, 3];
    close(
      run(rewards, 'z').values,
      rewards.map((r) => (r === 5 ? 1.527525 : -0.654654)),
    );
    close(
      run(rewards, 'rawMean').values,
      rewards.map((r) => (r === 5 ? 1.527525 : 0)),
    );
    for (const rule of ['z', 'rawMean'] as const)
      close(run([4, 0, 0, 0, 0], rule).values, [2, -0.5, -0.5, -0.5, -0.5]);
  });
});

describe('whitening', () => {
  it('of one value a sample is that of its tokens, whatever the masks', () => {
    const random = stream(3, 'whiten');
    for (let round = 0; round < 50; round++) {
      const lengths = Array.from({ length: 1 + Math.floor(6 * random.next()) }, () =>
        Math.floor(5 * random.next()),
      );
      const starts = Int32Array.from([
        0,
        ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0)),
      ]);
      const values = Float64Array.from(lengths, () => (random.next() < 0.2 ? 1 : random.next()));
      const mask = Uint8Array.from({ length: starts.at(-1)! }, () => (random.next() < 0.7 ? 1 : 0));
      const tiled = new Float64Array(mask.length);
      values.forEach((value, i) => {
        tiled.fill(value, starts[i], starts[i + 1]);
      });
      close(whitenSamples(values, { starts, mask }), [...whiten(tiled, mask)]);
    }
  });

  it('reads nothing under the mask, and gives 0 for one value or equal ones', () => {
    expect(whiten(f(1, 5, 3), Uint8Array.of(1, 0, 1))).toEqual(whiten(f(1, -7, 3), Uint8Array.of(1, 0, 1)));
    close(whiten(f(4, 9), Uint8Array.of(1, 0)), [0, 0]);
    close(whiten(f(4, 4), Uint8Array.of(1, 1)), [0, 0]);
  });
});
