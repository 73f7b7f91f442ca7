import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { tokenHeader } from './api.ts';

/**
 * The page runs no script but its own files, loads nothing from elsewhere, and cannot be framed; what a model wrote could do
 * nothing even if it became markup.
 */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
} as const;

/**
 * Whether the Host header names this server and not another site's name that was made to point here (DNS rebinding). An
 * address is always right, since a rebound page has a name; of names only `localhost`, the machine's own and the one of
 * `--host`.
 */
export function isOwnHost(header: string | undefined, host: string): boolean {
  const name = hostOf(header);
  if (name === undefined) return false;
  if (isIP(name) !== 0) return true;
  return name === 'localhost' || name === hostname().toLowerCase() || name === host.toLowerCase();
}

/** The name in a Host header, without its port; undefined for what is none. */
function hostOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 300) return undefined;
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** Whether a request comes from the page itself (or from a program, which sends no origin), not from another site's. */
export function isSameOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || origin === `http://${host}`;
}

export function hasToken(headers: IncomingHttpHeaders, token: string): boolean {
  const given = headers[tokenHeader];
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
}

/** Of equal length, so that the comparison does not tell by its time how much was right. */
const digest = (text: string) => createHash('sha256').update(text).digest();

export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || plain === 'localhost' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
