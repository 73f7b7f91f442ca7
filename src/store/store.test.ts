import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Group } from '../core/sample.ts';
import { noVerdict, verdict } from '../core/verdict.ts';
import { migrate } from './database.ts';
import { StoreError } from './errors.ts';
import { exampleGroups } from './fixtures/groups.ts';
import { migrations } from './schema.ts';
import { openStore, type Store } from './store.ts';

let folder: string;
let path: string;
const open: Store[] = [];

function opened(...args: Parameters<typeof openStore>): Store {
  const store = openStore(...args);
  open.push(store);
  return store;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
  path = join(folder, 'runs', 'assay.db');
});
afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(folder, { recursive: true, force: true });
});

function newRun(store: Store, seed = 7): string {
  return store.createRun({ recipe: 'countdown', config: { steps: 3, low: 0.2 }, seed, steps: 3 });
}

function faultOf(body: () => unknown): StoreError {
  try {
    body();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(StoreError);
    expect((thrown as Error).message).not.toContain('\n');
    return thrown as StoreError;
  }
  throw new Error('nothing was thrown');
}

describe('runs', () => {
  it('gives back what was stored', () => {
    const store = opened(path);
    const id = store.createRun({
      recipe: 'grpo',
      config: { options: { low: 0.2 } },
      seed: 101,
      steps: 40,
      paper: 'dapo',
      arm: 'method',
      tags: ['first'],
    });
    expect(id).toMatch(/^grpo-101-[0-9a-f]{5}$/);
    store.setTags(id, ['kept', 'shown']);
    store.finishRun(id, 'finished', { after: 0.7 });
    expect(store.run(id)).toMatchObject({
      id,
      recipe: 'grpo',
      paper: 'dapo',
      arm: 'method',
      seed: 101,
      steps: 40,
      last: -1,
      status: 'finished',
      summary: { after: 0.7 },
      tags: ['kept', 'shown'],
      config: { options: { low: 0.2 } },
    });
  });

  it('finds runs by the beginning of their id, and the last one', () => {
    const store = opened(path);
    const first = store.createRun({ id: 'abc-1', recipe: 'a', config: {}, seed: 1, steps: 1 });
    store.createRun({ id: 'abd-2', recipe: 'a', config: {}, seed: 2, steps: 1 });
    expect(store.run('abc').id).toBe(first);
    expect(store.run('last').id).toBe('abd-2');
    expect(faultOf(() => store.run('ab')).message).toContain('several runs begin with');
    expect(faultOf(() => store.run('zz')).fault).toBe('unknown');
    expect(faultOf(() => store.run('')).fault).toBe('unknown');
    expect(store.runs().map((run) => run.id)).toEqual(['abd-2', 'abc-1']);
  });

  it('refuses a run of an id that is taken', () => {
    const store = opened(path);
    store.createRun({ id: 'one', recipe: 'a', config: {}, seed: 1, steps: 1 });
    const again = () => store.createRun({ id: 'one', recipe: 'a', config: {}, seed: 1, steps: 1 });
    expect(faultOf(again).fault).toBe('conflict');
  });

  it('deletes a run and all of its rows', () => {
    const store = opened(path);
    const id = newRun(store);
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: { reward: 1 }, groups: exampleGroups(0) });
    store.event({ run: id, step: 0, kind: 'note' });
    store.evaluation({ run: id, step: 0, name: 'heldout', metrics: { solved: 0.5 } });
    store.deleteRun(id);
    expect(store.runs()).toEqual([]);
    const db = new DatabaseSync(path);
    for (const table of ['step', 'block', 'event', 'evaluation'])
      expect(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
    db.close();
    const write = () => store.writeStep({ run: id, step: 1, stage: 'rl', metrics: {} });
    expect(faultOf(write).fault).toBe('unknown');
  });

  it('notices that another connection deleted the run that it writes', () => {
    const store = opened(path);
    const id = newRun(store);
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: {} });
    opened(path).deleteRun(id);
    const write = () => store.writeStep({ run: id, step: 1, stage: 'rl', metrics: {} });
    expect(faultOf(write).fault).toBe('unknown');
    expect(store.runs()).toEqual([]);
  });

  it.each<[string, (store: Store, run: string) => unknown]>([
    ['a step', (store, run) => store.writeStep({ run, step: 7, stage: 'rl', metrics: { lost: 1 } })],
    ['an evaluation', (store, run) => store.evaluation({ run, step: 0, name: 'heldout', metrics: {} })],
    ['an event', (store, run) => store.event({ run, step: 0, kind: 'note' })],
    ['a durable event', (store, run) => store.event({ run, step: 0, kind: 'note' }, { durable: true })],
    ['a sync', (store, run) => store.sync(run)],
    ['its end', (store, run) => store.finishRun(run, 'failed')],
    ['a cut', (store, run) => store.truncateAfter(run, -1)],
    ['a resumption', (store, run) => store.resumeRun(run, -1)],
    ['tags', (store, run) => store.setTags(run, ['lost'])],
    ['a deletion', (store, run) => store.deleteRun(run)],
  ])('never takes a run that was started since for the deleted one that it writes: %s', (_, write) => {
    const store = opened(path);
    const old = newRun(store);
    store.writeStep({ run: old, step: 0, stage: 'rl', metrics: { reward: 1 } });
    const other = opened(path);
    other.deleteRun(old);
    const run = newRun(other, 8);
    other.writeStep({ run, step: 0, stage: 'rl', metrics: { reward: 2 } });
    const all = () => [other.runs(), [...other.steps(run)], other.events(run), other.evaluations(run)];
    const before = all();
    const { fault, message } = faultOf(() => write(store, old));
    expect([fault, message]).toEqual(['unknown', `${path}: there is no run '${old}' any more`]);
    expect(faultOf(() => write(store, old)).message).toBe(`${path}: there is no run '${old}'`);
    expect(all()).toEqual(before);
    store.writeStep({ run, step: 1, stage: 'rl', metrics: { late: 3 } });
    expect(other.metricNames(run).metrics).toEqual(['reward', 'late']);
  });

  it('names the metrics of a run that has the place of a deleted one', () => {
    const store = opened(path);
    for (const seed of [1, 2]) {
      const run = newRun(store, seed);
      store.writeStep({ run, step: 0, stage: 'rl', metrics: { reward: 1 } });
      expect(store.metricNames(run).metrics).toEqual(['reward']);
      store.deleteRun(run);
    }
  });
});

