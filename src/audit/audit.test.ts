import { describe, expect, test } from 'vitest';
import { buildReward } from '../catalogue/index.ts';
import { InputError, lift, noVerdict, type Reward, type Task, verdict } from '../core/index.ts';
import type { Row, RowBatch } from '../dataset/read/index.ts';
import {
  agreementOf,
  type CaseFields,
  comparisonOf,
  errorRates,
  falseAlarms,
  readCases,
  readDrop,
  readLabel,
  rescore,
  runProbes,
} from './index.ts';

async function* file(rows: readonly Row[]): AsyncGenerator<RowBatch> {
  yield { rows, lines: rows.map((_, i) => i + 1) };
}

const fields: CaseFields = { completions: ['pred'], labels: ['ok'], answer: 'gold' };
const cases = (rows: readonly Row[], over: Partial<CaseFields> = {}) =>
  readCases(file(rows), { ...fields, ...over }, 'file.jsonl');
/** Accepts what the completion says: yes, no, or nothing at all. */
const echo = lift((sample) => {
  const { text } = sample.turns[0]!.completion;
  return text === '?' ? noVerdict('judge', 'asleep') : verdict(text === 'yes' ? 1 : 0, text);
}, 'echo');

const rows = (counts: { yes?: number; no?: number; none?: number }, ok: boolean): Row[] =>
  Object.entries({ yes: counts.yes ?? 0, no: counts.no ?? 0, '?': counts.none ?? 0 }).flatMap(([pred, n]) =>
    Array.from({ length: n }, () => ({ pred, ok, gold: 'g', kind: ok ? 'right' : 'wrong' })),
  );

