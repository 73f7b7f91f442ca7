import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lift, stream } from '../../core/index.ts';
import { openStore } from '../../store/index.ts';
import { trainLetters } from '../fixtures/runs.ts';
import { createRunTables } from '../run-table.ts';
import { alarmRules, alarmsOf, type RunSigns, signsOf } from './index.ts';
import { duplicateShare } from './signs.ts';

/** A run of so many steps: each metric a function of the step. */
function signs(
  n: number,
  metrics: { readonly [name: string]: (step: number) => number },
  more: Partial<RunSigns> = {},
): RunSigns {
  const steps = Array.from({ length: n }, (_, i) => i);
  return {
    steps,
    names: Object.keys(metrics),
    metric: (name) => metrics[name] && Float64Array.from(steps, metrics[name]),
    heldOut: [],
    duplicates: [],
    ...more,
  };
}

function look(rule: string, of: RunSigns) {
  const found = alarmRules.find((one) => one.rule === rule)!.look(of);
  if ('cannot' in found) throw new Error(found.cannot);
  return found.findings;
}

const rising = { reward: (step: number) => step / 100, 'reward.std': () => 0.4 };

describe('reward-without-heldout', () => {
  const evaluated = (rates: number[]) => ({
    heldOut: rates.map((solveRate, i) => ({ step: 25 * i, solveRate })),
  });

  it('speaks when the reward rises and held-out tasks do not', () => {
    const [found, ...rest] = look(
      'reward-without-heldout',
      signs(100, rising, evaluated([0.1, 0.1, 0.11, 0.09])),
    );
    expect(found).toMatchObject({ to: 75, open: true, metrics: ['reward', 'heldout/solveRate'] });
    expect(rest).toEqual([]);
  });

  it('is silent when they follow, and when the reward stays', () => {
    expect(look('reward-without-heldout', signs(100, rising, evaluated([0.1, 0.2, 0.3, 0.4])))).toEqual([]);
    const flat = { ...rising, reward: () => 0.5 };
    expect(look('reward-without-heldout', signs(100, flat, evaluated([0.1, 0.1, 0.1, 0.1])))).toEqual([]);
  });

  it('says that it cannot look without evaluations, and where held-out tasks have no room to follow', () => {
    expect(() => look('reward-without-heldout', signs(100, rising))).toThrow(/fewer than 2 held-out/);
    for (const rate of [1, 0.98])
      expect(() => look('reward-without-heldout', signs(100, rising, evaluated([rate, 1, 1, 1])))).toThrow(
        /at its ceiling before/,
      );
    expect(look('reward-without-heldout', signs(100, rising, evaluated([0.97, 0.9, 0.9, 0.9])))).toHaveLength(
      1,
    );
  });
});

describe('length-runaway', () => {
  const growing = { ...rising, length: (step: number) => 10 + step };

  it('speaks when completions grow and nothing is gained', () => {
    const [found] = look('length-runaway', signs(100, { ...growing, reward: () => 0.2 }));
    expect(found).toMatchObject({ open: true });
    expect(found!.text).toMatch(/grew from 19.5 to \d+/);
  });

  it('speaks of many truncated ones also when the reward rises, and else is silent', () => {
    expect(look('length-runaway', signs(100, growing))).toEqual([]);
    expect(look('length-runaway', signs(100, { ...growing, truncated: () => 0.5 }))).toHaveLength(1);
    expect(look('length-runaway', signs(100, { ...growing, length: () => 50 }))).toEqual([]);
  });
});

describe('part-saturating', () => {
  const parts = (correct: (step: number) => number) => ({
    ...rising,
    'part.format': (step: number) => Math.min(1, 0.5 + step / 50),
    'part.correct': correct,
  });

  it('speaks of a part that stays at its end while another has room', () => {
    const [found] = look(
      'part-saturating',
      signs(
        200,
        parts((step) => step / 400),
      ),
    );
    expect(found!.text).toMatch(/the part 'format' stays at 1/);
    expect(found!.metrics).toContain('part.format');
  });

  it('is silent while it moves, and when all are at their end', () => {
    const moving = { ...parts((step) => step / 200), 'part.format': (step: number) => step / 200 };
    expect(look('part-saturating', signs(200, moving))).toEqual([]);
    expect(
      look(
        'part-saturating',
        signs(
          200,
          parts((step) => Math.min(1, 0.5 + step / 50)),
        ),
      ),
    ).toEqual([]);
  });
});