describe('steps', () => {
  it('keeps every metric exactly, clocks apart', () => {
    const store = opened(path);
    const id = newRun(store);
    const metrics = {
      reward: 0.1 + 0.2,
      'kl/k3': 1e-300,
      entropy: Number.NaN,
      ratio: Infinity,
      least: -Infinity,
    };
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics, clock: { seconds: 0.25 } });
    const [step] = [...store.steps(id)];
    expect(step).toMatchObject({ step: 0, stage: 'rl', metrics, clock: { seconds: 0.25 } });
    expect(store.metricNames(id)).toEqual({ metrics: Object.keys(metrics), clock: ['seconds'] });
    expect(store.run(id).last).toBe(0);
  });

  it('gives series of metrics and clocks, with gaps where a step had none', () => {
    const store = opened(path);
    const id = newRun(store);
    for (let step = 0; step < 10; step++)
      store.writeStep({
        run: id,
        step,
        stage: 'rl',
        metrics: step % 2 === 0 ? { reward: step / 10, even: 1 } : { reward: step / 10 },
        clock: { seconds: step },
      });
    const { reward, even, seconds, none } = store.series(id, ['reward', 'even', 'seconds', 'none']);
    expect([...reward!.values]).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect([...even!.steps]).toEqual([0, 2, 4, 6, 8]);
    expect(seconds!.values[9]).toBe(9);
    expect(none!.steps).toHaveLength(0);
    expect([...store.series(id, ['reward'], { from: 3, to: 4 }).reward!.steps]).toEqual([3, 4]);
  });

  it('keeps peaks when it thins a series out', () => {
    const store = opened(path);
    const id = newRun(store);
    for (let step = 0; step < 400; step++)
      store.writeStep({
        run: id,
        step,
        stage: 'rl',
        metrics: { x: step === 217 ? 50 : step === 301 ? -9 : 1 },
      });
    const { x } = store.series(id, ['x'], { points: 20 });
    expect(x!.steps.length).toBeLessThanOrEqual(20);
    expect(x!.values[x!.steps.indexOf(217)]).toBe(50);
    expect(x!.values[x!.steps.indexOf(301)]).toBe(-9);
    expect([...x!.steps]).toEqual([...x!.steps].sort((a, b) => a - b));
  });

  it('stores a step once and leaves nothing of a refused one', () => {
    const store = opened(path);
    const id = newRun(store);
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: { a: 1 } });
    const again = () => store.writeStep({ run: id, step: 0, stage: 'rl', metrics: { b: 1 } });
    expect(faultOf(again).message).toContain('has step 0 already');
    expect(store.metricNames(id).metrics).toEqual(['a']);
    store.writeStep({ run: id, step: 1, stage: 'rl', metrics: { b: 1 } });
    expect(store.metricNames(id).metrics).toEqual(['a', 'b']);
  });
});