describe('error rates', () => {
  test('a no-verdict is an error of its label’s side and of accuracy', async () => {
    const all = [...rows({ yes: 6, no: 3, none: 1 }, true), ...rows({ yes: 2, no: 17, none: 1 }, false)];
    const rates = await errorRates(cases(all), echo);
    expect(rates.n).toBe(30);
    expect(rates.accuracy.value).toBeCloseTo(23 / 30);
    expect(rates.falsePositiveRate).toMatchObject({ value: 3 / 20, n: 20 });
    expect(rates.falseNegativeRate).toMatchObject({ value: 4 / 10, n: 10 });
    expect(rates.noVerdict).toEqual({ n: 2, causes: { judge: 2 } });
  });

  test('intervals are Wilson’s: 7 of 200', async () => {
    const all = rows({ yes: 7, no: 193 }, false);
    const { falsePositiveRate } = await errorRates(cases(all), echo);
    expect(falsePositiveRate.low).toBeCloseTo(0.0171, 4);
    expect(falsePositiveRate.high).toBeCloseTo(0.0705, 4);
  });

  test('a field that no row has is named', async () => {
    const all = rows({ yes: 2, no: 2 }, true);
    const error = (name: string) =>
      new InputError('no row has this field', { file: 'file.jsonl', field: name });
    await expect(errorRates(cases(all, { category: 'knid' }), echo)).rejects.toThrow(error('knid'));
    await expect(errorRates(cases(all, { drop: [readDrop('knid=right')] }), echo)).rejects.toThrow(
      error('knid'),
    );
    const sparse = [...all, { pred: 'no', ok: false, gold: 'g', extra: null }];
    const { n } = await errorRates(cases(sparse, { category: 'extra', drop: [readDrop('kind=')] }), echo);
    expect(n).toBe(4);
  });

  test('by category and by completion field, with the worst disagreements first', async () => {
    const all: Row[] = [
      { a: 'yes', b: 'no', okA: true, okB: true, gold: 'g', kind: 'x' },
      { a: 'yes', b: 'yes', okA: 0, okB: 'Yes', gold: 'g', kind: 'y' },
    ];
    const rates = await errorRates(
      cases(all, { completions: ['a', 'b'], labels: ['okA', 'okB'], category: 'kind' }),
      echo,
      { show: 5 },
    );
    expect(rates.byColumn.a).toMatchObject({ n: 2, falsePositiveRate: { value: 1, n: 1 } });
    expect(rates.byCategory.x).toMatchObject({ n: 2, falseNegativeRate: { value: 0.5, n: 2 } });
    expect(rates.disagreements.map(({ kind, case: one }) => [kind, one.line, one.column])).toEqual([
      ['falsePositive', 2, 'a'],
      ['falseNegative', 1, 'b'],
    ]);
  });

  test('labels are booleans, 0 and 1, usual words, or words that are named', () => {
    for (const yes of [true, 1, '1', 'Yes', 'correct', ' TRUE ']) expect(readLabel(yes)).toBe(true);
    for (const no of [false, 0, '0', 'No', 'incorrect']) expect(readLabel(no)).toBe(false);
    for (const neither of [undefined, null, '', 'maybe', 2, []]) expect(readLabel(neither)).toBeUndefined();
    expect(readLabel('good', { positive: ['good'] })).toBe(true);
    expect(readLabel('bad', { positive: ['good'] })).toBe(false);
    expect(readLabel('bad', { positive: ['good'], negative: ['poor'] })).toBeUndefined();
  });

  test('a missing label is an error that names line and field; --drop leaves rows out', async () => {
    const all: Row[] = [
      { pred: 'yes', ok: true, gold: 'g' },
      { pred: 'yes', ok: '', gold: 'g' },
      { pred: 'yes', ok: true, gold: 'g', improper: true },
    ];
    await expect(errorRates(cases(all), echo)).rejects.toThrow(/line 2, field 'ok': the label is missing/);
    const drop = [readDrop('ok='), readDrop('improper=true')];
    expect(await errorRates(cases(all, { drop }), echo)).toMatchObject({ n: 1, dropped: 2 });
    expect(() => readDrop('ok')).toThrow(InputError);
    const uneven = cases(all, { completions: ['pred', 'pred'] });
    await expect(errorRates(uneven, echo)).rejects.toThrow(InputError);
  });

  test('without a gold column, what is labelled right in the other rows of a question is the gold', async () => {
    const all: Row[] = [
      { q: 1, pred: 'Paris', ok: true },
      { q: 1, pred: 'paris', ok: true },
      { q: 1, pred: 'Rome', ok: false },
      { q: 2, pred: 'alone', ok: true },
    ];
    const rates = await errorRates(
      readCases(file(all), { completions: ['pred'], labels: ['ok'], goldsFrom: 'q' }, 'f'),
      buildReward('qa?match=exact'),
    );
    expect(rates).toMatchObject({ n: 3, dropped: 1, accuracy: { value: 1 } });
  });
});

test('two verifiers: agreement, kappa, disagreements; paired against labels: McNemar', async () => {
  const all = [...rows({ yes: 3, no: 1 }, true), ...rows({ yes: 1, no: 3 }, false)];
  const always = lift(() => verdict(1, 'always'), 'always');
  const agreement = await agreementOf(cases(all, { labels: undefined }), echo, always, { show: 1 });
  expect(agreement).toMatchObject({ n: 8, agreement: { value: 0.5 }, kappa: 0 });
  expect(agreement.table).toEqual({ bothAccept: 4, onlyFirst: 0, onlySecond: 4, bothReject: 0 });
  expect(agreement.disagreements).toHaveLength(1);
  const comparison = await comparisonOf(cases(all), echo, always);
  expect(comparison).toMatchObject({ n: 8, onlyA: 3, onlyB: 1, difference: { value: 0.25 } });
  expect(comparison.p).toBeCloseTo(0.625, 6);
});

