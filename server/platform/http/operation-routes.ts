import { sql } from 'kysely';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Access } from '../access/access.ts';
import type { WatchedDatabase } from '../database/watch-storage.ts';
import type { HttpApp } from './http-server.ts';

/**
 * `/healthz`: the process answers. `/readyz`: the database answers too. `/metrics`: Prometheus text, for a viewer's
 * bearer token, because figures of a cluster are nobody else's business.
 * @param parts.leads whether it leads other replicas
 */
export function addOperationRoutes(
  app: HttpApp,
  parts: { database: WatchedDatabase; access: Access; version: string; leads?: boolean },
): void {
  const { database, access, version, leads = false } = parts;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'cloudoptim_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  new Gauge({
    name: 'cloudoptim_database_bytes',
    help: 'Size of the database on disk in bytes.',
    registers: [registry],
    async collect() {
      this.set(await database.sizeBytes());
    },
  });
  new Gauge({
    name: 'cloudoptim_database_writable',
    help: '1 while writing works, 0 while the disk is full or the database away.',
    registers: [registry],
    collect() {
      this.set(database.problem() ? 0 : 1);
    },
  });
  if (leads)
    new Gauge({
      name: 'cloudoptim_replica_leads',
      help: '1 on the replica that leads, 0 on one that follows.',
      registers: [registry],
    }).set(1);
  const durations = new Histogram({
    name: 'cloudoptim_http_request_duration_seconds',
    help: 'Time from request to answer in seconds.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.01, 0.05, 0.25, 1, 5],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'cloudoptim_http_unexpected_errors_total',
    help: 'Answers with status 500.',
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (reply.statusCode === 500) failures.inc();
  });

  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok', version }));
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      await sql`select 1`.execute(database.reader());
      return { status: database.problem() ? 'read-only' : 'ready' };
    } catch {
      return reply.code(503).send({ status: 'not ready', reason: 'the database does not answer' });
    }
  });
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const secret = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const actor = await access.actorOfToken(secret);
    if (!actor) return reply.code(401).send('A bearer token is needed.\n');
    if (actor.scopes && !actor.scopes.includes('metrics'))
      return reply.code(403).send('The token needs the scope metrics.\n');
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
