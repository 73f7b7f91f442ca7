import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-train-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = [
  '--conditions=assay-source',
  '--disable-warning=ExperimentalWarning',
  join(root, 'src/cli/main.ts'),
];

function assayIn(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const assay = (...args: string[]) => assayIn(root, ...args);

/** Starts a training run and ends it by a signal when it has written a checkpoint, beside its store. */
function stoppedIn(cwd: string, signal: 'INT' | 'TERM' | 'KILL', store: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `store=$1; shift; "$@" --store "$store" & pid=$!;
       for i in $(seq 3000); do ls "$(dirname "$store")"/runs/*/checkpoints/step-* >/dev/null 2>&1 && break; sleep 0.01; done;
       kill -${signal} $pid; wait $pid`,
      'bash',
      store,
      process.execPath,
      ...node,
      'train',
      ...args,
    ],
    { cwd, encoding: 'utf8' },
  );
  const run = /^run (\S+)/m.exec(stderr)![1]!;
  return { status, stdout, stderr, run };
}

const letters = 'test/recipes/letters.ts';
const store = () => join(folder, `${Math.random().toString(36).slice(2)}`, 'assay.db');

/** Exit code 2 and one line that says what is wrong. */
function refused({ status, stderr, stdout }: ReturnType<typeof assay>): string {
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !/^(run |step )/.test(line));
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

describe('assay train', () => {
  it('prints one JSON document, stores the run and draws it', () => {
    const path = store();
    const { status, stdout } = assay(
      'train',
      letters,
      '--seed',
      '4',
      '--steps',
      '6',
      '--json',
      '--store',
      path,
    );
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      recipe: 'letters',
      seed: 4,
      steps: 9,
      status: 'finished',
      noVerdict: { n: 0, causes: {} },
      evaluations: { untrained: { n: 3 }, before: { n: 3 }, after: { n: 3 } },
    });
    for (const when of ['untrained', 'before', 'after'])
      expect(result.eval[when]).toBe(result.evaluations[when].solveRate);
    expect(result.tokens).toBeGreaterThan(500);
    const picture = readFileSync(join(path, '..', 'runs', result.run, 'run.svg'), 'utf8');
    expect(picture).toContain('letters, seed 4');
  });

  it('shows one group with --dry-run and stores nothing', () => {
    const path = store();
    const { status, stdout } = assay('train', letters, '--dry-run', '--json', '--store', path);
    expect(status).toBe(0);
    const { samples, prompt } = JSON.parse(stdout);
    expect(prompt).toMatch(/^say \d$/);
    expect(samples).toHaveLength(32);
    expect(samples[0].verdict).toHaveProperty('reward');
    expect(existsSync(path)).toBe(false);
  });

  it('refuses what it cannot run: one line, exit code 2', () => {
    expect(refused(assay('train', 'countdwon'))).toMatch(
      /no recipe is called 'countdwon'; did you mean 'countdown'\?/,
    );
    expect(refused(assay('train', letters, '--stepz', '3'))).toMatch(/--stepz/);
    expect(refused(assay('train', letters, '--steps', 'x'))).toMatch(/whole number/);
    expect(refused(assay('train', 'no/such.ts'))).toMatch(/no\/such\.ts: there is no such file/);
    expect(refused(assay('train', '--reward', 'exact'))).toMatch(/--reward goes with --tasks/);
    const empty = join(folder, 'empty.ts');
    writeFileSync(empty, 'export default 3;\n');
    expect(refused(assay('train', empty))).toMatch(/must export a recipe/);
    const broken = join(folder, 'broken.ts');
    writeFileSync(broken, 'export default (;\n');
    expect(refused(assay('train', broken))).toMatch(/broken\.ts: cannot be loaded/);
    const typo = join(folder, 'typo.ts');
    const from = new URL('../src/train/index.ts', import.meta.url).href;
    writeFileSync(typo, `import { recipe } from '${from}';\nexport default recipe({ sampels: 2 });\n`);
    expect(refused(assay('train', typo))).toMatch(
      /typo\.ts: recipe 'recipe', field 'sampels': there is no such field; did you mean 'samples'\?/,
    );
    expect(refused(assay('train', '--resume', 'nothing', '--store', store()))).toMatch(/there is no run/);
  });

  it('refuses a context that is too long before any work', () => {
    const long = join(root, 'test/recipes', 'long-prompt.ts');
    const path = store();
    expect(refused(assay('train', long, '--store', path))).toMatch(/context/);
  });

  it('stops at Ctrl-C with a checkpoint, and refuses a changed recipe or a damaged checkpoint on resume', () => {
    const path = store();
    const run = spawnSync(
      'bash',
      [
        '-c',
        // The step to stop at is seen in the store's own file: a checkpoint folder.
        `"$0" --conditions=assay-source --disable-warning=ExperimentalWarning src/cli/main.ts train ${letters} --seed 2 --store "$1" & pid=$!;
         for i in $(seq 2000); do ls "$(dirname "$1")"/runs/*/checkpoints/step-* >/dev/null 2>&1 && break; sleep 0.01; done;
         kill -INT $pid; wait $pid`,
        process.execPath,
        path,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect(run.status).toBe(130);
    expect(run.stdout).toMatch(/stopped after \d+ steps/);
    const id = /--resume (\S+)/.exec(run.stdout)![1]!;

    expect(refused(assay('train', letters, '--resume', id, '--steps', '300', '--store', path))).toMatch(
      /field 'steps': the recipe is not the one/,
    );
    // The same recipe in a module of other content: its function may be another one.
    const copy = join(root, 'test/recipes', `copy-${process.pid}.ts`);
    writeFileSync(copy, `${readFileSync(join(root, letters), 'utf8')}\n// changed\n`);
    try {
      expect(refused(assay('train', copy, '--resume', id, '--store', path))).toMatch(
        /field 'reward.options.check.hash'/,
      );
    } finally {
      rmSync(copy);
    }
    expect(refused(assay('train', letters, '--resume', id, '--seed', '3', '--store', path))).toMatch(
      /has seed 2, not 3/,
    );

    const checkpoints = join(path, '..', 'runs', id, 'checkpoints');
    const newest = join(checkpoints, readdirSync(checkpoints).sort().at(-1)!, 'model.policy.safetensors');
    const bytes = readFileSync(newest);
    writeFileSync(newest, bytes.with(bytes.length - 3, 77));
    expect(refused(assay('train', letters, '--resume', id, '--store', path))).toMatch(
      /model\.policy\.safetensors: the checkpoint is damaged/,
    );
    writeFileSync(newest, bytes);
    const { status, stdout } = assay('train', letters, '--resume', id, '--json', '--store', path);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ run: id, status: 'finished', steps: 443 });
    expect(refused(assay('train', letters, '--resume', id, '--store', path))).toMatch(/is finished/);
  });
});

