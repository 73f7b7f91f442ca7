/** `GET /live`: a stream of events. */
import { z } from 'zod';
import { name, number, time, wholeParam } from './fields.ts';
import type { Evaluation, RunEvent } from './run.ts';
import type { RunRow } from './runs.ts';

/**
 * Server-sent events. Without `run`: event `run` (a RunRow that is new or changed) and `gone` (`{ id }`). With `run`: `step` (LiveStep,
 * each new step after `from`; a long gap comes as one `behind`), `run`, `event` (RunEvent), `evaluation` (Evaluation), `gone`, and
 * `truncated` (`{ last }`: steps after it were dropped by a resume; load the series anew). A comment every 15 s keeps the
 * connection. The id of a `step` event is its step, so that a browser that reconnects misses nothing.
 */
export const liveQuery = z.strictObject({
  run: name.optional(),
  /** The last step that the page has; without it only what is new from now on. */
  from: wholeParam(-1, Number.MAX_SAFE_INTEGER).optional(),
});
export const liveStep = z.object({
  step: z.number(),
  stage: z.string(),
  time,
  /** By the names that `series` takes (clock metrics too). */
  metrics: z.record(z.string(), number),
});
export type LiveStep = z.output<typeof liveStep>;
/** `behind`: more than 200 steps are new; load the series up to `last` instead. */
export const liveBehind = z.object({ last: z.number() });

export type LiveEvents = {
  run: RunRow;
  gone: { id: string };
  step: LiveStep;
  behind: { last: number };
  truncated: { last: number };
  event: RunEvent;
  evaluation: Evaluation;
};
