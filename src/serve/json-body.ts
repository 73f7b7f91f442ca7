import type { FastifyInstance } from 'fastify';
import { parseJsonExactly } from '../core/index.ts';
import { Refused } from './routes.ts';

/** Deepest nesting of a request: what goes deeper could exhaust the stack of whoever walks it. */
const deepest = 200;

/**
 * So many numbers, booleans and nulls of a list count as one value: reading a number and handing it on takes a small part of
 * the time of an object or a text, and token ids and log-probabilities come by the hundred thousand. Where a number is in the
 * text that a double cannot hold, each value is looked at once more, and each number counts as one.
 */
const numbersAValue = 10;

/** What a text of JSON holds, as far as it was read: the reading stops where a limit is passed. */
export interface Scan {
  /** Deepest nesting. */
  readonly depth: number;
  /** Values in lists and objects; so many numbers of a list (`numbersAValue`) are one. */
  readonly values: number;
  /** Whether a number in it may be one that a double cannot hold. */
  readonly inexact: boolean;
}

/** Looks through JSON, whatever is wrong with it, in one pass that leaves out strings. */
export function scanJson(text: string, limits: { readonly depth: number; readonly values: number }): Scan {
  let open = 0;
  let depth = 0;
  let whole = 0;
  let numbers = 0;
  let inexact = false;
  const values = () => whole + Math.floor(numbers / (inexact ? 1 : numbersAValue));
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      i = endOfString(text, i);
      if (i < 0) break; // no valid JSON; the parser will say so
    } else if (unit === 0x2c) {
      // What follows it: a list or an object counts itself, a number is a part of a value.
      while (isSpace(text.charCodeAt(i + 1))) i++;
      const next = text.charCodeAt(i + 1);
      if (isPlain(next)) numbers++;
      else if (next !== 0x7b && next !== 0x5b) whole++;
      if (values() > limits.values) break;
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++open > depth) depth = open;
      whole++;
      if (values() > limits.values || depth > limits.depth) break;
    } else if (unit === 0x7d || unit === 0x5d) open--;
    else if (unit >= 0x30 && unit <= 0x39) {
      const start = i;
      i = endOfDigits(text, i);
      if (i - start >= 16) inexact = true;
      if (text.charCodeAt(i) === 0x2e) i = endOfDigits(text, i + 1);
      if ((text.charCodeAt(i) | 0x20) === 0x65) {
        const exponent = text.charCodeAt(i + 1) === 0x2b ? i + 2 : i + 1;
        i = endOfDigits(text, exponent);
        if (i - exponent >= 3) inexact = true;
      }
      i--;
    }
  }
  return { depth, values: values(), inexact };
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** Whether a number, `true`, `false` or `null` begins so. */
function isPlain(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x74 || unit === 0x66 || unit === 0x6e;
}

/** Where the quote stands that ends a string; -1 where there is none. */
function endOfString(text: string, start: number): number {
  for (let i = start; ; ) {
    i = text.indexOf('"', i + 1);
    if (i < 0) return i;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return i;
  }
}

function endOfDigits(text: string, start: number): number {
  let i = start;
  for (let unit = text.charCodeAt(i); unit >= 0x30 && unit <= 0x39; unit = text.charCodeAt(i)) i++;
  return i;
}

/**
 * Reads JSON of a stranger: at most so many values, which is what reading and handing them on takes time for. The digits
 * of numbers that a double cannot hold are remembered (see `parseJsonExactly`). Throws Refused (400, 413).
 */
export function parseJson(text: string, most: number): unknown {
  const { depth, values, inexact } = scanJson(text, { depth: deepest, values: most });
  if (depth > deepest) throw new Refused(400, `the JSON is nested over ${deepest} deep`);
  if (values > most)
    throw new Refused(
      413,
      `the JSON has over ${most} values (option 'values'); send fewer samples a request`,
    );
  try {
    return parseJsonExactly(text, inexact);
  } catch {
    throw new Refused(400, 'the body is not valid JSON');
  }
}

/** Limits of a route of its own, in the place of the server's. */
export interface RouteLimits {
  /** Values of its JSON. */
  readonly values?: number;
}

/** JSON bodies are parsed by `parseJson`, NDJSON bodies are left as streams; an empty body is an empty object. */
export function readBodies(app: FastifyInstance, most: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const { values = most } = request.routeOptions.config as RouteLimits;
    try {
      done(null, body === '' ? {} : parseJson(body as string, values));
    } catch (thrown) {
      done(thrown as Error);
    }
  });
  app.addContentTypeParser(['application/x-ndjson', 'application/jsonl'], (_request, stream, done) => {
    done(null, stream);
  });
}
