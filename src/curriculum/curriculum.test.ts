import { describe, expect, it } from 'vitest';
import {
  type Completion,
  type Curriculum,
  type CurriculumRun,
  type Group,
  linear,
  noVerdict,
  type Sampler,
  scoringContext,
  stream,
  type Task,
  textSample,
  verdict,
} from '../core/index.ts';
import { asReward } from '../core/reward.ts';
import {
  apportion,
  balanced,
  buckets,
  decayed,
  domainWeights,
  dynamicSampling,
  ordered,
  passRates,
  priorities,
  priorityBuffer,
  promotion,
  ramp,
  underfitWeights,
  uniform,
} from './index.ts';

const tasks: Task[] = Array.from({ length: 30 }, (_, i) => ({
  id: String(i),
  prompt: '',
  domain: 'ABC'[i < 15 ? 0 : i < 25 ? 1 : 2]!,
  difficulty: (i * 7) % 30,
}));
const start = (curriculum: Curriculum, of: readonly Task[] = tasks, groups = 8): CurriculumRun =>
  curriculum.create({ tasks: of, groups, random: stream(5, 'curriculum') });
const group = (task: Task, values: readonly (number | null)[], acc?: readonly number[]): Group => ({
  task,
  samples: values.map((value, i) => ({
    ...textSample(task, '', String(i)),
    verdict:
      value === null
        ? noVerdict('judge', 'silent')
        : verdict(value, 'said', acc ? { parts: { acc: verdict(acc[i]!) } } : {}),
  })),
});
const close = (actual: readonly number[], expected: readonly number[], digits = 6) =>
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
const inDomain = (name: string) => tasks.find(({ domain }) => domain === name)!;

describe('dynamic sampling', () => {
  const kept = (curriculum: Curriculum, ...groups: Group[]) => start(curriculum).observe(groups).length;
  const one = tasks[0]!;
  it('vector 14 of the GRPO family, and members without a verdict do not differ', () => {
    expect(kept(dynamicSampling(), group(one, [1, 1, 1]))).toBe(0);
    expect(kept(dynamicSampling(), group(one, [0, 0, 0]))).toBe(0);
    expect(kept(dynamicSampling(), group(one, [1, 0, 1]))).toBe(1);
    expect(kept(dynamicSampling(), group(one, [1, null, 1]))).toBe(0);
    expect(kept(dynamicSampling(), group(one, [null, null]))).toBe(0);
  });

  it('by a part, by sign, in a band, and softly', () => {
    expect(kept(dynamicSampling({ part: 'acc' }), group(one, [1, 0.5], [1, 1]))).toBe(0);
    expect(kept(dynamicSampling({ differ: 'sign' }), group(one, [1, 0.5]), group(one, [1, -1]))).toBe(1);
    expect(
      kept(
        dynamicSampling({ band: [0.2, 0.8] }),
        group(one, [1, 0]),
        group(one, [1, 1]),
        group(one, [0.5, 0.5]),
      ),
    ).toBe(2);
    const many = Array.from({ length: 400 }, () => group(one, [1, 1]));
    expect(kept(dynamicSampling({ keep: 0.25 }), ...many) / 400).toBeCloseTo(0.25, 1);
  });

  it('asks for what is missing and says what it kept', () => {
    const run = start(dynamicSampling());
    expect([run.wants(3), run.wants(9)]).toEqual([5, 0]);
    run.observe([group(one, [1, 1]), group(one, [1, 0])]);
    expect(run.metrics).toEqual({ keptGroups: 0.5 });
  });
});

