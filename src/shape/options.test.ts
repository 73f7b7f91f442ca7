import { expect, it, test } from 'vitest';
import { linear, verdict } from '../core/index.ts';
import * as shape from './index.ts';

const r = () => verdict(1);
/** Shapes as someone without a type checker calls them. */
type Loose = { readonly [name in keyof typeof shape]: (...given: unknown[]) => unknown };
const s = shape as unknown as Loose;

const wrong: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => s.overlong({ max: 100, bufer: 20 }),
    "shape 'overlong' has no option 'bufer' (options: max, buffer, factor, beyond); did you mean 'buffer'?",
  ],
  [
    () => s.overlong({ max: 100, buffer: 20, factr: 1 }),
    "shape 'overlong' has no option 'factr' (options: max, buffer, factor, beyond); did you mean 'factor'?",
  ],
  [() => s.overlong({ max: 100, buffer: 101 }), "shape 'overlong': option 'buffer': must not be above 'max'"],
  [() => s.overlong(), "shape 'overlong': option 'max': expected number, received undefined"],
  [
    () => s.cosineLength(r, { max: 100, right: [1], wrong: [0, 0] }),
    "shape 'cosineLength': option 'right': Too small: expected array to have >=2 items",
  ],
  [
    () => s.lengthZScore(r, { alhpa: 5 }),
    "shape 'lengthZScore' has no option 'alhpa' (options: alpha, std, success); did you mean 'alpha'?",
  ],
  [
    () => s.lengthZScore(r, { alpha: 5 }),
    "shape 'lengthZScore': option 'alpha': Too big: expected number to be <=1",
  ],
  [
    () => s.adaptiveLength(r, { succes: 1 }),
    "shape 'adaptiveLength' has no option 'succes' (options: success); did you mean 'success'?",
  ],
  [
    () => s.lengthBand(r, { side: 'longer' }),
    'shape \'lengthBand\': option \'side\': expected one of "both"|"short"|"long"',
  ],
  [
    () => s.gate(r, r, { atleast: 5 }),
    "shape 'gate' has no option 'atleast' (options: atLeast, above, otherwise); did you mean 'atLeast'?",
  ],
  [() => s.gate(r, r, { atLeast: 1, above: 1 }), "shape 'gate': option 'above': either 'atLeast' or 'above'"],
  [() => s.gate(r), "shape 'gate': part 'inner' must be a reward or a function of a sample, not undefined"],
  [
    () => s.clamp(r, { lo: 0.2 }),
    "shape 'clamp' has no option 'lo' (options: low, high); did you mean 'low'?",
  ],
  [() => s.clamp(r, { low: 2, high: 1 }), "shape 'clamp': option 'low': must not be above 'high'"],
  [() => s.clamp(r, { low: Number.NaN }), "shape 'clamp': option 'low': expected a number"],
  [
    () => s.squash(r, { form: 'sigmod' }),
    'shape \'squash\': option \'form\': expected one of "sigmoid"|"minMax"|"decay", not sigmod',
  ],
  [
    () => s.squash(r),
    'shape \'squash\': option \'form\': expected one of "sigmoid"|"minMax"|"decay", not undefined',
  ],
  [
    () => s.squash(r, { form: 'decay', width: 2 }),
    "shape 'squash' of form 'decay' has no option 'width' (options: form, rate)",
  ],
  [
    () => s.squash(r, { form: 'minMax', low: 1, high: 1 }),
    "shape 'squash' of form 'minMax': option 'low': must be below 'high'",
  ],
  [() => s.anneal(r, 'x'), "shape 'anneal': option 'by': expected a number or a schedule, not x"],
  [() => s.anneal(r), "shape 'anneal': option 'by': expected a number or a schedule, not undefined"],
  [
    () => s.trust({ outcome: r, thinking: r }, { rule: 'cod' }),
    'shape \'trust\': option \'rule\': expected one of "paper"|"code"',
  ],
  [
    () => s.trust({ outcome: r, thinking: r }, { alpha: {} }),
    "shape 'trust': option 'alpha': expected a number or a schedule, not an object",
  ],
  [
    () => s.trust({ outcome: r, thinkin: r }),
    "shape 'trust' has no part 'thinkin' (parts: outcome, thinking); did you mean 'thinking'?",
  ],
  [() => s.trust({ outcome: r }), "shape 'trust' lacks the part 'thinking'"],
  [
    () => s.blend({ rule: r, model: 5 }),
    "shape 'blend': part 'model' must be a reward or a function of a sample, not 5",
  ],
  [() => s.blend(r), "shape 'blend': expected rewards by name, not the function 'r'"],
  [
    () => s.standardize(r, { how: 'z' }),
    'shape \'standardize\': option \'how\': expected one of "zScore"|"quantile"|"baseline"',
  ],
  [
    () => s.standardize(r, { how: 'quantile', memory: 'all' }),
    "shape 'standardize': option 'memory': quantiles need a memory of { window }",
  ],
  [
    () => s.standardize(r, { memory: { windw: 3 } }),
    "shape 'standardize': option 'memory': expected 'all', { window } of 1 or more, or { decay } below 1",
  ],
  [
    () => s.standardize(r, { low: 0.9, high: 0.1 }),
    "shape 'standardize': option 'low': must be below 'high'",
  ],
  [() => s.cost(r, { low: 0.99 }), "shape 'cost': option 'low': must be below 'high'"],
  [() => s.cost(r, { window: 0 }), "shape 'cost': option 'window': Too small: expected number to be >=1"],
  [() => s.topGroups({ share: 5 }), "shape 'topGroups' has no part 'share' (parts: by, top, rest)"],
  [
    () => s.topGroups({ by: r, top: r, rest: r }, { share: 5 }),
    "shape 'topGroups': option 'share': Too big: expected number to be <=1",
  ],
  [
    () => s.weighted({ a: [r, '2'] }),
    "shape 'weighted': part 'a': its weight must be a number or a schedule, not 2",
  ],
  [
    () => s.weighted({ a: [r, Number.NaN] }),
    "shape 'weighted': part 'a': its weight must be a number or a schedule, not NaN",
  ],
  [() => s.weighted({ a: [r] }), "shape 'weighted': part 'a': expected a reward or [reward, weight]"],
  [
    () => s.weighted({ a: ['math', 1] }),
    "shape 'weighted': part 'a' must be a reward or a function of a sample, not math",
  ],
  [() => s.weighted({}), "shape 'weighted' needs at least one part"],
  [
    () => s.weighted({ r }, { divde: true }),
    "shape 'weighted' has no option 'divde' (options: divide, missing); did you mean 'divide'?",
  ],
  [
    () => s.override(r, { x: [r, Number.NaN] }),
    "shape 'override': case 'x': expected [condition, value] with a finite value",
  ],
  [
    () => s.override(r, { x: r }),
    "shape 'override': case 'x': expected [condition, value] with a finite value",
  ],
  [() => s.override(r, {}), "shape 'override' needs at least one part"],
  [() => s.product({ a: 5 }), "shape 'product': part 'a' must be a reward or a function of a sample, not 5"],
  [() => s.product({}), "shape 'product' needs at least one part"],
  [
    () => s.payoff({ right: r }, [{ when: { rihgt: 1 }, value: 1 }]),
    "shape 'payoff': option 'rows.0.when': there is no part 'rihgt' (parts: right); did you mean 'right'?",
  ],
  [
    () => s.payoff({ right: r }, [{ when: { right: 1 }, value: Number.NaN }]),
    "shape 'payoff': option 'rows.0.value': expected number, received NaN",
  ],
  [
    () => s.payoff({ right: r }, []),
    "shape 'payoff': option 'rows': Too small: expected array to have >=1 items",
  ],
  [
    () => s.noise(r, { falsePositive: 1.5, falseNegative: 0 }),
    "shape 'noise': option 'falsePositive': Too big: expected number to be <=1",
  ],
  [
    () =>
      s.noise(r, {
        falsePositive: 0,
        falseNegative: 0,
        domains: { a: { falsePositve: 0, falseNegative: 0 } },
      }),
    "shape 'noise': option 'domains.a' has no field 'falsePositve' (options: falsePositive, falseNegative); did you mean 'falsePositive'?",
  ],
  [
    () => s.shuffled(r, { sed: 1 }),
    "shape 'shuffled' has no option 'sed' (options: seed); did you mean 'seed'?",
  ],
  [
    () => s.shuffled(shape.standardize(r)),
    "shape 'shuffled': a batch-scoped reward cannot be shuffled within groups",
  ],
  [
    () => s.steps(r, { prt: 'x' }),
    "shape 'steps' has no option 'prt' (options: part, clip, delta); did you mean 'part'?",
  ],
  [
    () => s.vote({ r }, { threshhold: 1 }),
    "shape 'vote' has no option 'threshhold' (options: threshold, tie, quorum); did you mean 'threshold'?",
  ],
  [() => s.vote({ r }, { quorum: 2 }), "shape 'vote': option 'quorum': 2 of 1 parts can never vote"],
  [() => s.any({ r }, { top: '1' }), "shape 'any': option 'top': expected a number"],
  [() => s.all({ r }, { top: 1 }), "shape 'all' has no option 'top' (options: bottom)"],
  [
    () => s.first({ a: null }),
    "shape 'first': part 'a' must be a reward or a function of a sample, not null",
  ],
  [() => s.first({}), "shape 'first' needs at least one part"],
  [
    () => s.route({ math: r }, { fallback: 'maths' }),
    "shape 'route': option 'fallback': there is no reward 'maths' (rewards: math); did you mean 'math'?",
  ],
  [
    () => s.route({ math: r }, { falback: 'math' }),
    "shape 'route' has no option 'falback' (options: fallback); did you mean 'fallback'?",
  ],
  [
    () => s.cascade(r, r, { when: 'allways' }),
    'shape \'cascade\': option \'when\': expected one of "rejected"|"undecided"|"either", or a function',
  ],
  [
    () => s.cascade(r, r, { share: 2 }),
    "shape 'cascade': option 'share': Too big: expected number to be <=1",
  ],
  [
    () => s.cascade(r, r, { guard: true }),
    "shape 'cascade': option 'guard': expected a function of the text",
  ],
];

