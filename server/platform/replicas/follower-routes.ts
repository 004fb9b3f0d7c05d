import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpApp } from '../http/http-server.ts';
import { routeOf } from '../http/route-of.ts';
import { serveMetrics } from '../http/serve-metrics.ts';
import type { LiveAccess } from '../live/live-socket.ts';
import { metricDefinitions } from '../metrics/metric-definitions.ts';
import type { LeaderLink } from './leader-link.ts';
import type { RedisLine } from './redis-line.ts';

/** Probes do not wait for an election. */
const PROBE_MS = 500;

/**
 * `/healthz`: this process answers. `/readyz`: it reaches a leader that is ready. `/metrics`: figures of this very process, for
 * whom the leader lets see its own.
 */
export function addFollowerRoutes(
  app: HttpApp,
  parts: { link: LeaderLink; access: LiveAccess; line: RedisLine; version: string },
): void {
  const { link, access, line, version } = parts;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const { replicaLeads } = metricDefinitions;
  gauge(replicaLeads.name, replicaLeads.help, () => 0);
  gauge('cloudoptim_replica_redis_up', '1 while Redis answers this replica.', () => Number(line.isUp));
  const { name, help, labels, buckets } = metricDefinitions.httpRequestSeconds;
  const durations = new Histogram({
    ...{ name, help, labelNames: Object.keys(labels), buckets: [...buckets] },
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const told = { method: request.method, route: routeOf(request), status: reply.statusCode };
    durations.observe(told, reply.elapsedTime / 1000);
  });

  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok', version }));
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      return await link.ask('GET', '/readyz', undefined, PROBE_MS);
    } catch {
      return reply.code(503).send({ status: 'not ready', reason: 'no leading replica answers' });
    }
  });
  serveMetrics(app, access, { contentType: registry.contentType, text: () => registry.metrics() });
}
