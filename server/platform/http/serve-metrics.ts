import type { Access } from '../access/access.ts';
import type { HttpApp } from './http-server.ts';

/** `/metrics`: Prometheus text, for a viewer's bearer token, because figures of a cluster are nobody else's business. */
export function serveMetrics(
  app: HttpApp,
  access: Pick<Access, 'actorOfToken'>,
  metrics: { readonly contentType: string; text(): Promise<string> },
): void {
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const secret = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const actor = await access.actorOfToken(secret);
    if (!actor) return reply.code(401).send('A bearer token is needed.\n');
    if (actor.scopes && !actor.scopes.includes('metrics'))
      return reply.code(403).send('The token needs the scope metrics.\n');
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}
