import { z } from 'zod';
import { oneLine } from '../../core/index.ts';
import { Refused } from '../routes.ts';
import { abandoned } from './native.ts';
import { actionBody, beginEpisode, type Episode, EpisodeError, resetBody } from './openenv-episode.ts';
import { openEnvSocket } from './openenv-socket.ts';
import type { Protocol } from './protocol.ts';

const observed = z.object({
  observation: z.record(z.string(), z.unknown()),
  reward: z.number().nullable(),
  done: z.boolean(),
});
const state = z.looseObject({ episode_id: z.string().nullable(), step_count: z.number() });

/**
 * OpenEnv, after openenv/core/env_server (0.3.0): `/reset`, `/step`, `/state`, `/schema`, `/metadata`, `/health` and the
 * socket `/ws`, which training uses. Each episode is one step: the task's prompt is shown, the completion is scored. Over
 * HTTP `step` names its episode (`episode_id`), which `reset` returned.
 *
 * No verdict: `reward: null` with `done: true`, and `cause` and `reason` in the observation.
 */
export const openEnvProtocol: Protocol = ({ router, scorer, options }) => {
  const { tasks } = options.openenv;
  // HTTP has no sessions: the last episodes are kept, so many as there may be sockets.
  const episodes = new Map<string, Episode>();
  const keep = (episode: Episode) => {
    episodes.delete(episode.id);
    episodes.set(episode.id, episode);
    if (episodes.size > options.sessions) episodes.delete(episodes.keys().next().value!);
  };
  const refusing = async <T>(run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      throw thrown instanceof EpisodeError ? new Refused(409, oneLine(thrown)) : thrown;
    }
  };
  router.add({
    method: 'POST',
    url: '/reset',
    tag: 'openenv',
    summary: 'Begin an episode',
    body: resetBody,
    reply: observed,
    handle: (body) =>
      refusing(() => {
        const episode = beginEpisode(body, tasks, scorer);
        keep(episode);
        return episode.shown;
      }),
  });
  router.add({
    method: 'POST',
    url: '/step',
    tag: 'openenv',
    summary: 'Score the completion of an episode',
    body: z.looseObject({
      action: z.record(z.string(), z.unknown()),
      episode_id: z.string().max(255).optional().describe('the last episode when left out'),
      timeout_s: z.number().positive().nullish(),
      request_id: z.string().max(255).nullish(),
    }),
    reply: observed,
    handle: ({ action, episode_id }, _request, reply) =>
      refusing(() => {
        const id = episode_id ?? [...episodes.keys()].at(-1);
        const episode = id === undefined ? undefined : episodes.get(id);
        if (episode === undefined) throw new EpisodeError('there is no such episode: reset first');
        return episode.step(action, abandoned(reply));
      }),
  });
  router.add({
    method: 'GET',
    url: '/state',
    tag: 'openenv',
    summary: 'State of the last episode',
    reply: state,
    handle: () => [...episodes.values()].at(-1)?.state ?? { episode_id: null, step_count: 0 },
  });
  router.add({
    method: 'GET',
    url: '/schema',
    tag: 'openenv',
    summary: 'JSON Schemas of actions, observations and state',
    reply: z.looseObject({ action: z.unknown() }),
    handle: () => ({
      action: z.toJSONSchema(actionBody),
      observation: z.toJSONSchema(z.looseObject({ prompt: z.unknown().optional() })),
      state: z.toJSONSchema(state),
    }),
  });
  router.add({
    method: 'GET',
    url: '/metadata',
    tag: 'openenv',
    summary: 'What this environment is',
    reply: z.looseObject({ name: z.string(), description: z.string() }),
    handle: () => ({
      name: 'assay',
      description: `one step: a completion, scored by ${Object.keys(scorer.rewards).join(', ')}`,
    }),
  });
  router.add({
    method: 'GET',
    url: '/health',
    tag: 'openenv',
    summary: 'OpenEnv asks for it here',
    reply: z.object({ status: z.string() }),
    handle: () => ({ status: 'healthy' }),
  });
  openEnvSocket(router.app, (data) => beginEpisode(data, tasks, scorer), options);
};
