import { describe, expect, it } from 'vitest';
import {
  type Batch,
  exponential,
  linear,
  noVerdict,
  type Reward,
  type RewardContext,
  type RewardLike,
  scoreBatch,
  scoringContext,
  type Task,
  textSample,
  type Verdict,
  verdict,
} from '../core/index.ts';
import {
  adaptiveLengths,
  anneal,
  blend,
  clamp,
  clipSteps,
  cosineLength,
  cosineLengthValue,
  cost,
  deltaSteps,
  gate,
  lengthBands,
  lengthZScore,
  lengthZScores,
  noise,
  overlong,
  overlongPenalty,
  override,
  payoff,
  product,
  route,
  squash,
  standardize,
  steps,
  topGroups,
  topShare,
  trust,
} from './index.ts';

const close = (actual: readonly (number | null)[], expected: readonly (number | null)[], digits = 6) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    if (value === null) expect(actual[i]).toBeNull();
    else expect(actual[i], `place ${i}`).toBeCloseTo(value, digits);
  });
};
/** Each sample's text is JSON: an object of numbers, null for no verdict. */
const field = (name: string): RewardLike => ({
  name,
  version: '1',
  options: {},
  scope: 'sample',
  score: (samples) =>
    samples.map((sample) => {
      const x = JSON.parse(sample.turns[0]!.completion.text)[name];
      return x === null ? noVerdict('judge', 'silent') : verdict(Number(x), `${name} is ${x}`);
    }),
});
interface Said {
  readonly [name: string]: number | null;
}
async function verdicts(
  reward: Reward,
  groups: readonly (readonly Said[])[],
  over: Partial<RewardContext> = {},
  tasks: readonly Partial<Task>[] = [],
): Promise<Verdict[]> {
  const batch: Batch = {
    groups: groups.map((rows, g) => {
      const task: Task = { id: String(g), prompt: '', ...tasks[g] };
      const samples = rows.map((row, i) => {
        const sample = textSample(task, JSON.stringify(row), `${g}.${i}`);
        const turn = sample.turns[0]!;
        const length = row.length ?? undefined;
        return { ...sample, turns: [{ ...turn, completion: { ...turn.completion, length } }] };
      });
      return { task, samples };
    }),
  };
  await scoreBatch(reward, batch, scoringContext(over));
  return batch.groups.flatMap(({ samples }) => samples.map((sample) => sample.verdict!));
}
const values = async (...of: Parameters<typeof verdicts>) =>
  (await verdicts(...of)).map(({ value }) => value);

