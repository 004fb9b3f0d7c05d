import { sql } from 'kysely';
import type { Access } from '../access/access.ts';
import type { WatchedDatabase } from '../database/watch-storage.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { toAppError } from './error-answer.ts';
import type { HttpApp } from './http-server.ts';
import { routeOf } from './route-of.ts';
import { serveMetrics } from './serve-metrics.ts';

/**
 * `/healthz`: the process answers. `/readyz`: the database answers too. `/metrics`: see `serveMetrics`.
 */
export function addOperationRoutes(
  app: HttpApp,
  parts: { database: WatchedDatabase; access: Access; metrics: Metrics; version: string },
): void {
  const { database, access, metrics, version } = parts;
  const { httpRequestSeconds, httpUnexpectedErrors, refusals, databaseBytes, databaseWritable } = metrics.of;
  metrics.of.replicaLeads.set(1);
  metrics.source('database', ['databaseBytes', 'databaseWritable'], async () => {
    databaseWritable.set(database.problem() ? 0 : 1);
    databaseBytes.set(await database.sizeBytes());
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: reply.statusCode };
    httpRequestSeconds.observe(labels, reply.elapsedTime / 1000);
    if (reply.statusCode === 500) httpUnexpectedErrors.inc();
  });
  app.addHook('onError', async (_request, _reply, error) => refusals.inc({ code: toAppError(error).code }));

  app.get('/healthz', { schema: { hide: true }, exposeHeadRoute: true }, async () => ({
    status: 'ok',
    version,
  }));
  app.get('/readyz', { schema: { hide: true }, exposeHeadRoute: true }, async (_request, reply) => {
    try {
      await sql`select 1`.execute(database.reader());
      return { status: database.problem() ? 'read-only' : 'ready' };
    } catch {
      return reply.code(503).send({ status: 'not ready', reason: 'the database does not answer' });
    }
  });
  serveMetrics(app, access, metrics);
}
