/**
 * The rows of a long list of samples, read a page at a time as they come into view: by their place where the server knows how many
 * there are (no filters), else one page after the other, as far as somebody scrolls.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, type IndexState, runPath, type SampleRow, type SamplesAnswer } from '../api.ts';
import { get, RequestError } from '../client.ts';

const perPage = 100;
/** Pages kept; those unused for longest go. */
const pagesKept = 60;

export interface SampleList {
  readonly count: number;
  /** More rows than `count` may follow. */
  readonly open: boolean;
  readonly row: (index: number) => SampleRow | undefined;
  readonly want: (from: number, to: number) => void;
  readonly scanned: SamplesAnswer['scanned'] | undefined;
  readonly index: IndexState | null;
  readonly busy: boolean;
  readonly error: RequestError | undefined;
  readonly reload: () => void;
}

type Query = { readonly [name: string]: string | number | null | undefined };

interface State {
  pages: Map<number, readonly SampleRow[]>;
  /** With filters: all rows so far. */
  rows: SampleRow[];
  total: number | null;
  next: string | null;
  scanned?: SamplesAnswer['scanned'];
  index: IndexState | null;
  error?: RequestError;
}

const fresh = (): State => ({ pages: new Map(), rows: [], total: null, next: null, index: null });

/** `version` changes when a live run has more samples: an unfiltered list then grows. */
export function useSampleList(run: string, query: Query, version: number): SampleList {
  const key = JSON.stringify([run, query]);
  const [attempt, setAttempt] = useState(0);
  const state = useRef<State>(fresh());
  const [, paint] = useState(0);
  const loading = useRef(new Set<number>());
  const control = useRef(new AbortController());
  const wanted = useRef<[number, number]>([0, 20]);
  const repaint = useCallback(() => paint((n) => n + 1), []);

  const read = useCallback(
    async (page: number, extra: Query): Promise<boolean> => {
      if (loading.current.has(page)) return false;
      loading.current.add(page);
      const { signal } = control.current;
      try {
        const ask = (more: Query) =>
          get<SamplesAnswer>(apiUrl(`${runPath(run)}/samples`, { ...query, ...more }), signal);
        let answer = await ask({ ...extra, limit: perPage });
        const rows = [...answer.samples];
        // A busy server gives less than it was asked for; a page that is known by its place is read to its end.
        const start = page * perPage;
        const whole = answer.total === null ? 0 : Math.min(perPage, answer.total - start);
        while (rows.length < whole && answer.samples.length > 0) {
          answer = await ask({ offset: start + rows.length, limit: perPage - rows.length });
          rows.push(...answer.samples);
        }
        if (signal.aborted) return false;
        const own = state.current;
        own.error = undefined;
        own.total = answer.total;
        own.scanned = answer.scanned;
        own.index = answer.index;
        if (answer.total !== null) {
          own.pages.delete(page);
          own.pages.set(page, rows);
          if (own.pages.size > pagesKept) own.pages.delete(own.pages.keys().next().value!);
        } else {
          own.rows.push(...rows);
          own.next = answer.next;
        }
      } catch (thrown) {
        if (signal.aborted) return false;
        state.current.error = thrown instanceof RequestError ? thrown : new RequestError(0, String(thrown));
      } finally {
        if (!signal.aborted) {
          loading.current.delete(page);
          repaint();
        }
      }
      return true;
    },
    [key, attempt],
  );

  /** Reads what is in view and not there. */
  const fill = useCallback((): void => {
    const own = state.current;
    const [from, to] = wanted.current;
    if (own.error) return;
    const again = (done: boolean) => done && fill();
    if (own.total !== null) {
      const last = Math.floor(Math.max(0, Math.min(to, own.total) - 1) / perPage);
      for (let page = Math.floor(from / perPage); page <= last; page++)
        // One that is being read fills again by itself when it is there.
        if (!own.pages.has(page) && !loading.current.has(page))
          void read(page, { offset: page * perPage }).then(again);
    } else if (own.next !== null && to + 20 > own.rows.length && loading.current.size === 0)
      void read(own.rows.length, { cursor: own.next }).then(again);
  }, [read]);

  useEffect(() => {
    control.current = new AbortController();
    state.current = fresh();
    loading.current.clear();
    wanted.current = [0, 20];
    repaint();
    const own = control.current;
    void read(0, {}).then((done) => done && fill());
    return () => own.abort();
  }, [read, fill]);

  // A live run: how many there are now, and the last page again, which was not full.
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version || state.current.total === null) return;
    seen.current = version;
    const page = Math.max(0, Math.ceil(state.current.total / perPage) - 1);
    void read(page, { offset: page * perPage }).then((done) => done && fill());
  }, [version, read, fill]);

  const { pages, rows, total, next, scanned, index, error } = state.current;
  return {
    count: total ?? rows.length + (next === null ? 0 : 1),
    open: total === null && next !== null,
    row: (i) => (total === null ? rows[i] : pages.get(Math.floor(i / perPage))?.[i % perPage]),
    want: (from, to) => {
      wanted.current = [from, to];
      fill();
    },
    scanned,
    index,
    busy: loading.current.size > 0,
    error,
    reload: () => setAttempt((n) => n + 1),
  };
}
