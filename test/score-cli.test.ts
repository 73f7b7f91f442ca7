import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'assay-score-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

function assay(args: readonly string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
      ...args,
    ],
    { encoding: 'utf8', input, cwd: folder },
  );
  return { status, stdout, stderr };
}

function lines(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const rows = [
  { id: 'x', question: 'How many?', response: 'A: 18', ground_truth: 18, extra: 1 },
  { id: 'y', question: 'How many?', response: 'A: 18 or 20', ground_truth: '18' },
  { id: 'z', question: 'How many?', response: 'A: 18', ground_truth: 'none' },
];
const text = rows.map((row) => JSON.stringify(row)).join('\n');

beforeEach(() => {
  writeFileSync(at('rows.jsonl'), text);
});

describe('score', () => {
  test('big integers are exact as the answer, and numbers inside of one', () => {
    const big = '1234567890123456789';
    const call = (id: string) => `{"name":"get","arguments":{"id":${id}}}`;
    const score = (reward: string, ...pairs: readonly (readonly [answer: string, completion: string])[]) => {
      const input = pairs.map(
        ([answer, said]) => `{"answer":${answer},"completion":${JSON.stringify(said)}}`,
      );
      writeFileSync(at('big.jsonl'), input.join('\n'));
      const { status, stderr } = assay([
        'score',
        'big.jsonl',
        '--reward',
        reward,
        '--out',
        'big-scored.jsonl',
      ]);
      expect(status, stderr).toBe(0);
      return lines(at('big-scored.jsonl')).map((line) => (line as { reward: number | null }).reward);
    };
    const said = (id: string) => `<tool_call>${call(id)}</tool_call>`;
    expect(score('exact', [big, big], [big, '1234567890123456788'], [`[5,${big}]`, big])).toEqual([1, 0, 1]);
    expect(score('toolcall', [call(big), said(big)], [call(big), said(`"${big}"`)])).toEqual([1, 0]);
    expect(score('json', [`{"type":"integer","maximum":9223372036854775807}`, '12'])).toEqual([1]);
  });

  test('writes a verdict a row in order, and one JSON document', () => {
    const { status, stdout, stderr } = assay([
      'score',
      'rows.jsonl',
      '--reward',
      'gsm8k',
      '--out',
      'out.jsonl',
      '--json',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 3,
      scored: 2,
      noVerdict: { n: 1, causes: { reference: 1 } },
      mean: 0.5,
      seconds: expect.any(Number),
      rowsPerSecond: expect.any(Number),
      fields: { prompt: 'question', completion: 'response', answer: 'ground_truth', id: 'id' },
    });
    expect(lines(at('out.jsonl'))).toEqual([
      { id: 'x', reward: 1, reason: 'equal to 18', answer: '18' },
      { id: 'y', reward: 0, reason: "more than one number is left standing: '18', '20'" },
      {
        id: 'z',
        reward: null,
        cause: 'reference',
        reason: 'the reference answer has no number on its last line',
      },
    ]);
  });

  test('reads every format to the same verdicts, and standard input', () => {
    const table = [Object.keys(rows[1]!), ...rows.map((row) => Object.values(row).slice(0, 4))];
    writeFileSync(at('rows.json'), JSON.stringify(rows, null, 1));
    writeFileSync(at('rows.csv'), table.map((row) => row.join(',')).join('\n'));
    writeFileSync(at('rows.tsv'), table.map((row) => row.join('\t')).join('\n'));
    writeFileSync(at('rows.jsonl.gz'), gzipSync(text));
    assay(['score', 'rows.jsonl', '--reward', 'gsm8k', '--out', 'expected.jsonl']);
    const expected = readFileSync(at('expected.jsonl'), 'utf8');
    for (const name of ['rows.json', 'rows.csv', 'rows.tsv', 'rows.jsonl.gz', '-']) {
      const { status } = assay(
        ['score', name, '--reward', 'gsm8k', '--out', 'out.jsonl'],
        name === '-' ? text : undefined,
      );
      expect(status, name).toBe(0);
      expect(readFileSync(at('out.jsonl'), 'utf8'), name).toBe(expected);
    }
  });

  test('a list is a group; parts and spans come through; task data reaches the reward', () => {
    const group = {
      completions: ['<think>a</think><answer>5+5</answer>', 'no'],
      numbers: [5, 5],
      target: 10,
    };
    writeFileSync(at('group.jsonl'), `${JSON.stringify(group)}\n`);
    const parts = { right: [{ name: 'countdown', options: { from: 'tag' } }, 1], format: ['tagFormat', 0.5] };
    const spec = JSON.stringify({ name: 'weighted', options: { parts } });
    expect(assay(['score', 'group.jsonl', '--reward', spec, '--out', 'out.jsonl']).stdout).toContain(
      'mean 0.75 over 2',
    );
    expect(lines(at('out.jsonl'))).toEqual([
      {
        id: 0,
        reward: [1.5, 0],
        verdicts: [
          expect.objectContaining({
            reward: 1.5,
            parts: { right: expect.objectContaining({ reward: 1 }), format: expect.anything() },
          }),
          expect.objectContaining({ reward: 0 }),
        ],
      },
    ]);
  });

  test("a module's reward runs with limits, and its noise stays out of the document", () => {
    writeFileSync(
      at('own.ts'),
      `import { finalText, type Sample } from 'assay';
       export default (sample: Sample) => {
         console.log('noise');
         if (sample.id === 'y') for (;;);
         return finalText(sample).length / 10;
       };`,
    );
    const { status, stdout } = assay([
      'score',
      'rows.jsonl',
      '--reward',
      './own.ts',
      '--seconds',
      '0.3',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      scored: 2,
      noVerdict: { n: 1, causes: { timeout: 1 } },
      mean: 0.5,
    });
  });

  test('group-scoped rewards are never scored on a single completion, batch-scoped ones never on a row', () => {
    writeFileSync(at('scopes.jsonl'), '{"completion":"a"}\n{"completion":["a","b"]}\n');
    for (const [scope, n] of [
      ['group', 1],
      ['batch', 3],
    ] as const) {
      writeFileSync(
        at(`${scope}.js`),
        `export default { name: 'own', version: '1', options: {}, scope: '${scope}', score: (all) => all.map(() => ({ value: all.length })) };`,
      );
      const { stdout } = assay(['score', 'scopes.jsonl', '--reward', `./${scope}.js`, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ noVerdict: { n, causes: { unsupported: n } } });
    }
  });
});

describe('wrong input is one line and exit code 2, and nothing is half-written', () => {
  const bad = '{"response":"A: 1","ground_truth":1}\n'.repeat(2000);
  test.each<[string, string, string[], string | RegExp]>([
    [
      'a malformed row',
      `${bad}{"response":\n`,
      [],
      'rows.jsonl, line 2001: is not valid JSON: Unexpected end of JSON input',
    ],
    [
      'a row without its completion',
      `${bad}{"ground_truth":1}\n`,
      [],
      "rows.jsonl, line 2001, field 'response': is missing",
    ],
    ['a missing field', bad, ['--answer', 'gold'], "rows.jsonl, line 1, field 'gold': is missing"],
    [
      'a completion of the wrong kind',
      '{"response":{"a":1}}',
      [],
      /field 'response': expected a text or a list of texts, found an object/,
    ],
    ['no completion at all', '{"x":1}', [], /rows.jsonl, line 1: no field looks like a completion/],
    ['a file without rows', '', [], 'rows.jsonl: has no rows'],
    ['an unknown reward', bad, ['--reward', 'gsm8'], "no reward is called 'gsm8'; did you mean 'gsm8k'?"],
    [
      'an unknown reward option',
      bad,
      ['--reward', 'gsm8k?lx=1'],
      "reward 'gsm8k' has no option 'lx' (options: lax, tolerance); did you mean 'lax'?",
    ],
    ['a wrong reward option', bad, ['--reward', 'gsm8k?tolerance=-1'], /reward 'gsm8k': option 'tolerance'/],
    ['a module that is not there', bad, ['--reward', './none.ts'], './none.ts: there is no such module'],
    [
      'an OpenAI grader that asks a model',
      bad,
      ['--reward', '{"type":"score_model","name":"x"}'],
      /^OpenAI graders of type 'score_model' ask a model, which is not supported/,
    ],
    [
      'an OpenAI grader without its fields',
      bad,
      ['--reward', '{"type":"string_check"}'],
      /^the grader: field 'name'/,
    ],
    ['an unknown option', bad, ['--rewrd', 'gsm8k'], /unknown option '--rewrd'/],
    ['an unknown format', bad, ['--format', 'xml'], /argument 'xml' is invalid/],
    [
      'an output that cannot be',
      bad,
      ['--out', 'no/such/folder/out.jsonl'],
      /^no\/such\/folder\/out.jsonl: cannot be written/,
    ],
  ])('%s', (_, content, args, message) => {
    writeFileSync(at('rows.jsonl'), content);
    writeFileSync(at('out.jsonl'), 'what was there\n');
    const reward = args.includes('--reward') ? [] : ['--reward', 'gsm8k'];
    const out = args.includes('--out') ? [] : ['--out', 'out.jsonl'];
    const { status, stdout, stderr } = assay(['score', 'rows.jsonl', ...reward, ...out, ...args, '--json']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(2);
    const line = stderr.replace(/^assay score: /, '').trimEnd();
    if (typeof message === 'string') expect(line).toBe(message);
    else expect(line).toMatch(message);
    expect(readFileSync(at('out.jsonl'), 'utf8')).toBe('what was there\n');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('a file that is not there, and a missing --reward', () => {
    expect(assay(['score', 'none.jsonl', '--reward', 'gsm8k', '--out', 'new.jsonl'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'assay score: none.jsonl: there is no such file\n',
    });
    expect(existsSync(at('new.jsonl'))).toBe(false);
    expect(assay(['score', 'rows.jsonl']).stderr).toMatch(
      /^assay score: required option '--reward <spec>' not specified.*\n$/,
    );
  });
});

describe('an output that is the input is refused, whatever it is called', () => {
  symlinkSync(at('rows.jsonl'), at('symbolic.jsonl'));
  writeFileSync(at('own.mjs'), 'export default () => 1;\n');
  test.each<[string, string[]]>([
    ['the same name', ['rows.jsonl', '--out', 'rows.jsonl']],
    ['absolute and relative', ['rows.jsonl', '--out', at('rows.jsonl')]],
    ['a symbolic link', ['rows.jsonl', '--out', 'symbolic.jsonl']],
    ['a hard link', ['rows.jsonl', '--out', 'hard.jsonl']],
    ['the workers of a queue', ['rows.jsonl', '--out', 'rows.jsonl', '--queue', 'redis://127.0.0.1:1']],
    ['the module of the reward', ['rows.jsonl', '--out', 'own.mjs', '--reward', './own.mjs']],
  ])('%s', (_, args) => {
    rmSync(at('hard.jsonl'), { force: true });
    linkSync(at('rows.jsonl'), at('hard.jsonl'));
    const reward = args.includes('--reward') ? [] : ['--reward', 'gsm8k'];
    const { status, stdout, stderr } = assay(['score', ...args, ...reward, '--json']);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `assay score: ${args[2]}: is the input itself; write to another file\n`,
    });
    expect(readFileSync(at('rows.jsonl'), 'utf8')).toBe(text);
    expect(readFileSync(at('own.mjs'), 'utf8')).toBe('export default () => 1;\n');
  });

  test('standard input', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--conditions=assay-source',
        '--disable-warning=ExperimentalWarning',
        join(root, 'src/cli/main.ts'),
        ...['score', '-', '--reward', 'gsm8k', '--out', 'rows.jsonl'],
      ],
      { encoding: 'utf8', cwd: folder, stdio: [openSync(at('rows.jsonl'), 'r'), 'pipe', 'pipe'] },
    );
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'assay score: rows.jsonl: is the input itself; write to another file\n',
    });
    expect(readFileSync(at('rows.jsonl'), 'utf8')).toBe(text);
  });
});