describe('domain weights (rulereasoner)', () => {
  it('vectors 1 to 4: weights, counts and smoothing', () => {
    const means = [0.2, 0.5, 0.9];
    const weights = underfitWeights(means);
    close(weights, [0.682663, 0.251138, 0.066199]);
    const { decay, share } = decayed('harmonic', 4);
    expect(share).toBeCloseTo(0.520833, 6);
    expect(decay).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
    expect(decayed('geometric', 4).share).toBe(0.46875);
    close(underfitWeights(means, { target: share }), [0.584427, 0.214999, 0.200575]);
    expect(apportion(weights, 64)).toEqual([44, 16, 4]);
    expect(apportion([0.5, 0.3, 0.2], 7)).toEqual([4, 2, 1]);
  });

  it('vector 14: an ε in every exponent cancels', () => {
    const means = [0.2, 0.5, 0.9];
    const shifted = underfitWeights(means, { target: 1.1 });
    close(shifted, underfitWeights(means), 12);
  });

  it('reads accuracy alone, keeps the estimate of an absent domain, and draws what the weights say', () => {
    const run = start(domainWeights({ part: 'acc' }));
    const step = (a: number, b?: number) => {
      const groups = [group(inDomain('A'), [0, 0], [a, a])];
      if (b !== undefined) groups.push(group(inDomain('B'), [0, 0], [b, b]));
      groups.push(group(inDomain('C'), [0, 0], [0.9, 0.9]));
      run.observe(groups);
    };
    step(0.2, 0.5);
    close(
      ['A', 'B', 'C'].map((d) => run.metrics![`weight.${d}`]!),
      [0.682663, 0.251138, 0.066199],
    );
    const counts = { A: 0, B: 0, C: 0 };
    for (const { domain } of run.next(64)) counts[domain as 'A']++;
    expect(counts).toEqual({ A: 44, B: 16, C: 4 });
    step(0.8);
    expect(run.metrics!['success.A']).toBeCloseTo(0.5, 12); // vector 4: α = 0.5, 0.2 and 0.8
    expect(run.metrics!['success.B']).toBe(0.5);
  });

  it('inverted it favours what is known, and a buffer forgets', () => {
    const inverted = start(domainWeights({ favour: 'best' }));
    inverted.observe([group(inDomain('A'), [1, 1]), group(inDomain('B'), [0, 0])]);
    expect(inverted.metrics!['weight.A']).toBeGreaterThan(inverted.metrics!['weight.B']!);
    const harmonic = start(domainWeights({ smoothing: 'harmonic', buffer: 2 }));
    for (const x of [1, 0, 1]) harmonic.observe([group(inDomain('A'), [x, x])]);
    expect(harmonic.metrics!['success.A']).toBeCloseTo((1 + 0.5 * 0) / 2, 12);
  });

  it('draws without replacement within a domain', () => {
    const run = start(domainWeights());
    const drawn = Array.from({ length: 5 }, () => run.next(15)).flat();
    const of = drawn.filter(({ domain }) => domain === 'A').slice(0, 15);
    expect(new Set(of).size).toBe(15);
  });
});

describe('levels', () => {
  it('buckets by a score', () => {
    const rates = [0, 0.25, 0.5, 1];
    const found = buckets(tasks.slice(0, 5), ({ id }) => rates[Number(id)], [0.25, 1]);
    expect(found.map((level) => level.map(({ id }) => id))).toEqual([['0'], ['1', '2'], ['3']]);
    expect(() => buckets(tasks, () => 1, [1, 1])).toThrow(/rise/);
  });

  it('balanced draws have equal shares, the remainder goes round', () => {
    const run = start(balanced());
    const counts: Record<string, number> = {};
    for (let step = 0; step < 3; step++)
      for (const { domain } of run.next(10)) counts[domain!] = (counts[domain!] ?? 0) + 1;
    expect(Math.max(...Object.values(counts)) - Math.min(...Object.values(counts))).toBeLessThanOrEqual(3);
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(30);
    expect(
      run
        .next(9)
        .map(({ domain }) => domain)
        .sort()
        .join(''),
    ).toBe('AAABBBCCC');
  });

  it('ordered goes up or down and starts again', () => {
    const rising = start(ordered())
      .next(31)
      .map(({ difficulty }) => difficulty);
    expect(rising).toEqual([...Array(30).keys(), 0]);
    expect(
      start(ordered({ direction: 'falling' }))
        .next(2)
        .map(({ difficulty }) => difficulty),
    ).toEqual([29, 28]);
    const gaps = ordered({ by: ({ id }) => (id === '0' ? undefined : 1), direction: 'falling' });
    expect(start(gaps).next(30).at(-1)!.id).toBe('0');
  });

  it('a ramp changes the share of a kind, small shares included', () => {
    const run = start(
      ramp({ kind: ({ domain }) => domain === 'C', share: linear({ from: 0, to: 1, steps: 4 }), steps: 5 }),
    );
    const shares = Array.from({ length: 6 }, () => run.next(8).filter(({ domain }) => domain === 'C').length);
    expect(shares).toEqual([0, 2, 4, 6, 8, 8]);
    const thin = start(ramp({ kind: ({ domain }) => domain === 'C', share: 0.05, steps: 5 }));
    expect(
      Array.from({ length: 10 }, () => thin.next(8))
        .flat()
        .filter(({ domain }) => domain === 'C').length,
    ).toBe(4);
  });

  it('promotion waits for the reward or the limit, and replays', () => {
    const level = ({ domain }: Task) => 'ABC'.indexOf(domain!);
    const run = start(promotion({ level, at: 0.8, window: 2, limit: 4, replay: 0.5 }));
    const seen = (value: number) => run.observe(run.next(4).map((task) => group(task, [value])));
    seen(1);
    expect(run.metrics).toEqual({ level: 0 });
    seen(0.7);
    expect(run.metrics).toEqual({ level: 1 });
    for (let i = 0; i < 4; i++) seen(0);
    expect(run.metrics).toEqual({ level: 2 });
    const back = run.next(400).filter((task) => level(task) < 2).length;
    expect(back / 400).toBeCloseTo(0.5, 1);
  });
});

