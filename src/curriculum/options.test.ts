import { expect, test } from 'vitest';
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

test.each([
  ['dynamicSampling', curriculum.dynamicSampling({ part: 'a' }), ['a']],
  [
    'dynamicSampling around another',
    curriculum.dynamicSampling({ inner: curriculum.domainWeights({ part: 'b' }) }),
    ['b'],
  ],
  ['domainWeights', curriculum.domainWeights({ part: 'a' }), ['a']],
  ['promotion', curriculum.promotion({ level, at: 1, part: 'a' }), ['a']],
  ['uniform', curriculum.uniform(), undefined],
])('%s says which parts it reads', (_, made, parts) => {
  expect(made.reads).toEqual(parts);
});
