import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verdict } from '../core/verdict.ts';
import { crc32c } from './crc32c.ts';
import { sampleLines, stepLines } from './export.ts';
import { exampleGroups } from './fixtures/groups.ts';
import { openStore, type Store } from './store.ts';
import { writeTensorboard } from './tensorboard.ts';

let folder: string;
let store: Store;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-export-'));
  store = openStore(join(folder, 'assay.db'));
  run = store.createRun({ id: 'one', recipe: 'a', config: {}, seed: 1, steps: 2 });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('JSON lines', () => {
  it('of steps', () => {
    const metrics = { reward: 0.5, gap: Number.NaN, ratio: Number.POSITIVE_INFINITY };
    store.writeStep({ run, step: 0, stage: 'rl', metrics, clock: { seconds: 2 } });
    store.writeStep({ run, step: 1, stage: 'rl', metrics: { reward: 1 } });
    const lines = [...stepLines(store, run)].map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      {
        run,
        step: 0,
        stage: 'rl',
        metrics: { reward: 0.5, gap: null, ratio: 'Infinity' },
        clock: { seconds: 2 },
      },
      { run, step: 1, metrics: { reward: 1 }, clock: {} },
    ]);
  });

  it('of samples, with offsets in code points', () => {
    const groups = exampleGroups(4);
    const first = groups[0]!.samples[0]!;
    const turn = first.turns[0]!;
    const completion = { ...turn.completion, text: '😀 = 4' };
    groups[0]!.samples[0] = {
      ...first,
      turns: [{ ...turn, completion }],
      verdict: verdict(1, 'right', { spans: [{ start: 3, end: 4, value: 1, part: 'step', at: 'end' }] }),
    };
    const advantages = { policy: { of: 'sample' as const, values: Float64Array.of(1, 2, 3, 4) } };
    store.writeStep({ run, step: 4, stage: 'rl', metrics: {}, groups, advantages });
    store.writeStep({ run, step: 5, stage: 'rl', metrics: {} });
    store.evaluation({ run, step: 5, name: 'heldout', metrics: {}, groups: exampleGroups(5) });
    const lines = [...sampleLines(store, run)].map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toEqual({
      run,
      step: 4,
      split: 'train',
      group: 0,
      id: '4/0/0',
      task: 'task-4-0',
      prompt: '4 + 0 =',
      answer: '4',
      completion: '😀 = 4',
      finish: 'stop',
      length: 3,
      logprob: expect.closeTo(-0.6, 12),
      advantages: { policy: 1 },
      reward: 1,
      reason: 'right',
      spans: [{ start: 2, end: 3, value: 1, part: 'step', at: 'end' }],
    });
    expect(lines[2]).toMatchObject({ reward: null, cause: 'crash' });
    expect([...sampleLines(store, run, { split: 'heldout' })]).toHaveLength(4);
    expect([...sampleLines(store, run, { from: 5 })]).toHaveLength(0);
    expect(store.splits(run)).toEqual(['heldout', 'train']);
    expect(store.sampleSteps(run)).toEqual([4]);
  });
});

describe('crc32c', () => {
  it('has the check value of its definition', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4: 32 bytes of zeros
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

describe('TensorBoard', () => {
  it('reads the events', async () => {
    for (const step of [0, 1, 300]) {
      const metrics = { reward: step / 4, 'part/naïve': 1, gap: Number.NaN };
      store.writeStep({ run, step, stage: 'rl', metrics, clock: { seconds: 0.5 } });
    }
    store.evaluation({ run, step: 1, name: 'heldout', metrics: { solved: 0.25 } });
    const db = new DatabaseSync(join(folder, 'assay.db'));
    db.exec(
      'UPDATE run SET created = 1700000000000; UPDATE step SET time = 1700000000000 + step; UPDATE evaluation SET time = 1700000009000',
    );
    db.close();
    const path = await writeTensorboard(store, run, join(folder, 'events'));
    expect(path.endsWith('events.out.tfevents.1700000000.assay')).toBe(true);
    // TensorBoard 2.21.0 (PyPI) reads the fixture as these steps: bench/parity/tensorboard_events.py
    const fixture = join(import.meta.dirname, 'fixtures', 'tensorboard', basename(path));
    expect(readFileSync(path).equals(readFileSync(fixture))).toBe(true);
  });
});