describe('compositions', () => {
  const [a, b] = [field('a'), field('b')];
  it('product: 0 settles it, a missing part otherwise does not', async () => {
    const rows = [
      { a: 2, b: 3 },
      { a: 0, b: null },
      { a: 1, b: null },
    ];
    close(await values(product({ a, b }), [rows]), [6, 0, null]);
  });

  it('gate: ≥ or >, and a closed gate asks for nothing behind it', async () => {
    const rows = [
      { a: 1, b: 5 },
      { a: 0.5, b: null },
      { a: null, b: 1 },
      { a: 1, b: null },
    ];
    close(await values(gate(a, b, { otherwise: -1 }), [rows]), [5, -1, null, null]);
    close(await values(gate(a, b, { above: 1 }), [rows]), [0, 0, null, 0]);
  });

  it('override: the first case that holds decides', async () => {
    const reward = override(a, { bad: [field('b'), -1], worse: [field('c'), -2] });
    const rows = [
      { a: 1, b: 0, c: 0 },
      { a: 1, b: 1, c: null },
      { a: null, b: 0, c: 1 },
      { a: 1, b: null, c: 1 },
    ];
    close(await values(reward, [rows]), [1, -1, -2, null]);
    expect(reward.minimum).toBe(-2);
  });

  it('payoff: simplerl-zoo’s modes are tables', async () => {
    const [correct, boxed] = [field('a'), field('b')];
    const independent = payoff({ correct, boxed }, [
      { when: { correct: 1, boxed: 1 }, value: 1 },
      { when: { correct: 1, boxed: 0 }, value: 0.5 },
      { when: { correct: 0, boxed: 1 }, value: -0.5 },
      { when: { correct: 0, boxed: 0 }, value: -1 },
    ]);
    const v0 = payoff(
      { correct, boxed },
      [
        { when: { boxed: 0 }, value: -1 },
        { when: { correct: 1 }, value: 1 },
      ],
      -0.5,
    );
    const rows = [
      { a: 1, b: 1 },
      { a: 1, b: 0 },
      { a: 0, b: 1 },
      { a: 0, b: 0 },
    ];
    close(await values(independent, [rows]), [1, 0.5, -0.5, -1]);
    close(await values(v0, [rows]), [1, -1, -0.5, -1]);
    close(
      await values(v0, [
        [
          { a: null, b: 0 },
          { a: null, b: 1 },
        ],
      ]),
      [-1, null],
    );
    const zeros = payoff({ correct }, [{ when: { correct: 0 }, value: 1 }]);
    expect((await verdicts(zeros, [[{ a: 1 }]]))[0]!.cause).toBe('unsupported');
    expect(() => payoff({ correct }, [{ when: { other: 1 }, value: 1 }])).toThrow(/no part/);
  });

  it('clamp, squash and anneal', async () => {
    close(await values(clamp(a, { low: -1, high: 0.5 }), [[{ a: 2 }, { a: -3 }, { a: 0.1 }, { a: null }]]), [
      0.5,
      -1,
      0.1,
      null,
    ]);
    close(await values(squash(a, { form: 'sigmoid' }), [[{ a: 0 }, { a: -1000 }]]), [0.5, 0]);
    close(await values(squash(a, { form: 'minMax', low: 2, high: 4 }), [[{ a: 3 }, { a: 9 }]]), [0.5, 1]);
    close(await values(squash(a, { form: 'decay' }), [[{ a: 1 / 3 }]]), [0.716531]);
    const fading = anneal(a, linear({ from: 1, to: 0, steps: 10 }));
    close(await values(fading, [[{ a: 4 }, { a: null }]], { step: 5, totalSteps: 20 }), [2, null]);
    close(await values(fading, [[{ a: 4 }, { a: null }]], { step: 10, totalSteps: 20 }), [0, 0]);
  });

  it('skywork-r1v2, vector 7, and r1-reward, vector 1: sums and products nest', async () => {
    const { weighted } = await import('./index.ts');
    const hybrid = weighted({
      rule: field('a'),
      format: field('b'),
      model: squash(field('c'), { form: 'sigmoid' }),
    });
    close(await values(hybrid, [[{ a: 1, b: 1, c: 0 }]]), [2.5]);
    const stable = weighted({
      format: [field('f'), 0.5],
      accuracy: product({ a: field('a'), agrees: weighted({ one: () => 1, c: [field('c'), 0.5] }) }),
    });
    const rows = [
      [1, 1, 1],
      [1, 1, 0],
      [1, 1, -1],
      [0, 1, 1],
      [0, 1, 0],
      [0, 1, -1],
      [1, 0, 1],
      [0, 0, -1],
    ];
    close(
      await values(stable, [rows.map(([f, x, c]) => ({ f: f!, a: x!, c: c! }))]),
      [2, 1.5, 1, 1.5, 1, 0.5, 0.5, 0],
    );
  });

  it('blend: by the confidence of the rule (harmo, vectors 6 to 8)', async () => {
    const rule: RewardLike = (sample) => {
      const { r, k } = JSON.parse(sample.turns[0]!.completion.text);
      return r === null ? noVerdict('reference', 'no gold') : verdict(r, 'rule', { confidence: k });
    };
    const rows = [
      { r: 1, k: 1, m: 0.2 },
      { r: 0, k: 1, m: null },
      { r: null, k: 0, m: 0.7 },
      { r: 1, k: 0.8, m: 0.5 },
      { r: 1, k: 0.5, m: null },
    ];
    close(await values(blend({ rule, model: field('m') }), [rows]), [1, 0, 0.7, 0.9, null]);
  });

  it('route: each task’s own reward, asked about its own alone', async () => {
    const asked: string[] = [];
    const spy =
      (name: string): RewardLike =>
      (sample) => {
        asked.push(`${name} ${sample.id}`);
        return 1;
      };
    const reward = route({ x: spy('x'), y: spy('y') }, { fallback: 'y' });
    const found = await verdicts(reward, [[{}], [{}], [{}]], {}, [{ reward: 'x' }, {}, { reward: 'z' }]);
    expect(found.map(({ value, cause }) => cause ?? value)).toEqual([1, 1, 'reference']);
    expect(asked).toEqual(['x 0.0', 'y 1.0']);
  });
});

