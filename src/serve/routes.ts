import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { oneLine } from '../core/index.ts';

/** A refusal with its HTTP status: one line for the caller. */
export class Refused extends Error {
  readonly statusCode: number;
  /** The same for the log, which holds nothing of a body but names of fields. */
  readonly logged: string;

  constructor(statusCode: number, message: string, logged?: string) {
    super(oneLine(message, 400));
    this.name = 'Refused';
    this.statusCode = statusCode;
    this.logged = logged ?? this.message;
  }
}

/** One route: what it takes and gives as zod schemas, from which the OpenAPI document is made. */
export interface Route<Body extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly tag: string;
  readonly summary: string;
  readonly body?: Body;
  /** Media types of the body; JSON when left out. */
  readonly consumes?: readonly string[];
  readonly reply: z.ZodType;
  readonly produces?: string;
  /** Limits of its own in the place of the options `body` (bytes) and `values`. */
  readonly limits?: { readonly body: number; readonly values: number };
  /** Statuses of its own that refuse, besides 4XX and 503. */
  readonly failures?: readonly number[];
  handle(body: z.output<Body>, request: FastifyRequest, reply: FastifyReply): unknown;
}

/** What a protocol registers its routes with. */
export interface Router {
  readonly app: FastifyInstance;
  add<Body extends z.ZodType = z.ZodUndefined>(route: Route<Body>): void;
  /** The OpenAPI 3.1 document of all routes so far. */
  openApi(version: string): object;
}

const errorReply = z.object({ error: z.string(), requestId: z.string() });

export function createRouter(app: FastifyInstance): Router {
  const paths: Record<string, Record<string, object>> = {};
  return {
    app,
    add: (route) => {
      const { method, url, body: schema, limits } = route;
      paths[url.replace(/:(\w+)/g, '{$1}')] = {
        ...paths[url],
        [method.toLowerCase()]: operation(route as Route<z.ZodType>),
      };
      app.route({
        method,
        url,
        ...(limits && { bodyLimit: limits.body, config: { values: limits.values } }),
        handler: (request, reply) =>
          route.handle(
            (schema === undefined ? undefined : parseBody(schema, request.body)) as never,
            request,
            reply,
          ),
      });
    },
    openApi: (version) => ({
      openapi: '3.1.0',
      info: { title: 'Assay reward server', version },
      paths,
    }),
  };
}

/** A body by its schema. Throws Refused (422) naming the field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Refused(422, complaint(result.error));
}

function complaint(error: z.ZodError): string {
  const { path, message } = deepest(error.issues[0]!);
  return path.length > 0 ? `field '${path.map(String).join('.')}': ${message}` : message;
}

/** Of a union, what is wrong with the member that came closest. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors
    .map((issues) => deepest(issues[0]!))
    .sort((a, b) => b.path.length - a.path.length)[0]!;
  return inner.path.length > 0 ? { path: [...issue.path, ...inner.path], message: inner.message } : issue;
}

function operation({
  tag,
  summary,
  body,
  consumes,
  reply,
  produces,
  failures = [],
}: Route<z.ZodType>): object {
  const media = (schema: z.ZodType, types: readonly string[], io: 'input' | 'output') =>
    Object.fromEntries(
      types.map((type) => [type, { schema: z.toJSONSchema(schema, { io, unrepresentable: 'any' }) }]),
    );
  const failure = { description: 'refused', content: media(errorReply, ['application/json'], 'output') };
  return {
    tags: [tag],
    summary,
    ...(body && {
      requestBody: { required: true, content: media(body, consumes ?? ['application/json'], 'input') },
    }),
    responses: {
      200: { description: 'done', content: media(reply, [produces ?? 'application/json'], 'output') },
      '4XX': failure,
      503: failure,
      ...Object.fromEntries(failures.map((status) => [status, failure])),
    },
  };
}
