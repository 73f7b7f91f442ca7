import type { FastifyInstance } from 'fastify';
import { Refused } from './routes.ts';

/** Deepest nesting of a request: what goes deeper could exhaust the stack of whoever walks it. */
const deepest = 200;

/** Whether JSON text nests deeper than a limit; counts brackets outside of strings, in one pass. */
export function isTooDeep(text: string, limit = deepest): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      for (;;) {
        i = text.indexOf('"', i + 1);
        if (i < 0) return false; // no valid JSON; the parser will say so
        let slashes = 0;
        while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes++;
        if (slashes % 2 === 0) break;
      }
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > limit) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

/** Reads JSON of a stranger. Throws Refused (400). */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new Refused(400, `the JSON is nested over ${deepest} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 'the body is not valid JSON');
  }
}

/** JSON bodies are parsed by `parseJson`, NDJSON bodies are left as streams; an empty body is an empty object. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : parseJson(body as string));
    } catch (thrown) {
      done(thrown as Error);
    }
  });
  app.addContentTypeParser(['application/x-ndjson', 'application/jsonl'], (_request, stream, done) => {
    done(null, stream);
  });
}
