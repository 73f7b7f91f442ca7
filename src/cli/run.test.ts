import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InputError, UnsupportedError } from '../core/index.ts';
import { type AnyCommand, defineCommand, integer } from './command.ts';
import type { CommandTable } from './commands.ts';
import { run } from './run.ts';

let out = '';
let err = '';
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(capture((text) => (out += text)));
  vi.spyOn(process.stderr, 'write').mockImplementation(capture((text) => (err += text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

function capture(keep: (text: string) => void): typeof process.stdout.write {
  return (chunk: string | Uint8Array, ...rest: unknown[]) => {
    keep(String(chunk));
    for (const callback of rest) if (typeof callback === 'function') callback();
    return true;
  };
}

function table(command: AnyCommand): CommandTable {
  return { greet: { summary: 'say hello', load: async () => ({ command }) } };
}

const greet = defineCommand<{ times: number }>({
  configure: (parser) =>
    parser.argument('<name>', 'whom').option('--times <n>', 'how often', integer({ min: 1 }), 1),
  async run([name], { times }, terminal) {
    console.log('noise of a user');
    process.stdout.write('more noise\n');
    terminal.print('a line for a person');
    return { json: { name: name!, times }, text: `hello ${name}`, ok: name !== 'nobody' };
  },
});

function failing(thrown: unknown): AnyCommand {
  return {
    configure: () => {},
    run: async () => {
      throw thrown;
    },
  };
}

test('text goes to standard output, and the answer no is exit code 1', async () => {
  expect(await run(['greet', 'you'], table(greet))).toBe(0);
  expect(out).toContain('a line for a person\nhello you\n');
  expect(await run(['greet', 'nobody'], table(greet))).toBe(1);
});

test('--json puts exactly one document on standard output', async () => {
  expect(await run(['greet', 'you', '--times', '2', '--json'], table(greet))).toBe(0);
  expect(out).toBe('{"name":"you","times":2}\n');
  expect(err).toContain('more noise');
});

test.each([
  [['gret'], "assay: no command is called 'gret'; did you mean 'greet'?\n"],
  [['--wrong'], "assay: unknown option '--wrong'; a command comes first (see 'assay --help')\n"],
  [['__proto__'], "assay: no command is called '__proto__' (see 'assay --help')\n"],
  [['greet'], "assay greet: missing required argument 'name' (see 'assay greet --help')\n"],
  [['greet', 'a', 'b'], /^assay greet: too many arguments.*\n$/],
  [['greet', 'you', '--tims', '3'], /^assay greet: unknown option '--tims' .*--times.*\n$/],
  [
    ['greet', 'you', '--times', '0'],
    /^assay greet: option '--times <n>' argument '0' is invalid. must be at least 1.*\n$/,
  ],
])('%j is one line and exit code 2', async (argv, line) => {
  expect(await run(argv, table(greet))).toBe(2);
  expect(out).toBe('');
  if (typeof line === 'string') expect(err).toBe(line);
  else expect(err).toMatch(line);
  expect(err.split('\n')).toHaveLength(2);
});

test.each([
  ['train', '--store', ''],
  ['train', '--store', ' '],
  ['reproduce', 'countdown', '--store', ''],
  ['view', '--store', ''],
  ['audit', 'rows.jsonl', '--reward', 'exact', '--label', 'ok', '--store', '', '--out', 'found'],
  ['score', 'rows.jsonl', '--reward', 'exact', '--out', ''],
])('an empty path, as of a variable that is not set, is refused: %j', async (...argv) => {
  expect(await run(argv)).toBe(2);
  expect(err).toMatch(
    /^assay \w+: option '--(store|out) <file>' argument ' ?' is invalid. a path cannot be empty.*\n$/,
  );
});

test('input and unsupported errors are exit code 2, anything else is 1; each is one line', async () => {
  const input = new InputError('not a number', { file: 'a.jsonl', line: 3, field: 'x' });
  expect(await run(['greet'], table(failing(input)))).toBe(2);
  expect(err).toBe("assay greet: a.jsonl, line 3, field 'x': not a number\n");
  err = '';
  expect(await run(['greet'], table(failing(new UnsupportedError('no value head'))))).toBe(2);
  expect(err).toBe('assay greet: no value head\n');
  err = '';
  expect(await run(['greet'], table(failing(new Error('boom\nsecond line'))))).toBe(1);
  expect(err).toBe('assay greet: failed: boom second line (ASSAY_DEBUG=1 shows where)\n');
});

test('help and version', async () => {
  expect(await run(['--help'], table(greet))).toBe(0);
  expect(out).toContain('greet  say hello');
  out = '';
  expect(await run(['greet', '--help'], table(greet))).toBe(0);
  expect(out).toContain('--times <n>');
  expect(out).toContain('--json');
  out = '';
  expect(await run(['help', 'greet'], table(greet))).toBe(0);
  expect(out).toContain('--times <n>');
  out = '';
  expect(await run(['--version'], table(greet))).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
