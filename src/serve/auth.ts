import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whether a request carries the token (`Authorization: Bearer …` or `x-api-key`); always, where none is set. */
export function isAllowed(headers: IncomingHttpHeaders, token: string | undefined): boolean {
  if (token === undefined) return true;
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key'];
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
}

/** Of equal length, so that the comparison does not tell by its time how much was right. */
const digest = (text: string) => createHash('sha256').update(text).digest();
