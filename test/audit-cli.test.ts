import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Group, type Task, textSample, verdict } from '../src/core/index.ts';
import { openStore } from '../src/store/index.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

function audit(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
      'audit',
      ...args,
    ],
    { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 26 },
  );
  return { status, stdout, stderr };
}

const file = join(folder, 'rows.jsonl');
writeFileSync(
  file,
  [
    { id: 'a', completion: 'Paris', answer: 'Paris', ok: true, category: 'plain' },
    { id: 'b', completion: 'paris', answer: 'Paris', ok: true, category: 'case' },
    { id: 'c', completion: 'Rome', answer: 'Paris', ok: false, category: 'plain' },
    { id: 'd', completion: 'Paris', answer: 'Paris', ok: false, category: 'plain' },
    { id: 'e', completion: 'x', answer: null, ok: false, category: 'broken' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
);

describe('audit', () => {
  test('prints one JSON document with rates, intervals and categories', () => {
    const { status, stdout, stderr } = audit(
      file,
      '--reward',
      'exact',
      '--label',
      'ok',
      '--show',
      '2',
      '--json',
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      n: 5,
      accuracy: 0.4,
      falsePositiveRate: { value: 2 / 3, n: 3 },
      falseNegativeRate: { value: 0.5, n: 2 },
      noVerdict: { n: 1, causes: { reference: 1 } },
      byCategory: { case: { n: 1, accuracy: 0, falsePositiveRate: { value: null, n: 0 } } },
    });
    expect(report.disagreements.map((one: { kind: string; id: string }) => [one.kind, one.id])).toEqual([
      ['falsePositive', 'd'],
      ['falseNegative', 'b'],
    ]);
  });

  test('limits set the exit code; a limit on a side without cases is not kept', () => {
    const spec = ['--reward', 'exact', '--label', 'ok'];
    expect(
      audit(file, ...spec, '--max-fpr', '0.7', '--max-fnr', '0.5', '--max-no-verdict', '0.2').status,
    ).toBe(0);
    const over = audit(file, ...spec, '--max-fnr', '0.4');
    expect(over.status).toBe(1);
    expect(over.stdout).toMatch(/false-negative rate 50.00 % is not within the limit of 40.00 %/);
    expect(audit(file, ...spec, '--drop', 'ok=false', '--max-fpr', '1').status).toBe(1);
  });

  test('a wrong call is one line and exit code 2', () => {
    for (const args of [
      ['--reward', 'exact', '--label', 'ok'],
      [file, '--label', 'ok'],
      [file, '--reward', 'exact'],
      [file, '--reward', 'exact', '--label', 'category'],
      [file, '--compare', 'exact', '--label', 'ok'],
      [file, '--reward', 'exact', '--label', 'ok', '--completion', 'completion', '--completion', 'answer'],
      [file, '--reward', 'exact', '--label', 'ok', '--category', 'categroy'],
      ['--rescore', 'last', '--reward', 'exact'],
      ['--probe', '--reward', 'exact'],
    ]) {
      const { status, stderr, stdout } = audit(...args);
      expect([args.join(' '), status, stdout]).toEqual([args.join(' '), 2, '']);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  test('--second needs no labels, --compare is paired', () => {
    const second = audit(file, '--reward', 'exact', '--second', 'exact?ignoreCase=true', '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({
      n: 5,
      table: { onlySecond: 1 },
      agreement: { value: 0.75 },
    });
    const compare = audit(file, '--compare', 'exact', 'exact?ignoreCase=true', '--label', 'ok', '--json');
    expect(JSON.parse(compare.stdout)).toMatchObject({ n: 5, onlyA: 0, onlyB: 1 });
    expect(JSON.parse(compare.stdout).p).toBeCloseTo(1, 9);
  });

  test('--probe fails a weak reward and passes a strict one', () => {
    const tasks = join(folder, 'tasks.jsonl');
    const cities = 'Paris London Berlin Madrid Vienna Lisbon'.split(' ');
    writeFileSync(
      tasks,
      cities.map((answer) => JSON.stringify({ prompt: 'Which city?', answer })).join('\n'),
    );
    const weak = audit('--probe', '--reward', 'contains', '--tasks', tasks, '--json');
    expect(weak.status).toBe(1);
    expect(JSON.parse(weak.stdout).holes).toContain('many candidates');
    expect(audit('--probe', '--reward', 'math', '--tasks', tasks).status).toBe(0);
  });
});

test('--out is not the file that is audited', () => {
  const array = join(folder, 'array.json');
  const content = '[{"completion":"Paris","answer":"Paris","ok":true}]';
  writeFileSync(array, content);
  for (const out of [array, './array']) {
    const { status, stdout, stderr } = audit(
      'array.json',
      '--reward',
      'exact',
      '--label',
      'ok',
      '--out',
      out,
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^assay audit: .*array\.json: is the input itself; write to another file\n$/);
  }
  expect(readFileSync(array, 'utf8')).toBe(content);
});

test('--rescore says what another reward would have changed in a stored run', () => {
  const path = join(folder, 'store.db');
  const store = openStore(path);
  const run = store.createRun({ recipe: 'words', config: {}, seed: 1, steps: 1 });
  const task: Task = { id: 't', prompt: 'q', answer: 'Paris' };
  const samples = ['Paris', 'paris', 'Rome', 'Oslo'].map((text, i) => ({
    ...textSample(task, text, `t/${i}`),
    verdict: verdict(text === 'Paris' ? 1 : 0, 'as it was'),
  }));
  const group: Group = { task, samples };
  store.writeStep({ run, step: 0, stage: 'main', metrics: {}, groups: [group] });
  store.close();
  const args = ['--rescore', 'last', '--store', path];
  const same = audit(...args, '--reward', 'exact', '--json');
  expect(JSON.parse(same.stdout)).toMatchObject({ samples: 4, compared: 4, changed: 0 });
  const other = JSON.parse(audit(...args, '--reward', 'exact?ignoreCase=true', '--json').stdout);
  expect(other).toMatchObject({
    changed: 1,
    mean: { before: 0.25, after: 0.5 },
    advantages: { signChanged: 1 },
  });
  expect(other.differences).toMatchObject([{ sample: 't/1', before: 0, after: 1 }]);
  expect(audit('--rescore', 'nothing', '--store', path, '--reward', 'exact').status).toBe(2);
});

const data = join(root, '../shared/data');
const trivia = join(data, 'qa-eval-evouna/TQ.json');
if (!existsSync(trivia)) console.log('skipped: shared/data/qa-eval-evouna is not here');

describe.skipIf(!existsSync(trivia))('human verdicts on short answers', () => {
  const columns = ['fid', 'gpt35', 'chatgpt', 'gpt4', 'newbing'].flatMap((name) => [
    '--completion',
    `answer_${name}`,
    '--label',
    `judge_${name}`,
  ]);
  const options = [
    '--prompt',
    'question',
    '--answer',
    'golden_answer',
    '--drop',
    'improper=true',
    ...columns,
  ];

  test('qa rejects no more right answers than containment does, and accepts half as many wrong ones', () => {
    const { status, stdout } = audit(
      trivia,
      '--reward',
      'qa?split=/',
      ...options,
      '--max-fpr',
      '0.011',
      '--max-fnr',
      '0.096',
      '--json',
    );
    const { n, dropped, byColumn } = JSON.parse(stdout);
    expect({ status, n, dropped, columns: Object.keys(byColumn).length }).toEqual({
      status: 0,
      n: 9690,
      dropped: 62,
      columns: 5,
    });
  });
});

const pairs = join(data, 'math-equivalence/dev.jsonl');
if (!existsSync(pairs)) console.log('skipped: shared/data/math-equivalence is not here');

test.skipIf(!existsSync(pairs))('math passes the probes on the labelled pairs', () => {
  const args = ['--probe', '--reward', 'math', '--tasks', pairs, '--answer', 'gold', '--limit', '60'];
  expect(audit(...args).status).toBe(0);
});
