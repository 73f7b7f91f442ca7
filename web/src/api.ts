/** The server's contract, as types only: the page shares no code with it. */
export type * from '../../src/view/api.ts';

export const apiRoot = '/api/v1';

type Value = string | number | boolean | null | undefined;

/** An address of the API; lists are repeated, null and undefined are left out. */
export function apiUrl(
  path: string,
  query: { readonly [name: string]: Value | readonly Value[] } = {},
): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? (value as readonly Value[]) : [value as Value])
      if (one !== null && one !== undefined && one !== '') out.append(name, String(one));
  const text = out.toString();
  return `${apiRoot}${path}${text === '' ? '' : `?${text}`}`;
}

/** The path of a run in the API. */
export const runPath = (run: string) => `/runs/${encodeURIComponent(run)}`;
/** The path of a run's page. */
export const runPage = (run: string) => `/run/${encodeURIComponent(run)}`;
