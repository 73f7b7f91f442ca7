import type { AnyCommand } from './command.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: AnyCommand }>;
}

export type CommandTable = { readonly [name: string]: Entry };

/** Every command, in the order of the help. Each is its own file, loaded only when it is the one to run. */
export const commands: CommandTable = {};