test('kappa of two judges', async () => {
  const a = [1, 1, 0, 0, 1, 0, 1, 0, 1, 1];
  const b = [1, 1, 0, 0, 0, 0, 1, 0, 1, 1];
  const column = (name: string) => lift((sample) => Number(sample.task.data![name]), name);
  const all = a.map((one, i): Row => ({ pred: 'x', gold: 'g', a: one, b: b[i]! }));
  const judges = (first: string, second: string) =>
    agreementOf(cases(all, { labels: undefined }), column(first), column(second));
  expect((await judges('a', 'b')).kappa).toBeCloseTo(0.8, 9);
  const constant = all.map((row, i): Row => ({ ...row, a: 1, b: i % 2 }));
  const found = await agreementOf(cases(constant, { labels: undefined }), column('a'), column('b'));
  expect(found.kappa).toBeCloseTo(0, 9);
});

describe('probes', () => {
  const words = 'Paris London Berlin Madrid Vienna Lisbon Dublin Athens Oslo Prague'.split(' ');
  const tasks: Task[] = words.map((answer, i) => ({
    id: String(i),
    prompt: `Which city is number ${i}?`,
    answer,
  }));
  const numbers: Task[] = Array.from({ length: 20 }, (_, i) => ({
    id: String(i),
    prompt: `What is ${i} times 37?`,
    answer: String(37 * i + 1001),
  }));

  test('a weak reward is found out, a strict one is not', async () => {
    const weak = await runProbes(tasks, buildReward('contains'));
    const holes = (report: typeof weak) =>
      report.probes.filter(({ accepted }) => accepted.value > 0.01).map(({ name }) => name);
    expect(holes(weak)).toEqual([
      'many candidates',
      'several boxes',
      'gold denied',
      'gold inside a longer token',
      'very long',
    ]);
    expect(holes(await runProbes(tasks, buildReward('qa')))).toEqual([]);
    expect(holes(await runProbes(tasks, buildReward('exact')))).toEqual([]);
  });

  test('math passes', async () => {
    const report = await runProbes(numbers, buildReward('math'));
    expect(report.tasks).toBe(20);
    expect(
      report.probes
        .filter(({ accepted }) => accepted.value > 0)
        .map(({ name, examples }) => [name, examples]),
    ).toEqual([]);
  });

  test('a judge that always says yes is accepted by every probe, and the same texts come again', async () => {
    const yes: Reward = lift(() => 1, 'yes');
    const report = await runProbes(tasks, yes, { seed: 3 });
    expect(report.probes.every(({ accepted }) => accepted.value === 1)).toBe(true);
    expect(await runProbes(tasks, yes, { seed: 3 })).toEqual(report);
  });

  test('false alarms: right answers that look like a probe', async () => {
    const all: Row[] = [
      { pred: 'Paris', ok: true, gold: 'Paris' },
      { pred: ':', ok: true, gold: ':' },
      { pred: ':', ok: false, gold: 'Paris' },
    ];
    for await (const batch of cases(all))
      expect(falseAlarms(batch.cases)).toMatchObject({ rate: { value: 0.5, n: 2 }, byProbe: { symbols: 1 } });
  });
});

test('rescoring: rewards and group advantages before and after', async () => {
  const task: Task = { id: 't', prompt: 'q', answer: '4' };
  const stored = ['4', '5', 'four', '6'].map((text, position) => ({
    step: 1,
    split: 'train',
    group: 0,
    position,
    id: `t/${position}`,
    task,
    turns: [{ text, finish: 'stop' as const }],
    verdict: verdict(text === '4' ? 1 : 0, 'as it was'),
    advantages: {},
  }));
  const same = await rescore([stored], buildReward('exact'));
  expect(same).toMatchObject({ samples: 4, compared: 4, changed: 0, advantages: { signChanged: 0 } });
  expect(same.advantages.correlation).toBeCloseTo(1, 9);
  const other = await rescore(
    [stored],
    lift((sample) => (sample.turns[0]!.completion.text === 'four' ? 1 : 0), 'words'),
  );
  expect(other).toMatchObject({
    changed: 2,
    meanBefore: 0.25,
    meanAfter: 0.25,
    advantages: { signChanged: 2 },
  });
  expect(other.differences.map(({ sample, before, after }) => [sample, before, after])).toEqual([
    ['t/0', 1, 0],
    ['t/2', 0, 1],
  ]);
});
