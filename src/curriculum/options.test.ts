import { describe, expect, it, test } from 'vitest';
import { type CurriculumRun, type Group, noVerdict, stream, textSample, verdict } from '../core/index.ts';
import * as curriculum from './index.ts';

/** Curricula as someone without a type checker makes them. */
type Loose = { readonly [name in keyof typeof curriculum]: (...given: unknown[]) => unknown };
const c = curriculum as unknown as Loose;
const level = () => 0;
const kind = () => true;

const wrong: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => c.promotion({ level, at: 'x' }),
    "curriculum 'promotion': option 'at': expected number, received string",
  ],
  [
    () => c.promotion({ level, at: 1, windw: 3 }),
    "curriculum 'promotion' has no option 'windw' (options: level, at, window, limit, replay, part); did you mean 'window'?",
  ],
  [
    () => c.promotion({ level, at: 1, window: 0 }),
    "curriculum 'promotion': option 'window': Too small: expected number to be >=1",
  ],
  [() => c.promotion({ at: 1 }), "curriculum 'promotion': option 'level': expected a function of a task"],
  [
    () => c.promotion({ level, at: 1, limit: 0 }),
    "curriculum 'promotion': option 'limit': must be 1 or more",
  ],
  [
    () => c.promotion({ level, at: 1, replay: 2 }),
    "curriculum 'promotion': option 'replay': Too big: expected number to be <=1",
  ],
  [
    () => c.ramp({ kind, share: Number.NaN, steps: 10 }),
    "curriculum 'ramp': option 'share': expected a number or a schedule, not NaN",
  ],
  [() => c.ramp({ kind, share: 5, steps: 10 }), "curriculum 'ramp': option 'share': must be from 0 to 1"],
  [
    () => c.ramp({ kind: 'hard', share: 1, steps: 10 }),
    "curriculum 'ramp': option 'kind': expected a function of a task",
  ],
  [
    () => c.ramp({ kind, share: 1 }),
    "curriculum 'ramp': option 'steps': expected number, received undefined",
  ],
  [
    () => c.balanced({ by: 'nosuch' }),
    'curriculum \'balanced\': option \'by\': expected one of "domain"|"difficulty"|"reward", or a function of a task',
  ],
  [
    () => c.balanced({ bye: 1 }),
    "curriculum 'balanced' has no option 'bye' (options: by); did you mean 'by'?",
  ],
  [
    () => c.ordered({ direction: 'down' }),
    'curriculum \'ordered\': option \'direction\': expected one of "rising"|"falling"',
  ],
  [() => c.ordered({ by: 'difficulty' }), "curriculum 'ordered': option 'by': expected a function of a task"],
  [
    () => c.dynamicSampling({ band: [0.8, 0.2] }),
    "curriculum 'dynamicSampling': option 'band': its first bound must not be above its second",
  ],
  [
    () => c.dynamicSampling({ inner: 5 }),
    "curriculum 'dynamicSampling': option 'inner': expected a curriculum, not 5",
  ],
  [
    () => c.dynamicSampling({ inner: curriculum.uniform }),
    "curriculum 'dynamicSampling': option 'inner': expected a curriculum, not the function 'uniform'",
  ],
  [
    () => c.dynamicSampling({ kep: 1 }),
    "curriculum 'dynamicSampling' has no option 'kep' (options: part, differ, band, keep, inner); did you mean 'keep'?",
  ],
  [
    () => c.domainWeights({ initial: 'inverted' }),
    'curriculum \'domainWeights\': option \'initial\': expected one of "average"|"inverse"|"softmax_inverse"',
  ],
  [
    () => c.priorityBuffer({ capacity: 0 }),
    "priorityBuffer: option 'capacity': Too small: expected number to be >=1",
  ],
  [
    () => c.priorityBuffer({ capacity: 1, keep: 'all' }),
    "priorityBuffer: option 'keep': 'all' needs draw 'uniform'",
  ],
];
test.each(wrong.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'InputError', message }));
});

const tasks = [{ id: '0', prompt: '', domain: 'a' }];
const begin = (of: ReturnType<typeof curriculum.uniform>): CurriculumRun =>
  of.create({ tasks, groups: 1, random: stream(0, 'test') });
const group = (...verdicts: ReturnType<typeof verdict>[]): Group => ({
  task: tasks[0]!,
  samples: verdicts.map((one, i) => ({ ...textSample(tasks[0]!, '', String(i)), verdict: one })),
});
const right = (...parts: string[]) =>
  verdict(1, 'right', { parts: Object.fromEntries(parts.map((name) => [name, verdict(1)])) });

describe.each([
  ['dynamicSampling', curriculum.dynamicSampling({ part: 'acuracy' })],
  ['domainWeights', curriculum.domainWeights({ part: 'acuracy' })],
  ['promotion', curriculum.promotion({ level, at: 1, part: 'acuracy' })],
])('a part that no verdict has: %s', (name, made) => {
  it('is said at the first batch that was judged, with the parts that there are', () => {
    const run = begin(made);
    run.observe([group(noVerdict('judge', 'silent'))]);
    // A number that the recipe put in place of no verdict is no judgement either.
    run.observe([group({ ...noVerdict('judge', 'silent'), value: -1 })]);
    expect(() => run.observe([group(right('accuracy', 'format'))])).toThrow(
      new RangeError(
        `curriculum '${name}': no verdict has the part 'acuracy' (parts: accuracy, format); did you mean 'accuracy'?`,
      ),
    );
  });

  it('is no fault where only some lack it', () => {
    const run = begin(made);
    run.observe([group(right('other'), right('acuracy'))]);
    run.observe([group(right('other'))]);
  });
});

it('the weights of the first step follow the sizes of the domains as asked', () => {
  const sizes = [4, 16, 1];
  expect(curriculum.initialWeights(sizes)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  const close = (initial: 'inverse' | 'softmax_inverse', expected: readonly number[]) =>
    curriculum.initialWeights(sizes, initial).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i]!, 6);
    });
  close('inverse', [2 / 7, 1 / 7, 4 / 7]);
  // e^½, e^¼ and e over their sum 5.6510285.
  close('softmax_inverse', [0.291756, 0.22722, 0.481024]);
  const many = sizes.flatMap((size, d) =>
    Array.from({ length: size }, (_, i) => ({ id: `${d}.${i}`, prompt: '', domain: String(d) })),
  );
  const run = curriculum
    .domainWeights({ initial: 'softmax_inverse' })
    .create({ tasks: many, groups: 100, random: stream(0, 'test') });
  expect(run.metrics!['weight.2']).toBeCloseTo(0.481024, 6);
  const drawn = run.next(100).map(({ domain }) => domain);
  expect(['0', '1', '2'].map((d) => drawn.filter((one) => one === d).length)).toEqual([29, 22, 49]);
});
