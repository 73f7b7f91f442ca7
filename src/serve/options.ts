import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { defaultFuel, InputError } from '../core/index.ts';
import type { RunCode } from './run-code.ts';

/** What a protocol that knows only numbers says where there is no verdict: an error, or this number. */
const noVerdictPolicy = z
  .union([z.literal('error'), z.number()])
  .default('error')
  .describe("where there is no verdict: 'error' makes the client try again, a number stands in for it");

export const defaultWorkers = () => Math.max(1, Math.min(16, availableParallelism() - 1));

const schema = z.strictObject({
  rewards: z
    .record(z.string().min(1).max(200), z.unknown())
    .describe('by the name that requests use: a SPEC; in a config module also a reward or a function')
    .refine((rewards) => Object.keys(rewards).length > 0, 'needs at least one reward'),
  default: z
    .string()
    .optional()
    .describe('the reward of requests that name none; the only one, if there is one'),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8060).describe('0 takes a free one'),
  token: z.string().min(8).optional().describe('what `Authorization: Bearer` or `x-api-key` must carry'),
  workers: z.int().min(1).max(256).default(defaultWorkers).describe('threads that score'),
  seconds: z
    .number()
    .min(0.05)
    .max(3600)
    .default(10)
    .describe('outer clock of one sample; past it: `timeout`'),
  memory: z.int().min(32).default(512).describe('MiB of heap of one thread'),
  fuel: z.int().min(1).default(defaultFuel).describe('operations that a check of one sample may spend'),
  queue: z.int().min(1).default(8192).describe('samples that may wait or run; past it: 429'),
  queueSeconds: z.number().positive().default(60).describe('longest wait; past it: `overload`'),
  cache: z.int().min(0).default(20_000).describe('verdicts kept by content; 0 turns it off'),
  batch: z.int().min(1).default(4096).describe('samples of one request'),
  body: z
    .int()
    .min(1024)
    .max(1 << 29)
    .default(32 << 20)
    .describe('bytes of one request, or of one line of NDJSON'),
  values: z
    .int()
    .min(1000)
    .default(1_000_000)
    .describe(
      'values in the JSON of one request, or of one line of NDJSON (ten numbers of a list are one); past it: 413',
    ),
  headerSeconds: z
    .number()
    .min(0.1)
    .default(20)
    .describe('how long a connection may take to send the headers of a request; then 408'),
  bodySeconds: z
    .number()
    .min(0.1)
    .default(300)
    .describe('how long a request may take to send its body, or an NDJSON stream may be still; then 408'),
  groupSeconds: z.number().positive().default(60).describe('how long a group waits to become whole'),
  drainSeconds: z.number().positive().default(30).describe('how long requests may go on after SIGTERM'),
  sessions: z.int().min(1).default(256).describe('open sessions of OpenEnv sockets'),
  log: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  openrlhf: z
    .strictObject({
      noVerdict: noVerdictPolicy,
      specialTokens: z
        .array(z.string().min(1))
        .default([
          '<|im_end|>',
          '<|endoftext|>',
          '<|eot_id|>',
          '<|end_of_text|>',
          '</s>',
          '<eos>',
          '<end_of_turn>',
        ])
        .describe('taken off the end of a query, which comes decoded with them'),
    })
    .prefault({}),
  slime: z.strictObject({ noVerdict: noVerdictPolicy }).prefault({}),
  evalProtocol: z
    .strictObject({
      noVerdict: z
        .enum(['error', 'invalid'])
        .default('error')
        .describe('where there is no verdict: an error status, or 200 with is_score_valid: false alone'),
    })
    .prefault({}),
  openenv: z
    .strictObject({
      tasks: z
        .array(z.object({ prompt: z.json() }).catchall(z.json().optional()))
        .default([])
        .describe('what `reset` hands out, by its seed: { prompt, answer?, reward?, … }'),
    })
    .prefault({}),
  runCode: z
    .custom<RunCode>((value) => typeof value === 'function', 'expected a function that runs code')
    .optional()
    .describe('what runs the programs of /run_code'),
});

export type ServeInput = z.input<typeof schema>;
export type ServeOptions = z.output<typeof schema> & { readonly default: string | undefined };

/** Options of the server with their defaults. Throws InputError naming the field. */
export function parseServeOptions(input: unknown, file?: string): ServeOptions {
  const result = schema.safeParse(input);
  if (!result.success) {
    const { message, path } = result.error.issues[0]!;
    throw new InputError(message, { file, field: path.length > 0 ? path.map(String).join('.') : undefined });
  }
  const options = result.data;
  const names = Object.keys(options.rewards);
  const chosen = options.default ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && !Object.hasOwn(options.rewards, chosen))
    throw new InputError(`there is no reward '${chosen}'`, { file, field: 'default' });
  // A batch over the queue would be refused as overload for good.
  return { ...options, batch: Math.min(options.batch, options.queue), default: chosen };
}
