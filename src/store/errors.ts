import { InputError, oneLine } from '../core/errors.ts';

/** What went wrong with a store: the loop and the command line decide by it, the message is for a person. */
export type StoreFault =
  | 'full'
  | 'busy'
  | 'readonly'
  | 'missing'
  | 'corrupt'
  | 'version'
  | 'conflict'
  | 'unknown'
  | 'io';

/** One line that names the store and what to do. Unless the store is damaged, what was committed before is still there. */
export class StoreError extends InputError {
  readonly fault: StoreFault;

  constructor(path: string, fault: StoreFault, message: string) {
    super(message, { file: path });
    this.name = 'StoreError';
    this.fault = fault;
  }
}

/** The primary result codes of SQLite (sqlite.org/rescode.html) that a person can do something about. */
const explained: { readonly [code: number]: readonly [StoreFault, string] } = {
  3: ['readonly', 'no permission to use the store'],
  5: ['busy', 'the store is locked by another process'],
  6: ['busy', 'the store is locked by another connection'],
  8: ['readonly', 'the store is read-only'],
  10: ['io', 'the disk failed while the store was read or written'],
  11: ['corrupt', 'the store is damaged'],
  13: ['full', 'the disk (or the size limit of the store) is full'],
  14: ['io', 'the store cannot be opened'],
  19: ['conflict', 'the row is already there'],
  26: ['corrupt', 'the file is not a store'],
};

/** Anything thrown while the store at `path` was used, as one line. `doing` says what was not done. */
export function storeError(path: string, thrown: unknown, doing: string): Error {
  if (thrown instanceof InputError) return thrown;
  const code = (thrown as { errcode?: number } | null)?.errcode;
  if (typeof code !== 'number') return thrown instanceof Error ? thrown : new Error(oneLine(thrown));
  const [fault, what] = explained[code & 0xff] ?? (['io', 'the store failed'] as const);
  const safe = fault === 'corrupt' ? '' : ', what was stored before is safe';
  return new StoreError(path, fault, `${what}: ${doing} was not done${safe} (SQLite: ${oneLine(thrown)})`);
}
