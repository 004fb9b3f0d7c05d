import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requestScope } from '../log.ts';
import { type OpenSpan, serveSpan } from '../tracing/tracing.ts';
import { routeOf } from './route-of.ts';

/** Has whatever is done for a request know its id and its span. */
export function addRequestContext(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id);
    const route = routeOf(request);
    const attributes = {
      'http.request.method': request.method,
      'http.route': route,
      'cloudoptim.request_id': request.id,
    };
    const order = { name: `${request.method} ${route}`, kind: 'server', attributes } as const;
    const span = serveSpan(order, request.headers);
    spans.set(request, span);
    requestScope.run(request.id, () => span.enter(next));
  });
  app.addHook('onResponse', async (request, { statusCode }) =>
    spans.get(request)?.end({ 'http.response.status_code': statusCode }, statusCode >= 500),
  );
}
