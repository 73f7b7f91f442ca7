import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openJournal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const about = { run: 'r1', reward: 'math 1' };

async function begun(out: string) {
  const journal = await openJournal(out, about);
  await journal.begin();
  return journal;
}

test('what was not checkpointed is cut off, and the rest is gone on with', async () => {
  const out = at('a');
  const first = await begun(out);
  first.append('one\n');
  first.progress.rows = 1;
  await first.checkpoint();
  await first.close();
  appendFileSync(`${out}.queue.part`, 'tw'); // killed in the middle of a write
  const second = await begun(out);
  expect(second.progress).toMatchObject({ rows: 1, bytes: 4, id: first.progress.id });
  second.append('two\n');
  await second.commit();
  expect(readFileSync(out, 'utf8')).toBe('one\ntwo\n');
  expect([existsSync(`${out}.queue.part`), existsSync(`${out}.queue.json`)]).toEqual([false, false]);
});

test('lines are exchanged, also where a text has line separators of its own', async () => {
  const out = at('b');
  const first = await begun(out);
  first.append('zero\u2028\r still\none\ntwo\n');
  first.progress.dead.push({ row: 1, job: 'j' });
  await first.commit();
  expect(existsSync(`${out}.queue.json`)).toBe(true);
  const second = await begun(out);
  expect(second.finished).toBe(true);
  await second.rewrite((row) => (row === 1 ? 'ONE and more\n' : undefined));
  second.progress.dead = [];
  // Killed here, the exchange counts.
  await second.close();
  const third = await begun(out);
  third.append('three\n');
  third.progress.dead = [];
  await third.commit();
  expect(readFileSync(out, 'utf8')).toBe('zero\u2028\r still\nONE and more\ntwo\nthree\n');
});

test('an output that was not put in its place yet is found', async () => {
  const out = at('c');
  writeFileSync(out, 'of long ago, and longer\n');
  const first = await begun(out);
  first.append('new\n');
  first.progress.finished = true; // as commit does, before it renames
  await first.checkpoint();
  await first.close();
  const second = await begun(out);
  await second.commit();
  expect(readFileSync(out, 'utf8')).toBe('new\n');
});

test('another run is refused while this one is unfinished; a damaged journal and a folder always', async () => {
  const out = at('d');
  const first = await begun(out);
  await first.close();
  await expect(openJournal(out, { run: 'r2', reward: 'number 1' })).rejects.toThrow(
    "of another run, of 'math 1'",
  );
  writeFileSync(`${out}.queue.json`, '{');
  await expect(openJournal(out, about)).rejects.toThrow('is no journal');
  await expect(openJournal(folder, about)).rejects.toThrow('is a folder');
  await expect(openJournal(join(folder, 'nowhere', 'out'), about)).rejects.toThrow('cannot be written');
});
