import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exampleGroups } from '../../store/fixtures/groups.ts';
import { openStore, type Store } from '../../store/index.ts';
import { createRunTables } from '../run-table.ts';
import { createChunkFiller } from './chunks.ts';
import { createIndexReader, indexPath, openIndex } from './file.ts';
import { createFill } from './fill.ts';
import { createFiller } from './fill-text.ts';
import { createTextIndex } from './text-index.ts';
import { ftsQuery, marksIn, parseTextQuery, type Term } from './words.ts';

let folder: string;
let store: Store;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-index-'));
  path = join(folder, 'assay.db');
  store = openStore(path);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const slice = { samples: 1e6, milliseconds: 1e6 };
const thread = { focus: () => {}, error: () => undefined, close: async () => {} };

function terms(query: string): readonly Term[] {
  const read = parseTextQuery(query);
  if ('error' in read) throw new Error(read.error);
  return read.terms;
}

function write(run: string, from: number, to: number): void {
  for (let step = from; step < to; step++)
    store.writeStep({
      run,
      step,
      stage: step < 600 ? 'a' : 'b',
      metrics: { reward: step, odd: step % 2 ? step : Number.NaN },
      clock: { seconds: 1 },
      groups: exampleGroups(step),
    });
}

const newRun = (seed = 1) => store.createRun({ recipe: 'example', config: {}, seed, steps: 10 });

describe('words', () => {
  it.each([
    ['one two', '("one" AND "two")'],
    ['"one two" three*', '("one two" AND "three" *)'],
    ['one -two', '("one") NOT ("two")'],
    ['prompt:one -completion:"two', '(prompt : "one") NOT (completion : "two")'],
    ['12+4', '("12 4")'],
    ['OR NOT" AND', '("OR" AND "NOT" AND "AND")'],
    ['数学 -答', '("数 学") NOT ("答")'],
    ['cafe\u0301', '("caf\u00e9")'],
    ['हिन्दी', '("हिन्दी")'],
    ['か\u3099か\u309a', '("が か\u309a")'],
    ['I❤\ufe0fyou', '("I you")'],
  ])('%s is looked up as %s', (query, wanted) => {
    expect(ftsQuery(terms(query))).toBe(wanted);
  });

  it.each(['', '+', '-', '"', '-one', 'a*', '*', ':', `${'a '.repeat(40)}`])(
    '%j is refused in one line',
    (query) => {
      expect(parseTextQuery(query)).toHaveProperty('error');
    },
  );

  it('marks what matched', () => {
    expect(marksIn('Alpha 12+4, alphabet', terms('alpha'), 'completion')).toEqual([[0, 5]]);
    expect(marksIn('Alpha 12+4, alphabet', terms('al* "12 4"'), 'completion')).toEqual([
      [0, 5],
      [6, 10],
      [12, 20],
    ]);
    expect(marksIn('学数学', terms('数学'), 'prompt')).toEqual([[1, 3]]);
    expect(marksIn('alpha', terms('prompt:alpha'), 'completion')).toEqual([]);
    expect(marksIn('un cafe\u0301, deux caf\u00e9s', terms('café*'), 'prompt')).toEqual([
      [3, 8],
      [15, 20],
    ]);
    expect(marksIn('葛\u{e0100}飾', terms('葛飾'), 'prompt')).toEqual([[0, 4]]);
    expect(marksIn('x '.repeat(200_000), terms('x'), 'prompt', 3)).toHaveLength(3);
  });
});

