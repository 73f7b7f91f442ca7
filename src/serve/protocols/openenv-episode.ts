import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { stream, toWire, type Verdict } from '../../core/index.ts';
import { parseBody } from '../routes.ts';
import type { Scorer } from '../scorer.ts';
import { exactly, type SampleBody, sampleBody, toRequest } from './sample-body.ts';

/** What `reset` takes: a seed chooses a task, or the caller brings the task itself. */
export const resetBody = exactly(
  ['answer'],
  z.looseObject({
    seed: z.int().min(0).nullish(),
    episode_id: z.string().max(255).nullish(),
    prompt: z.unknown().optional().describe('a task of the caller: { prompt, answer?, reward?, … }'),
  }),
);

/** What one step takes: the whole completion. Unknown fields are refused, as OpenEnv does. */
export const actionBody = z.strictObject({
  completion: z.string(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

export interface Observed {
  readonly observation: { readonly [field: string]: unknown };
  readonly reward: number | null;
  readonly done: boolean;
}

/** A single-step environment: a task is shown, the completion is scored, the episode is over. */
export interface Episode {
  readonly id: string;
  readonly state: { readonly episode_id: string; readonly step_count: number };
  readonly shown: Observed;
  step(action: unknown, signal?: AbortSignal): Promise<Observed>;
}

/** Thrown for what the episode cannot do now: OpenEnv's EXECUTION_ERROR. */
export class EpisodeError extends Error {}

/** Begins an episode on a task of the server, or on the one that the request brings. Throws Refused and EpisodeError. */
export function beginEpisode(data: unknown, tasks: readonly object[], scorer: Scorer): Episode {
  const { seed, episode_id, ...own } = parseBody(resetBody, data);
  const id = episode_id ?? randomUUID();
  const task = own.prompt === undefined ? chosen(tasks, seed ?? undefined) : own;
  // Everything but the completion is known now: what is wrong with the task is said at once.
  const body: SampleBody = parseBody(sampleBody, { id: episode_id ?? undefined, ...task, completion: '' });
  let steps = 0;
  return {
    id,
    get state() {
      return { episode_id: id, step_count: steps };
    },
    shown: { observation: { prompt: body.prompt, episode_id: id }, reward: null, done: false },
    step: async (action, signal) => {
      const { completion } = parseBody(actionBody, action);
      if (steps > 0) throw new EpisodeError('the episode is over: reset it first');
      steps = 1;
      const request = toRequest({ ...body, completion });
      const [verdict] = await scorer.score([request], signal).catch((thrown: unknown) => {
        steps = 0; // it was not scored: the step may be tried again
        throw thrown;
      });
      return observed(verdict!, completion);
    },
  };
}

function chosen(tasks: readonly object[], seed = 0): object {
  if (tasks.length === 0)
    throw new EpisodeError('the server has no tasks: configure openenv.tasks, or send one with reset');
  return tasks[seed < tasks.length ? seed : stream(seed, 'openenv').integer(tasks.length)]!;
}

/** No verdict is `reward: null`; why is in the observation, since metadata does not cross OpenEnv's wire. */
function observed(verdict: Verdict, completion: string): Observed {
  const { reward, ...rest } = toWire(verdict, [completion]);
  return { observation: rest, reward, done: true };
}
