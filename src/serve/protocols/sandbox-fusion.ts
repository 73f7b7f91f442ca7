import { z } from 'zod';
import { oneLine, UnsupportedError } from '../../core/index.ts';
import { Refused } from '../routes.ts';
import type { CodeRunEnd, CommandRun, RunCode } from '../run-code.ts';
import { Overloaded } from '../scorer.ts';
import { abandoned } from './native.ts';
import type { Protocol } from './protocol.ts';

/** After sandbox/runners/types.py. */
const languages = [
  ...[
    'python',
    'cpp',
    'nodejs',
    'go',
    'go_test',
    'java',
    'php',
    'csharp',
    'bash',
    'typescript',
    'sql',
    'rust',
  ],
  ...[
    'cuda',
    'lua',
    'R',
    'perl',
    'D_ut',
    'ruby',
    'scala',
    'julia',
    'pytest',
    'junit',
    'kotlin_script',
    'jest',
  ],
  ...['verilog', 'python_gpu', 'lean', 'swift', 'racket'],
] as const;

const seconds = z.number().positive().max(3600).default(10);
/** A place below the program's folder: the original joins whatever it is given. */
const path = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => !/^[/\\]|\0/.test(text) && !text.split(/[/\\]/).includes('..'), {
    message: 'expected a relative path without ..',
  });

const request = z.looseObject({
  compile_timeout: seconds,
  run_timeout: seconds,
  memory_limit_MB: z.int().default(-1).describe('0 or less: none'),
  code: z.string(),
  stdin: z.string().nullish(),
  language: z.enum(languages),
  files: z.record(path, z.string().nullable()).default({}).describe('base64 by path'),
  fetch_files: z.array(path).max(256).default([]),
});

const commandResult = z.object({
  status: z.enum(['Finished', 'Error', 'TimeLimitExceeded']),
  execution_time: z.number().nullable(),
  return_code: z.int().nullable(),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
});
type CommandResult = z.output<typeof commandResult>;

const response = z.object({
  status: z.enum(['Success', 'Failed', 'SandboxError']),
  message: z.string(),
  compile_result: commandResult.nullable(),
  run_result: commandResult.nullable(),
  executor_pod_name: z.string().nullable(),
  files: z.record(z.string(), z.string()),
});
type Response = z.output<typeof response>;

/** What a run may take past its own limits before the sandbox is at fault, ms. */
const grace = 10_000;

/**
 * SandboxFusion's `POST /run_code`, after sandbox/server/sandbox_api.py: verl and other callers of it can come here. The
 * code is run by the server's `runCode` option; without one, and for a language that it lacks, the answer is 501.
 *
 * No verdict: HTTP 200 with `SandboxError` and a message, as the original; its client tries that again. A program that
 * fails or runs out of time is `Failed`: its own fault.
 */
export const sandboxFusionProtocol: Protocol = ({ router, options }) => {
  const { runCode, workers, queue } = options;
  const run = runCode && atMost(runCode, workers, queue);
  router.add({
    method: 'POST',
    url: '/run_code',
    tag: 'sandbox-fusion',
    summary: 'SandboxFusion: run a program; 501 while no runCode executor is configured',
    body: request,
    reply: response,
    failures: [501],
    handle: async (body, _request, reply): Promise<Response> => {
      if (run === undefined)
        throw new Refused(
          501,
          'no sandbox is configured here: the server runs code only with its option runCode',
        );
      const files = Object.entries(body.files).flatMap(([name, content]) =>
        content === null ? [] : [[name, new Uint8Array(Buffer.from(content, 'base64'))] as const],
      );
      const limit = (body.compile_timeout + body.run_timeout) * 1000 + grace;
      const given = {
        language: body.language,
        code: body.code,
        stdin: body.stdin ?? undefined,
        files: Object.fromEntries(files),
        fetch: body.fetch_files,
        compileSeconds: body.compile_timeout,
        runSeconds: body.run_timeout,
        memory: body.memory_limit_MB > 0 ? body.memory_limit_MB : undefined,
      };
      try {
        return toResponse(await run(given, abandoned(reply), limit));
      } catch (thrown) {
        if (thrown instanceof UnsupportedError) throw new Refused(501, oneLine(thrown));
        if (thrown instanceof Overloaded) throw thrown;
        return { ...nothing, status: 'SandboxError', message: oneLine(thrown) };
      }
    },
  });
};

const nothing = { compile_result: null, run_result: null, executor_pod_name: null, files: {} };

/** So many at once, so many waiting, and none longer than its limit. */
function atMost(runCode: RunCode, running: number, waiting: number) {
  let busy = 0;
  const line: (() => void)[] = [];
  return async (given: Parameters<RunCode>[0], caller: AbortSignal, limit: number): Promise<CodeRunEnd> => {
    if (busy >= running) {
      if (line.length >= waiting) throw new Overloaded(1);
      await new Promise<void>((turn) => line.push(turn)); // the one that ends hands its place on
    } else busy++;
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      if (caller.aborted) throw new Error('the caller left');
      const over = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          late.abort();
          reject(new Error(`the sandbox did not answer within ${limit / 1000} s`));
        }, limit);
      });
      return await Promise.race([runCode(given, AbortSignal.any([caller, late.signal])), over]);
    } finally {
      clearTimeout(timer);
      const next = line.shift();
      if (next) next();
      else busy--;
    }
  };
}

function toResponse({ compile, run, files = {} }: CodeRunEnd): Response {
  const commands = [compile, run].filter((one) => one !== undefined);
  const broken = commands.find(({ status }) => status === 'error');
  const failed = commands.some(
    ({ status, code }) => status === 'timeout' || (code !== undefined && code !== 0),
  );
  const encoded = Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  return {
    status: broken || commands.length === 0 ? 'SandboxError' : failed ? 'Failed' : 'Success',
    message: broken ? (broken.stderr ?? '') : commands.length === 0 ? 'the sandbox ran nothing' : '',
    compile_result: toResult(compile),
    run_result: toResult(run),
    executor_pod_name: null,
    files: Object.fromEntries(encoded),
  };
}

const statuses = { finished: 'Finished', timeout: 'TimeLimitExceeded', error: 'Error' } as const;

function toResult(of: CommandRun | undefined): CommandResult | null {
  if (of === undefined) return null;
  const { status, seconds: took = null, code = null, stdout = null, stderr = null } = of;
  return { status: statuses[status], execution_time: took, return_code: code, stdout, stderr };
}