describe('the noise channel', () => {
  it('flips at its rates, the same for the same sample, and never in evaluation', async () => {
    const reward = noise(field('a'), {
      falsePositive: 0.1,
      falseNegative: 0.3,
      domains: { clean: { falsePositive: 0, falseNegative: 0 } },
      seed: 3,
    });
    const rows = Array.from({ length: 4000 }, (_, i) => ({ a: i % 2 }));
    const first = await values(reward, [rows], { phase: 'train', step: 4 });
    expect(await values(reward, [rows], { phase: 'train', step: 4 })).toEqual(first);
    const rate = (of: number) => first.filter((x, i) => i % 2 === of && x !== of).length / 2000;
    expect(rate(0)).toBeCloseTo(0.1, 1);
    expect(rate(1)).toBeCloseTo(0.3, 1);
    expect(await values(reward, [rows])).toEqual(rows.map(({ a }) => a));
    expect(await values(reward, [rows], { phase: 'train' }, [{ domain: 'clean' }])).toEqual(
      rows.map(({ a }) => a),
    );
    close(await values(reward, [[{ a: 0.5 }, { a: null }]]), [null, null]);
  });
});

describe('length', () => {
  it('overlong, vector 12 of the GRPO family', async () => {
    const lengths = [70, 80, 90, 100, 110];
    const options = { max: 100, buffer: 20 };
    expect(lengths.map((n) => overlongPenalty(n, options))).toEqual([0, 0, -0.5, -1, -1.5]);
    expect(lengths.map((n) => overlongPenalty(n, { ...options, beyond: 'hold' }))).toEqual([
      0, 0, -0.5, -1, -1,
    ]);
    close(await values(overlong(options), [[{ length: 90 }, { length: null }]]), [-0.5, null]);
  });

  it('cosine: light-if (vector 1) and vlm-r1 (vector 10), which go opposite ways', async () => {
    const light = {
      max: 8192,
      success: 0.2,
      right: [0, 2],
      wrong: [0, -1],
      scaled: true,
      beyond: -2,
    } as const;
    for (const [length, s, expected] of [
      [0, 1.2, 0],
      [4096, 1.2, 1.2],
      [8191, 1.2, 2.4],
      [4096, 0.1, -0.5],
      [4096, 0.3, 0.3],
      [2048, 0.15, -0.146447],
      [8192, 1, -2],
    ] as const)
      expect(cosineLengthValue(s, length, light)).toBeCloseTo(expected, 5);
    const vlm = { max: 1024, success: 0.7, right: [1, 0.5], wrong: [-0.5, 0] } as const;
    const at = (value: number) => [0, 256, 512, 1024, 2048].map((n) => cosineLengthValue(value, n, vlm));
    close(at(1), [1, 0.9268, 0.75, 0.5, 0.5], 4);
    close(at(0), [-0.5, -0.4268, -0.25, 0, 0], 4);
    close(
      await values(cosineLength(field('a'), vlm), [
        [
          { a: 1, length: 512 },
          { a: null, length: 1 },
        ],
      ]),
      [0.75, null],
    );
  });

  it('grpo-lambda, vectors 1 to 6', async () => {
    const lengths = [100, 200, 300, 50];
    close(lengthZScores([1, 1, 1, 0], lengths), [0.954579, 0.9, 0.845421, 0]);
    close(lengthZScores([1, 0], [100, 200]), [0.9, 0]);
    close(lengthZScores([1, 1], [100, 100]), [0.9, 0.9]);
    close(lengthZScores([0, 0], [100, 120]), [0, 0]);
    close(lengthZScores([1, 1, 1, 0], lengths, { alpha: 0.6 }), [0.863738, 0.7, 0.536262, 0]);
    const rows = [1, 1, 1, 0].map((a, i) => ({ a, length: lengths[i]! }));
    const silent = { a: null, length: 5000 };
    close(await values(lengthZScore(field('a')), [[...rows, silent]]), [0.954579, 0.9, 0.845421, 0, null]);
  });

  it('grpo-lambda, vectors 2 and 7 to 9: only the top groups are penalised', async () => {
    expect(topShare([1, 0.5, 0.75, 0, 0.25], 0.2)).toEqual([0]);
    expect(topShare([1, 0.5, 0.75, 0, 0.25, 1, 0.9, 0.1, 0.2, 0.3], 0.2)).toEqual([0, 5]);
    expect(topShare([0.5, 0.5, 0.5], 0.34)).toEqual([0, 1]);
    expect(topShare([Number.NaN, 0], 0.2)).toEqual([1]);
    expect(topShare([1, 0.9, ...new Array(8).fill(Number.NaN)], 0.2)).toEqual([0]);
    const a = field('a');
    const reward = topGroups({ by: a, top: lengthZScore(a), rest: a });
    const rows = (right: number[]) => right.map((x, i) => ({ a: x, length: [100, 200, 300, 50][i]! }));
    const found = await values(reward, [rows([1, 0, 0, 0]), rows([1, 1, 1, 0])]);
    close(found, [1, 0, 0, 0, 0.954579, 0.9, 0.845421, 0]);
  });

  it('ui-r1, vector 9, and harmo, vectors 1 to 4 and 10', () => {
    close(adaptiveLengths([3, 3, 2, 1], [40, 80, 100, 60], { success: 3 }), [3.75, 3.5, 1.9, 0.675]);
    const [lengths, right] = [
      [100, 120, 20, 300],
      [1, 1, 0, 0],
    ];
    close(lengthBands(right, lengths), [0, 0, -0.3091, -0.5], 4);
    close(lengthBands([0, 0], [1, 2]), [0, 0]);
    close(lengthBands([1, 0], [100, 60]), [0, -0.1]);
    close(lengthBands(right, lengths, { side: 'long' }), [0, 0, 0, -0.5]);
    close(lengthBands(right, lengths, { side: 'short' }), [0, 0, -0.3091, 0], 4);
  });
});

