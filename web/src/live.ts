/** What the server tells while a run writes: one stream of events a page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, type LiveEvents } from './api.ts';

export type Connection = 'none' | 'connecting' | 'live' | 'lost';

let connection: Connection = 'none';
const listeners = new Set<() => void>();

function setConnection(next: Connection): void {
  if (connection === next) return;
  connection = next;
  for (const listener of listeners) listener();
}

export function useConnection(): Connection {
  const [value, setValue] = useState(connection);
  useEffect(() => {
    const listener = () => setValue(connection);
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return value;
}

export type LiveHandlers = { readonly [K in keyof LiveEvents]?: (event: LiveEvents[K]) => void } & {
  /** The connection came back: what was missed meanwhile must be read anew. */
  readonly back?: () => void;
};

const kinds = ['run', 'gone', 'step', 'behind', 'truncated', 'event', 'evaluation'] as const;

/**
 * Listens while the component is there: to one run from a step on, or to the list of runs. `undefined` as the start waits (the page
 * does not know yet what it has).
 */
export function useLive(
  of: { readonly run: string; readonly from: number } | 'runs' | undefined,
  handlers: LiveHandlers,
): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  const run = typeof of === 'object' ? of.run : of;
  const from = useRef(-1);
  if (typeof of === 'object') from.current = of.from;

  useEffect(() => {
    if (run === undefined) return;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let wasLost = false;
    setConnection('connecting');
    const open = () => {
      source = new EventSource(apiUrl('/live', of === 'runs' ? {} : { run, from: from.current }));
      source.onopen = () => {
        setConnection('live');
        if (wasLost) latest.current.back?.();
        wasLost = false;
      };
      source.onerror = () => {
        setConnection('lost');
        wasLost = true;
        // The browser reconnects by itself but for a refusal, after which it gives up.
        if (source?.readyState === EventSource.CLOSED) {
          source.close();
          retry = setTimeout(open, 2000);
        }
      };
      for (const kind of kinds)
        source.addEventListener(kind, (message) => {
          const event = JSON.parse((message as MessageEvent<string>).data) as never;
          (latest.current[kind] as ((event: never) => void) | undefined)?.(event);
        });
    };
    open();
    return () => {
      clearTimeout(retry);
      source?.close();
      setConnection('none');
    };
  }, [run, of === 'runs']);
}

/** The time now, every so many seconds: for 'x s ago'. */
export function useNow(everySeconds: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return now;
}
