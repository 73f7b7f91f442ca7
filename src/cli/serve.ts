import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../core/index.ts';
import { importConfig, type ServeInput, startServer } from '../serve/index.ts';
import { choiceOf, defineCommand, integer, number, path } from './command.ts';
import { version } from './version.ts';

const levels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

interface Options {
  readonly config?: string;
  readonly reward?: string;
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly workers?: number;
  readonly seconds?: number;
  readonly queue?: number;
  readonly cache?: number;
  readonly log?: (typeof levels)[number];
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .option('--config <file>', 'a module that exports { rewards: { name: SPEC }, … } as its default', path)
      .option('--reward <spec>', 'serve this one reward (for several: --config)')
      .option('--host <address>', 'where to listen (default 127.0.0.1: this machine only)')
      .option('--port <n>', 'port (default 8060; 0 takes a free one)', integer({ min: 0, max: 65_535 }))
      .option('--token <secret>', 'bearer token that callers must send (or the variable ASSAY_TOKEN)')
      .option('--workers <n>', 'threads that score (default: cores less one)', integer({ min: 1, max: 256 }))
      .option('--seconds <n>', 'time limit of one sample (default 10)', number({ min: 0.05, max: 3600 }))
      .option(
        '--queue <n>',
        'samples that may wait before callers get 429 (default 8192)',
        integer({ min: 1 }),
      )
      .option('--cache <n>', 'verdicts kept by content (default 20000; 0 turns it off)', integer({ min: 0 }))
      .option('--log <level>', `${levels.join(', ')} (default info)`, choiceOf(levels)),
  run: async (_, { config, reward, ...over }, terminal) => {
    if ((config === undefined) === (reward === undefined))
      throw new InputError('give --config FILE or --reward SPEC');
    const file = config === undefined ? undefined : resolve(config);
    if (file !== undefined && !existsSync(file))
      throw new InputError('there is no such file', { file: config });
    const base =
      file === undefined ? { rewards: { [servedName(reward!)]: reward } } : await importConfig(file);
    const token = over.token ?? process.env.ASSAY_TOKEN;
    const input = {
      ...(base as object),
      ...(token !== undefined && { token }),
      ...given(over),
    } as ServeInput;
    const source = file === undefined ? undefined : { config: file };
    const began = performance.now();
    const server = await startServer(input, source, { version: version(), file: config });
    terminal.note(`serving ${Object.keys(server.scorer.rewards).join(', ')} on ${server.url}`);
    const loopback = /^http:\/\/(127\.|localhost|\[::1\])/.test(server.url);
    if (!loopback && token === undefined)
      terminal.note('anyone who reaches this address may use the server: set a --token');
    await stopped(terminal.interrupts());
    terminal.note('going down: requests under way are finished first');
    await server.close();
    const seconds = (performance.now() - began) / 1000;
    return { json: { url: server.url, rewards: Object.keys(server.scorer.rewards), seconds } };
  },
});

/** The name that a single reward is served by: that of its SPEC, without options. */
function servedName(spec: string): string {
  const name = /^[\w-]+/.exec(spec)?.[0];
  return name !== undefined && /^[\w-]+(\?|$)/.test(spec) ? name : 'reward';
}

function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
