import { describe, expect, it } from 'vitest';
import { memoriesOf } from './memory.ts';
import { asReward, callReward, lift, type Reward, scoreBatch, scoringContext } from './reward.ts';
import { type Batch, finalText, type Group, textSample } from './sample.ts';
import { noVerdict, type Verdict, verdict } from './verdict.ts';

function batchOf(...sizes: number[]): Batch {
  return {
    groups: sizes.map((size, g): Group => {
      const task = { id: `t${g}`, prompt: 'p' };
      return {
        task,
        samples: Array.from({ length: size }, (_, i) => textSample(task, `${g}.${i}`, `${g}.${i}`)),
      };
    }),
  };
}

const verdictsOf = (batch: Batch) => batch.groups.map(({ samples }) => samples.map(({ verdict }) => verdict));
const context = scoringContext();

function reward(over: Partial<Reward> & Pick<Reward, 'score'>): Reward {
  return { name: 'test', version: '2', options: {}, scope: 'sample', ...over };
}

describe('scoreBatch', () => {
  it('calls once a sample, group or batch, with the samples in order', async () => {
    for (const [scope, expected] of [
      ['sample', [['0.0'], ['0.1'], ['1.0'], ['1.1'], ['1.2']]],
      [
        'group',
        [
          ['0.0', '0.1'],
          ['1.0', '1.1', '1.2'],
        ],
      ],
      ['batch', [['0.0', '0.1', '1.0', '1.1', '1.2']]],
    ] as const) {
      const calls: string[][] = [];
      const groups: (string | undefined)[] = [];
      const batch = batchOf(2, 3);
      await scoreBatch(
        reward({
          scope,
          score: (samples, given) => {
            calls.push(samples.map(finalText));
            groups.push(given.group?.task.id);
            return samples.map((sample) => verdict(Number(finalText(sample).slice(2))));
          },
        }),
        batch,
        context,
      );
      expect(calls).toEqual(expected);
      expect(verdictsOf(batch).map((group) => group.map((one) => one?.value))).toEqual([
        [0, 1],
        [0, 1, 2],
      ]);
      expect(groups).toEqual(
        { sample: ['t0', 't0', 't1', 't1', 't1'], group: ['t0', 't1'], batch: [undefined] }[scope],
      );
    }
  });

  it('names and versions verdicts that are not named yet', async () => {
    const batch = batchOf(2);
    const named: Verdict = { value: 1, reward: 'inner', version: '9' };
    await scoreBatch(
      reward({ score: ([sample]) => [finalText(sample!) === '0.0' ? verdict(1) : named] }),
      batch,
      context,
    );
    expect(verdictsOf(batch)[0]).toEqual([{ value: 1, reward: 'test', version: '2' }, named]);
  });

  it('makes whatever the reward throws no verdict, for its own samples only', async () => {
    for (const asynchronous of [false, true]) {
      const batch = batchOf(1, 2);
      const fails = (samples: readonly unknown[], id: string) => {
        if (id === 't1') throw new Error('the judge\nis down');
        return samples.map(() => verdict(1));
      };
      await scoreBatch(
        reward({
          scope: 'group',
          score: (samples, { group }) =>
            asynchronous
              ? Promise.resolve().then(() => fails(samples, group!.task.id))
              : fails(samples, group!.task.id),
        }),
        batch,
        context,
      );
      const crash = {
        value: null,
        cause: 'crash',
        reason: 'the judge is down',
        reward: 'test',
        version: '2',
      };
      expect(verdictsOf(batch)).toEqual([[{ value: 1, reward: 'test', version: '2' }], [crash, crash]]);
    }
  });

  it('makes a wrong count or a wrong shape no verdict', async () => {
    const scored = async (score: (n: number) => unknown) => {
      const batch = batchOf(2);
      await scoreBatch(
        reward({ scope: 'group', score: (samples) => score(samples.length) as Verdict[] }),
        batch,
        context,
      );
      return verdictsOf(batch)[0]!.map((one) => `${one?.cause ?? one?.value}: ${one?.reason}`);
    };
    const few = 'crash: the reward returned 1 verdicts for 2 samples';
    expect(await scored(() => [verdict(1)])).toEqual([few, few]);
    const odd = 'crash: the reward returned a string for 2 samples';
    expect(await scored(() => 'ok')).toEqual([odd, odd]);
    expect(await scored(() => [1, { value: Number.NaN }])).toEqual([
      '1: undefined',
      'crash: the reward returned a verdict whose value is NaN, expected a number, boolean or verdict',
    ]);
    expect(await scored(() => [noVerdict('overload', 'busy'), true])).toEqual([
      'overload: busy',
      '1: undefined',
    ]);
  });

  it('outlives a verdict that throws when it is read', async () => {
    for (const later of [false, true]) {
      const batch = batchOf(1);
      const trap: Verdict = {
        get value(): number {
          throw new Error('trap');
        },
      };
      await scoreBatch(reward({ score: () => (later ? Promise.resolve([trap]) : [trap]) }), batch, context);
      expect(verdictsOf(batch)[0]).toMatchObject([{ value: null, cause: 'crash', reason: 'trap' }]);
    }
  });

  it('runs so many asynchronous calls at once, and all of them', async () => {
    let running = 0;
    let most = 0;
    const batch = batchOf(40);
    const slow = reward({
      score: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return [verdict(1)];
      },
    });
    await scoreBatch(slow, batch, context, 7);
    expect(most).toBe(7);
    expect(verdictsOf(batch)[0]!.every((one) => one?.value === 1)).toBe(true);
  });
});

describe('callReward', () => {
  it('stays synchronous for synchronous rewards', () => {
    const [sample] = batchOf(1).groups[0]!.samples;
    expect(callReward(reward({ score: () => [verdict(1)] }), [sample!], context)).not.toBeInstanceOf(Promise);
    expect(callReward(reward({ score: async () => [verdict(1)] }), [sample!], context)).toBeInstanceOf(
      Promise,
    );
  });
});

describe('lift', () => {
  it('makes a function a reward, each sample on its own', async () => {
    const check = asReward((sample) => {
      if (finalText(sample) === '0.1') throw new Error('no');
      return finalText(sample) === '0.0';
    });
    const batch = batchOf(3);
    await scoreBatch(check, batch, context);
    expect(verdictsOf(batch)[0]!.map((one) => one?.value)).toEqual([1, null, 0]);
    const later = lift(async (sample) => finalText(sample).length, 'length');
    const verdicts = await later.score(batch.groups[0]!.samples, context);
    expect(verdicts).toEqual([{ value: 3 }, { value: 3 }, { value: 3 }]);
  });

  it('is known by its source', () => {
    const a = lift(() => 1, 'x');
    expect(a.name).toBe('x');
    expect(a.version).toBe(lift(() => 1, 'x').version);
    expect(a.version).not.toBe(lift(() => 2, 'x').version);
    expect(asReward(a)).toBe(a);
  });
});

describe('memoriesOf', () => {
  it('lists every memory in a tree by its path', () => {
    const state = { save: () => null, load: () => {}, reset: () => {} };
    const score = () => [];
    const leaf = reward({ score, state });
    const tree = reward({
      score,
      state,
      children: {
        gate: reward({ score, children: { novelty: leaf } }),
        plain: reward({ score }),
        also: leaf,
      },
    });
    expect(memoriesOf(tree).map(([path]) => path)).toEqual(['.', 'gate.novelty', 'also']);
  });
});