describe('no-verdicts', () => {
  it('speaks when they suddenly come, and of the cause', () => {
    const broken = (step: number) => (step >= 60 && step < 70 ? 0.4 : 0.01);
    const [found, ...rest] = look(
      'no-verdicts',
      signs(100, { noVerdict: broken, 'noVerdict.judge': broken }),
    );
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ from: 60, open: false, metrics: ['noVerdict', 'noVerdict.judge'] });
    expect(found!.to).toBeGreaterThanOrEqual(69);
    expect(found!.text).toMatch(/^40.0 % of the samples have no verdict \(judge\)/);
  });

  it('is silent where there always were some, or a few now and then', () => {
    const silent = (share: (step: number) => number) =>
      expect(look('no-verdicts', signs(100, { noVerdict: share }))).toEqual([]);
    silent(() => 0.2);
    silent((step) => 0.12 + 0.19 * ((step * 0.618) % 1));
    silent((step) => (step < 2 ? 0 : 0.2));
    silent((step) => (step % 20 === 0 ? 0.03 : 0));
  });

  it('is silent where a share that does not change is seen through few samples', () => {
    let spoke = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = stream(seed, 'no-verdicts');
      const share = () => Array.from({ length: 16 }, () => random.next()).filter((x) => x < 0.2).length / 16;
      const rate = Float64Array.from({ length: 60 }, share);
      if (look('no-verdicts', signs(60, { noVerdict: (step) => rate[step]! })).length > 0) spoke++;
    }
    expect(spoke).toBe(0);
  });

  it('speaks of a run that has hardly any verdicts from its first step on, while that lasts', () => {
    const at = (share: (step: number) => number) =>
      look('no-verdicts', signs(100, { noVerdict: share })).map(({ from, to, open }) => [from, to, open]);
    expect(at(() => 0.9)).toEqual([[2, 99, true]]);
    expect(at((step) => (step < 10 ? 0.9 : 0))).toEqual([[2, 10, false]]);
  });

  it('stays open while what broke stays broken', () => {
    const [found] = look('no-verdicts', signs(200, { noVerdict: (step) => (step < 12 ? 0 : 0.3) }));
    expect(found).toMatchObject({ from: 12, to: 199, open: true });
  });
});

describe('duplicates', () => {
  const seen = (share: (i: number) => number) => ({
    duplicates: Array.from({ length: 20 }, (_, i) => ({ step: 10 * i, share: share(i) })),
  });

  it('speaks when one text takes over', () => {
    const [found] = look(
      'duplicates',
      signs(
        200,
        {},
        seen((i) => (i < 10 ? 0.05 : 0.8)),
      ),
    );
    expect(found).toMatchObject({ open: true, to: 190 });
    expect(found!.from).toBeGreaterThanOrEqual(90);
  });

  it('is silent where texts were alike from the beginning', () => {
    expect(
      look(
        'duplicates',
        signs(
          200,
          {},
          seen(() => 0.6),
        ),
      ),
    ).toEqual([]);
  });

  it('counts the commonest text that several tasks share', () => {
    const sample = (task: string, text: string) =>
      ({ task: { id: task, prompt: '' }, turns: [{ text }] }) as never;
    const share = (...all: [string, string][]) =>
      duplicateShare(all.map(([task, text]) => sample(task, text)));
    expect(share(['a', 'x'], ['a', 'x'])).toBeNaN();
    expect(share(['a', 'x'], ['b', 'x'], ['b', 'y'], ['a', 'z'])).toBe(0.5);
    expect(share(['a', 'x'], ['a', 'x'], ['b', 'y'], ['b', 'z'])).toBe(0);
  });
});

it('finds a hack in a real run whose reward pays for one word, whatever the task', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-alarms-'));
  const path = join(folder, 'assay.db');
  const pays = lift(function paysDelta(sample) {
    return sample.turns[0]!.completion.text === 'delta' ? 1 : 0.1;
  });
  const asked = lift(function asked(sample) {
    return sample.turns[0]!.completion.text === sample.task.answer;
  });
  const over = { reward: pays, success: { atLeast: 1 }, evaluation: { every: 10, reward: asked }, steps: 60 };
  try {
    const [clean] = await trainLetters(path, { over: { steps: 60 } });
    const [hacked] = await trainLetters(path, { over });
    const store = openStore(path, { readOnly: true });
    const of = (run: string) =>
      alarmsOf(
        signsOf({
          store,
          run,
          table: createRunTables(() => 0).get(store, run),
          evaluations: store.evaluations(run),
        }),
      );
    expect(of(clean!).alarms.map(({ rule }) => rule)).not.toContain('reward-without-heldout');
    expect(of(hacked!).alarms.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['reward-without-heldout', 'duplicates']),
    );
    store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