describe('the text index', () => {
  const open = () => {
    const db = openIndex(indexPath(path));
    const reader = createIndexReader(indexPath(path));
    const index = createTextIndex(reader, thread);
    const found = (run: string, query: string, range = {}) =>
      [...index.matches(store.run(run), 'train', terms(query), { order: 'asc', ...range })]
        .filter(({ position }) => position !== undefined)
        .map(({ step, position }) => `${step}/${position}`);
    const close = () => {
      reader.close();
      db.close();
    };
    return { db, index, found, close };
  };

  it('finds samples of a run by their prompts and completions, in both orders and from a row on', () => {
    const run = newRun();
    write(run, 0, 20);
    const other = newRun(2);
    write(other, 5, 6);
    const { db, index, found, close } = open();
    expect(found(run, 'anything')).toEqual([]);
    expect(index.state(store.run(run), 80)).toEqual({ done: 0, total: 80, state: 'working' });
    const filler = createFiller(db, store);
    expect(filler.fill(slice)).toBe(84);
    expect(filler.fill(slice)).toBe(0);
    expect(index.state(store.run(run), 80).state).toBe('ready');
    expect(found(run, 'prompt:"5 0"')).toEqual(['5/0', '5/1']);
    expect(found(run, 'completion:1511')).toEqual(['15/3']);
    const all = [...index.matches(store.run(run), 'train', terms('prompt:0'), { order: 'asc' })];
    const rest = [
      ...index.matches(store.run(run), 'train', terms('prompt:0'), { order: 'asc', after: all[2]!.row }),
    ];
    expect(rest).toEqual(all.slice(3));
    expect(found(run, 'prompt:0', { from: 19 })).toEqual(['19/0', '19/1']);
    expect(found(run, 'prompt:0', { to: 0, order: 'desc' })).toEqual(['0/3', '0/2', '0/1', '0/0']);
    expect(found(other, 'prompt:0')).toEqual(['5/0', '5/1']);
    close();
  });

  it('finds what is written with combining marks, in either spelling', () => {
    const run = newRun();
    const texts = [
      'deux cafe\u0301s noirs',
      'deux caf\u00e9s noirs',
      'हिन्दी',
      'か\u3099く 5\ufe0f\u20e3',
      'I ❤\ufe0f you',
    ];
    const hostile = `a${'\u0301\u0316'.repeat(60_000)} end`; // in the order that takes NFC longest
    const [group] = exampleGroups(0);
    const [sample] = group!.samples;
    const groups = [...texts, hostile].map((prompt, i) => {
      const task = { ...group!.task, id: `t${i}`, prompt };
      return { ...group!, task, samples: [{ ...sample!, task }] };
    });
    store.writeStep({ run, step: 0, stage: 'a', metrics: {}, groups });
    const { db, found, close } = open();
    createFiller(db, store).fill(slice);
    for (const query of ['cafés', 'cafe\u0301s', 'caf*', 'café*', '"deux cafe\u0301s"'])
      expect([query, found(run, query)]).toEqual([query, ['0/0', '0/1']]);
    expect(found(run, 'cafe')).toEqual([]);
    expect(found(run, 'हिन्दी')).toEqual(['0/2']);
    expect(found(run, 'が')).toEqual(['0/3']);
    expect(found(run, '5')).toEqual(['0/3']);
    expect(found(run, '"I ❤ you"')).toEqual(['0/4']);
    expect(marksIn(hostile, terms('end'), 'prompt')).toEqual([]); // beyond what is indexed
    close();
  });

  it('goes on in slices, and forgets what a resume dropped', () => {
    const run = newRun();
    write(run, 0, 10);
    const { db, index, found, close } = open();
    const filler = createFiller(db, store);
    expect(filler.fill({ samples: 8, milliseconds: 1e6 })).toBe(8);
    expect(index.state(store.run(run), 40)).toMatchObject({ done: 8, state: 'working' });
    filler.fill(slice);
    store.resumeRun(run, 4);
    write(run, 5, 7);
    filler.fill(slice);
    expect(index.state(store.run(run), 28)).toMatchObject({ done: 28, state: 'ready' });
    expect(found(run, 'prompt:"6 0"')).toEqual(['6/0', '6/1']);
    expect(found(run, 'prompt:"9 0"')).toEqual([]);
    close();
  });

  it('is made anew without a run that was deleted: none of its words stays in a file', () => {
    const run = newRun();
    write(run, 0, 8);
    const secret = 'qxsecretword';
    const [group] = exampleGroups(8);
    const task = { ...group!.task, prompt: `say ${secret}` };
    const groups = [{ ...group!, task, samples: group!.samples.map((sample) => ({ ...sample, task })) }];
    const other = newRun(2);
    store.writeStep({ run: other, step: 0, stage: 'a', metrics: {}, groups });
    const written = () =>
      readdirSync(folder).some(
        (name) => name.includes('.index') && readFileSync(join(folder, name)).includes(secret),
      );
    const fill = createFill({ store: path, index: indexPath(path) });
    const whole = () => {
      while (fill.round(slice) > 0);
    };
    whole();
    const { index, found, close } = open();
    expect(found(other, secret)).toHaveLength(2);
    expect(written()).toBe(true);
    const before = index.progress(store.run(run), 'train');
    const record = store.run(other);
    store.deleteRun(other);
    index.forget(record);
    expect(existsSync(indexPath(path))).toBe(false);
    expect(found(run, 'prompt:"7 0"')).toEqual([]);
    expect(index.state(store.run(run), 32)).toMatchObject({ done: 0, state: 'working' });
    whole();
    expect(written()).toBe(false);
    expect(found(run, 'prompt:"7 0"')).toEqual(['7/0', '7/1']);
    expect(index.progress(store.run(run), 'train')!.rows).not.toBe(before!.rows);
    // A run that is not in it costs nothing.
    index.forget(record);
    expect(existsSync(indexPath(path))).toBe(true);
    // Nobody said so: it is noticed.
    store.deleteRun(run);
    const again = newRun(); // may take the deleted run's place in the store
    write(again, 0, 1);
    whole();
    expect(found(again, 'prompt:0')).toEqual(['0/0', '0/1', '0/2', '0/3']);
    expect(found(again, 'prompt:"6 0"')).toEqual([]);
    fill.close();
    close();
  });

  it('follows when the store or the index is replaced', () => {
    write(newRun(), 0, 3);
    const fill = createFill({ store: path, index: indexPath(path) });
    const whole = () => {
      while (fill.round(slice) > 0);
    };
    whole();
    const { found, close } = open();
    rmSync(indexPath(path));
    rmSync(`${indexPath(path)}-wal`);
    rmSync(`${indexPath(path)}-shm`);
    whole();
    expect(found(store.runs()[0]!.id, 'prompt:"2 0"')).toEqual(['2/0', '2/1']);
    store.close();
    rmSync(folder, { recursive: true });
    whole();
    store = openStore(path);
    const later = newRun(3);
    write(later, 4, 6);
    whole();
    expect(found(later, 'prompt:"4 0"')).toEqual(['4/0', '4/1']);
    expect(found(later, 'prompt:"2 0"')).toEqual([]);
    fill.close();
    close();
  });

  it('is made anew where it is damaged, and leaves the files of others alone', () => {
    writeFileSync(indexPath(path), 'no index at all '.repeat(200));
    openIndex(indexPath(path)).close();
    expect(existsSync(indexPath(path))).toBe(true);
    const older = openIndex(indexPath(path));
    older.exec('PRAGMA user_version = 1; CREATE TABLE old (n INTEGER)');
    older.close();
    const newer = openIndex(indexPath(path));
    expect(newer.prepare("SELECT name FROM sqlite_schema WHERE name = 'old'").all()).toEqual([]);
    newer.close();
    const other = openStore(join(folder, 'other.db'));
    other.close();
    expect(() => openIndex(join(folder, 'other.db'))).toThrow(/another file/);
    for (const taken of ['other.db', 'folder', 'nothing']) {
      if (taken === 'folder') mkdirSync(join(folder, taken));
      const there = existsSync(join(folder, taken));
      const reader = createIndexReader(join(folder, taken));
      reader.forget({ id: 'one', created: 1 });
      reader.close();
      expect([taken, existsSync(join(folder, taken))]).toEqual([taken, there]);
    }
  });
});

