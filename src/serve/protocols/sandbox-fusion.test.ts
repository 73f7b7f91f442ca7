import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { UnsupportedError } from '../../core/index.ts';
import { post, startFixture } from '../fixtures/start.ts';
import type { CodeRun, CodeRunEnd } from '../run-code.ts';
import type { RewardServer } from '../server.ts';

vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
const seen: CodeRun[] = [];
let waiting: ((end: CodeRunEnd) => void)[] = [];

/** Prints the program, or does what it says. */
async function runCode(run: CodeRun): Promise<CodeRunEnd> {
  seen.push(run);
  if (run.language === 'lua') throw new UnsupportedError("this sandbox has no 'lua'");
  switch (run.code) {
    case 'broken':
      throw new Error('no disk\nleft');
    case 'slow':
      return { run: { status: 'timeout', seconds: run.runSeconds } };
    case 'fault':
      return { compile: { status: 'finished', code: 0 }, run: { status: 'error', stderr: 'no namespace' } };
    case 'typo':
      return { compile: { status: 'finished', code: 1, stderr: 'expected ;' } };
    case 'wait':
      return new Promise((resolve) => waiting.push(resolve));
    default:
      return {
        run: {
          status: 'finished',
          seconds: 0.01,
          code: 0,
          stdout: run.code,
          stderr: '',
        },
        files: Object.fromEntries(run.fetch.map((name) => [name, run.files[name] ?? new Uint8Array()])),
      };
  }
}

let server: RewardServer;
let bare: RewardServer;
beforeAll(async () => {
  server = await startFixture({ workers: 1, queue: 1, runCode });
  bare = await startFixture({ workers: 1 });
});
afterAll(async () => {
  await server.close();
  await bare.close();
});
const run = (body: object) => post(server, '/run_code', { language: 'nodejs', ...body });

test('a program is run, with its files', async () => {
  const { status, body } = await run({
    code: '6 * 7',
    files: { 'in/a.txt': Buffer.from('é').toString('base64'), 'b.txt': null },
    fetch_files: ['in/a.txt'],
    memory_limit_MB: 64,
    run_timeout: 2.5,
  });
  expect(status).toBe(200);
  expect(body).toEqual({
    status: 'Success',
    message: '',
    compile_result: null,
    run_result: { status: 'Finished', execution_time: 0.01, return_code: 0, stdout: '6 * 7', stderr: '' },
    executor_pod_name: null,
    files: { 'in/a.txt': 'w6k=' },
  });
  expect(seen.at(-1)).toMatchObject({ compileSeconds: 10, runSeconds: 2.5, memory: 64, stdin: undefined });
  expect(Object.keys(seen.at(-1)!.files)).toEqual(['in/a.txt']);
});

test.each([
  ['slow', 'Failed', '', null, 'TimeLimitExceeded'],
  ['typo', 'Failed', '', 'Finished', undefined],
  ['fault', 'SandboxError', 'no namespace', 'Finished', 'Error'],
  ['broken', 'SandboxError', 'no disk left', null, undefined],
])('%s is %s', async (code, status, message, compile, ran) => {
  const { status: http, body } = await run({ code });
  expect(http).toBe(200);
  const got = body as Record<'compile_result' | 'run_result', { status: string } | null>;
  expect(body).toMatchObject({ status, message });
  expect([got.compile_result?.status ?? null, got.run_result?.status]).toEqual([compile, ran]);
});

test('without an executor, or for a language that it lacks, the answer is 501', async () => {
  const none = await post(bare, '/run_code', { language: 'python', code: '1' });
  expect(none.status).toBe(501);
  expect((none.body as { error: string }).error).toMatch(/^no sandbox is configured here/);
  const { status, body } = await run({ language: 'lua', code: '1' });
  expect(status).toBe(501);
  expect((body as { error: string }).error).toBe("this sandbox has no 'lua'");
});

test.each([
  [{ language: 'cobol', code: '' }, "field 'language'"],
  [{ code: 5 }, "field 'code'"],
  [{ code: '', run_timeout: -1 }, "field 'run_timeout'"],
  [{ code: '', files: { '../x': '' } }, "field 'files"],
  [{ code: '', fetch_files: ['/etc/passwd'] }, "field 'fetch_files.0'"],
])('%j is refused', async (body, message) => {
  const reply = await run(body);
  expect(reply.status).toBe(422);
  expect((reply.body as { error: string }).error).toContain(message);
});

test('what finds no room is 429, what waits is run in turn', async () => {
  const first = run({ code: 'wait' });
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  const second = run({ code: '1 + 1' });
  await vi.waitFor(async () => expect((await run({ code: '2' })).status).toBe(429));
  waiting[0]!({ run: { status: 'finished', code: 0, stdout: 'done' } });
  waiting = [];
  expect((await first).body).toMatchObject({ run_result: { stdout: 'done' } });
  expect((await second).body).toMatchObject({ run_result: { stdout: '1 + 1' } });
  expect((await run({ code: '3' })).status).toBe(200);
});

test('the OpenAPI document says so', async () => {
  const document = (await (await fetch(`${bare.url}/openapi.json`)).json()) as {
    paths: Record<string, { post: { responses: object } }>;
  };
  expect(Object.keys(document.paths['/run_code']!.post.responses)).toContain('501');
});
