/**
 * The rows of a long list of samples, read a page at a time by their place as they come into view. How many there are is known at
 * once without filters; under filters the server lists what it finds a stretch at a time, and is asked until it has counted all.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, type IndexState, runPath, type SampleRow, type SamplesAnswer } from '../api.ts';
import { get, RequestError } from '../client.ts';

const perPage = 100;
/** Pages kept; those unused for longest go. */
const pagesKept = 60;
/** The server is busy with a count meanwhile; a text index that is being made gives it time. */
const countEvery = { milliseconds: 30, whileIndexing: 500 };

export interface SampleList {
  readonly count: number;
  /** More rows than `count` may follow. */
  readonly open: boolean;
  readonly row: (index: number) => SampleRow | undefined;
  readonly want: (from: number, to: number) => void;
  readonly scanned: SamplesAnswer['scanned'] | undefined;
  readonly index: IndexState | null;
  /** The first answer is not there yet. */
  readonly busy: boolean;
  readonly error: RequestError | undefined;
  readonly reload: () => void;
}

type Query = { readonly [name: string]: string | number | null | undefined };

interface State {
  pages: Map<number, readonly SampleRow[]>;
  count: number;
  whole: boolean;
  answered: boolean;
  scanned?: SamplesAnswer['scanned'];
  index: IndexState | null;
  error?: RequestError;
}

const fresh = (): State => ({ pages: new Map(), count: 0, whole: false, answered: false, index: null });

/**
 * `version` changes when a run that writes has more samples: the list then grows at its end. `first` is the row that is wanted
 * before anything is known.
 */
export function useSampleList(run: string, query: Query, version: unknown, first: number): SampleList {
  const key = JSON.stringify([run, query]);
  const [attempt, setAttempt] = useState(0);
  const state = useRef<State>(fresh());
  const [, paint] = useState(0);
  const loading = useRef(new Set<number>());
  const control = useRef(new AbortController());
  const wanted = useRef<[number, number]>([first, first + 20]);
  const repaint = useCallback(() => paint((n) => n + 1), []);

  const ask = useCallback(
    async (offset: number, limit: number): Promise<SamplesAnswer> => {
      const { signal } = control.current;
      const answer = await get<SamplesAnswer>(
        apiUrl(`${runPath(run)}/samples`, { ...query, offset, limit }),
        signal,
      );
      signal.throwIfAborted();
      const own = state.current;
      const { total, found, index } = answer;
      // Another start of the list: steps were dropped, or what is at its front came later.
      const moved = query.order === 'desc' && own.index !== null && own.index.done !== index?.done;
      if (moved || (total !== null && total < own.count)) own.pages.clear();
      // What the server forgot it counts again: until then the list is as long as it was.
      own.count = total ?? Math.max(own.count, found ?? 0);
      own.whole = total !== null;
      own.answered = true;
      own.error = undefined;
      own.scanned = answer.scanned;
      own.index = index;
      return answer;
    },
    [key, attempt],
  );

  const failed = (signal: AbortSignal, thrown: unknown): void => {
    if (signal.aborted) return;
    state.current.error = thrown instanceof RequestError ? thrown : new RequestError(0, String(thrown));
    repaint();
  };

  const read = useCallback(
    async (page: number): Promise<void> => {
      if (loading.current.has(page)) return;
      loading.current.add(page);
      const { signal } = control.current;
      const own = state.current;
      const start = page * perPage;
      const rows: SampleRow[] = [];
      try {
        // A busy server gives less than it was asked for, and nothing of a list that it has to make again.
        for (;;) {
          const { samples, total } = await ask(start + rows.length, perPage - rows.length);
          rows.push(...samples);
          const end = Math.min(perPage, own.count - start);
          if (rows.length >= end || (samples.length === 0 && total !== null)) break;
        }
        own.pages.delete(page);
        own.pages.set(page, rows);
        if (own.pages.size > pagesKept) own.pages.delete(own.pages.keys().next().value!);
      } catch (thrown) {
        failed(signal, thrown);
      } finally {
        if (!signal.aborted) {
          loading.current.delete(page);
          repaint();
        }
      }
    },
    [ask],
  );

  /** Reads what is in view and not there, or not all there. */
  const fill = useCallback((): void => {
    const { error, count, pages } = state.current;
    if (error) return;
    const [from, to] = wanted.current;
    const last = Math.floor(Math.max(0, Math.min(to, count) - 1) / perPage);
    for (let page = Math.min(last, Math.floor(from / perPage)); page <= last; page++) {
      const whole = (pages.get(page)?.length ?? -1) >= Math.min(perPage, count - page * perPage);
      // One that is being read fills again by itself when it is there.
      if (!whole && !loading.current.has(page)) void read(page).then(fill);
    }
  }, [read]);

  const counting = useRef(false);
  /** Asks until all is counted. */
  const recount = useCallback(async (): Promise<void> => {
    if (counting.current) return;
    counting.current = true;
    const { signal } = control.current;
    try {
      do {
        await ask(0, 1);
        repaint();
        fill();
        const indexing = state.current.index?.state === 'working';
        if (!state.current.whole)
          await new Promise((done) =>
            setTimeout(done, indexing ? countEvery.whileIndexing : countEvery.milliseconds),
          );
      } while (!state.current.whole && state.current.index?.state !== 'failed' && !signal.aborted);
    } catch (thrown) {
      failed(signal, thrown);
    } finally {
      if (!signal.aborted) counting.current = false;
    }
  }, [ask, fill]);

  useEffect(() => {
    control.current = new AbortController();
    state.current = fresh();
    loading.current.clear();
    counting.current = false;
    wanted.current = [first, first + 20];
    repaint();
    const own = control.current;
    void read(Math.floor(wanted.current[0] / perPage)).then(() => {
      if (own.signal.aborted || state.current.error) return;
      fill();
      if (!state.current.whole) void recount();
    });
    return () => own.abort();
  }, [read, fill, recount]);

  // A run that writes: how many there are now; a page that was not full is read again when it is in view.
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    if (state.current.answered) void recount();
  }, [version, recount]);

  const { pages, count, whole, answered, scanned, index, error } = state.current;
  return {
    count,
    open: !whole,
    row: (i) => pages.get(Math.floor(i / perPage))?.[i % perPage],
    want: (from, to) => {
      wanted.current = [from, to];
      fill();
    },
    scanned,
    index,
    busy: !answered && !error,
    error,
    // What is there stays; a list that never came is asked for anew.
    reload: () => (answered ? void recount() : setAttempt((n) => n + 1)),
  };
}
