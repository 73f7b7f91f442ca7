import { InvalidArgumentError, type Command as Parser } from 'commander';
import type { Json } from '../core/index.ts';
import type { Terminal } from './terminal.ts';

/** What a command ends with. */
export interface Outcome {
  /** The one document of `--json`. */
  readonly json: Json;
  /** What a person reads instead; nothing when left out. */
  readonly text?: string;
  /** False: it ran and the answer is no. The exit code is then 1. */
  readonly ok?: boolean;
  /** A person stopped it on the way: what there is was kept, and the exit code is that of an interruption. */
  readonly interrupted?: boolean;
}

/**
 * One command: the parser declares its arguments and options, `run` does it. Throw InputError or UnsupportedError for
 * what the caller did wrong: it becomes one line and exit code 2.
 */
export interface Command<Options> {
  configure(parser: Parser): void;
  run(positional: readonly string[], options: Options, terminal: Terminal): Promise<Outcome>;
}

/** A command whose options are known only to itself: what the list of commands holds. */
export interface AnyCommand {
  configure(parser: Parser): void;
  run(positional: readonly string[], options: never, terminal: Terminal): Promise<Outcome>;
}

export function defineCommand<Options>(command: Command<Options>): Command<Options> {
  return command;
}

/** An option's parser for whole numbers within limits: `.option('--steps <n>', 'how many', integer({ min: 1 }))`. */
export function integer({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new InvalidArgumentError('expected a whole number');
    return within(value, min, max);
  };
}

/** An option's parser for numbers within limits. */
export function number({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = {}) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
    return within(value, min, max);
  };
}

function within(value: number, min: number, max: number): number {
  if (value < min) throw new InvalidArgumentError(`must be at least ${min}`);
  if (value > max) throw new InvalidArgumentError(`must be at most ${max}`);
  return value;
}

/** An option's parser for the path of a file or folder: an empty one is a variable that was not set, never meant. */
export function path(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('a path cannot be empty');
  return text;
}

/** An option's parser for one of a few words. */
export function choiceOf<Choice extends string>(choices: readonly Choice[]) {
  return (text: string): Choice => {
    if (!choices.includes(text as Choice)) throw new InvalidArgumentError(`expected ${choices.join(', ')}`);
    return text as Choice;
  };
}