test.each(wrong.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'InputError', message }));
});

it('every shape is in the table', () => {
  const called = wrong.map(([call]) => /s\.(\w+)\(/.exec(String(call))?.[1]);
  const shapes = [
    'adaptiveLength',
    'all',
    'anneal',
    'any',
    'blend',
    'cascade',
    'clamp',
    'cosineLength',
    'cost',
    'first',
    'gate',
    'lengthBand',
    'lengthZScore',
    'noise',
    'overlong',
    'override',
    'payoff',
    'product',
    'route',
    'shuffled',
    'squash',
    'standardize',
    'steps',
    'topGroups',
    'trust',
    'vote',
    'weighted',
  ];
  expect(shapes.filter((name) => !called.includes(name))).toEqual([]);
});

it('what is right stays as it was written down', () => {
  expect(shape.overlong({ max: 100, buffer: 20 }).options).toEqual({ max: 100, buffer: 20, parts: {} });
  expect(shape.gate(r, r, { above: 0 }).options).toMatchObject({
    above: 0,
    atLeast: undefined,
    otherwise: 0,
  });
  expect(shape.clamp(r, { low: -Infinity, high: 1 }).options).toMatchObject({ low: -Infinity, high: 1 });
  expect(shape.squash(r, { form: 'sigmoid' }).options).not.toHaveProperty('width');
  expect(
    shape.trust({ outcome: r, thinking: r }, { alpha: linear({ from: 1, to: 0 }) }).options,
  ).toMatchObject({
    alpha: { name: 'linear' },
    rule: 'paper',
  });
  expect(shape.any({ r }, { top: Infinity }).options).toMatchObject({ top: Infinity });
});
