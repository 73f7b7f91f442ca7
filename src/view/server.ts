import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { InputError, listenError, oneLine } from '../core/index.ts';
import { defaultStorePath } from '../store/index.ts';
import { apiRoot } from './api.ts';
import { createEraser } from './erase/eraser.ts';
import { createIndexReader, indexPath } from './index-file/file.ts';
import { createTextIndex } from './index-file/text-index.ts';
import { startIndexThread } from './index-file/thread.ts';
import { createLive } from './live.ts';
import { openApi } from './open-api.ts';
import { Refusal } from './refusal.ts';
import { type Context, type Route, routes } from './routes.ts';
import { createRunTables } from './run-table.ts';
import { createRunRows } from './runs.ts';
import { createMatchLists } from './samples/match-list.ts';
import { hasToken, isLoopback, isOwnHost, isSameOrigin, pageHeaders } from './security.ts';
import { createSource, refusalOf } from './source.ts';
import { type Page, pageFile, readPage } from './static.ts';

export interface ViewOptions {
  /** The run store; default `.assay/assay.db`. It need not be there yet. */
  readonly store?: string;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** Default 8070; 0 takes a free one. */
  readonly port?: number;
  /** Where the page lies; default: where `npm run build:web` puts it. False: the API alone. */
  readonly page?: string | false;
  /** More folders with results of `reproduce --out`. */
  readonly reproductions?: readonly string[];
  /** Where the index goes; default beside the store. */
  readonly index?: string;
  readonly version?: string;
}

export interface ViewServer {
  readonly url: string;
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

export const defaultPort = 8070;

/** Serves the dashboard over a run store and resolves when it listens. Throws InputError, one line. */
export async function startView(options: ViewOptions = {}): Promise<ViewServer> {
  const { host = '127.0.0.1', port = defaultPort } = options;
  const { store = defaultStorePath } = options;
  if (store.trim() === '') throw new InputError("the run store's path is empty", { field: 'store' });
  const path = resolve(store);
  const page =
    options.page === false ? new Map() : readPage(options.page === undefined ? undefined : [options.page]);
  const source = createSource(path);
  const { state, error } = source.state();
  if (state === 'error') throw new InputError(error!);
  const rows = createRunRows(() => source.generation);
  const indexFile = options.index ?? indexPath(path);
  const reader = createIndexReader(indexFile);
  const thread = startIndexThread({ store: path, index: indexFile });
  const live = createLive(source, rows);
  const context: Context = {
    source,
    rows,
    index: createTextIndex(reader, thread),
    live,
    eraser: createEraser(path),
    lists: createMatchLists(),
    tables: createRunTables(() => source.generation, { index: reader }),
    token: randomBytes(24).toString('base64url'),
    version: options.version ?? 'unknown',
    folder: dirname(path),
    reproductions: options.reproductions ?? [join('docs', 'reproductions')],
    duplicates: new Map(),
    alarms: new Map(),
    mayChange: ({ ip }) => isLoopback(ip),
  };
  const app = createApp(context, page, host);
  const close = async () => {
    live.close();
    await app.close();
    reader.close();
    await thread.close();
    await context.eraser.close();
    source.close();
  };
  try {
    const url = await app.listen({ host, port });
    return { url, app, close };
  } catch (thrown) {
    await close();
    throw listenError(thrown, host, port);
  }
}

/** The web server without listening: hooks, routes, files. */
function createApp(context: Context, page: Page, host: string): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: 1 << 20,
    requestTimeout: 60_000,
    http: { headersTimeout: 20_000, maxHeaderSize: 16_384 },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 300 },
    // A path that cannot be read, or has too long a part, comes here before any route and hook.
    frameworkErrors: (thrown, _request, reply) => answerError(thrown, reply.headers(pageHeaders)),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch {
      done(new Refusal(400, 'the body is not valid JSON'));
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(pageHeaders);
    if (!isOwnHost(request.headers.host, host))
      throw new Refusal(403, `this server is not called '${String(request.headers.host).slice(0, 100)}'`);
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (!isSameOrigin(request.headers)) throw new Refusal(403, 'only the page itself may change something');
    if (!hasToken(request.headers, context.token))
      throw new Refusal(403, 'the token is missing or of another start of the server: load the page anew');
    if (!context.mayChange(request)) throw new Refusal(403, 'only this machine may change something');
  });
  for (const route of routes) addRoute(app, context, route);
  app.get(`${apiRoot}/openapi.json`, () => openApi(routes, context.version));
  app.setNotFoundHandler((request, reply) => notFound(request, reply, page));
  app.setErrorHandler((thrown, _request, reply) => answerError(thrown, reply));
  return app;
}

function answerError(thrown: unknown, reply: FastifyReply): FastifyReply {
  const refused = refusalOf(thrown) as Error & { statusCode?: number };
  const status = refused.statusCode ?? 500;
  const message =
    status < 500 || refused instanceof Refusal ? oneLine(refused) : `the server failed: ${oneLine(thrown)}`;
  if (status >= 500 && process.env.ASSAY_DEBUG) process.stderr.write(`${(thrown as Error).stack}\n`);
  return reply.code(status).header('cache-control', 'no-store').send({ error: message });
}

function addRoute(app: FastifyInstance, context: Context, route: Route): void {
  app.route({
    method: route.method,
    url: `${apiRoot}${route.path}`,
    handler: (request, reply) => {
      reply.header('cache-control', 'no-store');
      const query = checked(route.query, request.query);
      const body = checked(route.body, request.body ?? {});
      const params = request.params as { readonly [name: string]: string };
      return route.handle(context, { params, query: query as never, body: body as never, request }, reply);
    },
  });
}

/** Input by its schema; a route without one takes none. Throws Refusal (400) that names the field. */
function checked(schema: z.ZodType | undefined, input: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Refusal(400, path.length > 0 ? `field '${path.map(String).join('.')}': ${message}` : message);
}

/** Whatever is no route of the API: a file of the page, or the page itself. */
function notFound(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  const path = pathOf(request.url);
  const file =
    path === undefined || path === '/api' || path.startsWith('/api/') || request.method !== 'GET'
      ? undefined
      : pageFile(page, path);
  if (!file)
    return reply.code(404).send({ error: `there is no ${request.method} ${request.url.slice(0, 100)}` });
  reply
    .header('etag', file.etag)
    .header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  return reply.type(file.type).send(file.body);
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?', 1)[0]!);
  } catch {
    return undefined;
  }
}