describe('samples', () => {
  it('gives back samples, verdicts and advantages of a step', () => {
    const store = opened(path);
    const id = newRun(store);
    const groups = exampleGroups(3);
    const values = Float64Array.from({ length: 4 }, (_, i) => i / 3 - 0.5);
    store.writeStep({
      run: id,
      step: 3,
      stage: 'rl',
      metrics: {},
      groups,
      advantages: { policy: { of: 'sample', values } },
    });
    const samples = store.samples(id, 3);
    const original = groups.flatMap((group) => group.samples);
    expect(samples.map((sample) => sample.verdict)).toEqual(original.map((sample) => sample.verdict));
    expect(samples.map((sample) => sample.turns[0]!.text)).toEqual(
      original.map((sample) => sample.turns[0]!.completion.text),
    );
    expect(samples.map(({ group, position, advantages }) => [group, position, advantages.policy])).toEqual([
      [0, 0, values[0]],
      [0, 1, values[1]],
      [1, 2, values[2]],
      [1, 3, values[3]],
    ]);
    expect(samples[2]).toMatchObject({
      task: groups[1]!.task,
      length: 3,
      id: original[2]!.id,
      split: 'train',
    });
    expect(samples[2]!.turns[0]).not.toHaveProperty('context');
    expect(samples[0]!.logprob).toBeCloseTo(-0.6, 12);
    expect(store.sample(id, 3, 2)).toEqual(samples[2]);
    expect(store.sample(id, 3, 4)).toBeUndefined();
    expect(store.samples(id, 4)).toEqual([]);
  });

  it('reads single samples of a step of many blocks', () => {
    const store = opened(path);
    const id = newRun(store);
    const task = { id: 't', prompt: 'p' };
    const long = (i: number) => `${i}:${'x'.repeat(50_000)}`;
    const group: Group = {
      task,
      samples: Array.from({ length: 11 }, (_, i) => ({
        id: `s${i}`,
        task,
        turns: [
          {
            context: 'p',
            completion: {
              text: long(i),
              tokens: new Int32Array(0),
              logprobs: new Float64Array(0),
              finish: 'length' as const,
            },
          },
        ],
        verdict: verdict(i),
      })),
    };
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: {}, groups: [group] });
    expect(store.samples(id, 0).map((sample) => sample.verdict!.value)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    for (let i = 0; i < 11; i++) expect(store.sample(id, 0, i)!.turns[0]!.text).toBe(long(i));
    expect([...store.columns(id, ['value'])].length).toBeGreaterThan(1);
    expect(statSync(path).size).toBeLessThan(300_000);
  });

  it('keeps any string as it was said', () => {
    const store = opened(path);
    const id = newRun(store);
    const texts = ['\ud800 alone', '\u0000\u001f', '<script>', '😀', '\u202eright to left', ''];
    const task = { id: 't', prompt: texts.join('') };
    const samples = texts.map((text, i) => ({
      id: `${i}`,
      task,
      turns: [
        {
          context: 'other',
          observation: text,
          completion: {
            text,
            tokens: new Int32Array(0),
            logprobs: new Float64Array(0),
            finish: 'stop' as const,
          },
        },
      ],
      verdict: { value: 0, parts: { ['__proto__']: verdict(1), [text]: verdict(2), 'a/b~': verdict(3) } },
    }));
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: {}, groups: [{ task, samples }] });
    const back = store.samples(id, 0);
    expect(back.map((sample) => sample.turns[0]!.text)).toEqual(texts);
    expect(back.map((sample) => sample.turns[0]!.observation)).toEqual(texts);
    expect(back[0]!.turns[0]!.context).toBe('other');
    expect(back[0]!.task.prompt).toBe(task.prompt);
    const [block] = [...store.columns(id, ['part:__proto__', 'part:a~1b~0', 'part:😀'])];
    expect([...block!.columns.get('part:a~1b~0')!]).toEqual([3, 3, 3, 3, 3, 3]);
    expect([...block!.columns.get('part:__proto__')!]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...block!.columns.get('part:😀')!]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      2,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it('scans values, causes and parts without texts', () => {
    const store = opened(path);
    const id = newRun(store);
    for (let step = 0; step < 5; step++)
      store.writeStep({ run: id, step, stage: 'rl', metrics: {}, groups: exampleGroups(step) });
    const seen: number[] = [];
    let crashes = 0;
    for (const { step, columns } of store.columns(id, ['value', 'part:format', 'cause'], {
      from: 1,
      to: 3,
    })) {
      expect(columns.get('part:format')![0]).toBe(1);
      seen.push(step);
      for (const cause of columns.get('cause')!) if (cause === 3) crashes++;
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(crashes).toBe(3);
  });

  it('keeps token advantages along the text', () => {
    const store = opened(path);
    const id = newRun(store);
    const groups = exampleGroups(0);
    const values = new Float64Array(12).fill(0.25);
    values[4] = -0.5;
    values[5] = -0.5;
    store.writeStep({
      run: id,
      step: 0,
      stage: 'rl',
      metrics: {},
      groups,
      advantages: { policy: { of: 'token', values } },
    });
    const [first, second] = store.samples(id, 0);
    expect(first!.advantages.policy).toBe(0.25);
    expect(second!.advantages.policy).toBeCloseTo(-0.25, 12);
    const credit = second!.credit!.policy![0]!;
    expect(credit.map(([offset]) => offset)).toEqual([0, 1]);
    expect(credit[0]![1]).toBeCloseTo(0.25, 4);
    expect(credit[1]![1]).toBe(-0.5);
  });

  it('stores every Nth step only when it is told so', () => {
    const store = opened(path, { samplesEvery: 3 });
    const id = newRun(store);
    for (let step = 0; step < 7; step++)
      store.writeStep({ run: id, step, stage: 'rl', metrics: { a: 1 }, groups: exampleGroups(step) });
    expect([0, 1, 2, 3, 4, 5, 6].filter((step) => store.samples(id, step).length > 0)).toEqual([0, 3, 6]);
    expect([...store.steps(id)]).toHaveLength(7);
  });
});

