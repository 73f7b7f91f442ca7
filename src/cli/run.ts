import { CommanderError, Command as Parser } from 'commander';
import { InputError, nearest, oneLine, UnsupportedError } from '../core/index.ts';
import { type CommandTable, commands } from './commands.ts';
import { claimStandardOutput, createTerminal, Interrupted, interruptedCode } from './terminal.ts';
import { version } from './version.ts';

/**
 * Runs the command line and returns its exit code: 0, or 1 when it ran and the answer is no (or Assay itself failed:
 * one line, and the stack with ASSAY_DEBUG=1), or 2 for usage and input, with one line on standard error. One that was
 * stopped before its end is 130 (Ctrl-C) or 143 (SIGTERM).
 */
export async function run(argv: readonly string[], table: CommandTable = commands): Promise<number> {
  const [first, ...rest] = argv[0] === 'help' && argv[1] !== undefined ? [argv[1], '--help'] : argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(overview(table));
    return 0;
  }
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  try {
    const entry = Object.hasOwn(table, first) ? table[first] : undefined;
    if (entry === undefined) return say(undefined, unknown(first, table), 2);
    const { command } = await entry.load();
    const parser = createParser(first, entry.summary);
    command.configure(parser);
    parser.option('--json', 'one JSON document on standard output, and nothing else there');
    let action: (() => Promise<number>) | undefined;
    parser.action(() => {
      const { json = false, ...options } = parser.opts<{ json?: boolean }>();
      action = async () => {
        const write = json ? claimStandardOutput() : undefined;
        const outcome = await command.run(parser.args, options as never, createTerminal(json));
        if (write) await write(`${JSON.stringify(outcome.json)}\n`);
        else if (outcome.text !== undefined) process.stdout.write(`${outcome.text.replace(/\n$/, '')}\n`);
        if (outcome.interrupted) return interruptedCode();
        return outcome.ok === false ? 1 : 0;
      };
    });
    parser.parse(rest, { from: 'user' });
    return action === undefined ? 0 : await action();
  } catch (thrown) {
    return report(thrown, first);
  }
}

/** A parser that throws instead of exiting and leaves its one line to us. */
function createParser(name: string, summary: string): Parser {
  return new Parser(`assay ${name}`)
    .description(summary)
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .helpOption('-h, --help', 'show this help');
}

function report(thrown: unknown, command: string): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0; // help was shown
    const message = oneLine(thrown).replace(/^error: /, '');
    return say(command, `${message} (see 'assay ${command} --help')`, 2);
  }
  if (process.env.ASSAY_DEBUG && thrown instanceof Error && thrown.stack)
    process.stderr.write(`${thrown.stack}\n`);
  if (thrown instanceof InputError || thrown instanceof UnsupportedError)
    return say(command, oneLine(thrown, 600), 2);
  if (thrown instanceof Interrupted) return say(command, 'interrupted', interruptedCode());
  return say(command, `failed: ${oneLine(thrown)} (ASSAY_DEBUG=1 shows where)`, 1);
}

function say(command: string | undefined, line: string, code: number): number {
  process.stderr.write(`assay${command === undefined ? '' : ` ${command}`}: ${line}\n`);
  return code;
}

function unknown(name: string, table: CommandTable): string {
  if (name.startsWith('-')) return `unknown option '${name}'; a command comes first (see 'assay --help')`;
  const near = nearest(name, Object.keys(table));
  return `no command is called '${name.slice(0, 80)}'${near ? `; did you mean '${near}'?` : " (see 'assay --help')"}`;
}

function overview(commands: CommandTable): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: assay COMMAND [arguments] [--json]',
    '',
    'Rewards for reinforcement learning that can be checked: score, train, audit, serve.',
    '',
    ...lines,
    '',
    'Every command has --help and --json. Exit codes: 0; 1 it ran and the answer is no; 2 usage or input;',
    '130 (Ctrl-C) or 143 (SIGTERM) it was stopped before its end.',
    '',
  ].join('\n');
}
