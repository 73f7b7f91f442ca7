import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { InputError, oneLine } from '../core/index.ts';
import { defaultStorePath } from '../store/index.ts';
import { defaultPort, startView } from '../view/index.ts';
import { defineCommand, integer, path } from './command.ts';
import { version } from './version.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
  readonly store: string;
  /** False with --no-open. */
  readonly open: boolean;
}

export const command = defineCommand<Options>({
  configure: (parser) =>
    parser
      .option(
        '--port <n>',
        `port (default ${defaultPort}; 0 takes a free one)`,
        integer({ min: 0, max: 65_535 }),
      )
      .option('--no-open', 'print the address and do not open a browser')
      .option('--store <file>', 'the run store', path, defaultStorePath)
      .option('--host <address>', 'where to listen (default 127.0.0.1: this machine only)'),
  run: async (_, { port, host, store, open }, terminal) => {
    // Its garbage is short-lived and read from the disk: a young generation that does not grow saves 50 MB at no cost in time.
    setFlagsFromString('--semi-space-growth-factor=1');
    buildPage();
    const signal = terminal.interrupts();
    const server = await startView({ port, host, store, version: version() });
    if (!existsSync(store))
      terminal.note(`there is no store at ${store} yet; the page fills when a run begins`);
    terminal.note(`dashboard on ${server.url} (Ctrl-C ends it)`);
    if (!/^http:\/\/(127\.|localhost|\[::1\])/.test(server.url))
      terminal.note('anyone who reaches this address can read the runs; only this machine can change them');
    if (open) openBrowser(server.url);
    await new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done(), { once: true });
    });
    await server.close();
    return { json: { url: server.url, store } };
  },
});

/** In a checkout the page is built when it is not there or older than its sources; the package has it. */
function buildPage(): void {
  const root = resolve(import.meta.dirname, '../..');
  const script = join(root, 'tools/build-web.ts');
  if (!import.meta.filename.endsWith('.ts') || !existsSync(join(root, 'node_modules/vite'))) return;
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new InputError(`the dashboard cannot be built: ${oneLine(stderr)}`);
}

/** Opens the system's browser; where there is none, the printed address has to do. */
function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
