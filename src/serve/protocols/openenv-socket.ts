import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { oneLine } from '../../core/index.ts';
import { isAllowed } from '../auth.ts';
import { parseJson } from '../json-body.ts';
import type { ServeOptions } from '../options.ts';
import { parseBody, Refused } from '../routes.ts';
import { refuse } from '../slow-clients.ts';
import type { Episode } from './openenv-episode.ts';
import { exactly } from './sample-body.ts';

/** Seconds without a message or an answer to a ping after which a session is ended: none is leaked. */
const idleSeconds = 600;

type ErrorCode =
  | 'INVALID_JSON'
  | 'UNKNOWN_TYPE'
  | 'VALIDATION_ERROR'
  | 'EXECUTION_ERROR'
  | 'CAPACITY_REACHED';

const resetMessage = z.strictObject({
  type: z.literal('reset'),
  data: exactly(['answer'], z.record(z.string(), z.unknown())).default({}),
});
const stepMessage = z.strictObject({ type: z.literal('step'), data: z.record(z.string(), z.unknown()) });
const stateMessage = z.strictObject({ type: z.literal('state') });

/** The socket of OpenEnv at `/ws`: one episode at a time a connection, messages answered in order. */
export function openEnvSocket(
  app: FastifyInstance,
  begin: (data: unknown) => Episode,
  options: ServeOptions,
): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.body });
  /** Ends each session that is open once its messages so far are answered. */
  const sessions = new Set<() => void>();
  let ending = false;
  app.server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    socket.on('error', () => {});
    const url = URL.parse(request.url ?? '/', 'http://host');
    if (url === null) refuse(socket, 400, 'the path cannot be read');
    else if (url.pathname !== '/ws') refuse(socket, 404, 'there is no such socket');
    else if (!isAllowed(request.headers, options.token))
      refuse(socket, 401, 'a valid bearer token is required');
    else sockets.handleUpgrade(request, socket, head, (open) => serve(open));
  });
  app.addHook('preClose', async () => {
    ending = true;
    sockets.close();
    for (const end of sessions) end();
  });

  const serve = (open: WebSocket) => {
    const say = (type: string, data: object) => {
      if (open.readyState === open.OPEN) open.send(JSON.stringify({ type, data }));
    };
    const fail = (code: ErrorCode, message: string, more: object = {}) =>
      say('error', { message, code, ...more });
    open.on('error', () => {});
    if (sockets.clients.size > options.sessions) {
      const counts = { active_sessions: options.sessions, max_sessions: options.sessions };
      fail('CAPACITY_REACHED', `all ${options.sessions} sessions are in use`, counts);
      open.close();
      return;
    }
    const controller = new AbortController();
    let episode: Episode | undefined;
    let last = performance.now();
    let waiting = 0;
    let turn: Promise<void> = Promise.resolve();
    const end = () => void turn.then(() => open.close(1001, 'the server is going down'));
    sessions.add(end);
    const timer = setInterval(() => {
      if (performance.now() - last > idleSeconds * 1000) open.terminate();
    }, 10_000).unref();
    open.on('close', () => {
      clearInterval(timer);
      sessions.delete(end);
      controller.abort();
    });

    const answer = async (text: string): Promise<void> => {
      let message: { type?: unknown };
      try {
        message = parseJson(text, options.values) as { type?: unknown };
      } catch (thrown) {
        return fail('INVALID_JSON', oneLine(thrown));
      }
      try {
        switch (message?.type) {
          case 'reset':
            episode = begin(parseBody(resetMessage, message).data);
            return say('observation', episode.shown);
          case 'step': {
            const { data } = parseBody(stepMessage, message);
            if (episode === undefined) return fail('EXECUTION_ERROR', 'reset the environment first');
            return say('observation', await episode.step(data, controller.signal));
          }
          case 'state':
            parseBody(stateMessage, message);
            return say('state', episode?.state ?? { episode_id: null, step_count: 0 });
          case 'close':
            return open.close();
          default:
            return fail('UNKNOWN_TYPE', `unknown message type: ${oneLine(String(message?.type), 60)}`);
        }
      } catch (thrown) {
        if (!(thrown instanceof Refused)) return fail('EXECUTION_ERROR', oneLine(thrown));
        return fail('VALIDATION_ERROR', 'Invalid message', { errors: [thrown.message] });
      }
    };

    open.on('message', (raw: RawData) => {
      if (ending) return; // it is closed when those before are answered
      last = performance.now();
      // A client that does not wait for answers fills no memory.
      if (++waiting > 64) return open.close(1008, 'too many messages wait');
      turn = turn.then(() => answer(String(raw))).finally(() => waiting--);
    });
  };
}
