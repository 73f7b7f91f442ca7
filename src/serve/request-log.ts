import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServeOptions } from './options.ts';

const reasons = new WeakMap<FastifyRequest, string>();

/** Says why a request is refused, for its line in the log: nothing that a body or a query holds but names of fields. */
export function because(request: FastifyRequest, reason: string): void {
  reasons.set(request, reason);
}

/**
 * A line for every request that was refused or failed, with its id and why; at the level `debug` for all others, too. The
 * route stands for the URL, since a query may hold a secret.
 */
export function logRequests(app: FastifyInstance, { log }: ServeOptions): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode: status } = reply;
    if (status >= 400 || log === 'debug') {
      const { method, routeOptions } = request;
      const about = { method, route: routeOptions.url ?? 'none', status, ms: Math.round(reply.elapsedTime) };
      if (status < 400 || isProbe(request.url)) request.log.debug(about, 'answered');
      else request.log.info({ ...about, reason: reasons.get(request) }, 'refused');
    }
    done();
  });
}

/** Whether it is asked how the server is, which happens every few seconds. */
export const isProbe = (url: string) => url === '/healthz' || url === '/readyz';
