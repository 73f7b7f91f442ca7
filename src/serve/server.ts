import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { z } from 'zod';
import { listenError, oneLine } from '../core/index.ts';
import { isAllowed } from './auth.ts';
import { readBodies } from './json-body.ts';
import { parseServeOptions, type ServeInput, type ServeOptions } from './options.ts';
import type { RewardSource } from './pool/protocol.ts';
import { evalProtocol } from './protocols/eval-protocol.ts';
import { nativeProtocol } from './protocols/native.ts';
import { nemoGymProtocol } from './protocols/nemo-gym.ts';
import { openEnvProtocol } from './protocols/openenv.ts';
import { openRlhfProtocol } from './protocols/openrlhf.ts';
import type { Protocol } from './protocols/protocol.ts';
import { sandboxFusionProtocol } from './protocols/sandbox-fusion.ts';
import { slimeProtocol } from './protocols/slime.ts';
import { because, isProbe, logRequests } from './request-log.ts';
import { createRouter, Refused, type Router } from './routes.ts';
import { createScorer, Overloaded, type Scorer } from './scorer.ts';
import { connectionsOf, limitBodyTime, lingerOnClose, refuseClient } from './slow-clients.ts';

/** One file each, all on the same server: their paths do not meet. */
const protocols: readonly Protocol[] = [
  nativeProtocol,
  openRlhfProtocol,
  slimeProtocol,
  nemoGymProtocol,
  openEnvProtocol,
  evalProtocol,
  sandboxFusionProtocol,
];

export interface RewardServer {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly scorer: Scorer;
  /** Takes no new requests, lets those under way finish for `drainSeconds`, then ends. */
  close(): Promise<void>;
}

/**
 * Starts the reward server and resolves when it listens. `source` says where the threads find the rewards: a config
 * module, or else the SPECs of `input.rewards`. Throws InputError.
 */
export async function startServer(
  input: ServeInput,
  source?: RewardSource,
  about: { readonly version?: string; readonly file?: string } = {},
): Promise<RewardServer> {
  const options = parseServeOptions(input, about.file);
  const scorer = await createScorer(options, source ?? { rewards: options.rewards });
  const app = createApp(options);
  let draining = false;
  /** Requests that came and are not answered to the end. */
  let open = 0;
  app.addHook('onRequest', (request, reply, next) => {
    open++;
    reply.raw.once('close', () => open--);
    if (!draining || isProbe(request.url)) return next();
    because(request, 'going down');
    reply
      .code(503)
      .header('retry-after', '5')
      .header('connection', 'close')
      .send({ error: 'the server is going down', requestId: request.id });
  });
  app.addHook('onSend', async (_request, reply) => {
    if (draining) reply.header('connection', 'close'); // an idle connection would hold up the end
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    scorer.metrics.request(route, request.method, reply.statusCode, reply.elapsedTime / 1000);
  });
  const connections = connectionsOf(app.server);
  const router = createRouter(app);
  addOwnRoutes(router, scorer, options, about.version ?? 'unknown', () => draining);
  for (const protocol of protocols) protocol({ router, scorer, options });
  try {
    const url = await app.listen({ host: options.host, port: options.port });
    return {
      url,
      app,
      scorer,
      close: async () => {
        draining = true;
        scorer.closeGroups();
        const closing = app.close();
        connections.close();
        // Of what is no HTTP any more (a socket of OpenEnv), too: its peer may never answer that it closes.
        const late = setTimeout(() => connections.closeAll(), options.drainSeconds * 1000);
        await settled(() => open === 0 && scorer.load === 0, options.drainSeconds);
        await scorer.close();
        app.server.closeIdleConnections(); // kept by an answer that began before
        await closing;
        clearTimeout(late);
      },
    };
  } catch (thrown) {
    await scorer.close();
    throw listenError(thrown, options.host, options.port);
  }
}

async function settled(isSettled: () => boolean, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!isSettled() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}