describe('trust (sophiavl-r1, vectors 1 to 6)', () => {
  const rows = (outcomes: number[], thinking: number[]) => [outcomes.map((o, i) => ({ o, t: thinking[i]! }))];
  const parts = { outcome: field('o'), thinking: field('t') };
  it('weighs a judge by how far it agrees with outcomes', async () => {
    close(await values(trust(parts), rows([1, 1, 0, 0], [0.9, 0.7, 0.3, 0.1])), [1.27, 1.21, 0.09, 0.03]);
    const fading = trust(parts, { alpha: exponential({ from: 0.3, constant: 100 }) });
    const group = rows([1, 0, 0, 1], [0.2, 0.8, 0.8, 0.4]);
    close(await values(fading, group), [1.03639, 0.14557, 0.14557, 1.07278], 5);
    close(
      await values(fading, group, { step: 100, totalSteps: 100 }),
      [1.01339, 0.05355, 0.05355, 1.02678],
      5,
    );
    close(await values(trust(parts), rows([1, 0], [0.4, 0.4])), [1.12, 0.12]);
    close(await values(trust(parts), rows([1, 1], [0.5, 1])), [1.15, 1.3]);
    close(await values(trust(parts, { rule: 'code' }), rows([1, 1], [0.5, 1])), [1, 1]);
    close(await values(trust(parts, { trusted: false }), group), [1.06, 0.24, 0.24, 1.12]);
  });
  it('a member without a judgement is out of it', async () => {
    const silent = [...rows([1, 0], [0.2, 0.8])[0]!, { o: 1, t: null }, { o: null, t: 1 }];
    const both = await values(trust(parts), rows([1, 0], [0.2, 0.8]));
    close(await values(trust(parts), [silent]), [...both, null, null]);
  });
});