test('Ctrl-C ends a run with one line and leaves nothing behind', async () => {
  writeFileSync(at('many.jsonl'), '{"completion":"a"}\n'.repeat(5000));
  writeFileSync(at('slow.js'), 'export default () => new Promise((resolve) => setTimeout(resolve, 20, 1));');
  const command = [
    join(root, 'src/cli/main.ts'),
    'score',
    'many.jsonl',
    '--reward',
    './slow.js',
    '--out',
    'slow.jsonl',
  ];
  const child = spawn(
    process.execPath,
    ['--conditions=assay-source', '--disable-warning=ExperimentalWarning', ...command],
    {
      cwd: folder,
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const started = () => readdirSync(folder).some((name) => name.startsWith('slow.jsonl.'));
  for (let i = 0; i < 400 && !started(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(started()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'assay score: interrupted\n' });
  expect(readdirSync(folder).filter((name) => name.startsWith('slow.jsonl'))).toEqual([]);
});

test('memory does not grow with the file', () => {
  const row = '{"completion":"A: 18","answer":"18","note":"a short row"}\n';
  writeFileSync(at('long.jsonl'), row.repeat(400_000));
  const hook = `import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(${JSON.stringify(at('memory'))}, String(process.resourceUsage().maxRSS)));`;
  const { status } = spawnSync(
    process.execPath,
    [
      '--conditions=assay-source',
      '--disable-warning=ExperimentalWarning',
      `--import=data:text/javascript,${encodeURIComponent(hook)}`,
      ...[
        join(root, 'src/cli/main.ts'),
        'score',
        at('long.jsonl'),
        '--reward',
        'gsm8k',
        '--out',
        at('long.out'),
      ],
    ],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  expect(Number(readFileSync(at('memory'), 'utf8')) / 1024).toBeLessThan(340); // MiB; all rows at once would take 600
});

test('an unknown benchmark is named with the nearest', () => {
  expect(assay(['bench', 'scor'])).toEqual({
    status: 2,
    stdout: '',
    stderr: "assay bench: no benchmark is called 'scor'; did you mean 'score'?\n",
  });
});

describe('rewards', () => {
  test('lists the catalogue, as a table and as JSON with option schemas and examples', () => {
    expect(assay(['rewards']).stdout).toMatch(/^gsm8k +the number on the final answer line/m);
    const list = JSON.parse(assay(['rewards', '--json']).stdout);
    const found = list.find(({ name }: { name: string }) => name === 'gsm8k');
    expect(found).toMatchObject({ scope: 'sample', options: { properties: { lax: { default: false } } } });
    expect(found.examples[0]).toMatchObject({ value: 1 });
    const one = assay(['rewards', 'tagFormat']);
    expect(one.status).toBe(0);
    expect(one.stdout).toContain('  between: "none" | "space" | "any" (default "space")');
    expect(assay(['rewards', 'tagFromat'])).toMatchObject({
      status: 2,
      stderr: "assay rewards: no reward is called 'tagFromat'; did you mean 'tagFormat'?\n",
    });
  });
});
