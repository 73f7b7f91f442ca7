/** Asks the server that served this page. What was read last is kept, so that going back shows it at once. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** What the server refused, in its own words. */
export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const unreachable =
  'The server does not answer. Is `assay view` still running in its terminal? Start it again and press Retry.';

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    throw new RequestError(response.status, `The server answered ${response.status} and no JSON.`);
  }
  if (response.ok) return body as T;
  const said = (body as { error?: unknown } | null)?.error;
  throw new RequestError(
    response.status,
    typeof said === 'string' ? said : `The server answered ${response.status}.`,
  );
}

/** GET as JSON. Throws RequestError; status 0 where nobody answers. */
export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } }).catch((thrown) => {
    if (signal?.aborted) throw thrown;
    throw new RequestError(0, unreachable);
  });
  return answer<T>(response);
}

/** A change. The token, which only a page of this server can read, keeps pages of other sites from sending it. */
export async function send<T>(
  method: 'PUT' | 'DELETE',
  url: string,
  token: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/json',
      'x-assay-token': token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new RequestError(0, unreachable);
  });
  return answer<T>(response);
}

const kept = new Map<string, unknown>();
const keptAtMost = 60;

function keep(url: string, value: unknown): void {
  kept.delete(url);
  kept.set(url, value);
  if (kept.size > keptAtMost) kept.delete(kept.keys().next().value!);
}

export interface Resource<T> {
  /** What was read last; while another address is being read, still the one before (`stale`). */
  readonly data: T | undefined;
  readonly error: RequestError | undefined;
  readonly stale: boolean;
  readonly reload: () => void;
}

/**
 * Reads an address and reads it again whenever `version` changes. Data stays on screen until the next are there, so that
 * nothing jumps. `null` reads nothing.
 */
export function useResource<T>(url: string | null, version: unknown = 0): Resource<T> {
  const [state, setState] = useState<{ url: string | null; data?: T; error?: RequestError }>(() => ({
    url,
    data: url === null ? undefined : (kept.get(url) as T | undefined),
  }));
  const [attempt, setAttempt] = useState(0);
  const busy = useRef<{ url: string; again: boolean } | undefined>(undefined);

  useEffect(() => {
    if (url === null) {
      setState({ url });
      return;
    }
    // One request an address at a time: a live run must not queue them up behind a slow one.
    if (busy.current?.url === url) {
      busy.current.again = true;
      return;
    }
    const own = { url, again: false };
    busy.current = own;
    const seen = kept.get(url) as T | undefined;
    if (seen !== undefined) setState({ url, data: seen });
    const read = async (): Promise<void> => {
      try {
        do {
          own.again = false;
          const data = await get<T>(url);
          keep(url, data);
          if (busy.current === own) setState({ url, data });
        } while (own.again && busy.current === own);
      } catch (thrown) {
        const error = thrown instanceof RequestError ? thrown : new RequestError(0, String(thrown));
        if (busy.current === own)
          setState((before) => ({ url, data: before.url === url ? before.data : undefined, error }));
      } finally {
        if (busy.current === own) busy.current = undefined;
      }
    };
    void read();
  }, [url, version, attempt]);
  useEffect(
    () => () => {
      busy.current = undefined;
    },
    [],
  );

  return {
    data: url === null ? undefined : state.data,
    error: state.url === url ? state.error : undefined,
    stale: state.url !== url,
    reload: () => setAttempt((n) => n + 1),
  };
}