function createApp(options: ServeOptions): FastifyInstance {
  const app = Fastify({
    logger: { level: options.log, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }), // see logRequests
    genReqId: () => randomUUID(),
    requestIdHeader: 'x-request-id',
    bodyLimit: options.body,
    // A client that sends its headers or its body a drop at a time; for bodies see limitBody.
    requestTimeout: 0,
    http: {
      headersTimeout: options.headerSeconds * 1000,
      connectionsCheckingInterval: Math.min(5000, options.headerSeconds * 500),
      maxHeaderSize: 16_384,
      // What else a client offers (HTTP/2 in clear text) it can do without: it gets its answer over HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => /^\s*websocket\s*$/i.test(headers.upgrade ?? ''),
    },
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    clientErrorHandler: refuseClient,
    return503OnClosing: false, // we answer so ourselves
    frameworkErrors: (_thrown, request, reply) => {
      because(request, 'the path cannot be read');
      const body = { error: 'the path cannot be read', requestId: request.id };
      void (reply as FastifyReply).header('x-request-id', request.id).code(400).send(body);
    },
  });
  readBodies(app, options.values);
  logRequests(app, options);
  limitBodyTime(app, options.bodySeconds);
  app.addHook('onRequest', async (request, reply) => {
    if (isProbe(request.url) || isAllowed(request.headers, options.token)) return;
    because(request, 'no valid token');
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: 'a valid bearer token is required', requestId: request.id });
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setNotFoundHandler((request, reply) => {
    because(request, 'no such route');
    const path = request.url.split('?', 1)[0]!.slice(0, 100);
    return reply.code(404).send({ error: `there is no ${request.method} ${path}`, requestId: request.id });
  });
  app.setErrorHandler((thrown: Error & { statusCode?: number; code?: string }, request, reply) => {
    because(request, thrown instanceof Refused ? thrown.logged : oneLine(thrown));
    if (thrown instanceof Overloaded)
      return reply
        .code(429)
        .header('retry-after', String(thrown.retryAfter))
        .send({ error: thrown.message, requestId: request.id });
    const status = thrown.statusCode ?? 500;
    if (status === 413) lingerOnClose(request.raw.socket);
    if (thrown.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const error = `the body has over ${request.routeOptions.bodyLimit} bytes (option 'body'); send fewer samples a request`;
      return reply.code(status).send({ error, requestId: request.id });
    }
    if (thrown instanceof Refused && status === 503) reply.header('retry-after', '1');
    if (status < 500 || thrown instanceof Refused)
      return reply.code(status).send({ error: thrown.message, requestId: request.id });
    request.log.error(thrown);
    return reply.code(status).send({ error: 'the server failed', requestId: request.id });
  });
  return app;
}

function addOwnRoutes(
  router: Router,
  scorer: Scorer,
  { queue }: ServeOptions,
  version: string,
  draining: () => boolean,
): void {
  // Not ready a while before it is full, so that a batch still finds room when the balancer turns away.
  const spare = Math.ceil(queue / 10);
  const status = z.object({ status: z.string() });
  router.add({
    method: 'GET',
    url: '/healthz',
    tag: 'server',
    summary: 'The process lives',
    reply: status,
    handle: () => ({ status: 'ok' }),
  });
  router.add({
    method: 'GET',
    url: '/readyz',
    tag: 'server',
    summary: 'Requests are taken: neither going down nor full to nine tenths',
    reply: status,
    handle: (_body, _request, reply) => {
      if (draining()) return reply.code(503).send({ status: 'draining' });
      if (!scorer.hasRoom(spare)) return reply.code(503).send({ status: 'full' });
      return { status: 'ok' };
    },
  });
  router.add({
    method: 'GET',
    url: '/metrics',
    tag: 'server',
    summary: 'Prometheus metrics',
    reply: z.string(),
    produces: 'text/plain',
    handle: async (_body, _request, reply) => {
      const { registry } = scorer.metrics;
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  });
  router.add({
    method: 'GET',
    url: '/openapi.json',
    tag: 'server',
    summary: 'This document',
    reply: z.looseObject({ openapi: z.string() }),
    handle: () => router.openApi(version),
  });
}
