import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { InputError } from '../../core/index.ts';

/**
 * Refuses an output that is one of the inputs, also under another name (a link, another way to it): it would take the
 * input's place. `-` is standard input; what is no file (a SPEC, a file that is not there) is no input. Throws InputError.
 */
export function refuseInputAsOutput(out: string, inputs: readonly (string | undefined)[]): void {
  const target = about(out);
  if (!target?.isFile()) return;
  for (const input of inputs) {
    const found = input === undefined ? undefined : about(input);
    if (found?.isFile() && found.dev === target.dev && found.ino === target.ino)
      throw new InputError('is the input itself; write to another file', { file: out });
  }
}

function about(file: string): BigIntStats | undefined {
  try {
    return file === '-' ? fstatSync(0, { bigint: true }) : statSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}