describe('running scales', () => {
  it('router-r1: cost between running percentiles, vectors of both buffers', async () => {
    const rows = (costs: number[]) => [costs.map((a) => ({ a }))];
    const train = { phase: 'train' } as const;
    close(
      await values(cost(field('a')), rows([0, 100, 25, 400, 0, 100]), train),
      [0.5, 0, 0.5, 0, 1, 0.428571],
    );
    const reward = cost(field('a'));
    close(await values(reward, rows([100, 100, 400, 0]), train), [0.5, 0.5, 0, 1]);
    const saved = JSON.parse(JSON.stringify(reward.state!.save()));
    const again = cost(field('a'));
    again.state!.load(saved);
    expect(await values(again, rows([50, 10]), train)).toEqual(await values(reward, rows([50, 10]), train));
    const before = reward.state!.save();
    await values(reward, rows([7]));
    expect(reward.state!.save()).toEqual(before); // frozen in evaluation
  });

  it('standardises by what came before, by domain', async () => {
    const reward = standardize(field('a'), { per: 'domain' });
    const train = { phase: 'train' } as const;
    const tasks = [{ domain: 'x' }, { domain: 'y' }];
    close(
      await values(
        reward,
        [
          [{ a: 1 }, { a: 3 }, { a: null }],
          [{ a: 10 }, { a: 30 }],
        ],
        train,
        tasks,
      ),
      [1, 3, null, 10, 30],
    );
    close(await values(reward, [[{ a: 3 }], [{ a: 20 }]], {}, tasks), [1, 0]);
    const quantile = standardize(field('a'), { how: 'quantile', low: 0, high: 1, update: 'before' });
    close(await values(quantile, [[{ a: 1 }, { a: 2 }, { a: 5 }]], train), [0, 0.25, 1]);
    const baseline = standardize(field('a'), { how: 'baseline', baseline: 0.8 });
    close(await values(baseline, [[{ a: 0.86 }, { a: 0.94 }, { a: 1 }, { a: 0.75 }]]), [0.3, 0.7, 1, 0]);
  });
});

describe('steps (clip-delta-prm, vectors 1 to 9)', () => {
  const prm = [0.9, 0.95, 0.6, 0.8];
  const total = (x: readonly number[], from = 0) => x.slice(from).reduce((sum, v) => sum + v, 0);
  it('clips, takes differences, or both', () => {
    close(clipSteps(prm, 0.7), [0, 0, -0.1, 0]);
    close(deltaSteps(prm), [-0.05, 0.35, 0.6, 0]);
    close(
      [0, 1, 2, 3].map((k) => total(deltaSteps(prm), k)),
      [0.9, 0.95, 0.6, 0],
    );
    close(deltaSteps(clipSteps(prm, 0.7)), [0, 0.1, -0.1, 0]);
    for (const n of [1, 5, 20]) {
      const filler = [...new Array(n).fill(0.9), 0.8];
      close(
        [total(clipSteps(filler, 0.7)), total(deltaSteps(filler)), total(deltaSteps(clipSteps(filler, 0.7)))],
        [0, 0.9, 0],
      );
    }
    close(deltaSteps([0.4]), [0]);
    close(deltaSteps([0.4, 0.9]), [0.4, 0]);
    expect(deltaSteps([])).toEqual([]);
    close(clipSteps([0.2], 1), [-0.8]);
  });

  it('on the spans of one part', async () => {
    const scored: RewardLike = () =>
      verdict(1, 'scored', {
        spans: [
          ...prm.map((value, i) => ({ start: i, end: i + 1, value, part: 'step', at: 'end' as const })),
          { start: 0, end: 1, value: 7, part: 'other', at: 'each' as const },
        ],
      });
    const [one] = await verdicts(steps(scored, { part: 'step', clip: 0.7, delta: true }), [[{}]]);
    close(
      one!.spans!.map(({ value }) => value),
      [0, 0.1, -0.1, 0, 7],
    );
    expect(one).toMatchObject({ value: 1, reward: 'steps' });
  });
});