describe('assay train --resume finds again what the run was started with', () => {
  /** A project of its own with a recipe that no name finds. */
  function project(name: string): string {
    const folder_ = join(folder, name);
    mkdirSync(folder_);
    const recipe = readFileSync(join(root, letters), 'utf8').replace("name: 'letters',", "name: 'reverse',");
    writeFileSync(join(folder_, 'own.ts'), recipe);
    return folder_;
  }
  const finished = (from: string, ...args: string[]) => {
    const { status, stdout, stderr } = assayIn(from, 'train', '--resume', ...args, '--json');
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  it("a module of one's own, killed, from its folder, and after the project was moved", () => {
    const here = project('module');
    const { run } = stoppedIn(here, 'KILL', '.assay/assay.db', './own.ts', '--seed', '8', '--steps', '400');
    const moved = join(folder, 'moved');
    renameSync(here, moved);
    expect(finished(moved, 'last')).toMatchObject({ run, seed: 8, status: 'finished', steps: 403 });
  });

  it('as the hint says that it prints, from another folder; and says where the module is gone', () => {
    const here = project('hint');
    const path = 'a store/assay.db';
    const stopped = stoppedIn(here, 'TERM', path, 'own.ts');
    expect(stopped.status).toBe(143);
    expect(stopped.stdout).toContain(
      `stopped; go on with: assay train --resume ${stopped.run} --store 'a store/assay.db'\n`,
    );
    const module = join(here, 'own.ts');
    renameSync(module, join(here, 'other.ts'));
    const resume = ['train', '--resume', stopped.run, '--store', join(here, path)];
    expect(refused(assay(...resume))).toBe(
      `assay train: ${module}: the module that run '${stopped.run}' was started with is not there any more; say where it is: assay train PATH --resume ${stopped.run}`,
    );
    renameSync(join(here, 'other.ts'), module);
    expect(finished(root, stopped.run, '--store', join(here, path))).toMatchObject({ status: 'finished' });
  });

  it('tasks and a reward of one’s own, with its options', () => {
    const here = join(folder, 'tasks');
    mkdirSync(here);
    const rows = Array.from({ length: 30 }, (_, i) => ({ question: `say ${i}:`, answer: `${i % 3}` }));
    writeFileSync(join(here, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeFileSync(
      join(here, 'own.mjs'),
      'export default ({ turns, task }) => turns[0].completion.text === task.answer;\n',
    );
    const flags = ['--tasks', 'rows.jsonl', '--reward', './own.mjs', '--prompt', 'question', '--steps', '60'];
    const { run, status } = stoppedIn(here, 'INT', '.assay/assay.db', ...flags);
    expect(status).toBe(130);
    expect(finished(root, run, '--store', join(here, '.assay/assay.db'))).toMatchObject({
      run,
      recipe: 'tasks',
      status: 'finished',
      steps: 60,
    });
  });
});

describe("assay train on a file of one's own", () => {
  const write = (name: string, rows: readonly unknown[]) => {
    const path = join(folder, name);
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return path;
  };

  it('warms up on its demonstrations, trains, and is known by its content', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      prompt: `say ${i}:`,
      answer: `${i % 3}`,
      completion: `${i % 3}`,
    }));
    const file = write('tasks.jsonl', rows);
    const { status, stdout } = assay(
      'train',
      '--tasks',
      file,
      '--reward',
      'exact',
      '--steps',
      '3',
      '--json',
      '--store',
      store(),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      recipe: 'tasks',
      status: 'finished',
      steps: 103,
      noVerdict: { n: 0 },
    });
  });

  it('refuses a wrong row, naming file, line and field', () => {
    const empty = write('empty.jsonl', [{ prompt: 'a' }, { prompt: ' ' }]);
    expect(refused(assay('train', '--tasks', empty, '--reward', 'exact'))).toMatch(
      /empty\.jsonl, line 2, field 'prompt': the prompt is empty/,
    );
    const missing = write('missing.jsonl', [{ question: 'a' }]);
    expect(refused(assay('train', '--tasks', missing, '--reward', 'exact'))).toMatch(
      /line 1, field 'prompt': is missing/,
    );
    const none = write('none.jsonl', []);
    expect(refused(assay('train', '--tasks', none, '--reward', 'exact'))).toMatch(/there are no tasks/);
    expect(refused(assay('train', '--tasks', empty))).toMatch(/--tasks needs --reward/);
    const good = write('good.jsonl', [{ prompt: 'a', answer: 'b' }]);
    expect(refused(assay('train', '--tasks', good, '--reward', 'exakt'))).toMatch(/did you mean 'exact'/);
    expect(refused(assay('train', '--tasks', good, '--reward', 'exact?x=1'))).toMatch(/no option 'x'/);
  });
});

