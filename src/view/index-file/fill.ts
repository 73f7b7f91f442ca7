import type { DatabaseSync } from 'node:sqlite';
import { openStore, type Store } from '../../store/index.ts';
import { fileId } from '../file-id.ts';
import { type ChunkFiller, createChunkFiller } from './chunks.ts';
import { holdsDeleted, openIndex, removeIndex } from './file.ts';
import { createFiller, type Filler, type Slice } from './fill-text.ts';

export interface FillPaths {
  readonly store: string;
  readonly index: string;
}

/** Keeps the index of a store full, whatever happens to either file. */
export interface Fill {
  /**
   * One slice: opens what is not open, or is another file by now, and adds what is missing. Returns how much that was. Throws where it
   * cannot; the next round begins anew.
   */
  round(slice: Slice, focus?: string): number;
  close(): void;
}

interface Open {
  readonly store: Store;
  readonly db: DatabaseSync;
  readonly chunks: ChunkFiller;
  readonly texts: Filler;
  readonly files: { readonly store: string; readonly index: string | undefined };
}

export function createFill(paths: FillPaths): Fill {
  let open: Open | undefined;
  const close = () => {
    open?.db.close();
    open?.store.close();
    open = undefined;
  };
  /** Whether both are the files that were opened. */
  const isSame = ({ files }: Open) =>
    files.store === fileId(paths.store) && files.index === fileId(paths.index);

  return {
    close,
    round: (slice, focus) => {
      if (open && !isSame(open)) close();
      const file = fileId(paths.store);
      if (file === undefined) return 0;
      open ??= openBoth(paths, file);
      try {
        open.store.changed();
        if (holdsDeleted(open.db, open.store.runs())) {
          // Words cannot be taken out of a full-text index one run at a time: it is made anew without them.
          const { index } = open.files;
          close();
          if (index === fileId(paths.index)) removeIndex(paths.index);
          return 1;
        }
        return open.chunks.fill(slice.milliseconds, focus) + open.texts.fill(slice, focus);
      } catch (thrown) {
        const replaced = !isSame(open);
        close();
        if (replaced) return 0;
        throw thrown;
      }
    },
  };
}

function openBoth(paths: FillPaths, file: string): Open {
  const store = openStore(paths.store, { readOnly: true });
  try {
    const db = openIndex(paths.index);
    try {
      return {
        store,
        db,
        chunks: createChunkFiller(db, store),
        texts: createFiller(db, store),
        files: { store: file, index: fileId(paths.index) },
      };
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}