describe('reading for long', () => {
  it('says where samples lie and reads one block of them', () => {
    const store = opened(path);
    const run = newRun(store);
    for (const step of [0, 1, 2])
      store.writeStep({ run, step, stage: 's', metrics: {}, groups: exampleGroups(step) });
    expect(store.blocks(run, { from: 1, to: undefined })).toEqual([
      { step: 1, first: 0, n: 4 },
      { step: 2, first: 0, n: 4 },
    ]);
    expect(store.blockSamples(run, { step: 1, first: 0 })).toEqual(store.samples(run, 1));
    expect(store.blockSamples(run, { step: 9, first: 0 })).toEqual([]);
    const [block] = store.columns(run, undefined, { from: 2 });
    expect([...block!.columns.keys()]).toEqual(expect.arrayContaining(['value', 'part:correct']));
  });

  it("notices another connection's writes, and never takes another run for one that was deleted", () => {
    const writer = opened(path);
    const run = newRun(writer);
    writer.writeStep({ run, step: 0, stage: 's', metrics: { reward: 1 } });
    const reader = opened(path, { readOnly: true });
    expect(reader.changed()).toBe(true);
    expect(reader.changed()).toBe(false);
    expect([...reader.steps(run)]).toHaveLength(1);
    writer.deleteRun(run);
    const other = newRun(writer, 8);
    writer.writeStep({ run: other, step: 0, stage: 's', metrics: { reward: 2 } });
    expect(reader.changed()).toBe(true);
    expect(faultOf(() => [...reader.steps(run)]).fault).toBe('unknown');
    expect([...reader.steps(other)][0]!.metrics).toEqual({ reward: 2 });
  });

  it('sees what is new after a loop over steps was left early', () => {
    const writer = opened(path);
    const run = newRun(writer);
    for (let step = 0; step < 50; step++) writer.writeStep({ run, step, stage: 's', metrics: { reward: 1 } });
    const reader = opened(path, { readOnly: true });
    for (const { step } of reader.steps(run)) if (step === 3) break;
    writer.writeStep({ run, step: 50, stage: 's', metrics: { reward: 1 } });
    expect(reader.run(run).last).toBe(50);
  });

  it('knows turns whose credit counts tokens', () => {
    const store = opened(path);
    const run = newRun(store);
    const groups = exampleGroups(0, 1).map((group) => ({
      ...group,
      samples: group.samples.map((sample) => ({
        ...sample,
        turns: sample.turns.map((turn) => ({
          ...turn,
          completion: { ...turn.completion, offsets: undefined },
        })),
      })),
    }));
    store.writeStep({ run, step: 0, stage: 's', metrics: {}, groups });
    store.writeStep({ run, step: 1, stage: 's', metrics: {}, groups: exampleGroups(1, 1) });
    expect(store.samples(run, 0)[0]!.turns[0]!.noOffsets).toBe(true);
    expect(store.samples(run, 1)[0]!.turns[0]!.noOffsets).toBeUndefined();
  });
});

