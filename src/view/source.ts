import { oneLine } from '../core/index.ts';
import { openStore, type Store, StoreError } from '../store/index.ts';
import { fileId } from './file-id.ts';
import { Refusal } from './refusal.ts';

/** The run store as the dashboard holds it: it may not be there yet, be replaced, or be written by other processes. */
export interface Source {
  readonly path: string;
  /** What can be said of it now; never throws. */
  state(): { readonly state: 'ready' | 'missing' | 'error'; readonly error?: string };
  /** The open store, undefined where there is none yet. Throws Refusal (503) where it cannot be read. */
  store(): Store | undefined;
  /** Counts the files that were opened: what was read under another number is of another store. */
  readonly generation: number;
  /** Grows whenever `store` found that something was written since. */
  readonly version: number;
  /** Opens the store for writing, does one thing and closes it. Throws Refusal. */
  write<T>(body: (store: Store) => T): T;
  close(): void;
}

/** A short wait for locks: the page can ask again, and the server has other callers. */
const busyTimeout = 2000;

export function createSource(path: string): Source {
  let open: { readonly store: Store; readonly file: string } | undefined;
  let generation = 0;
  let version = 0;

  const drop = () => {
    open?.store.close();
    open = undefined;
  };
  const current = (): Store | undefined => {
    const file = fileId(path);
    if (open && open.file !== file) drop();
    if (file === undefined) return undefined;
    if (!open) {
      open = { store: openStore(path, { readOnly: true, busyTimeout }), file };
      generation++;
    }
    if (open.store.changed()) version++;
    return open.store;
  };

  return {
    path,
    get generation() {
      return generation;
    },
    get version() {
      return generation + version;
    },
    state: () => {
      try {
        return { state: current() ? 'ready' : 'missing' };
      } catch (thrown) {
        drop();
        return { state: 'error', error: oneLine(thrown) };
      }
    },
    store: () => {
      try {
        return current();
      } catch (thrown) {
        drop();
        throw refusalOf(thrown);
      }
    },
    write: (body) => {
      if (fileId(path) === undefined) throw new Refusal(404, `there is no store at ${path}`);
      let writer: Store | undefined;
      try {
        writer = openStore(path, { busyTimeout });
        return body(writer);
      } catch (thrown) {
        throw refusalOf(thrown);
      } finally {
        writer?.close();
      }
    },
    close: drop,
  };
}

/** What the store threw as an answer: an unknown run is 404, a store that cannot be read now 503. Others are passed on. */
export function refusalOf(thrown: unknown): unknown {
  if (!(thrown instanceof StoreError)) return thrown;
  return new Refusal(thrown.fault === 'unknown' ? 404 : 503, thrown.message);
}