describe('columns of metrics', () => {
  const numbers = (tables: ReturnType<typeof createRunTables>, run: string) => {
    const table = tables.get(store, run);
    return {
      steps: [...table.steps],
      times: [...table.times],
      stages: table.stages.map((one) => ({ ...one })),
      reward: [...table.column('reward')!],
      odd: [...table.column('odd')!],
      seconds: [...table.column('seconds')!],
      last: table.last('odd'),
    };
  };

  it('are the same from the index as from the steps, also while the run grows and after a resume', () => {
    const run = newRun();
    write(run, 0, 1100);
    const db = openIndex(indexPath(path));
    const filler = createChunkFiller(db, store);
    expect(filler.fill(1e6)).toBe(1024);
    expect(filler.fill(1e6)).toBe(0);
    const reader = createIndexReader(indexPath(path));
    const fromIndex = () =>
      numbers(
        createRunTables(() => 0, { index: reader }),
        run,
      );
    const fromSteps = () =>
      numbers(
        createRunTables(() => 0),
        run,
      );
    expect(fromIndex()).toEqual(fromSteps());
    const growing = createRunTables(() => 0, { index: reader });
    growing.get(store, run);
    write(run, 1100, 1105);
    expect(numbers(growing, run)).toEqual(fromSteps());
    expect(fromSteps().stages).toEqual([
      { name: 'a', from: 0, to: 599 },
      { name: 'b', from: 600, to: 1104 },
    ]);
    store.resumeRun(run, 700);
    expect(numbers(growing, run)).toEqual(fromSteps());
    expect(fromIndex()).toEqual(fromSteps());
    write(run, 701, 1030);
    filler.fill(1e6);
    expect(fromIndex()).toEqual(fromSteps());
    expect(fromSteps().steps).toHaveLength(1030);
    reader.close();
    db.close();
  });
});

it('misses nothing that was written in the millisecond of what it read', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
  const db = openIndex(indexPath(path));
  try {
    const [texts, chunks] = [createFiller(db, store), createChunkFiller(db, store)];
    const run = newRun();
    const samples = exampleGroups(0).reduce((sum, group) => sum + group.samples.length, 0);
    for (let step = 0; step < 3; step++) {
      write(run, step, step + 1);
      expect(texts.fill(slice)).toBe(samples);
    }
    write(run, 3, 600);
    expect(chunks.fill(1e6)).toBe(512);
    write(run, 600, 1100);
    expect(chunks.fill(1e6)).toBe(512);
    // Once the last write is past, nothing is looked for until the next.
    expect(texts.fill(slice)).toBe(1097 * samples);
    vi.setSystemTime(1_700_000_010_000);
    expect(texts.fill(slice)).toBe(0);
    write(run, 1100, 1101);
    expect(texts.fill(slice)).toBe(samples);
  } finally {
    db.close();
    vi.useRealTimers();
  }
});