describe('events and evaluations', () => {
  it('keeps them in order', () => {
    const store = opened(path);
    const id = newRun(store);
    store.event({ run: id, step: 0, kind: 'checkpoint', body: { folder: 'step-000000' } }, { durable: true });
    store.event({ run: id, step: 1, kind: 'alarm', body: 'length runaway' });
    store.sync(id);
    expect(store.events(id).map(({ kind, body }) => [kind, body])).toEqual([
      ['checkpoint', { folder: 'step-000000' }],
      ['alarm', 'length runaway'],
    ]);
    expect(store.events(id, 'alarm')).toHaveLength(1);
  });

  it('keeps evaluations with their samples', () => {
    const store = opened(path);
    const id = newRun(store);
    const write = (solved: number) =>
      store.evaluation({ run: id, step: 2, name: 'heldout', metrics: { solved }, groups: exampleGroups(1) });
    write(0.25);
    write(0.5);
    store.evaluation({ run: id, step: 2, name: 'pass@8', metrics: { solved: 1 }, clock: { seconds: 2 } });
    expect(store.evaluations(id, 'heldout')).toMatchObject([{ step: 2, metrics: { solved: 0.5 } }]);
    expect(store.evaluations(id)).toHaveLength(2);
    expect(store.samples(id, 2, { split: 'heldout' })).toHaveLength(4);
    expect(store.samples(id, 2)).toHaveLength(0);
  });
});