describe('every curriculum', () => {
  it.each([
    uniform(),
    dynamicSampling({ keep: 0.5 }),
    domainWeights(),
    domainWeights({ smoothing: 'geometric', refresh: 2 }),
    balanced(),
    ordered(),
    ramp({ kind: ({ domain }) => domain === 'A', share: 0.3, steps: 10 }),
    promotion({ level: ({ domain }) => 'ABC'.indexOf(domain!), at: 0.5, window: 2, replay: 0.3 }),
  ])('$name goes on after a checkpoint as it would have without', (curriculum) => {
    const run = start(curriculum);
    const step = (of: CurriculumRun, seed: number) => {
      const drawn = of.next(8);
      const random = stream(seed, 'values');
      const kept = of.observe(drawn.map((task) => group(task, [random.integer(2), random.integer(2)])));
      return [drawn.map(({ id }) => id), kept.map(({ task }) => task.id), of.metrics];
    };
    for (let i = 0; i < 5; i++) step(run, i);
    const resumed = start(curriculum);
    resumed.load(JSON.parse(JSON.stringify(run.save())));
    for (let i = 5; i < 12; i++) expect(step(resumed, i)).toEqual(step(run, i));
  });
});

describe('the priority buffer (skywork-r1v2, vectors 3, 4 and 6)', () => {
  it('stores what has an advantage, drops the old and draws by size', () => {
    close(priorities([1.5, -0.5, 0, -1]), [0.5, 1 / 6, 0, 1 / 3]);
    expect(priorities([0, 0])).toEqual([0, 0]);
    const buffer = priorityBuffer<string>({ capacity: 3, maxAge: 2 });
    expect(buffer.draw(4, 0, stream(1, 'x'))).toEqual([]);
    [1.5, -0.5, 0, -1, 2].forEach((priority, step) => {
      buffer.add({ item: String(priority), priority, step });
    });
    expect(buffer.entries.map(({ item }) => item)).toEqual(['-0.5', '-1', '2']);
    const drawn = buffer.draw(5, 4, stream(1, 'x')).map(({ item }) => item);
    expect(drawn.sort()).toEqual(['-1', '2']); // different ones; -0.5 is three steps old
    const again = priorityBuffer<string>({ capacity: 3 });
    again.restore(buffer.entries);
    expect(again.entries).toEqual(buffer.entries);
  });

  it('the first draw follows the priorities, or is uniform', () => {
    const first = (draw: 'priority' | 'uniform') => {
      const buffer = priorityBuffer<number>({ capacity: 9, draw });
      [1.5, -0.5, 0, -1].forEach((priority, item) => {
        buffer.add({ item, priority, step: 0 });
      });
      const random = stream(2, draw);
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 4000; i++) counts[buffer.draw(1, 0, random)[0]!.item]!++;
      return counts.map((n) => n / 4000);
    };
    close(first('priority'), [0.5, 1 / 6, 0, 1 / 3], 1);
    close(first('uniform'), [1 / 3, 1 / 3, 0, 1 / 3], 1);
  });
});

describe('pass rates', () => {
  it('sample each task, leave out what has no verdict, and count attempts', async () => {
    const sampler: Sampler = {
      name: 'fake',
      version: '1',
      options: {},
      capabilities: {
        logprobs: false,
        entropies: false,
        values: false,
        offsets: false,
        train: false,
        sampling: [],
      },
      sample: async (requests) =>
        requests.map(
          (_, i): Completion => ({
            text: ['no', 'yes', '?', 'yes', 'no', 'no', 'no', '?'][i]!,
            tokens: new Int32Array(0),
            logprobs: new Float64Array(0),
            finish: 'stop',
          }),
        ),
    };
    const reward = asReward((sample) => {
      const { text } = sample.turns[0]!.completion;
      return text === '?' ? noVerdict('judge', 'silent') : text === 'yes';
    });
    const found = await passRates(tasks.slice(0, 2), {
      sampler,
      reward,
      context: scoringContext(),
      samples: 4,
      sampling: { maxTokens: 4 },
      seed: 1,
    });
    expect(found.map(({ rate, attempts, scored }) => [rate, attempts, scored])).toEqual([
      [2 / 3, 2, 3],
      [0, undefined, 3],
    ]);
  });
});
