/**
 * The address is the state: what a page shows follows from its path and query alone, so that every view can be linked, and
 * back and forward work. History entries are made for choices; typing and dragging replace the current one.
 */
import { useEffect, useState } from 'preact/hooks';

export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

type Listener = () => void;
const listeners = new Set<Listener>();

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

let current = read();

function changed(): void {
  current = read();
  for (const listener of listeners) listener();
}

addEventListener('popstate', changed);

/** Goes to an address of this app. A new path starts at the top of its page, as a browser would. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  const next = new URL(to, location.href);
  if (next.href === location.href) return;
  const samePath = next.pathname === location.pathname;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', next);
  changed();
  if (!samePath && !options.replace) scrollTo(0, 0);
}

export type QueryPatch = { readonly [name: string]: string | number | null | undefined };

/** An address with some of its query changed; empty, null and undefined take a name out. */
export function withQuery(address: Address, patch: QueryPatch): string {
  const query = new URLSearchParams(address.query);
  for (const [name, value] of Object.entries(patch))
    if (value === null || value === undefined || value === '') query.delete(name);
    else query.set(name, String(value));
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
  return text === '' ? address.path : `${address.path}?${text}`;
}

/** Changes the query of the address shown now. */
export function setQuery(patch: QueryPatch, options: { readonly replace?: boolean } = {}): void {
  navigate(withQuery(current, patch), options);
}

export function useAddress(): Address {
  const [address, setAddress] = useState(current);
  useEffect(() => {
    const listener = () => setAddress(current);
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return address;
}

/** A number of the query, or undefined where there is none. */
export function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
