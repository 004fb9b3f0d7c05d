import type { FastifyRequest } from 'fastify';

const OPERATIONS = ['/healthz', '/readyz', '/metrics'];

/** The pattern of a request's route, so that ids in paths make no names: `ui` for files of the pages, `none` for what is not there. */
export function routeOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  if (url === undefined) return 'none';
  // Files of the pages have a route each, and another name with each version.
  return url.startsWith('/api/') || OPERATIONS.includes(url) ? url : 'ui';
}