describe('resume', () => {
  function write(store: Store, id: string, from: number, to: number) {
    for (let step = from; step < to; step++) {
      const metrics = { reward: Math.sin(step), ...(step > 4 ? { late: 1 } : {}) };
      const clock = { seconds: Math.random() };
      store.writeStep({ run: id, step, stage: 'rl', metrics, clock, groups: exampleGroups(step) });
      if (step % 3 === 0)
        store.evaluation({ run: id, step, name: 'heldout', metrics: { solved: step }, clock });
    }
  }

  it('drops what came after a step, and then equals the uninterrupted run', () => {
    const store = opened(path);
    const whole = newRun(store, 1);
    const broken = newRun(store, 2);
    write(store, whole, 0, 9);
    write(store, broken, 0, 7);
    store.finishRun(broken, 'stopped', { why: 'interrupted' });
    expect(store.fingerprint(broken)).not.toBe(store.fingerprint(whole));
    expect(store.resumeRun(broken, 3, { steps: 9 })).toBe(3);
    expect(store.run(broken)).toMatchObject({ last: 3, status: 'running', steps: 9, summary: undefined });
    expect(store.samples(broken, 4)).toEqual([]);
    expect(store.evaluations(broken).map(({ step }) => step)).toEqual([0, 3]);
    expect(store.events(broken, 'resume')).toHaveLength(1);
    write(store, broken, 4, 9);
    expect(store.fingerprint(broken)).toBe(store.fingerprint(whole));
    expect(store.truncateAfter(broken, -1)).toBe(9);
    expect(store.run(broken).last).toBe(-1);
  });

  it('has another fingerprint when one value differs in its last bit', () => {
    const store = opened(path);
    const [a, b] = [newRun(store, 1), newRun(store, 2)];
    store.writeStep({ run: a, step: 0, stage: 'rl', metrics: { x: 0.3 } });
    store.writeStep({ run: b, step: 0, stage: 'rl', metrics: { x: 0.1 + 0.2 } });
    expect(store.fingerprint(a)).not.toBe(store.fingerprint(b));
  });
});

