import { statSync } from 'node:fs';

/** Tells a file from another that took its name; undefined where there is nothing. */
export function fileId(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