describe('assay reproduce and recipes', () => {
  it('runs the arms of a study and judges them', () => {
    const { status, stdout } = assay(
      'reproduce',
      'test/recipes/coin.ts',
      '--seeds',
      '3',
      '--json',
      '--store',
      store(),
    );
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ recipe: 'coin', holds: true, metric: 'heads' });
    expect(result.arms.map(({ name }: { name: string }) => name)).toEqual(['loaded', 'fair']);
    expect(result.difference.low).toBeGreaterThan(0);
  });

  it('exits with 1 when what was expected does not hold', () => {
    const { status, stdout } = assay(
      'reproduce',
      'test/recipes/coin.ts',
      '--seeds',
      '1',
      '--json',
      '--store',
      store(),
    );
    expect(status).toBe(1);
    expect(JSON.parse(stdout).holds).toBe(false);
  });

  it('lists the recipes with arms and expectation', () => {
    const { status, stdout } = assay('recipes', '--json');
    expect(status).toBe(0);
    const countdown = JSON.parse(stdout).find(({ name }: { name: string }) => name === 'countdown');
    expect(countdown.arms).toEqual(['main', 'supervised', 'shuffled']);
    expect(countdown.expected).toHaveLength(2);
  });
});

describe('assay reproduce, interrupted', () => {
  it('goes on with what it has done, and does it anew where the recipe was changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-resume-'));
    const module = join(root, 'test', `.resume-${process.pid}.ts`);
    const marks = join(folder, 'marks');
    const write = (by: number, failing: string) =>
      writeFileSync(
        module,
        `import { appendFileSync } from 'node:fs';
import { study } from '../src/train/index.ts';
const arm = (name: string, by: number) => (seed: number) => {
  if (name + seed === ${JSON.stringify(failing)}) throw new Error('the power went');
  appendFileSync(${JSON.stringify(marks)}, name + seed + '\\n');
  return { x: seed + by };
};
export default study({ name: 'resume', arms: { a: arm('a', ${by}), b: arm('b', 0) }, metric: 'x',
  expected: { arm: 'a', over: 'b', direction: 'higher' } });
`,
      );
    const reproduce = () =>
      assay(
        'reproduce',
        module,
        '--seeds',
        '2',
        '--seed',
        '1',
        '--jobs',
        '1',
        '--resume',
        '--json',
        '--store',
        join(folder, 's.db'),
      );
    const ran = () => readFileSync(marks, 'utf8').trim().split('\n');
    try {
      write(5, 'a2');
      const failed = reproduce();
      expect(failed.status).toBe(1);
      expect(failed.stderr).toContain('the power went');
      expect(failed.stderr).toContain('--resume goes on from there');
      expect(ran()).toEqual(['a1', 'b1']);
      write(5, '');
      reproduce(); // another module: its functions are not those that ran
      expect(ran()).toEqual(['a1', 'b1', 'a1', 'b1', 'a2', 'b2']);
      const again = reproduce();
      expect(again.status).toBe(0);
      expect(again.stderr).toContain('4 of 4 jobs are done already');
      expect(ran()).toHaveLength(6);
      expect(JSON.parse(again.stdout).difference.mean).toBe(5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      rmSync(module, { force: true });
    }
  });
});