describe('files', () => {
  it('are read while they are written', () => {
    const writer = opened(path);
    const id = newRun(writer);
    const reader = opened(path, { readOnly: true });
    writer.writeStep({ run: id, step: 0, stage: 'rl', metrics: { a: 1 }, groups: exampleGroups(0) });
    expect(reader.samples(id, 0)).toHaveLength(4);
    expect(faultOf(() => reader.setTags(id, ['x'])).fault).toBe('readonly');
    expect(faultOf(() => reader.setTags(id, ['x'])).message).toContain('the store is read-only');
  });

  it('that nobody may write can be read, and say so when they are written', () => {
    const store = opened(path);
    const id = newRun(store);
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: { a: 1 } });
    store.close();
    chmodSync(path, 0o444);
    chmodSync(join(folder, 'runs'), 0o555);
    chmodSync(folder, 0o755);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65_534); // for root nothing is read-only
    try {
      const reader = opened(path, { readOnly: true });
      expect([...reader.steps(id)]).toMatchObject([{ step: 0, metrics: { a: 1 } }]);
      expect(faultOf(() => openStore(path)).fault).toBe('readonly');
      expect(faultOf(() => openStore(join(folder, 'runs', 'other.db'))).fault).toBe('io');
      expect(faultOf(() => openStore(join(folder, 'new', 'other.db'))).message).toContain('(EACCES)');
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(join(folder, 'runs'), 0o755);
    }
  });

  it('in a read-only folder after a kill say why they cannot be read', () => {
    opened(path).createRun({ recipe: 'killed', config: {}, seed: 1, steps: 1 });
    const copies = join(folder, 'copies');
    mkdirSync(copies);
    const copy = join(copies, 'assay.db');
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
    chmodSync(copies, 0o555);
    chmodSync(folder, 0o755);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65_534); // for root nothing is read-only
    try {
      const { fault, message } = faultOf(() => openStore(copy, { readOnly: true }));
      expect([fault, message]).toEqual([
        'readonly',
        `${copy}: its folder is read-only and it has a write-ahead log (assay.db-wal); copy both to a writable folder`,
      ]);
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(copies, 0o755);
    }
  });

  it('have a path that is not empty and not a folder', () => {
    for (const readOnly of [false, true]) {
      expect(faultOf(() => openStore('', { readOnly })).message).toContain('path is empty');
      expect(faultOf(() => openStore(folder, { readOnly })).message).toBe(
        `${folder}: is a folder; the run store is a file, such as ${join(folder, 'assay.db')}`,
      );
    }
  });

  it('are refused in one line when they are not stores', () => {
    expect(faultOf(() => openStore(path, { readOnly: true })).fault).toBe('missing');
    const text = join(folder, 'notes.db');
    writeFileSync(text, 'not a database at all, but long enough to be read as one'.repeat(40));
    expect(faultOf(() => openStore(text)).fault).toBe('corrupt');
    expect(faultOf(() => openStore(text, { readOnly: true })).fault).toBe('corrupt');
    const other = join(folder, 'other.db');
    const db = new DatabaseSync(other);
    db.exec('CREATE TABLE bookmarks (url TEXT)');
    db.close();
    expect(faultOf(() => openStore(other)).message).toContain('another program');
    writeFileSync(join(folder, 'file'), '');
    expect(faultOf(() => openStore(join(folder, 'file', 'assay.db'))).fault).toBe('io');
    expect(faultOf(() => openStore(folder)).fault).toBe('io');
  });

  it('of a newer version are refused in one line', () => {
    opened(path);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    for (const readOnly of [true, false])
      expect(faultOf(() => openStore(path, { readOnly })).message).toContain(
        'written by a newer Assay (version 999',
      );
  });

  it('that are damaged inside give one line', () => {
    const store = opened(path);
    const id = newRun(store);
    for (let step = 0; step < 60; step++)
      store.writeStep({ run: id, step, stage: 'rl', metrics: { a: step }, groups: exampleGroups(step) });
    store.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x5a, 4096)); // the first page, which lists the tables, stays
    const { fault, message } = faultOf(() => [...openStore(path, { readOnly: true }).runs()]);
    expect(fault).toBe('corrupt');
    expect(message).not.toContain('safe');
  });

  it('are brought to a newer version in one transaction, or stay as they were', () => {
    const store = opened(path);
    const id = newRun(store);
    store.close();
    const db = new DatabaseSync(path);
    const version = () => (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
    const now = migrations.length;
    const known = migrations.map(() => () => {});
    const fails = (to: DatabaseSync) => {
      to.exec('ALTER TABLE run ADD COLUMN note TEXT');
      throw new Error('half way');
    };
    expect(() => migrate(db, path, [...known, fails])).toThrow('half way');
    expect(version()).toBe(now);
    expect(() => db.prepare('SELECT note FROM run')).toThrow();
    const adds = (to: DatabaseSync) => to.exec("ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT 'old'");
    migrate(db, path, [...known, adds]);
    expect(version()).toBe(now + 1);
    expect(db.prepare('SELECT id, note FROM run').all()).toEqual([{ id, note: 'old' }]);
    db.close();
  });

  it('that are full take no part of a step and lose none', () => {
    const store = opened(path, { maxBytes: 200_000 });
    const id = newRun(store);
    let step = 0;
    const write = () =>
      store.writeStep({ run: id, step, stage: 'rl', metrics: { a: step }, groups: exampleGroups(step, 40) });
    const fault = faultOf(() => {
      for (; step < 1000; step++) write();
    });
    expect(fault.fault).toBe('full');
    expect(fault.message).toContain('full');
    expect(fault.message).toContain(`step ${step}`);
    expect(step).toBeGreaterThan(2);
    expect(store.run(id).last).toBe(step - 1);
    store.close();
    const larger = opened(path);
    expect([...larger.steps(id)].map((one) => one.metrics.a)).toEqual(
      Array.from({ length: step }, (_, i) => i),
    );
    expect(larger.samples(id, step)).toEqual([]);
    expect(larger.samples(id, step - 1)).toHaveLength(80);
    larger.writeStep({ run: id, step, stage: 'rl', metrics: { a: step } });
  });

  it('keeps a code for every cause, and the sample of each', () => {
    const store = opened(path);
    const id = newRun(store);
    const [group] = exampleGroups(0);
    group!.samples[0]!.verdict = noVerdict('overload', 'too many');
    group!.samples[1]!.verdict = undefined;
    store.writeStep({ run: id, step: 0, stage: 'rl', metrics: {}, groups: [group!] });
    const [block] = [...store.columns(id, ['cause', 'value'])];
    expect([...block!.columns.get('cause')!]).toEqual([5, Number.NaN]);
    expect(store.samples(id, 0)[1]!.verdict).toBeUndefined();
  });
});
