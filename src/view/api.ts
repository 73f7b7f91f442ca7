/**
 * The HTTP API of the dashboard, version 1: what every route takes and gives. The page in `web/` uses these types and nothing
 * else of Assay; others may use the same routes. A file of `api/` each holds a group of them. All are under `/api/v1`, all answers
 * are JSON (`live` is a stream of events).
 *
 * - A refusal is `{ error }`, one line for a person: 400 (a parameter), 403 (host, origin, token), 404, 409 (not in this
 *   state), 503 (the store cannot be read now; try again).
 * - Numbers that are not finite are null. Times are milliseconds since 1970, durations seconds.
 * - Offsets into texts (`start`, `end`, `credit`) count Unicode code points, as on every wire of Assay. In a text without
 *   surrogate pairs they are JavaScript's own; else walk it: `[...text].slice(start, end).join('')`.
 * - Texts are what the model wrote, unchanged: show them as text, never as HTML. Long ones are cut at `chars`, see `Text`.
 * - Repeated query parameters are lists: `?name=reward&name=part.correct`.
 * - What changes something (tags, delete) needs the header `x-assay-token` with `session.token`, and an own origin.
 * - The page is served with `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';
 *   connect-src 'self'`: no inline script, no `style="…"` in markup (setting `element.style.x` from script is allowed).
 * - Every path that is not a file and not under /api answers index.html, so that deep links work.
 */
export const apiRoot = '/api/v1';
/** Carries `session.token` on what changes something. */
export const tokenHeader = 'x-assay-token';

export * from './api/alarms.ts';
export * from './api/audits.ts';
export * from './api/common.ts';
export * from './api/compare.ts';
export * from './api/live.ts';
export * from './api/reproductions.ts';
export * from './api/run.ts';
export * from './api/runs.ts';
export * from './api/samples.ts';
export * from './api/search.ts';
export * from './api/series.ts';
export * from './api/session.ts';
